"""The plug-in point for stores: three methods, and none that deletes."""

from collections.abc import Iterator
from typing import Protocol


class Store(Protocol):
    """Named bytes, written once.  Names are ASCII paths such as `packs/<64 hex>`."""

    def put(self, name: str, data: bytes) -> None:
        """Create `name` durably with `data`, or raise `AlreadyExists`, or `Unreadable` where the medium fails."""

    def get(self, name: str) -> bytes:
        """Give the bytes of `name`, or raise `NotFound`."""

    def names(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Give each name that starts with `prefix`, sorted, with its size in bytes."""
