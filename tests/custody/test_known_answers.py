"""The values that custody.md gives for KEEP-1: names, bytes, keys."""

import hashlib
import hmac
from typing import cast

from holdfast.crypto import sharing
from holdfast.crypto.hashes import sha256
from holdfast.custody import messages
from holdfast.custody.contents import Content
from holdfast.custody.dealing import EpochPlan, epoch_identity, share_info
from holdfast.custody.encoding import decode
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Unknown

VAULT = bytes(range(32))
KEEPER = Keys(sha256(b"KEEP-1 test keeper 1"))


class Object(Content, frozen=True, kw_only=True):
    """A kind that this program stores and does not act on."""

    to: bytes
    why: str


def value(name: str) -> int:
    return int.from_bytes(hashlib.sha512(f"KEEP-1 test {name}".encode()).digest(), "little") % sharing.L


def test_an_object_message_has_the_known_bytes() -> None:
    content = Object(vault=VAULT, nonce=bytes(16), at=1_800_000_000, to=b"\xaa" * 32, why="not now")
    message = messages.write(content, KEEPER.sig)
    assert message.mid.hex() == "6a2a6d0c55aee060673467b1643427bc44cf533fbcec7ad884f30873738c4b70"
    assert len(message.envelope) == 238
    assert sha256(message.envelope).hex() == "fd53f1d8efc52f0957c2c8194f76f3f9a53b6367c60f4544c00a0d4ac7e3e2b3"
    body = cast("list[bytes]", decode(message.envelope))[3]
    assert len(body) == 121
    read = messages.read(message.envelope)
    assert (read.mid, read.kind, read.envelope) == (message.mid, "OBJECT", message.envelope)
    assert isinstance(read.content, Unknown)
    assert read.content.fields["why"] == "not now"


def test_a_share_is_bound_to_its_epoch_by_the_known_bytes() -> None:
    plan = EpochPlan(VAULT, b"\xbb" * 32, KEEPER.sig.public, "private", 1, 3, (), 0)
    info = share_info(plan, 2)
    assert len(info) == 130
    assert sha256(info).hex() == "5d608c67a78d0ea7385dedf2d62e8ff71cba55ee86519c4a68c1b2c23e503fe6"


def test_a_keepers_secret_gives_the_known_keys() -> None:
    assert KEEPER.sig.public.hex() == "39c1c7a42fbbb7aac71f9011eaa22c08022eb3a682ddb3211da8c6b12c60d48b"
    assert sha256(KEEPER.enc.recipient.raw).hex() == "28508c9a24fa2ca91a53aafc22bf32581ea294ae54a6abd9888ed658cfd30fe2"
    assert [key.hex() for key in KEEPER.cosigner("seen")] == [
        "13e6ec6538a0a209bfe17fd732d1c17f576e86e51ccb8d4d10680b580d7a4d55",
        "fa455400782c6c3580ddaa253122ea0f88587984de6e121864348fa013f75413",
    ]
    assert [key.hex() for key in KEEPER.cosigner("held")] == [
        "65c2bcb453a7f2970fc2f8443a50e7256e9f6228a0ee2758ac2ff19942779d46",
        "92cfc9bdb19487a5bf896a0e6855c973d05aad54b8ad0a2abbc32f203af98ed0",
    ]


def test_a_secret_scalar_gives_the_known_age_identity() -> None:
    identity = epoch_identity(value("f0"))
    assert str(identity) == "AGE-SECRET-KEY-PQ-1J764CG04X792GD7WJR2AFZ4H6G0HQAC2E0XM4RS0D8Z08CVVJ4HSC4XAP9"
    text = str(identity.recipient).encode()
    assert sha256(text).hex() == "70b0b878296b804faaf72c049528ff44e4254fc6026bd943e1aac97a200b78df"


def test_the_sheet_without_us_gives_the_same_identity() -> None:
    """The standard-library lines that each keeper's sheet prints: HKDF written out as two HMACs."""
    secret = sharing.encode_scalar(value("f0"))
    key = hmac.digest(bytes(32), secret, "sha256")
    seed = hmac.digest(key, b"holdfast/keep-1/epoch-age-pq\x01", "sha256")
    assert seed.hex() == "97b55c21f5378aa437ce90d5d48ab7d21f70770acbcdba8e0f69c4f3e18c956f"
    assert str(epoch_identity(value("f0")).from_seed(seed)) == str(epoch_identity(value("f0")))
