"""The store gives an older or another past: whoever remembers a checkpoint finds it, and the device signs no fork."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from helpers import ALL, House, a_world, an_export, given_back, handed_in
from holdfast.errors import HoldfastError, Unreadable, Unverified
from holdfast.keep import keep
from holdfast.state.journal import Journal
from holdfast.store.directory import DirectoryStore
from holdfast.testing.exports import ExportSpec
from holdfast.verify import verify, write_checkpoints

FEW = ExportSpec(posts=12, notes=0, images=1, videos=0, likes=2, messages=3)


class Twice:
    """A vault with two keepings, and the checkpoints seen after each."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder / "house")
        self.folder = folder / "house" / "vault"
        _, self.source = an_export(folder, FEW)
        _, self.later = an_export(folder, replace(FEW, more_posts=2), "later.zip")
        self.house.keep(self.source)
        self.early = write_checkpoints(self.house.store)
        self.before = folder / "before"
        shutil.copytree(self.folder, self.before)
        self.house.keep(self.later)
        self.seen = write_checkpoints(self.house.store)
        self.log = self.folder / "log" / self.house.vault().book.rosters[0].key.hex()

    def commits(self) -> list[Path]:
        return sorted(self.log.iterdir())

    def faults(self, against: bytes | None = None) -> list[str]:
        return sorted({fault.code for fault in verify(self.house.store, against).faults})

    def refuses(self) -> str:
        """Assert that the device keeps nothing here and changes nothing; give the code."""
        before = sorted(self.folder.rglob("*"))
        with pytest.raises((Unverified, Unreadable)) as caught:
            self.house.keep(self.later)
        assert sorted(self.folder.rglob("*")) == before
        return caught.value.code


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    return Twice(tmp_path_factory.mktemp("made"))


@pytest.fixture
def twice(made: Twice, tmp_path: Path) -> Iterator[Twice]:
    """Give the vault and the device as they were, whatever the test before did to them."""
    shutil.copytree(made.house.folder, tmp_path / "saved")
    yield made
    shutil.rmtree(made.house.folder)
    shutil.copytree(tmp_path / "saved", made.house.folder)


def test_the_true_past_is_accepted(twice: Twice) -> None:
    assert twice.faults(twice.early) == twice.faults(twice.seen) == []
    assert twice.faults(twice.early + b"\n" + twice.seen) == []


@pytest.mark.parametrize("removed", [1, 3])
def test_last_commits_removed(twice: Twice, removed: int) -> None:
    for commit in twice.commits()[-removed:]:
        commit.unlink()
    assert twice.faults() == []
    assert twice.faults(twice.seen) == ["log-rolled-back"]
    assert twice.refuses() == "log-rolled-back"


def test_a_commit_in_the_middle_removed(twice: Twice) -> None:
    twice.commits()[2].unlink()
    assert twice.faults() == ["log-gap"]
    assert twice.refuses() == "log-gap"


def test_a_whole_vault_put_back(twice: Twice, tmp_path: Path) -> None:
    shutil.rmtree(twice.folder)
    shutil.copytree(twice.before, twice.folder)
    assert twice.faults(twice.early) == []
    assert twice.faults(twice.seen) == ["log-rolled-back"]
    assert twice.refuses() == "log-rolled-back"


def test_a_writers_whole_log_removed(twice: Twice) -> None:
    shutil.rmtree(twice.log)
    assert twice.faults() == []
    assert twice.faults(twice.seen) == ["log-rolled-back"]
    assert twice.refuses() == "log-rolled-back"


def test_another_writers_log_removed(twice: Twice) -> None:
    kept = twice.house.keep_traceless(twice.source)
    seen = write_checkpoints(twice.house.store)
    shutil.rmtree(twice.folder / "log" / kept.writer.hex())
    assert twice.faults(twice.seen) == []
    assert twice.faults(seen) == ["log-rolled-back"]
    assert not twice.house.keep(twice.later).resumed


def test_packs_removed(twice: Twice) -> None:
    packs = sorted((twice.folder / "packs").iterdir())
    packs[0].unlink()
    assert twice.faults() == ["pack-missing"]
    kept = twice.house.keep(twice.later)
    assert twice.faults() == ["pack-missing"]
    assert given_back(twice.house.snapshot(kept.keeping)) == handed_in(twice.later)


def test_the_past_written_anew_with_the_writer_key(twice: Twice, tmp_path: Path) -> None:
    """Whoever has the writer key can write another log of any length, and cannot make it extend what was seen."""
    shutil.rmtree(twice.folder / "log")
    other = an_export(tmp_path, replace(FEW, seed=9), "other.zip")[1]
    for _ in range(4):
        with Journal.nowhere() as journal:
            journal.set_writer(twice.house.seed)
            keep(other, twice.house.store, journal, ALL, a_world())
    (log,) = twice.house.vault().logs.values()
    assert log.state.size > 20
    assert twice.faults() == []
    assert twice.faults(twice.early) == ["log-rewritten"]
    assert twice.faults(twice.seen) == ["log-rewritten"]
    assert twice.refuses() == "log-rewritten"


def test_one_entry_written_anew_with_the_writer_key(twice: Twice, tmp_path: Path) -> None:
    """A fork that begins after the first keeping is found by whoever saw the second."""
    shutil.rmtree(twice.folder)
    shutil.copytree(twice.before, twice.folder)
    with Journal.nowhere() as journal:
        journal.set_writer(twice.house.seed)
        for _ in range(2):
            keep(twice.source, twice.house.store, journal, ALL, a_world())
    assert twice.faults(twice.early) == []
    assert twice.faults(twice.seen) == ["log-rewritten"]
    assert twice.refuses() == "log-rewritten"


def test_the_format_exchanged(twice: Twice, tmp_path: Path) -> None:
    """The log's first entry binds the vault's format: neither may be given to another vault."""
    other = House(tmp_path / "other")
    for name in ("format", *(n for n, _ in other.store.names("custody/"))):
        (twice.folder / name).write_bytes(other.store.get(name))
    assert "log-of-another-vault" in twice.faults()
    assert "log-rolled-back" in twice.faults(twice.seen)


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note[:-10],
        lambda note: note.replace(b"holdfast/log/", b"holdfast/lug/"),
        lambda note: b"",
        lambda note: bytes(100),
        lambda note: note.replace(b"\n\n", b"\n"),
        lambda note: note.replace("—".encode(), b"-"),
    ],
)
def test_a_file_of_checkpoints_that_is_none(twice: Twice, change: Callable[[bytes], bytes]) -> None:
    try:
        faults = verify(twice.house.store, change(twice.seen)).faults
    except HoldfastError:
        return
    assert faults


def test_a_forged_checkpoint_accuses_nobody(twice: Twice) -> None:
    """A checkpoint that the writer never signed is itself the fault."""
    text, _, signature = twice.seen.partition(b"\n\n")
    lines = text.split(b"\n")
    lines[1] = b"%d" % (int(lines[1]) + 5)
    assert twice.faults(b"\n".join(lines) + b"\n\n" + signature) != ["log-rolled-back"]
    assert len(twice.faults(b"\n".join(lines) + b"\n\n" + signature)) == 1


def test_a_copy_is_not_a_way_around(twice: Twice, tmp_path: Path) -> None:
    """A device whose memory is of the newest keeping refuses an older copy of its vault too."""
    old = DirectoryStore(twice.before)
    with twice.house.journal() as journal, pytest.raises(Unverified, match="log-rolled-back"):
        keep(twice.later, old, journal, ALL, a_world())
