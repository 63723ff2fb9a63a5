"""A store in memory, for tests and for what never needs a disk."""

from collections.abc import Iterator

from holdfast.errors import AlreadyExists, NotFound
from holdfast.store.names import check_name


class MemoryStore:
    """Named bytes in a dictionary, written once."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}

    def put(self, name: str, data: bytes) -> None:
        """Create `name`, or raise `AlreadyExists`."""
        if check_name(name) in self._objects:
            raise AlreadyExists("store-name-taken", name=name)
        self._objects[name] = bytes(data)

    def get(self, name: str) -> bytes:
        """Give the bytes of `name`, or raise `NotFound`."""
        try:
            return self._objects[name]
        except KeyError:
            raise NotFound("store-missing", name=name) from None

    def names(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Give each name that starts with `prefix`, sorted, with its size in bytes."""
        yield from ((n, len(self._objects[n])) for n in sorted(self._objects) if n.startswith(prefix))
