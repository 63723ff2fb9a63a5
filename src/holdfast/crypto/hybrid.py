"""The hybrid post-quantum key, ML-KEM-768 with X25519 (X-Wing), and boxes sealed to it (HPKE, RFC 9180 base mode).

A box is enc[1120] | ciphertext | tag[16].  Its fresh key comes from pyca/cryptography's own randomness, which cannot be
given from outside.  X-Wing: draft-connolly-cfrg-xwing-kem; in HPKE: draft-ietf-hpke-pq; as text: C2SP `age.md`.
"""

import hashlib
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

from holdfast.crypto import bech32
from holdfast.errors import Unreadable, Unverified

ENC_SIZE = 1120
RECIPIENT_SIZE = 1216
SEED_SIZE = 32
RECIPIENT_PREFIX = "age1pq"
IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-"

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
_MLKEM_KEY_SIZE = 1184
_MLKEM_ENC_SIZE = 1088
_ANY_SCALAR = x25519.X25519PrivateKey.from_private_bytes(bytes(32))


class HybridRecipient:
    """Can seal; 1,216 bytes, of which ML-KEM-768 has the first 1,184.  Equal when those bytes are."""

    def __init__(self, raw: bytes) -> None:
        """Take the key's bytes; raise `Unreadable` with code `recipient-malformed` unless both halves are sound."""
        if len(raw) != RECIPIENT_SIZE:
            raise Unreadable("recipient-malformed", size=len(raw))
        try:
            lattice = mlkem.MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_KEY_SIZE])
            curve = check_point(raw[_MLKEM_KEY_SIZE:])
        except (ValueError, Unreadable) as e:
            raise Unreadable("recipient-malformed") from e
        self.raw = raw
        self._key = hpke.MLKEM768X25519PublicKey(lattice, x25519.X25519PublicKey.from_public_bytes(curve))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `age1pq1…`, or raise `Unreadable`."""
        return cls(bech32.decode_as(RECIPIENT_PREFIX, text))

    def seal(self, plain: bytes, info: bytes) -> bytes:
        """Seal `plain` for the use that `info` names: 1,136 bytes more than `plain` has."""
        return _SUITE.encrypt(plain, self._key, info=info)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HybridRecipient) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __str__(self) -> str:
        return bech32.encode(RECIPIENT_PREFIX, self.raw)


class HybridIdentity:
    """Can open; one 32-byte seed.  `str` gives the secret as text, `repr` does not."""

    def __init__(self, seed: bytes) -> None:
        """Take the seed, or raise `Unreadable` with code `identity-malformed`."""
        if len(seed) != SEED_SIZE:
            raise Unreadable("identity-malformed", size=len(seed))
        expanded = hashlib.shake_256(seed).digest(96)
        lattice = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        curve = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
        self.recipient = HybridRecipient(
            lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        )
        self._seed = seed
        self._key = hpke.MLKEM768X25519PrivateKey(lattice, curve)

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Give the identity of a 32-byte seed."""
        return cls(seed)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `AGE-SECRET-KEY-PQ-1…`, or raise `Unreadable`."""
        return cls(bech32.decode_as(IDENTITY_PREFIX, text))

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Give back what was sealed to this recipient for `info`, else raise `Unverified` (`sealed-box-false`)."""
        try:
            return _SUITE.decrypt(sealed, self._key, info=info)
        except (InvalidTag, ValueError) as e:
            raise Unverified("sealed-box-false") from e

    def __str__(self) -> str:
        return bech32.encode(IDENTITY_PREFIX.lower(), self._seed).upper()


def check_point(point: bytes) -> bytes:
    """Give an X25519 point back unless its size is wrong or its order low, where every secret gives 0 (RFC 7748).

    Raises `Unreadable` with code `point-malformed`.
    """
    try:
        _ANY_SCALAR.exchange(x25519.X25519PublicKey.from_public_bytes(point))
    except ValueError as e:
        raise Unreadable("point-malformed") from e
    return point


def check_enc(enc: bytes) -> bytes:
    """Give a box's first 1,120 bytes back if they have that size and no X25519 share of low order."""
    if len(enc) != ENC_SIZE:
        raise Unreadable("box-malformed", size=len(enc))
    check_point(enc[_MLKEM_ENC_SIZE:])
    return enc
