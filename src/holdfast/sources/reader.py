"""What a source needs of a zip or a folder: its members in order, each readable by itself."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from holdfast.model.export import Container


class Entry(NamedTuple):
    """One member as its container spells it; `size` counts the bytes that `read` gives."""

    path: bytes
    size: int
    fields: tuple[tuple[str, str], ...]


class Reader(Protocol):
    """A container, read as often as needed; members are named by their index."""

    def container(self) -> Container:
        """Give what the container says of itself."""

    def paths(self) -> Iterator[bytes]:
        """Give every member's path in order, without reading a member."""

    def entry(self, index: int) -> Entry:
        """Give one member's path, size and fields."""

    def read(self, index: int) -> Iterator[bytes]:
        """Give a member's bytes in runs of at most 1 MiB; raise `Unreadable`, even at the end if only that shows it."""

    def __len__(self) -> int:
        """Count the members."""
