"""Stores that fail as disks do: the power goes at any step, the disk is full, an answer is lost.

disk = Disk()
keep(source, Dying(disk, steps=17), …)      raises PowerCut at the 17th step
disk.cut()                                  what no sync had reached is gone
keep(source, disk, …)                       goes on
"""

from collections.abc import Iterator
from threading import Lock

from holdfast.errors import AlreadyExists, HoldfastError, NotFound
from holdfast.store.names import check_name
from holdfast.store.protocol import Store


class PowerCut(BaseException):
    """The power is gone, and with it the process: no handler for errors may stop it."""


class Disk:
    """A folder as `DirectoryStore` writes it: a name may be there before the folder is synced, and then be lost."""

    def __init__(self) -> None:
        self._synced: dict[str, bytes] = {}
        self._loose: dict[str, bytes] = {}

    def put(self, name: str, data: bytes) -> None:
        """Create `name` durably; raise `AlreadyExists`, and even then the name is durable."""
        try:
            self.link(name, data)
        finally:
            self.sync(name)

    def link(self, name: str, data: bytes) -> None:
        """Create `name` so that it can be seen and may still be lost."""
        if name in self._objects():
            raise AlreadyExists("store-name-taken", name=name)
        self._loose[check_name(name)] = bytes(data)

    def sync(self, name: str) -> None:
        """Make all names in the folder of `name` durable."""
        folder = name.rpartition("/")[0]
        found = [loose for loose in self._loose if loose.rpartition("/")[0] == folder]
        self._synced |= {loose: self._loose.pop(loose) for loose in found}

    @property
    def unsynced(self) -> int:
        """Count the names that a power cut would take."""
        return len(self._loose)

    def cut(self) -> None:
        """Lose what was not synced."""
        self._loose.clear()

    def lie(self) -> str:
        """Lose the newest object that was said to be durable, as a disk does whose cache lies, and give its name."""
        name, _ = self._synced.popitem()
        return name

    def get(self, name: str) -> bytes:
        """Give the bytes of `name`, or raise `NotFound`."""
        try:
            return self._objects()[name]
        except KeyError:
            raise NotFound("store-missing", name=name) from None

    def names(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Give each name that starts with `prefix`, sorted, with its size in bytes."""
        yield from sorted((name, len(data)) for name, data in self._objects().items() if name.startswith(prefix))

    def _objects(self) -> dict[str, bytes]:
        return self._synced | self._loose


class Dying:
    """A disk whose power goes at a step: each put has three, and all that comes behind the cut finds no power either.

    `taken` counts the steps so far.
    """

    def __init__(self, disk: Disk, steps: int) -> None:
        self._disk, self._steps = disk, steps
        self._lock = Lock()
        self.taken = 0

    def put(self, name: str, data: bytes) -> None:
        """Link a synced temporary file, sync its folder, answer; before each of these the power may go."""
        with self._lock:
            self._step()
            try:
                self._disk.link(name, data)
            finally:
                self._step()
                self._disk.sync(name)
                self._step()

    def get(self, name: str) -> bytes:
        """Give the bytes of `name` while there is power."""
        self._live()
        return self._disk.get(name)

    def names(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Give the names while there is power."""
        self._live()
        return self._disk.names(prefix)

    def _step(self) -> None:
        self.taken += 1
        self._live()

    def _live(self) -> None:
        if self.taken >= self._steps:
            raise PowerCut


class Failing:
    """A store that refuses every put from number `after` on, as a full, damaged or read-only disk does."""

    def __init__(self, store: Store, error: HoldfastError, after: int = 0) -> None:
        self._store, self._error, self._left = store, error, after

    def put(self, name: str, data: bytes) -> None:
        """Put, or raise the error that was given."""
        if self._left <= 0:
            raise self._error
        self._left -= 1
        self._store.put(name, data)

    def get(self, name: str) -> bytes:
        """Give the bytes of `name`."""
        return self._store.get(name)

    def names(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Give the names."""
        return self._store.names(prefix)


class Deaf:
    """A store whose answers are lost: every put succeeds, is tried again, and finds its own name taken."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, name: str, data: bytes) -> None:
        """Create `name`, and raise `AlreadyExists` all the same."""
        self._store.put(name, data)
        self._store.put(name, data)

    def get(self, name: str) -> bytes:
        """Give the bytes of `name`."""
        return self._store.get(name)

    def names(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Give the names."""
        return self._store.names(prefix)
