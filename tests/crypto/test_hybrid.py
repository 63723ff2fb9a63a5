"""The hybrid key against the KEEP-1 vectors, age's own, and a second implementation; then attacks."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from holdfast.crypto.hashes import derive, hkdf, sha256
from holdfast.crypto.hybrid import HybridIdentity, HybridRecipient, check_enc, check_point
from holdfast.errors import Unreadable, Unverified

# KEEP-1's vectors: the scalar s of the sharing vectors, and keeper 1.
SCALAR = bytes.fromhex("580875a5496a0a488593dfec7b5007587af5621812631f13adaa7779c47b9102")
EPOCH_SEED = "97b55c21f5378aa437ce90d5d48ab7d21f70770acbcdba8e0f69c4f3e18c956f"
EPOCH_TEXT = "AGE-SECRET-KEY-PQ-1J764CG04X792GD7WJR2AFZ4H6G0HQAC2E0XM4RS0D8Z08CVVJ4HSC4XAP9"
EPOCH_RECIPIENT = "70b0b878296b804faaf72c049528ff44e4254fc6026bd943e1aac97a200b78df"
KEEPER = sha256(b"KEEP-1 test keeper 1")
KEEPER_ENC = "28508c9a24fa2ca91a53aafc22bf32581ea294ae54a6abd9888ed658cfd30fe2"
KEEPER_ED25519 = {
    "keeper-ed25519": "39c1c7a42fbbb7aac71f9011eaa22c08022eb3a682ddb3211da8c6b12c60d48b",
    "keeper-seen-ed25519": "13e6ec6538a0a209bfe17fd732d1c17f576e86e51ccb8d4d10680b580d7a4d55",
    "keeper-held-ed25519": "65c2bcb453a7f2970fc2f8443a50e7256e9f6228a0ee2758ac2ff19942779d46",
}
KEEPER_MLDSA44 = {
    "keeper-seen-mldsa44": "fa455400782c6c3580ddaa253122ea0f88587984de6e121864348fa013f75413",
    "keeper-held-mldsa44": "92cfc9bdb19487a5bf896a0e6855c973d05aad54b8ad0a2abbc32f203af98ed0",
}
# FiloSottile/age's own example.
AGE_TEXT = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
AGE_RECIPIENT = "a091dd7e0ee9d62b75173dcc98441a0424baa941e66a8776e570a4ae60ff61ea"
# Points of order 1, 2, 4 and 8 (RFC 7748 §6.1 and the list at cr.yp.to/ecdh.html), and two spelt above the prime.
LOW_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]
IDENTITY = HybridIdentity.from_seed(bytes(range(32)))
INFO = b"test"


def test_epoch() -> None:
    seed = derive(SCALAR, "epoch-age-pq")
    identity = HybridIdentity.from_seed(seed)
    assert seed.hex() == EPOCH_SEED
    assert str(identity) == EPOCH_TEXT
    assert sha256(str(identity.recipient).encode()).hex() == EPOCH_RECIPIENT
    assert (len(str(identity)), len(str(identity.recipient))) == (77, 1959)


def test_epoch_by_standard_library() -> None:
    """The two HMACs on a keeper's sheet give the same seed."""
    inner = hmac.digest(bytes(32), SCALAR, "sha256")
    assert hmac.digest(inner, b"holdfast/keep-1/epoch-age-pq\x01", "sha256").hex() == EPOCH_SEED


def test_keeper() -> None:
    enc = HybridIdentity.from_seed(derive(KEEPER, "keeper-age-pq")).recipient
    assert sha256(enc.raw).hex() == KEEPER_ENC
    for label, public in KEEPER_ED25519.items():
        key = ed25519.Ed25519PrivateKey.from_private_bytes(derive(KEEPER, label))
        assert key.public_key().public_bytes_raw().hex() == public
    for label, digest in KEEPER_MLDSA44.items():
        lattice = mldsa.MLDSA44PrivateKey.from_seed_bytes(derive(KEEPER, label))
        assert sha256(lattice.public_key().public_bytes_raw()).hex() == digest


def test_ages_own() -> None:
    identity = HybridIdentity.from_text(AGE_TEXT)
    assert str(identity) == AGE_TEXT
    assert sha256(str(identity.recipient).encode()).hex() == AGE_RECIPIENT


def test_hkdf() -> None:
    """RFC 5869, A.1 and A.3."""
    known = hkdf(b"\x0b" * 22, salt=bytes(range(13)), info=bytes(range(0xF0, 0xFA)), length=42)
    assert known.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    unsalted = hkdf(b"\x0b" * 22, info=b"", length=42)
    assert unsalted.hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_round_trip(plain: bytes, info: bytes) -> None:
    sealed = IDENTITY.recipient.seal(plain, info)
    assert len(sealed) == len(plain) + 1136
    assert IDENTITY.open(sealed, info) == plain


def test_recipient_round_trip() -> None:
    other = HybridRecipient.from_text(str(IDENTITY.recipient))
    assert other == IDENTITY.recipient and hash(other) == hash(IDENTITY.recipient)
    assert other != HybridIdentity.from_seed(bytes(32)).recipient
    assert HybridIdentity.from_text(str(IDENTITY)).recipient == other


def test_second_implementation_opens() -> None:
    """X-Wing and HPKE's key schedule (RFC 9180 §5.1) written out from primitives open what we seal."""
    assert second_open(bytes(range(32)), IDENTITY.recipient.seal(b"kelp", INFO), INFO) == b"kelp"


def second_open(seed: bytes, sealed: bytes, info: bytes) -> bytes:
    expanded = hashlib.shake_256(seed).digest(96)
    lattice, curve = expanded[:64], x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
    first = mlkem.MLKEM768PrivateKey.from_seed_bytes(lattice).decapsulate(sealed[:1088])
    share, own = sealed[1088:1120], curve.public_key().public_bytes_raw()
    second = curve.exchange(x25519.X25519PublicKey.from_public_bytes(share))
    secret = hashlib.sha3_256(first + second + share + own + bytes.fromhex("5c2e2f2f5e5c")).digest()
    suite = b"HPKE" + bytes.fromhex("647a00010003")

    def extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")

    def expand(key: bytes, label: bytes, context: bytes, size: int) -> bytes:
        return hmac.digest(key, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context + b"\x01", "sha256")[
            :size
        ]

    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(secret, b"secret", b"")
    key, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    return ChaCha20Poly1305(key).decrypt(nonce, sealed[1120:], None)


@given(st.integers(0, 1136 + 4 - 1), st.integers(0, 7))
def test_bit_flipped(place: int, bit: int) -> None:
    sealed = bytearray(IDENTITY.recipient.seal(b"kelp", INFO))
    sealed[place] ^= 1 << bit
    refused(bytes(sealed))


def refused(sealed: bytes, info: bytes = INFO, identity: HybridIdentity = IDENTITY) -> None:
    with pytest.raises(Unverified) as caught:
        identity.open(sealed, info)
    assert caught.value.code == "sealed-box-false"


def test_wrong_info_key_or_size() -> None:
    sealed = IDENTITY.recipient.seal(b"kelp", INFO)
    refused(sealed, info=b"other")
    refused(sealed, identity=HybridIdentity.from_seed(bytes(32)))
    for size in (0, 1, 32, 1088, 1119, 1120, 1135, len(sealed) - 1):
        refused(sealed[:size])
    refused(sealed + b"\x00")


@pytest.mark.parametrize("point", LOW_ORDER)
def test_low_order_share(point: str) -> None:
    sealed = IDENTITY.recipient.seal(b"kelp", INFO)
    enc = sealed[:1088] + bytes.fromhex(point)
    refused(enc + sealed[1120:])
    for check, data in ((check_enc, enc), (check_point, bytes.fromhex(point))):
        with pytest.raises(Unreadable):
            check(data)
    assert check_enc(sealed[:1120]) == sealed[:1120]


@pytest.mark.parametrize("point", LOW_ORDER)
def test_low_order_recipient(point: str) -> None:
    malformed(IDENTITY.recipient.raw[:1184] + bytes.fromhex(point))


def malformed(raw: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        HybridRecipient(raw)
    assert caught.value.code == "recipient-malformed"


def test_malformed_recipient() -> None:
    raw = IDENTITY.recipient.raw
    # FIPS 203 §7.2: a coefficient of 4,095 is above the modulus.
    for wrong in (b"", raw[:-1], raw + b"\x00", b"\xff" * 3 + raw[3:]):
        malformed(wrong)


def test_texts_are_not_interchangeable() -> None:
    for text in (str(IDENTITY), str(IDENTITY.recipient).upper(), "age1pq1", ""):
        with pytest.raises(Unreadable):
            HybridRecipient.from_text(text)
    for text in (str(IDENTITY.recipient), str(IDENTITY).lower(), str(IDENTITY)[:-1]):
        with pytest.raises(Unreadable):
            HybridIdentity.from_text(text)
    with pytest.raises(Unreadable):
        HybridIdentity.from_seed(bytes(31))


def test_repr_hides_the_seed() -> None:
    assert str(IDENTITY) not in repr(IDENTITY) and bytes(range(32)).hex() not in repr(IDENTITY)
