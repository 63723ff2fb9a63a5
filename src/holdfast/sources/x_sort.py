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
SIDES = PRIVATE, PUBLIC
BY_RECORD = frozenset({By.POST, By.HEADER, By.NOTE})

OPENING = re.compile(rb"(?:(?:\xef\xbb\xbf)?\s*(?:[\w.]+\s*=\s*)?\[\s*)?")
REST = re.compile(rb"\s*,?\s*\]?\s*;?\s*")
EMPTY = re.compile(rb"\s*[\w.]+\s*=\s*\[\s*\]\s*;?\s*")


def rule_of(place: Place) -> Rule:
    """Give the rule for a member that lies there."""
    return rule(place.family, folder=place.folder)


class Sorter:
    """Tells what is public, once `Posts` knows them all.

    A member that is split has a mark for each of its pieces: 1 if it is public.
    """

    def __init__(self, posts: Posts) -> None:
        """Take the closed posts."""
        self._posts = posts

    def whole(self, place: Place, path: bytes) -> Compartment:
        """Give the compartment of a member that is not split."""
        found = rule_of(place)
        if found.by is By.NOTHING:
            return found.compartment
        if found.by is By.EVERY_POST:
            return SIDES[self._posts.everything()]
        return SIDES[found.by is By.MEDIA and self._posts.public(leading_id(path.rpartition(b"/")[2]))]

    def posts(self, ids: Iterable[int]) -> bytes:
        """Give the marks of a member with these posts, 0 standing for whatever is no post."""
        return bytes(map(self._posts.public, ids))

    def others(self, by: By, pieces: Iterable[Slice]) -> bytes:
        """Give the marks of a member of headers or notes."""
        shown, number = (self._posts.note, note_id) if by is By.NOTE else (self._posts.public, header_id)
        return bytes(shown(number(data)) for data in _records(pieces))


def gather(posts: Posts, pieces: Iterable[Slice]) -> "array[int]":
    """Add one member's posts, and give the id of each piece, 0 for whatever is no post or has something around it."""
    ids = array("Q")
    for piece in readable(pieces):
        _, data, start, end = piece
        post = seen(data[start:end])
        clean = bare(piece)
        posts.add(post if clean else Seen(post.id, protected=True))
        ids.append(post.id if clean and 0 < post.id <= LARGEST else 0)
    return ids


def compartments(marks: bytes) -> tuple[Compartment, ...]:
    """Give the compartments of a member with these marks, in the order of keeping; none at all counts as private."""
    return (PUBLIC,) * (1 in marks) + (PRIVATE,) * (0 in marks or not marks)


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
    """Tell whether it is a record with nothing around it but what X puts between records."""
    _, data, start, end = piece
    return bool(end and (not start or OPENING.fullmatch(data, 0, start)) and REST.fullmatch(data, end))


def _records(pieces: Iterable[Slice]) -> Iterator[bytes]:
    for piece in readable(pieces):
        yield piece[1][piece[2] : piece[3]] if bare(piece) else b""
