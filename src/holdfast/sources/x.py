"""Reads the account export that X hands out: one zip, zips in parts, or an unpacked folder.

It is recognised by what it holds.  Each member is kept to the byte and sorted by `x_table` and `x_posts`.  No socket is
opened, nothing is written, and reading again gives the same members and the same cuts.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, repeat
from pathlib import Path, PurePosixPath
from typing import NamedTuple, overload

from holdfast.errors import NotFound, Unreadable
from holdfast.model.export import Container, Kind, Member, Unit
from holdfast.model.records import Account
from holdfast.sources.cut import Slice, cut, stretches
from holdfast.sources.folder import FolderReader
from holdfast.sources.reader import Reader
from holdfast.sources.x_layout import Place, home, place
from holdfast.sources.x_posts import Posts
from holdfast.sources.x_records import owner
from holdfast.sources.x_sort import (
    BY_RECORD,
    PRIVATE,
    SIDES,
    Sorter,
    circle_ids,
    compartments,
    gather,
    readable,
    rule_of,
    says_something,
)
from holdfast.sources.x_table import KINDS, By
from holdfast.sources.zip import ZipReader


class _Spot(NamedTuple):
    container: int
    member: int
    place: Place


def recognise(paths: Iterable[Path], *, never_used_circle: bool = False) -> "XExport | None":
    """Give the export that these zips and folders are, or None if one is neither or none of them is X's.

    Raises `Unreadable` for a zip that is empty, cut off or damaged as a whole.
    """
    readers = []
    for path in paths:
        if (reader := _reader(path)) is None:
            return None
        readers.append(reader)
    if not any(home(reader.paths()) is not None for reader in readers):
        return None
    return XExport(readers, never_used_circle=never_used_circle)


def _reader(path: Path) -> Reader | None:
    if path.is_dir():
        return FolderReader(path)
    try:
        return ZipReader(path)
    except Unreadable as error:
        if error.code == "not-a-zip":
            return None
        raise


class XExport:
    """An X export as a source; a member is named by its container and its place inside that container."""

    def __init__(self, readers: Sequence[Reader], *, never_used_circle: bool = False) -> None:
        """Take the containers in order; `never_used_circle` is the owner's answer at keeping."""
        self._readers = readers
        self._homes = [home(reader.paths()) for reader in readers]
        self._cut = [spot for spot in self._all() if spot.place.records]
        self._marks: dict[tuple[int, int], bytes] = {}
        self._sorter = self._survey(never_used_circle=never_used_circle)

    def containers(self) -> Sequence[Container]:
        """Give the export's zips or folders, in order."""
        return [reader.container() for reader in self._readers]

    def members(self) -> Sequence[Member]:
        """Give every member of every container, in order, each made when it is asked for."""
        return _Members(self, [len(reader) for reader in self._readers])

    def member(self, container: int, index: int) -> Member:
        """Give one member with its compartments."""
        entry = self._readers[container].entry(index)
        where = place(self._homes[container], entry.path)
        kind = KINDS.get(PurePosixPath(entry.path.decode("latin-1")).suffix.lower(), Kind.OTHER)
        marks = self._marks.get((container, index))
        sides = (self._sorter.whole(where, entry.path),) if marks is None else compartments(marks)
        mixed = rule_of(where).mixed
        return Member(container, index, entry.path, entry.size, kind, sides, entry.fields, mixed, where.family)

    def units(self, member: Member) -> Iterator[Unit]:
        """Give all bytes of a member in order; raise `Unreadable` where they cannot be read."""
        spot = _Spot(member.container, member.place, place(self._homes[member.container], member.path))
        marks = self._marks.get((spot.container, spot.member))
        sides = repeat(self._sorter.whole(spot.place, member.path)) if marks is None else map(SIDES.__getitem__, marks)
        for at, data, start, end in self._pieces(spot):
            yield Unit(at, data, next(sides, PRIVATE), start, end)

    def account(self) -> Account:
        """Give the account's id, handle and name, for sealed places only; raise `NotFound` if no file tells."""
        for spot in [*self._spots("manifest"), *self._spots("account")]:
            for _, data, start, end in readable(self._pieces(spot)):
                if end and (account := owner(spot.place.family, data[start:end])):
                    return account
        raise NotFound("account-unknown")

    def _pieces(self, spot: _Spot) -> Iterator[Slice]:
        chunks = self._readers[spot.container].read(spot.member)
        return cut(chunks) if spot.place.records else stretches(chunks)

    def _spots(self, *families: str) -> Iterator[_Spot]:
        return (spot for spot in self._cut if spot.place.family in families)

    def _all(self) -> Iterator[_Spot]:
        for number, reader in enumerate(self._readers):
            for index, path in enumerate(reader.paths()):
                yield _Spot(number, index, place(self._homes[number], path))

    def _survey(self, *, never_used_circle: bool) -> Sorter:
        """Read all posts once, to know which were public before any of them is sorted."""
        posts = Posts(
            frozenset(post for spot in self._spots("twitter-circle-tweet") for post in circle_ids(self._pieces(spot))),
            protected=any(says_something(self._pieces(spot)) for spot in self._spots("protected-history")),
            never_used_circle=never_used_circle,
        )
        split = [spot for spot in self._cut if rule_of(spot.place).by in BY_RECORD]
        ids = {spot: gather(posts, self._pieces(spot)) for spot in split if rule_of(spot.place).by is By.POST}
        posts.close()
        sorter = Sorter(posts)
        for spot in split:
            others = spot not in ids and sorter.others(rule_of(spot.place).by, self._pieces(spot))
            self._marks[spot.container, spot.member] = others or sorter.posts(ids.get(spot, ()))
        return sorter


class _Members(Sequence[Member]):
    """All members, none of them held: a million take little memory."""

    def __init__(self, export: XExport, counts: list[int]) -> None:
        self._export = export
        self._ends = array("Q", accumulate(counts))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Member: ...
    @overload
    def __getitem__(self, index: slice) -> list[Member]: ...
    def __getitem__(self, index: int | slice) -> Member | list[Member]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        container = bisect_right(self._ends, at)
        return self._export.member(container, at - (self._ends[container - 1] if container else 0))
