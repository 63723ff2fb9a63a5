"""A folder as a store: whole or not at all, once, and nothing strange under a name hangs or escapes."""

import errno
import os
import stat
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from holdfast.errors import AlreadyExists, NotFound, Unreadable
from holdfast.store import directory
from holdfast.store.directory import TEMPORARY, DirectoryStore

DATA = b"sealed bytes"
NAME = "packs/" + sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "store")


def test_a_name_is_taken_once_by_link(store: DirectoryStore) -> None:
    store.put("log/a/0", b"one")
    inode = (store.root / "log/a/0").stat().st_ino
    with pytest.raises(AlreadyExists) as caught:
        store.put("log/a/0", b"two")
    assert caught.value.fields == {"name": "log/a/0"}
    assert (store.root / "log/a/0").stat().st_ino == inode
    assert (store.root / "log/a/0").stat().st_nlink == 1


def test_no_temporary_file_stays_or_shows(store: DirectoryStore) -> None:
    store.put("packs/a", b"x")
    (store.root / "packs" / f"{TEMPORARY}0123").write_bytes(b"half")
    (store.root / ".hidden").write_bytes(b"")
    (store.root / ".folder").mkdir()
    (store.root / ".folder" / "inside").write_bytes(b"")
    assert list(store.names("")) == [("packs/a", 1)]
    with pytest.raises(AlreadyExists):
        store.put("packs/a", b"x")
    assert [path.name for path in (store.root / "packs").iterdir() if path.name != "a"] == [f"{TEMPORARY}0123"]


def test_sweeping_takes_what_the_dead_left_and_not_what_the_living_write(store: DirectoryStore) -> None:
    """Another device that writes into the same folder holds a lock on its temporary file."""
    store.put("packs/a", b"x")
    dead = store.root / "packs" / f"{TEMPORARY}dead"
    dead.write_bytes(b"half")
    os.mkfifo(store.root / "packs" / f"{TEMPORARY}pipe")
    (store.root / "packs" / f"{TEMPORARY}folder").mkdir()
    seen = []

    def link(source: Path, target: Path) -> None:
        DirectoryStore(store.root).sweep()
        seen.append((source.exists(), dead.exists()))
        os.link(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(directory, "_link", link)
        store.put("packs/b", b"y")
    assert seen == [(True, False)]
    assert [name for name, _ in store.names("")] == ["packs/a", "packs/b"]


@pytest.mark.parametrize("torn", [b"", DATA[:-1], b"other bytes!", DATA + b"more"])
def test_a_torn_object_under_its_hash_is_replaced(store: DirectoryStore, torn: bytes) -> None:
    store.put("packs/other", b"")
    (store.root / NAME).write_bytes(torn)
    store.put(NAME, DATA)
    assert store.get(NAME) == DATA
    with pytest.raises(AlreadyExists):
        store.put(NAME, DATA)


def test_a_name_that_is_no_hash_is_never_replaced(store: DirectoryStore) -> None:
    store.put("log/a/0000000000000000", b"one")
    (store.root / "log/a/0000000000000000").write_bytes(b"torn")
    with pytest.raises(AlreadyExists):
        store.put("log/a/0000000000000000", b"one")
    assert store.get("log/a/0000000000000000") == b"torn"


def strange(path: Path, kind: str) -> None:
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "socket":
            os.mknod(path, stat.S_IFSOCK | 0o600)
        case "link":
            (path.parent.parent / "secret").write_bytes(DATA)
            path.symlink_to(path.parent.parent / "secret")
        case "broken link":
            path.symlink_to(path.parent / "nowhere")
        case "link to itself":
            path.symlink_to(path)


KINDS = ["pipe", "folder", "socket", "link", "broken link", "link to itself"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [NAME, "log/a/0"])
def test_what_is_no_file_is_refused_and_nothing_hangs(store: DirectoryStore, kind: str, name: str) -> None:
    (store.root / name).parent.mkdir(parents=True)
    strange(store.root / name, kind)
    calls = [lambda: store.get(name), lambda: store.put(name, DATA)]
    for call in calls:
        with pytest.raises((Unreadable, AlreadyExists)) as caught:
            call()
        assert caught.value.code in ("store-failed", "store-name-taken")
    assert not list(store.root.rglob(TEMPORARY + "*"))


def test_a_link_is_not_written_through(store: DirectoryStore, tmp_path: Path) -> None:
    (store.root / "packs").mkdir(parents=True)
    (tmp_path / "outside").write_bytes(b"")
    (store.root / NAME).symlink_to(tmp_path / "outside")
    with pytest.raises(Unreadable):
        store.put(NAME, DATA)
    assert (tmp_path / "outside").read_bytes() == b""


@pytest.mark.parametrize(
    "name", ["../outside", "/outside", "packs/../../outside", "packs/.hf-x", "a//b", "", "a/./b", "a\0"]
)
def test_names_that_lead_elsewhere_are_refused(store: DirectoryStore, tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    for call in (lambda: store.put(name, b"x"), lambda: store.get(name)):
        with pytest.raises(Unreadable, match="store-name"):
            call()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_in_the_way_of_a_name(store: DirectoryStore) -> None:
    store.put("log", b"a file where a folder must be")
    with pytest.raises(Unreadable, match="store-failed"):
        store.put("log/a/0", b"x")
    with pytest.raises((NotFound, Unreadable)):
        store.get("log/a/0")


def test_where_links_are_unknown_the_name_is_looked_up_first(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT and exFAT: a rename stands in for the link, and still never overwrites."""

    def no_links(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    store.put("log/a/0", b"one")
    with pytest.raises(AlreadyExists):
        store.put("log/a/0", b"two")
    assert store.get("log/a/0") == b"one"
    assert not list(store.root.rglob(TEMPORARY + "*"))


class Trace:
    """Writes down the order of what is asked of the disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[str] = []
        true_fsync, true_link = os.fsync, os.link

        def fsync(descriptor: int) -> None:
            kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
            self.steps.append(f"sync {kind}")
            true_fsync(descriptor)

        def link(source: Path, target: Path) -> None:
            self.steps.append("link")
            true_link(source, target)

        monkeypatch.setattr(os, "fsync", fsync)
        monkeypatch.setattr(os, "link", link)


def test_bytes_are_synced_before_the_name_and_the_folder_after_it(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = Trace(monkeypatch)
    store.put("log/a/0", b"one")
    assert trace.steps == ["sync folder"] * 3 + ["sync file", "link", "sync folder"]
    trace.steps.clear()
    store.put("log/a/1", b"one")
    assert trace.steps == ["sync file", "link", "sync folder"]


def test_a_name_that_was_there_already_is_durable_too(store: DirectoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that linked it may have been killed before it synced the folder."""
    store.put("log/a/0", b"one")
    trace = Trace(monkeypatch)
    with pytest.raises(AlreadyExists):
        store.put("log/a/0", b"one")
    assert trace.steps[-1] == "sync folder"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "store-full"),
        (errno.EDQUOT, "store-full"),
        (errno.EIO, "store-failed"),
        (errno.EROFS, "store-failed"),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_failing_disk_is_one_error_and_leaves_nothing(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch, step: str, number: int, code: str
) -> None:
    store.put("packs/before", b"x")

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(Unreadable) as caught:
            store.put("packs/new", b"y")
    assert (caught.value.code, caught.value.fields["why"]) == (code, os.strerror(number))
    assert list(store.names("")) == [("packs/before", 1)]
    store.put("packs/new", b"y")


def test_many_threads_one_winner(store: DirectoryStore) -> None:
    won: list[int] = []

    def put(number: int) -> None:
        try:
            store.put("log/a/0", b"%d" % number * 9999)
        except AlreadyExists:
            return
        won.append(number)

    threads = [threading.Thread(target=put, args=[n]) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and store.get("log/a/0") == b"%d" % won[0] * 9999


def test_names_of_what_is_not_there(store: DirectoryStore) -> None:
    assert list(store.names("")) == list(store.names("packs/")) == []
    with pytest.raises(NotFound):
        store.get("format")
