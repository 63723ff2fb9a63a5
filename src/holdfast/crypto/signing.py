"""Signatures: Ed25519 (RFC 8032) and ML-DSA-44 (FIPS 204).

OpenSSL takes Ed25519 keys of low order, for which one signature fits every message.  The rule here is libsodium's: a
key or an R of low order never verifies, whatever the library says, and `check_key` turns such keys away at enrolment.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from holdfast.errors import Unreadable, Unverified

KEY_SIZE = 32
MLDSA_KEY_SIZE = 1312

# Every spelling of a point of order 1, 2, 4 or 8, with the sign bit cleared.
LOW_ORDER = frozenset(
    bytes.fromhex(point)
    for point in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


class Signer:
    """Signs with one Ed25519 key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()

    @classmethod
    def from_seed(cls, seed: bytes) -> "Signer":
        """Give the signer of this seed (32 bytes), or raise `Unreadable`."""
        return cls(Ed25519PrivateKey.from_private_bytes(_sized(seed, KEY_SIZE)))

    def sign(self, data: bytes) -> bytes:
        """Give the signature (64 bytes) of `data`; the same data gives the same signature."""
        return self._key.sign(data)


class MldsaSigner:
    """Signs with one ML-DSA-44 key."""

    def __init__(self, key: MLDSA44PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()

    @classmethod
    def from_seed(cls, seed: bytes) -> "MldsaSigner":
        """Give the signer of this seed (32 bytes, FIPS 204's xi), or raise `Unreadable`."""
        return cls(MLDSA44PrivateKey.from_seed_bytes(_sized(seed, KEY_SIZE)))

    def sign(self, data: bytes, context: bytes = b"") -> bytes:
        """Give a signature (2,420 bytes) of `data` in `context` (at most 255 bytes); it is hedged, so two differ."""
        return self._key.sign(data, context)


def check_key(public: bytes) -> bytes:
    """Give an Ed25519 key back if others may rely on it.

    Raises `Unverified("key-low-order")`, or `Unreadable("key-size")` where it has not 32 bytes.
    """
    if _low_order(_sized(public, KEY_SIZE)):
        raise Unverified("key-low-order", key=public.hex())
    return public


def check_mldsa_key(public: bytes) -> bytes:
    """Give an ML-DSA-44 key back if it has 1,312 bytes, else raise `Unreadable("key-size")`."""
    return _sized(public, MLDSA_KEY_SIZE)


def verify(public: bytes, signature: bytes, data: bytes) -> bytes:
    """Give `data` back if `public` signed it with Ed25519, else raise `Unverified("signature-false")`."""
    if _low_order(public) or _low_order(signature[:32]):
        raise Unverified("signature-false")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        raise Unverified("signature-false") from None
    return data


def verify_mldsa(public: bytes, signature: bytes, data: bytes, context: bytes = b"") -> bytes:
    """Give `data` back if `public` signed it with ML-DSA-44 in `context`, or raise `Unverified("signature-false")`."""
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, data, context)
    except (InvalidSignature, ValueError):
        raise Unverified("signature-false") from None
    return data


def _low_order(point: bytes) -> bool:
    return point[:31] + bytes([point[31] & 0x7F]) in LOW_ORDER if len(point) == KEY_SIZE else False


def _sized(key: bytes, size: int) -> bytes:
    if len(key) != size:
        raise Unreadable("key-size", size=len(key), wanted=size)
    return key
