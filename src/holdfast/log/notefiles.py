"""Several checkpoint notes in one file, with an empty line between two of them.

A note's text may hold empty lines, so that two notes in a row could also be read as one.  A checkpoint's text holds
none, and only such notes enter a file: then every note has exactly one empty line of its own, no line of signatures
is empty, and the parts between the empty lines are by turns a text and its signatures.
"""

from collections.abc import Sequence

from holdfast.errors import Unreadable
from holdfast.log import notes

_GAP = b"\n\n"


def join_notes(several: Sequence[bytes]) -> bytes:
    """Write notes, one or more, into one file; `Unreadable("notes-malformed")` if `split_notes` could not undo it."""
    data = b"\n".join(several)
    if split_notes(data) != list(several):
        raise Unreadable("notes-malformed")
    return data


def split_notes(data: bytes) -> list[bytes]:
    """Give the notes of one file, unverified, or raise `Unreadable("notes-malformed")`."""
    blocks = data.removesuffix(b"\n").split(_GAP)
    if len(blocks) % 2 or not data.endswith(b"\n"):
        raise Unreadable("notes-malformed")
    pairs = zip(blocks[::2], blocks[1::2], strict=True)
    return [_check(text + _GAP + signatures + b"\n") for text, signatures in pairs]


def _check(note: bytes) -> bytes:
    if note.startswith(b"\n") or notes.encode(notes.parse(note)) != note:
        raise Unreadable("notes-malformed")
    return note
