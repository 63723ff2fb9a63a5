"""Keeping: every byte of an export goes in and comes out, in order, and little goes in twice."""

import os
import zipfile
from pathlib import Path

import pytest
from msgspec.structs import replace

from helpers import ALL, NOW, SMALL, House, a_world, an_export, given_back, handed_in, read_export, tars
from holdfast.crypto.signing import Signer
from holdfast.custody import messages
from holdfast.custody.dealing import deal, plan_epoch
from holdfast.keep import LONGEST, keep
from holdfast.log import commits
from holdfast.model.export import Compartment
from holdfast.sources.x import recognise
from holdfast.testing.exports import ExportSpec, make_folder, make_parts
from holdfast.testing.faults import Disk, Dying, PowerCut
from holdfast.vault import format
from holdfast.vault.entries import EpochEntry, FormatEntry, KeepingEntry
from holdfast.vault.writer import LogWriter
from holdfast.verify import verify

PUBLIC, PRIVATE, IDENTITY = Compartment.PUBLIC, Compartment.PRIVATE, Compartment.IDENTITY


def test_what_went_in_comes_out(tmp_path: Path) -> None:
    house = House(tmp_path)
    made, source = an_export(tmp_path)
    kept = house.keep(source)
    assert given_back(house.snapshot()) == handed_in(source)
    assert [digest for *_, digest in given_back(house.snapshot())] == [m.sha256 for m in made.members]
    assert (kept.keeping, kept.damaged, kept.left_out, kept.admitted, kept.resumed) == (
        f"1-{kept.writer.hex()[:8]}",
        (),
        {},
        True,
        False,
    )
    assert verify(house.store, deep=True).check().unlisted == 0


def test_parts_and_folders_come_out(tmp_path: Path) -> None:
    house = House(tmp_path)
    parts = make_parts(SMALL, tmp_path, 100_000)
    assert len(parts.containers) > 1
    for paths in (parts.containers, make_folder(SMALL, tmp_path / "folder").containers):
        source = recognise(paths)
        assert source is not None
        house.keep(source)
        snapshot = house.snapshot()
        assert given_back(snapshot) == handed_in(source)
        assert [(c.form, c.name, c.size) for c in snapshot.containers()] == [
            (c.form, c.name, c.size) for c in source.containers()
        ]


def test_a_folder_stays_a_folder_when_only_public_is_open(tmp_path: Path) -> None:
    house = House(tmp_path)
    for paths, form in (
        (make_folder(SMALL, tmp_path / "folder").containers, "folder"),
        ([an_export(tmp_path)[0].containers[0]], "zip"),
    ):
        source = recognise(paths)
        assert source is not None
        house.keep(source)
        snapshot = house.snapshot(opening=house.open(compartments=["public"]))
        assert [c.form for c in snapshot.containers()] == [form]


def test_the_log_says_what_is_needed_and_no_more(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.keep(an_export(tmp_path)[1])
    (log,) = house.vault().logs.values()
    assert isinstance(log.entries[0], FormatEntry)
    assert [type(entry) for entry in log.entries[1:4]] == [EpochEntry] * 3
    assert isinstance(log.entries[-1], KeepingEntry)
    assert set(log.entries[-1].epochs) == {entry.mid for entry in log.entries[1:4] if isinstance(entry, EpochEntry)}


def test_words_come_before_pictures_and_pictures_before_video(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.keep(an_export(tmp_path)[1])
    keeping, opening = house.vault().keepings()[0], house.open()
    first, second, third = tars(house.store, keeping, opening.identities, PUBLIC)
    assert b"/cut/public/" in first and b".jpg" not in first.split(b"holdfast/items/")[0]
    assert b".jpg" in second and b".mp4" in third


def test_a_second_keeping_of_the_same_stores_little(tmp_path: Path) -> None:
    house = House(tmp_path)
    spec = ExportSpec(posts=600, notes=0, images=20, image_bytes=(20_000, 40_000))
    first = house.keep(an_export(tmp_path, spec)[1])
    _, later = an_export(tmp_path, replace(spec, more_posts=3, more_images=1), "later.zip")
    second = house.keep(later)
    public = house.vault().keepings()[1].batches[PUBLIC]
    assert sum(pack.size for batch in public for pack in batch.packs) < first.sealed / 2
    assert given_back(house.snapshot(second.keeping)) == handed_in(later)


def test_full_stores_everything_again(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path)
    first = house.keep(source)
    with house.journal() as journal:
        journal.forget()
    assert house.keep(source).sealed == pytest.approx(first.sealed, rel=0.05)
    assert set(house.vault().keepings()[1].draws) == set(house.vault().keepings()[1].epochs.values())


def test_a_keeping_names_every_epoch_that_it_draws_on(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path)
    house.keep(source)
    second = house.keep(source)
    one, two = house.vault().keepings()
    assert one.epochs[PUBLIC] in two.draws
    assert one.epochs[IDENTITY] not in two.draws
    asked = house.request(keepings=[second.keeping])[1]
    assert set(asked.content.scope) == set(two.draws)


def test_lost_packs_are_stored_again(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path)
    house.keep(source)
    lost = house.vault().keepings()[0].batches[PUBLIC][0].packs[0]
    (tmp_path / "vault" / "packs" / lost.digest.hex()).unlink()
    house.keep(source)
    assert given_back(house.snapshot("2")) == handed_in(source)


def test_only_what_was_asked_for_is_kept(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path)
    kept = house.keep(source, only=frozenset({PRIVATE}))
    assert set(kept.left_out) == {IDENTITY} and set(kept.members) == {PUBLIC, PRIVATE}
    assert set(house.vault().keepings()[0].epochs) == {PUBLIC, PRIVATE}
    assert {m.compartments for m in house.snapshot().members} <= {(PUBLIC,), (PRIVATE,), (PUBLIC, PRIVATE)}


def test_a_damaged_member_is_kept_as_far_as_it_goes(tmp_path: Path) -> None:
    house = House(tmp_path)
    made, _ = an_export(tmp_path)
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path) as out:
        info = next(i for i in out.infolist() if i.filename.endswith(".mp4"))
    data = bytearray(path.read_bytes())
    data[info.header_offset + 30 + len(info.filename) + info.file_size // 2] ^= 1
    path.write_bytes(data)
    kept = house.keep(read_export(path))
    assert [(d.path.decode(), d.code, d.promised) for d in kept.damaged] == [
        (info.filename, "member-damaged", info.file_size)
    ]
    found = {path: digest for _, _, path, digest in given_back(house.snapshot())}
    whole = {m.path.encode(): m.sha256 for m in made.members if m.path != info.filename}
    assert {path: found[path] for path in whole} == whole
    with house.journal() as journal:
        assert journal.unfinished() is None


def test_an_unfinished_keeping_of_another_export_stays_partial(tmp_path: Path) -> None:
    disk = Disk()
    house = House(tmp_path, store=disk)
    _, source = an_export(tmp_path)
    with pytest.raises(PowerCut):
        house.keep(source, Dying(disk, 45))
    _, other = an_export(tmp_path, replace(SMALL, seed=2), "other.zip")
    assert not house.keep(other).resumed
    assert given_back(house.snapshot("2")) == handed_in(other)
    first, second = house.vault().keepings()
    assert (first.whole, second.whole) == (False, True)
    assert set(given_back(house.snapshot("1"))) < set(handed_in(source))


def test_a_keeping_that_is_open_too_long_ends(tmp_path: Path) -> None:
    disk = Disk()
    house = House(tmp_path, store=disk)
    _, source = an_export(tmp_path)
    with pytest.raises(PowerCut):
        house.keep(source, Dying(disk, 45))
    with house.journal() as journal:
        kept = keep(source, disk, journal, ALL, a_world(NOW + LONGEST))
    assert not kept.resumed and kept.keeping.startswith("2-")


def test_numbers_go_on_over_writers(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path)
    assert [house.keep_traceless(source).keeping[:2] for _ in range(2)] == ["1-", "2-"]
    assert house.keep(source).keeping.startswith("3-")


def test_a_stranger_cannot_use_up_the_numbers(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path)
    stranger, vault = Signer.from_seed(bytes(31) + b"1"), house.vault()
    plan = plan_epoch(vault.book.active, stranger.public, "public", 2**32 - 1, NOW)
    message = messages.write(deal(plan, os.urandom), stranger)
    house.store.put(format.message_name(message.mid), message.envelope)
    new = [FormatEntry(format.digest(house.store.get("format"))).encode(), EpochEntry(message.mid).encode()]
    LogWriter(house.store, commits.start(stranger.public), stranger).append(new)
    assert [k.number for k in house.vault().keepings()] == [2**32 - 1]
    assert house.keep(source).keeping.startswith("1-")
    assert given_back(house.snapshot("1")) == handed_in(source)
