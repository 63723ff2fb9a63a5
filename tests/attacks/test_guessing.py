"""Whoever holds the device and the vault tries out what might have been kept: a hundred thousand guesses, one true.

Without a trace no guess is better than another.  With memory a guess of something public is confirmed, and the
command says so in words; a like, follow, contact or message never is.
"""

import hashlib
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from blake3 import blake3
from msgspec.structs import replace

from helpers import ALL, House, a_world, an_export, files_under, read_export
from holdfast.keep import keep
from holdfast.keeping.memory import Medium, Memory, is_medium
from holdfast.model.export import Compartment, Member, Unit
from holdfast.state.journal import Journal
from holdfast.testing.exports import ExportSpec
from holdfast.testing.keepers import seeded
from holdfast.vault.packs import SEALED_SIZES

SPEC = ExportSpec(posts=40, notes=0, images=3, videos=1, likes=12, followers=10, messages=9, contacts=2)
GUESSES = 100_000
SEPARATORS = (b",\n  ", b"\n]")
FAMILIES = {"like": GUESSES, "follower": 10_000, "contact": 10_000, "direct-messages": 10_000}


def guesses(record: bytes) -> Iterator[bytes]:
    """Give the record itself, and as many that differ from it in a number, as whoever enumerates accounts would."""
    yield record
    number = max(re.findall(rb"\d+", record), key=len)
    before, _, after = record.partition(number)
    for n in range(GUESSES - 1):
        yield before + b"%0*d" % (len(number), n) + after


def units(house: House, path: Path, family: str) -> list[tuple[Member, Unit]]:
    """Give each record of a family as the device saw it."""
    source = read_export(path)
    return [(m, u) for m in source.members() if m.family == family for u in source.units(m) if u.end]


def confirmed(journal: Journal, family: str, tried: Iterable[bytes]) -> list[bytes]:
    """Play the game with the seized memory: give the guesses that it confirms, with any separator around them."""
    return [
        guess
        for guess in tried
        for end in SEPARATORS
        if journal.lookup(journal.digest(family, guess + end)) is not None
    ]


@pytest.fixture(scope="module")
def seized(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("seized")
    house = House(folder)
    _, source = an_export(folder, SPEC)
    for _ in range(2):
        house.keep(source)
    return house


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_memory_confirms_no_single_private_record(seized: House, family: str) -> None:
    found = units(seized, seized.folder / "export.zip", family)
    assert found
    _, unit = found[0]
    record = unit.data[unit.start : unit.end]
    with seized.journal() as journal:
        assert confirmed(journal, family, islice(guesses(record), FAMILIES[family])) == []
        assert [u for m, u in found if journal.lookup(journal.digest(family, u.data))] == []


def test_memory_confirms_a_public_record(seized: House) -> None:
    """The control: the same game finds a post, which anybody could see, and only the true one."""
    found = units(seized, seized.folder / "export.zip", "tweets")
    _, unit = found[3]
    record = unit.data[unit.start : unit.end]
    with seized.journal() as journal:
        assert confirmed(journal, "tweets", islice(guesses(record), 10_000)) == [record]


def test_memory_holds_no_unit_of_what_is_not_public(seized: House) -> None:
    """Not by records alone: whatever the source hands over of private and identity is looked for as it is."""
    source = read_export(seized.folder / "export.zip")
    with seized.journal() as journal:
        for member in source.members():
            for unit in source.units(member):
                known = journal.lookup(journal.digest(member.family, unit.data)) is not None
                assert not known or unit.compartment is Compartment.PUBLIC


def test_memory_holds_a_private_picture_only_with_its_path(seized: House) -> None:
    source = read_export(seized.folder / "export.zip")
    (picture,) = [m for m in source.members() if m.family == "direct_messages_media"]
    with seized.journal() as journal:
        memory = Memory(journal, ())
        for member, hit in ((picture, True), (replace(picture, path=b"elsewhere/" + picture.path), False)):
            medium = Medium(memory, journal, member, Compartment.PRIVATE)
            assert (medium.find(lambda: source.units(picture)) is not None) == hit
        as_public = Medium(memory, journal, picture, Compartment.PUBLIC)
        assert as_public.find(lambda: source.units(picture)) is None


@pytest.mark.parametrize("name", ["contact.dat", "notes", "data/contact.vcf"])
def test_memory_holds_no_small_private_file_of_an_unknown_kind(tmp_path: Path, name: str) -> None:
    """A card with one telephone number is no medium, whatever its name ends in."""
    path = an_export(tmp_path, SPEC)[0].containers[0]
    with zipfile.ZipFile(path, "a") as out:
        out.writestr(name, b"TEL:+12025550199\n")
    house = House(tmp_path / "house")
    source = read_export(path)
    house.keep(source)
    (member,) = [m for m in source.members() if m.path == name.encode()]
    assert member.compartments == (Compartment.PRIVATE,) and not is_medium(member, Compartment.PRIVATE)
    with house.journal() as journal:
        medium = Medium(Memory(journal, ()), journal, member, Compartment.PRIVATE)
        assert medium.find(lambda: source.units(member)) is None


def marks_of(data: bytes) -> Iterator[bytes]:
    """Give every digest by which a guess could be known again without a key; each by its first 16 bytes."""
    for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b", "blake2s"):
        yield hashlib.new(name, data).digest()[:16]
    yield blake3(data).digest(16)
    yield hashlib.sha256(b"\0" + data).digest()[:16]


@pytest.mark.slow
def test_without_a_trace_no_guess_is_better_than_another(tmp_path: Path) -> None:
    house = House(tmp_path / "house")
    made, source = an_export(tmp_path, SPEC)
    house.keep_traceless(source)
    shutil.rmtree(house.folder / "state")
    image = list(files_under(house.folder / "vault").values())
    true = [unit.data for _, unit in units(house, made.containers[0], "like")][:1]
    true += [unit.data for _, unit in units(house, made.containers[0], "tweets")][:1]
    true += [b"".join(u.data for u in source.units(m)) for m in source.members()]
    tried = {mark: data for data in true for mark in marks_of(data)}
    for guess in guesses(true[0]):
        tried[hashlib.sha256(guess).digest()[:16]] = guess
        tried[blake3(guess).digest(16)] = guess
    assert len(tried) > GUESSES
    assert [at for data in image for at in range(len(data) - 15) if data[at : at + 16] in tried] == []


def shape(house: House) -> list[tuple[str, int]]:
    """Give all that a vault shows of itself: folders, sizes and how many there are of each, without random names."""
    return sorted((name.split("/")[0], size) for name, size in house.store.names(""))


CHANGED = {
    "data/like.js": rb'"tweetId" : "(\d+)',
    "data/follower.js": rb'"accountId" : "(\d+)',
    "data/contact.js": rb'"phoneNumbers" : \[\s*"\+(\d+)',
    "data/direct-messages.js": rb'"senderId" : "(\d+)',
    "data/account.js": rb'"email" : "(\w+)',
}


@pytest.mark.slow
@pytest.mark.parametrize("member", CHANGED)
def test_without_a_trace_sizes_tell_no_record_from_another(tmp_path: Path, member: str) -> None:
    """Two exports that differ in one record of the same length give vaults of the same shape."""
    made, _ = an_export(tmp_path, SPEC)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(made.containers[0]) as one, zipfile.ZipFile(other, "w") as two:
        for info in one.infolist():
            data = one.read(info)
            if info.filename == member:
                match = re.search(CHANGED[member], data)
                assert match
                data = data[: match.start(1)] + match[1][::-1] + data[match.end(1) :]
            two.writestr(info, data)
    shapes = []
    for path in (made.containers[0], other):
        house = House(tmp_path / path.stem)
        world = replace(a_world(), random=seeded("the same salts"))
        with Journal.nowhere() as journal:
            keep(read_export(path), house.store, journal, ALL, world)
        shapes.append(shape(house))
    assert shapes[0] == shapes[1]
    assert {size for folder, size in shapes[0] if folder == "packs"} <= SEALED_SIZES
