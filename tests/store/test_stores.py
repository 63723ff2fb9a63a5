"""Every store keeps what the protocol promises; the kit that says so finds those that do not."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from holdfast.errors import NotFound, Unreadable
from holdfast.store.directory import DirectoryStore
from holdfast.store.memory import MemoryStore
from holdfast.store.once import put_once
from holdfast.store.protocol import Store
from holdfast.testing.faults import Deaf, Disk, Dying, Failing
from holdfast.testing.stores import check_store


def test_memory() -> None:
    check_store(MemoryStore)


def test_a_directory(tmp_path: Path) -> None:
    numbers = count()
    check_store(lambda: DirectoryStore(tmp_path / str(next(numbers))))
    assert not list(tmp_path.rglob(".*"))


def test_the_simulated_disk() -> None:
    check_store(Disk)


def test_wrappers_that_do_nothing_yet() -> None:
    check_store(lambda: Dying(Disk(), 1 << 30))
    check_store(lambda: Failing(MemoryStore(), Unreadable("x"), after=1 << 30))


class Overwriting(MemoryStore):
    def put(self, name: str, data: bytes) -> None:
        self._objects[name] = data


class Forgetful(MemoryStore):
    def get(self, name: str) -> bytes:
        return super().get(name)[:65_536]


class Unsorted(MemoryStore):
    def names(self, prefix: str) -> Iterator[tuple[str, int]]:
        yield from reversed(list(super().names(prefix)))


class Folders(MemoryStore):
    def names(self, prefix: str) -> Iterator[tuple[str, int]]:
        yield from (pair for pair in super().names("") if pair[0].startswith(prefix) and prefix.endswith("/"))


class Sizeless(MemoryStore):
    def names(self, prefix: str) -> Iterator[tuple[str, int]]:
        yield from ((name, 0) for name, _ in super().names(prefix))


class Silent(MemoryStore):
    def get(self, name: str) -> bytes:
        try:
            return super().get(name)
        except NotFound:
            return b""


class Careless(MemoryStore):
    def put(self, name: str, data: bytes) -> None:
        self._objects.setdefault(name, bytes(data))


@pytest.mark.parametrize("make", [Overwriting, Forgetful, Unsorted, Folders, Sizeless, Silent, Careless])
def test_the_kit_finds_a_store_that_breaks_a_promise(make: Callable[[], Store]) -> None:
    with pytest.raises(AssertionError):
        check_store(make)


def test_put_once_takes_the_same_bytes_for_success() -> None:
    store = Deaf(MemoryStore())
    put_once(store, "packs/a", b"one")
    put_once(store, "packs/a", b"one")
    with pytest.raises(Exception, match="store-name-taken"):
        put_once(store, "packs/a", b"two")
    assert store.get("packs/a") == b"one"
