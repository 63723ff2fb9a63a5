"""The plug-in point for sources: three methods."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from holdfast.model.export import Container, Member, Unit


class Source(Protocol):
    """An account's export, read as often as needed, always in the same order and cut at the same places."""

    def containers(self) -> Sequence[Container]:
        """Give the export's zips or folders, in order."""

    def members(self) -> Sequence[Member]:
        """Give every member of every container, in order; none is left out."""

    def units(self, member: Member) -> Iterator[Unit]:
        """Give all bytes of `member` in order, without gap or overlap; raise `Unreadable` where they cannot be read."""
