"""A keeping is killed at any instant: the vault is valid as of its last commit, and the same command goes on.

Every step of every write is tried, with and without the loss of what no sync had reached; and a real process is killed
at random instants.
"""

import multiprocessing
import os
import random
import re
import signal
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from helpers import ALL, NOW, Dealer, House, a_world, an_export, given_back, handed_in, read_export
from holdfast.admit import admit
from holdfast.crypto.hybrid import HybridIdentity
from holdfast.errors import NotFound, Unverified
from holdfast.keep import Kept, keep
from holdfast.model.export import Compartment
from holdfast.sources.protocol import Source
from holdfast.state.journal import Journal
from holdfast.store.directory import DirectoryStore
from holdfast.store.protocol import Store
from holdfast.testing.exports import ExportSpec, of_size
from holdfast.testing.faults import Deaf, Disk, Dying, PowerCut
from holdfast.vault import entries, packer, packs, tables, tar, view
from holdfast.vault.entries import BatchEntry
from holdfast.vault.format import pack_name
from holdfast.vault.reader import Packs, Snapshot
from holdfast.verify import verify

TINY = ExportSpec(posts=8, notes=0, images=2, image_bytes=(30_000, 60_000), videos=1, video_bytes=(90_000, 90_000))
CHOSEN = re.compile(r".*(tweets|account|profile|direct-messages|phone-number)\.js|.*_media/.*|Your archive.html")
FOREVER = 1 << 30


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make pieces, packs and batches so small that a small export has many of them."""
    for name, size in {
        "TEXT_PIECE": 8_000,
        "MEDIA_PIECE": 32_000,
        "WHOLE": 32_000,
        "BATCH_PACKS": 2,
        "BATCH_ITEMS": 4,
    }.items():
        monkeypatch.setattr(packer, name, size)
    monkeypatch.setattr(packs, "MAX_TAR", 81_920)


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """Give a folder in memory where there is one: thousands of syncs to a disk take minutes."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


class Bench:
    """A vault on a disk that can lose its power, an export, and the device that keeps it."""

    def __init__(self, folder: Path, source: Source) -> None:
        self.disk, self.dealer, self.source = Disk(), Dealer(), source
        self.house = House(folder, store=self.disk)

    def keep(self, store: Store) -> Kept:
        with self.house.journal() as journal:
            return keep(self.source, store, journal, ALL, a_world(dealer=self.dealer))

    def die(self, step: int) -> None:
        with pytest.raises(PowerCut):
            self.keep(Dying(self.disk, step))

    def adoptable(self) -> set[bytes]:
        """Give the packs that were durable and whose entry was ready when the run was killed."""
        with self.house.journal() as journal:
            pending = journal.pending()
        found = [entries.decode(entry) for entry in (pending.entries if pending else ())]
        named = [pack.digest for entry in found if isinstance(entry, BatchEntry) for pack in entry.packs]
        there = {name for name, _ in self.disk.names("packs/")}
        return {digest for digest in named if pack_name(digest) in there}

    def listed(self) -> set[bytes]:
        """Give the packs that a log names."""
        return {pack.digest for log in view.read(self.disk).logs.values() for pack in log.packs()}

    def check(self) -> None:
        """Assert that the vault is valid, and holds all that this device knows to be committed."""
        verdict = verify(self.disk, deep=True).check()
        with self.house.journal() as journal:
            head, seed = journal.head(), journal.writer()
        assert seed == self.house.seed
        sizes = [checkpoint.size for checkpoint in verdict.checkpoints.values()]
        assert max(sizes, default=0) >= (head.size if head else 0)

    def finished(self, kept: Kept) -> Counter[str]:
        """Assert that the keeping is whole and exact; give how many bytes each public piece of the vault has."""
        vault = view.read(self.disk)
        identities = self.dealer.identities(vault)
        snapshot = Snapshot(vault, vault.keeping(kept.keeping), identities)
        assert given_back(snapshot) == handed_in(self.source)
        assert (snapshot.partial, snapshot.withheld, snapshot.keeping.whole) == (0, {}, True)
        return public_bytes(self.disk, identities)


def public_bytes(store: Store, identities: Mapping[bytes, HybridIdentity]) -> Counter[str]:
    """Give how many bytes of the export the listed packs of `public` hold: each whole member, and what was cut."""
    vault = view.read(store)
    found: Counter[str] = Counter()
    for keeping in vault.keepings():
        for batch in keeping.batches.get(Compartment.PUBLIC, ()):
            data = Packs(store, identities).tar(batch.packs[-1].digest, batch.epoch)
            for member in tar.walk(data):
                if member.name.startswith(b"holdfast/pieces/"):
                    table = bytes(data[member.offset : member.offset + member.size])
                    for piece in tables.decode(table, tables.parse_piece):
                        found["cut" if "/cut/" in piece.name else piece.name.partition("/")[2]] += piece.raw
    return found


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Make an export of a dozen members, so that it can be kept some hundred times."""
    folder = tmp_path_factory.mktemp("few")
    an_export(folder, TINY, "many.zip")
    with zipfile.ZipFile(folder / "many.zip") as many, zipfile.ZipFile(folder / "few.zip", "w") as few:
        for info in many.infolist():
            if CHOSEN.fullmatch(info.filename):
                few.writestr(info, many.read(info))
    return read_export(folder / "few.zip")


@pytest.mark.slow
def test_killed_at_every_step_of_every_write(quick: Path, few: Source, small_batches: None) -> None:
    wanted, steps = uninterrupted(quick, few)
    adopted: set[bytes] = set()
    for step in range(1, steps + 1):
        bench = Bench(quick / str(step), few)
        bench.die(step)
        unsynced, ready = bench.disk.unsynced, bench.adoptable()
        bench.check()
        assert bench.finished(bench.keep(bench.disk)) == wanted, step
        assert ready <= bench.listed(), "what was ready is adopted, and not stored again"
        adopted |= ready
        if unsynced:
            bench = Bench(quick / f"{step} lost", few)
            bench.die(step)
            bench.disk.cut()
            bench.check()
            assert bench.finished(bench.keep(bench.disk)) == wanted, step
    assert len(adopted) > 5


@pytest.mark.slow
def test_killed_again_and_again(quick: Path, few: Source, small_batches: None) -> None:
    wanted, steps = uninterrupted(quick, few)
    luck = random.Random(1)
    for number in range(8):
        bench = Bench(quick / str(number), few)
        left = steps
        for _ in range(5):
            step = luck.randint(1, left // 2)
            bench.die(step)
            left -= step
            if luck.random() < 0.5:
                bench.disk.cut()
            bench.check()
        assert bench.finished(bench.keep(bench.disk)) == wanted


@pytest.mark.slow
def test_a_commit_is_made_durable_before_the_device_relies_on_it(quick: Path, few: Source, small_batches: None) -> None:
    """Killed between link and sync, the next run finds the commit; the power may still take it."""
    wanted, steps = uninterrupted(quick, few)
    for step in range(1, steps, 7):
        bench = Bench(quick / str(step), few)
        bench.die(step)
        if bench.disk.unsynced:
            for more in (1, 2, 3):
                bench.die(more)
                bench.disk.cut()
                bench.check()
        assert bench.finished(bench.keep(bench.disk)) == wanted


@pytest.mark.slow
def test_a_disk_that_lies_about_its_last_sync_is_found_out(quick: Path, few: Source, small_batches: None) -> None:
    """What was said to be durable is gone: the keeping goes on, or stops where a commit is lost; it never forks."""
    wanted, steps = uninterrupted(quick, few)
    stopped = 0
    for step in range(30, steps, 5):
        bench = Bench(quick / str(step), few)
        bench.die(step)
        bench.disk.cut()
        lost = bench.disk.lie()
        verify(bench.disk, deep=True).check()
        try:
            assert bench.finished(bench.keep(bench.disk)) == wanted
        except Unverified as error:
            assert (error.code, lost.startswith("log/")) == ("log-rolled-back", True)
            stopped += 1
    assert stopped


@pytest.mark.slow
def test_answers_are_lost(quick: Path, few: Source, small_batches: None) -> None:
    wanted, _ = uninterrupted(quick, few)
    bench = Bench(quick / "deaf", few)
    assert bench.finished(bench.keep(Deaf(bench.disk))) == wanted
    verify(bench.disk, deep=True).check()


@pytest.mark.slow
def test_killed_without_a_trace_starts_over_and_what_was_committed_stays(
    quick: Path, few: Source, small_batches: None
) -> None:
    bench = Bench(quick, few)
    world = a_world(dealer=bench.dealer)
    with Journal.nowhere() as journal, pytest.raises(PowerCut):
        keep(bench.source, Dying(bench.disk, 60), journal, ALL, world)
    bench.disk.cut()
    verify(bench.disk, deep=True).check()
    with Journal.nowhere() as journal:
        kept = keep(bench.source, bench.disk, journal, ALL, world)
    assert not kept.resumed and not kept.admitted
    vault = view.read(bench.disk)
    first, second = vault.keepings()
    assert first.writer != second.writer and not first.whole and second.whole
    with pytest.raises(NotFound, match="nothing-to-open"):
        bench.house.request()
    for keeping in (first, second):
        admit(vault, bench.house.kits[0], keeping.writer, NOW, os.urandom)
    opening, inside = bench.house.open(), set(handed_in(bench.source))
    part = given_back(bench.house.snapshot(first.name, opening))
    assert part and set(part) < inside
    assert set(given_back(bench.house.snapshot(second.name, opening))) == inside


@pytest.mark.slow
def test_killed_for_real(tmp_path: Path) -> None:
    killed_for_real(tmp_path, of_size(4_000_000), kills=15)


@pytest.mark.long
def test_killed_for_real_two_hundred_times(tmp_path: Path) -> None:
    killed_for_real(tmp_path, of_size(4_000_000), kills=200)


def killed_for_real(folder: Path, spec: ExportSpec, kills: int) -> None:
    """Kill processes that keep at random instants, over and over, until each keeping is finished."""
    _, source = an_export(folder, spec)
    whole, luck, number = House(folder / "whole"), random.Random(kills), 0
    began = time.perf_counter()
    assert run(whole, source, timeout=None)
    usual = time.perf_counter() - began
    wanted = exact(whole, source)
    while kills > 0:
        number += 1
        house = House(folder / str(number))
        while not run(house, source, timeout=luck.uniform(0, usual)):
            kills -= 1
            verify(house.store, deep=True).check()
            if any(keeping.whole for keeping in house.vault().keepings()):
                break  # it was killed behind its last write
        assert exact(house, source) == wanted


def run(house: House, source: Source, timeout: float | None) -> bool:
    """Keep in a process of its own, which is killed after so many seconds; tell whether it came to its end."""

    def body() -> None:
        DirectoryStore(house.folder / "vault").sweep()
        house.keep(source)

    process = multiprocessing.get_context("fork").Process(target=body)
    process.start()
    process.join(timeout)
    process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == 0


def exact(house: House, source: Source) -> Counter[str]:
    """Assert that a vault's only keeping is whole and exact; give what its public pieces hold."""
    vault = house.vault()
    opening = house.open()
    (keeping,) = vault.keepings()
    assert keeping.whole
    assert given_back(Snapshot(vault, keeping, opening.identities)) == handed_in(source)
    assert not list(house.folder.rglob(".hf-*"))
    return public_bytes(house.store, opening.identities)


def uninterrupted(folder: Path, source: Source) -> tuple[Counter[str], int]:
    """Keep without a fault: give what the public pieces hold, and how many steps it took."""
    bench = Bench(folder / "whole", source)
    counting = Dying(bench.disk, FOREVER)
    wanted = bench.finished(bench.keep(counting))
    assert len(list(bench.disk.names("log/"))) > 10
    assert any(len(b.packs) > 1 for k in view.read(bench.disk).keepings() for bs in k.batches.values() for b in bs)
    return wanted, counting.taken
