"""Sorts the records of an X export into compartments, after one look at all of its posts."""

import re
from array import array
from collections.abc import Iterable, Iterator

from holdfast.errors import Unreadable
from holdfast.model.export import Compartment
from holdfast.sources.cut import Slice
from holdfast.sources.x_json import header_id, leading_id, note_id, seen
from holdfast.sources.x_layout import Place
from holdfast.sources.x_posts import LARGEST, Posts, Seen
from holdfast.sources.x_table import By, Rule, rule

PUBLIC, PRIVATE = Compartment.PUBLIC, Compartment.PRIVATE
BY_RECORD = frozenset({By.POST, By.HEADER, By.NOTE})

OPENING = re.compile(rb"(?:(?:\xef\xbb\xbf)?\s*(?:[\w.]+\s*=\s*)?\[\s*)?")
REST = re.compile(rb"\s*,?\s*\]?\s*;?\s*")
EMPTY = re.compile(rb"\s*[\w.]+\s*=\s*\[\s*\]\s*;?\s*")


def rule_of(place: Place) -> Rule:
    """Give the rule for a member that lies there."""
    return rule(place.family, folder=place.folder)


class Sorter:
    """Tells the compartment of each record, once `Posts` knows them all."""

    def __init__(self, posts: Posts) -> None:
        """Take the closed posts."""
        self._posts = posts

    def record(self, by: By, piece: Slice) -> Compartment:
        """Give one record's compartment; what is no record, or has more than separators around it, is private."""
        _, data, start, end = piece
        if not end or not bare(piece):
            return PRIVATE
        return PUBLIC if self._shown(by, data[start:end]) else PRIVATE

    def whole(self, place: Place, path: bytes) -> Compartment:
        """Give the compartment of a member that is not split."""
        found = rule_of(place)
        if found.by is By.NOTHING:
            return found.compartment
        shown = (found.by is By.EVERY_POST and self._posts.everything()) or (
            found.by is By.MEDIA and self._posts.public(leading_id(path.rpartition(b"/")[2]))
        )
        return PUBLIC if shown else PRIVATE

    def split(self, by: By, pieces: Iterable[Slice]) -> tuple[Compartment, ...]:
        """Give the compartments that the records of one member go to."""
        found = {self.record(by, piece) for piece in readable(pieces)}
        return ordered(public=PUBLIC in found, private=PRIVATE in found)

    def ids(self, ids: "array[int]", *, odd: bool) -> tuple[Compartment, ...]:
        """Give the compartments of a member with these posts; `odd` if it holds anything else."""
        return ordered(public=any(map(self._posts.public, ids)), private=odd or not all(map(self._posts.public, ids)))

    def _shown(self, by: By, data: bytes) -> bool:
        if by is By.POST:
            return self._posts.public(seen(data).id)
        if by is By.HEADER:
            return self._posts.public(header_id(data))
        return self._posts.note(note_id(data))


def gather(posts: Posts, pieces: Iterable[Slice]) -> tuple["array[int]", bool]:
    """Add one member's posts; give their ids, and whether it holds anything that is no post."""
    ids, odd = array("Q"), False
    for piece in readable(pieces):
        _, data, start, end = piece
        post = seen(data[start:end]) if end else Seen()
        clean = bare(piece)
        posts.add(post if clean else post._replace(protected=True))
        if 0 < post.id <= LARGEST:
            ids.append(post.id)
        odd = odd or not clean or not 0 < post.id <= LARGEST
    return ids, odd


def circle_ids(pieces: Iterable[Slice]) -> Iterator[int]:
    """Give the ids that a Circle file names."""
    ids = (seen(data[start:end]).id for _, data, start, end in readable(pieces) if end)
    return (post for post in ids if post)


def says_something(pieces: Iterable[Slice]) -> bool:
    """Tell whether a file holds, or may hold, anything but the empty list."""
    try:
        return any(end or not EMPTY.fullmatch(data) for _, data, _, end in pieces)
    except Unreadable:
        return True


def readable(pieces: Iterable[Slice]) -> Iterator[Slice]:
    """Give what can be read of a member; keeping it reports the rest."""
    try:
        yield from pieces
    except Unreadable:
        return


def bare(piece: Slice) -> bool:
    """Tell whether around the record there is nothing but what X puts between records."""
    _, data, start, end = piece
    return bool((not start or OPENING.fullmatch(data, 0, start)) and REST.fullmatch(data, end))


def ordered(*, public: bool, private: bool) -> tuple[Compartment, ...]:
    """Give the compartments in the order of keeping; nothing at all counts as private."""
    return (PUBLIC,) * public + (PRIVATE,) * (private or not public)
