"""Two runs at once: on one memory the second is refused, on two there are two logs, on a copied one nobody forks."""

import multiprocessing
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from helpers import ALL, NOW, House, a_world, an_export, deal_here, given_back, handed_in, read_export
from holdfast.admit import admit
from holdfast.custody.contents import Epoch
from holdfast.custody.dealing import EpochPlan
from holdfast.errors import Refused
from holdfast.keep import Kept, World, keep
from holdfast.sources.protocol import Source
from holdfast.state.device import Device
from holdfast.store.directory import DirectoryStore
from holdfast.store.memory import MemoryStore
from holdfast.store.protocol import Store
from holdfast.testing.exports import ExportSpec, Made
from holdfast.testing.faults import Disk, Dying, PowerCut
from holdfast.vault import packer
from holdfast.verify import verify

SPEC = ExportSpec(posts=30, notes=0, images=3, videos=1, likes=4, messages=4)
FORK = multiprocessing.get_context("fork")


def with_device(
    house: House, state: Path, source: Source, store: Store | None = None, world: World | None = None
) -> Kept:
    """Keep with the memory in another state folder."""
    with Device(state).journal(house.format.vault) as journal:
        return keep(source, store or house.store, journal, ALL, world or a_world())


def whole(house: House) -> list[str]:
    """Assert that the vault is valid; give the names of its whole keepings."""
    verify(house.store, deep=True).check()
    return [keeping.name for keeping in house.vault().keepings() if keeping.whole]


# -- one memory --


def test_the_second_thread_on_one_memory_is_refused(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path, SPEC)
    refused = []

    def second(done: int) -> None:
        if not refused:
            with pytest.raises(Refused, match="vault-in-use") as caught:
                house.keep(source)
            refused.append(caught.value)

    world = replace(a_world(), progress=second)
    with house.journal() as journal:
        keep(source, house.store, journal, ALL, world)
    assert refused[0].fields["process"].isdigit()
    assert len(whole(house)) == 1


def in_process(body: Callable[[], object]) -> "multiprocessing.process.BaseProcess":
    """Run in a process of its own, whose exit code is 3 where a rule says no."""

    def run() -> None:
        try:
            body()
        except Refused as error:
            raise SystemExit(3 if error.code in ("vault-in-use", "log-moved") else 4) from None

    process = FORK.Process(target=run)
    process.start()
    return process


@pytest.mark.slow
def test_the_second_process_on_one_memory_is_refused(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path, SPEC)
    with house.journal():
        process = in_process(lambda: house.keep(source))
        process.join()
        assert process.exitcode == 3
    process = in_process(lambda: house.keep(source))
    process.join()
    assert process.exitcode == 0
    assert len(whole(house)) == 1


@pytest.mark.slow
def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    house = House(tmp_path)
    ready, never = FORK.Event(), FORK.Event()

    def hold() -> None:
        with house.journal():
            ready.set()
            never.wait()

    process = FORK.Process(target=hold)
    process.start()
    assert ready.wait(20)
    with pytest.raises(Refused, match="vault-in-use") as caught, house.journal():
        pass
    assert caught.value.fields == {"process": str(process.pid)}
    process.kill()
    process.join()
    with house.journal() as journal:
        assert journal.writer() == house.seed


# -- two memories --


@pytest.mark.slow
def test_two_devices_at_once_write_two_logs(tmp_path: Path) -> None:
    house = House(tmp_path / "house")
    made, source = an_export(tmp_path, SPEC)
    processes = [in_process(lambda n=n: sweep_and_keep(house, tmp_path / f"device{n}", made)) for n in range(3)]
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len(house.vault().logs) == 3 and len(whole(house)) == 6
    vault = house.vault()
    for writer in vault.logs:
        admit(vault, house.kits[0], writer, NOW, bytes)
    opening = house.open()
    for name in whole(house):
        assert given_back(house.snapshot(name, opening)) == handed_in(source)


def sweep_and_keep(house: House, state: Path, made: Made) -> None:
    """Do what the command does: read the export, tidy up after killed writers, and keep."""
    store = DirectoryStore(house.folder / "vault")
    for _ in range(2):
        store.sweep()
        with_device(house, state, read_export(made.containers[0]), store)


def test_threads_with_their_own_memory_write_their_own_logs(tmp_path: Path) -> None:
    house = House(tmp_path / "house", store=MemoryStore())
    _, source = an_export(tmp_path, SPEC)
    with ThreadPoolExecutor(3) as pool:
        kept = list(pool.map(lambda n: with_device(house, tmp_path / f"device{n}", source), range(3)))
    assert len({k.writer for k in kept}) == 3
    assert len(whole(house)) == 3


# -- a copied memory --


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packer, "BATCH_ITEMS", 8)


@pytest.mark.parametrize("steps", [9, 26, 45])
def test_a_copied_memory_that_goes_on_does_no_harm(tmp_path: Path, small_batches: None, steps: int) -> None:
    """A killed device is restored twice; both finish the same keeping, one after the other."""
    disk = Disk()
    house = House(tmp_path / "house", store=disk)
    _, source = an_export(tmp_path, SPEC)
    with pytest.raises(PowerCut):
        house.keep(source, Dying(disk, steps))
    shutil.copytree(house.folder / "state", tmp_path / "copy")
    one = house.keep(source)
    two = with_device(house, tmp_path / "copy", source)
    assert one.writer == two.writer
    opening = house.open()
    for name in {one.keeping, two.keeping}:
        assert given_back(house.snapshot(name, opening)) == handed_in(source)
    assert set(whole(house)) == {one.keeping, two.keeping}
    assert len(house.vault().logs) == 1


@pytest.mark.parametrize("more", [12, 20])
def test_a_copied_memory_that_is_behind_does_no_harm(tmp_path: Path, small_batches: None, more: int) -> None:
    """The device went on after its memory was copied, and was killed again: the copy's cursor points into the past."""
    disk = Disk()
    house = House(tmp_path / "house", store=disk)
    _, source = an_export(tmp_path, SPEC)
    for steps, state in ((24, "copy"), (more, "later")):
        with pytest.raises(PowerCut):
            house.keep(source, Dying(disk, steps))
        shutil.copytree(house.folder / "state", tmp_path / state)
    kept = [with_device(house, tmp_path / state, source) for state in ("copy", "later")]
    opening = house.open()
    for name in {each.keeping for each in kept}:
        assert given_back(house.snapshot(name, opening)) == handed_in(source)
    assert {each.keeping for each in kept} <= set(whole(house))


@pytest.mark.parametrize("turn", [3, 60])
def test_a_copied_memory_at_the_same_time_loses_and_signs_no_fork(
    tmp_path: Path, small_batches: None, turn: int
) -> None:
    """While one copy keeps, the other does: the log takes one of them, and the loser begins anew."""
    house = House(tmp_path / "house")
    _, source = an_export(tmp_path, SPEC)
    shutil.copytree(house.folder / "state", tmp_path / "copy")
    turns = iter(range(1 << 20))

    def meanwhile(done: int) -> None:
        if next(turns) == turn:
            with_device(house, tmp_path / "copy", source)

    world = replace(a_world(), progress=meanwhile)
    with house.journal() as journal, pytest.raises(Refused, match="log-moved"):
        keep(source, house.store, journal, ALL, world)
    assert len(whole(house)) == 1
    again = house.keep(source)
    opening = house.open()
    for name in whole(house):
        assert given_back(house.snapshot(name, opening)) == handed_in(source)
    assert again.keeping in whole(house) and len(house.vault().logs) == 1


def test_a_copied_memory_takes_the_number_while_the_other_deals(tmp_path: Path) -> None:
    """Both copies are about to begin the same keeping: the loser's own epochs must not pass for the winner's."""
    house = House(tmp_path / "house")
    _, source = an_export(tmp_path, SPEC)
    shutil.copytree(house.folder / "state", tmp_path / "copy")

    def late(plans: Sequence[EpochPlan]) -> list[Epoch]:
        with_device(house, tmp_path / "copy", source)
        return deal_here(plans)

    with house.journal() as journal, pytest.raises(Refused, match="log-moved"):
        keep(source, house.store, journal, ALL, a_world(dealer=late))
    again = house.keep(source)
    assert [name[:2] for name in whole(house)] == ["1-", "2-"] and again.keeping == whole(house)[1]
    opening = house.open()
    for name in whole(house):
        assert given_back(house.snapshot(name, opening)) == handed_in(source)


@pytest.mark.slow
def test_copied_memories_race(tmp_path: Path) -> None:
    """Processes with copies of one memory at the same instant: whoever loses is refused, and never is there a fork."""
    house = House(tmp_path / "house")
    made, source = an_export(tmp_path, SPEC)
    house.keep(source)
    states = [tmp_path / f"copy{n}" for n in range(3)]
    for state in states:
        shutil.copytree(house.folder / "state", state)
    codes = []
    for _ in range(2):
        processes = [in_process(lambda s=s: with_device(house, s, read_export(made.containers[0]))) for s in states]
        for process in processes:
            process.join()
        codes += [process.exitcode for process in processes]
        assert whole(house)
    assert set(codes) <= {0, 3} and 0 in codes
    assert len(house.vault().logs) == 1
    opening = house.open()
    for name in whole(house):
        assert given_back(house.snapshot(name, opening)) == handed_in(source)
