"""The journal: what was about to be committed is adopted or forgotten, and what it knows is known only by its bytes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import Unreadable
from holdfast.state.journal import DIGEST, LONG_DIGEST, Cursor, Head, Journal, Known, Pending, Unfinished

EPOCH, OTHER = b"\1" * 32, b"\2" * 32
HEAD = Head(7, b"\3" * 32)
CURSOR = Cursor(3, 2, 1, {"public": (1, 2, 3)}, (EPOCH,))
PLACES = (("k/cut/public/0.zst", 5, 10), ("k/files/0/data/tweets_media/1-a.jpg", 0, 4))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.open(path) as opened:
        yield opened


def unfinished(cursor: Cursor | None = None) -> Unfinished:
    return Unfinished(4, b"\5" * 32, (b"envelope",), 1_800_000_000, cursor or Cursor())


def test_a_new_journal_knows_nothing(journal: Journal) -> None:
    assert journal.remembers
    assert (journal.writer(), journal.head(), journal.unfinished(), journal.pending()) == (None, None, None, None)
    assert not journal.knows_any() and journal.count() == 0


def test_everything_is_there_again(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.set_writer(b"\7" * 32)
        journal.set_head(HEAD)
        journal.begin(unfinished(CURSOR))
        journal.prepare(Pending(7, (b"a", b"b"), CURSOR))
        digest = journal.digest("tweets", b"a post")
    with Journal.open(path) as journal:
        assert (journal.writer(), journal.head()) == (b"\7" * 32, HEAD)
        assert journal.unfinished() == unfinished(CURSOR)
        assert journal.pending() == Pending(7, (b"a", b"b"), CURSOR)
        assert journal.digest("tweets", b"a post") == digest


def test_confirming_moves_the_cursor_and_makes_sure(journal: Journal) -> None:
    digest = journal.digest("tweets", b"a post")
    journal.begin(unfinished())
    journal.learn(digest, 10, PLACES, EPOCH)
    journal.prepare(Pending(0, (b"entry",), CURSOR))
    journal.confirm(HEAD, CURSOR)
    assert (journal.pending(), journal.head()) == (None, HEAD)
    assert journal.unfinished() == unfinished(CURSOR)
    journal.discard()
    assert journal.lookup(digest) == Known(PLACES, EPOCH)
    journal.finish()
    assert journal.unfinished() is None


def test_confirming_without_a_keeping_under_way(journal: Journal) -> None:
    journal.prepare(Pending(0, (b"entry",), CURSOR))
    journal.confirm(HEAD, CURSOR)
    assert journal.unfinished() is None


def test_discarding_forgets_what_was_learned_for_it_alone(journal: Journal) -> None:
    old, new = (journal.digest("tweets", text) for text in (b"old", b"new"))
    journal.learn(old, 3, PLACES, EPOCH)
    journal.prepare(Pending(0, (b"entry",), CURSOR))
    journal.confirm(HEAD, CURSOR)
    journal.learn(new, 3, PLACES, EPOCH)
    journal.prepare(Pending(1, (b"entry",), CURSOR))
    journal.discard()
    assert journal.pending() is None
    assert (journal.lookup(old), journal.lookup(new)) == (Known(PLACES, EPOCH), None)


def test_killed_before_the_preparation_nothing_was_learned(path: Path) -> None:
    with Journal.open(path) as journal:
        digest = journal.digest("tweets", b"a post")
    with pytest.raises(KeyboardInterrupt), Journal.open(path) as journal:
        journal.learn(digest, 10, PLACES, EPOCH)
        raise KeyboardInterrupt
    with Journal.open(path) as journal:
        assert journal.lookup(digest) is None and journal.pending() is None


def test_killed_after_the_preparation_it_is_still_to_be_decided(path: Path) -> None:
    with Journal.open(path) as journal:
        digest = journal.digest("tweets", b"a post")
    with pytest.raises(KeyboardInterrupt), Journal.open(path) as journal:
        journal.learn(digest, 10, PLACES, EPOCH)
        journal.prepare(Pending(0, (b"entry",), CURSOR))
        raise KeyboardInterrupt
    for adopted in (True, False):
        with Journal.open(path) as journal:
            assert journal.pending() == Pending(0, (b"entry",), CURSOR)
            if adopted:
                journal.confirm(HEAD, CURSOR)
                assert journal.lookup(digest) == Known(PLACES, EPOCH)
                journal.prepare(Pending(0, (b"entry",), CURSOR))
            else:
                journal.discard()
                assert journal.pending() is None


def test_forgetting(journal: Journal) -> None:
    digest = journal.digest("tweets", b"a post")
    journal.learn(digest, 10, PLACES, EPOCH)
    journal.prepare(Pending(0, (b"entry",), CURSOR))
    journal.confirm(HEAD, CURSOR)
    assert journal.knows_any() and journal.count() == 1
    journal.forget()
    assert not journal.knows_any() and journal.lookup(digest) is None
    assert journal.head() == HEAD


@given(st.binary(max_size=300), st.binary(max_size=300), st.text(max_size=20), st.text(max_size=20))
def test_digests_tell_families_and_bytes_apart(one: bytes, two: bytes, family: str, other: str) -> None:
    with Journal.nowhere() as journal, Journal.nowhere() as stranger:
        digest = journal.digest(family, one)
        assert len(digest) == LONG_DIGEST
        hasher = journal.hasher(family)
        hasher.update(one[:7])
        hasher.update(one[7:])
        assert hasher.digest(LONG_DIGEST) == digest
        assert (journal.digest(family, two) == digest) == (one == two)
        if "\0" not in family + other:
            assert (journal.digest(other, one) == digest) == (family == other)
        assert stranger.digest(family, one) != digest
        assert journal.fingerprint(one)[:DIGEST] != stranger.fingerprint(one)[:DIGEST]


def test_only_large_sizes_are_remembered(journal: Journal) -> None:
    for size in (10, 1 << 20, (1 << 20) + 1):
        journal.learn(journal.digest("medium", b"%d" % size), size, PLACES, EPOCH)
    journal.prepare(Pending(0, (b"entry",), CURSOR))
    assert [journal.knows_size(size) for size in (0, 10, 1 << 20, (1 << 20) + 1)] == [False, False, False, True]


def test_places_lie_under_a_key_that_only_the_bytes_give(path: Path) -> None:
    with Journal.open(path) as journal:
        digest = journal.digest("medium", b"a picture")
        journal.learn(digest, 9, PLACES, EPOCH)
        journal.prepare(Pending(0, (b"entry",), CURSOR))
        journal.confirm(HEAD, CURSOR)
        image = b"".join(file.read_bytes() for file in path.parent.iterdir())
        assert not [name for name, *_ in PLACES if name.encode() in image or name[2:].encode() in image]
        assert digest[:DIGEST] in image and digest[DIGEST:] not in image
        assert journal.lookup(digest[:DIGEST] + b"\0" * 32) is None


def test_what_is_dropped_is_overwritten(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.begin(unfinished())
        journal.prepare(Pending(0, (b"entry that must go",), CURSOR))
        journal.discard()
        journal.finish()
    image = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"entry that must go" not in image and b"envelope" not in image


def test_nowhere_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Journal.nowhere() as journal:
        assert not journal.remembers
        journal.set_writer(b"\7" * 32)
        journal.begin(unfinished())
        journal.prepare(Pending(0, (b"x" * 100_000,), CURSOR))
        journal.confirm(HEAD, CURSOR)
    assert not list(tmp_path.rglob("*"))
    with Journal.nowhere() as journal:
        assert journal.writer() is None


@pytest.mark.parametrize("damage", [b"no database at all" * 99, b"SQLite format 3\0" + bytes(5000)])
def test_a_damaged_journal_is_an_error_of_ours(path: Path, damage: bytes) -> None:
    path.write_bytes(damage)
    with pytest.raises(Unreadable, match="device-memory-failed"), Journal.open(path):
        pass


def test_errors_that_are_not_the_journals_pass(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Journal.open(path):
        1 / 0  # noqa: B018
    with pytest.raises(Unreadable, match="device-memory-failed"), Journal.open(path):
        raise sqlite3.OperationalError("disk I/O error")


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    from holdfast.state.device import Device

    with Device(tmp_path / "state").journal(EPOCH):
        files = list((tmp_path / "state" / EPOCH.hex()).iterdir())
    assert {file.name.partition("-")[0] for file in files} == {"journal.sqlite", "lock"}
    assert (tmp_path / "state" / EPOCH.hex()).stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "state" / EPOCH.hex() / "journal.sqlite").stat().st_mode & 0o777 == 0o600
