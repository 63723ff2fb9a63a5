"""Every outside vector of the age format, by its outcome: C2SP/CCTV `age/testdata`."""

import io
import zlib
from pathlib import Path

import pytest

from holdfast.crypto import age
from holdfast.crypto.hashes import sha256
from holdfast.errors import HoldfastError, Refused, Unreadable, Unverified

ERRORS = {
    "header failure": (Unreadable, {"age-header"}),
    "armor failure": (Unreadable, {"age-armor"}),
    "no match": (Refused, {"no-identity-matched"}),
    "HMAC failure": (Unverified, {"age-mac"}),
    "payload failure": (Unverified, {"age-chunk", "age-cut"}),
}
COUNTS = {
    "success": 26,
    "header failure": 62,
    "armor failure": 22,
    "payload failure": 19,
    "no match": 13,
    "HMAC failure": 1,
}
# Sound headers that ask for more work than we are ready to do; age calls them header failures.
TOO_MUCH_WORK = {"scrypt_work_factor_23", "scrypt_work_factor_overflow"}


class Vector:
    """One file of the collection."""

    def __init__(self, path: Path) -> None:
        head, _, self.sealed = path.read_bytes().partition(b"\n\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\n")]
        self.name = path.name
        self.fields = dict(lines)
        if self.fields.get("compressed") == "zlib":
            self.sealed = zlib.decompress(self.sealed)
        self.identities = [age_identity(value) for key, value in lines if key == "identity"]
        self.identities += [age.scrypt.Identity(value) for key, value in lines if key == "passphrase"]

    def binary(self) -> bytes:
        return age.armor.decode(self.sealed) if self.fields.get("armored") == "yes" else self.sealed


def age_identity(text: str) -> age.Identity:
    kind = age.hybrid if text.startswith("AGE-SECRET-KEY-PQ-") else age.x25519
    return kind.Identity.from_text(text)


@pytest.fixture(scope="module")
def collection(vectors: Path) -> list[Vector]:
    return [Vector(path) for path in sorted((vectors / "age" / "testdata").iterdir())]


def of(collection: list[Vector], outcome: str) -> list[Vector]:
    return [vector for vector in collection if vector.fields["expect"] == outcome]


def test_collection_is_whole(collection: list[Vector]) -> None:
    assert {outcome: len(of(collection, outcome)) for outcome in COUNTS} == COUNTS
    assert sum(COUNTS.values()) == len(collection) == 143


@pytest.mark.slow
def test_success(collection: list[Vector]) -> None:
    for vector in of(collection, "success"):
        payload = age.unseal(vector.sealed, vector.identities)
        assert sha256(payload).hex() == vector.fields["payload"], vector.name
        reader = age.Reader(io.BytesIO(vector.binary()), vector.identities)
        assert reader.read() == payload, vector.name


@pytest.mark.slow
@pytest.mark.parametrize("outcome", ERRORS)
def test_failure(collection: list[Vector], outcome: str) -> None:
    for vector in of(collection, outcome):
        expected = (Refused, {"passphrase-work"}) if vector.name in TOO_MUCH_WORK else ERRORS[outcome]
        error = failure(vector, lambda vector: age.unseal(vector.binary(), vector.identities))
        assert type(error) is expected[0] and error.code in expected[1], vector.name
        # Armor may hide from a reader that has to guess; nothing may open, nor anything but our own errors come out.
        failure(vector, lambda vector: age.unseal(vector.sealed, vector.identities))
        failure(vector, lambda vector: age.Reader(io.BytesIO(vector.binary()), vector.identities).read())


def failure(vector: Vector, attempt) -> HoldfastError:
    with pytest.raises(HoldfastError) as caught:
        attempt(vector)
    return caught.value


def test_header_round_trip(collection: list[Vector]) -> None:
    """What parses without a key is written again byte for byte."""
    count = 0
    for vector in collection:
        try:
            head = age.header.read(vector.binary())
        except Unreadable:
            continue
        assert age.header.serialise(head.stanzas) == head.signed, vector.name
        count += 1
    assert count > 59


def test_keyless_parse_agrees(collection: list[Vector]) -> None:
    """A file whose header is sound to age parses here without any key."""
    for outcome in ("success", "no match", "HMAC failure", "payload failure"):
        for vector in of(collection, outcome):
            head = age.header.read(vector.binary())
            assert vector.binary()[head.start - 16 : head.start] == head.nonce


def test_armor_round_trip(collection: list[Vector]) -> None:
    for vector in of(collection, "success"):
        if vector.fields.get("armored") == "yes":
            plain = vector.sealed.strip().replace(b"\r\n", b"\n") + b"\n"
            assert age.armor.encode(vector.binary()) == plain, vector.name


def test_body_size_is_checked_before_opening(collection: list[Vector]) -> None:
    """A longer file key would let one box open under many keys (C2SP `age.md`, on partitioning oracles)."""
    found = [vector for vector in collection if vector.name.endswith("_long_file_key")]
    assert len(found) == 3
    for vector in found:
        error = failure(vector, lambda vector: age.unseal(vector.sealed, vector.identities))
        assert error.fields == {"why": "body-size"}, vector.name
