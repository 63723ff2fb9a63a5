"""Checkpoints (C2SP tlog-checkpoint): a log's name, its size in entries and its root, signed as a note.

example.com/log                                 origin, which is also the name of the log's key
3                                               size
Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=    root
"""

import base64
from collections.abc import Sequence

import msgspec

from holdfast.crypto.signing import Signer
from holdfast.errors import Unreadable, Unverified
from holdfast.log import merkle, notes
from holdfast.log.strict import read_hash, read_number


class Checkpoint(msgspec.Struct, frozen=True):
    """A log at one size.  `extensions` are further lines that others' logs may have; ours has none."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def encode(checkpoint: Checkpoint) -> bytes:
    """Write the text that a log signs."""
    root = base64.b64encode(checkpoint.root).decode()
    lines = (checkpoint.origin, str(checkpoint.size), root, *checkpoint.extensions)
    return "".join(f"{line}\n" for line in lines).encode()


def parse(text: bytes) -> Checkpoint:
    """Read a checkpoint's text, or raise `Unreadable`; only `encode` of the result gives `text` again."""
    origin, size, root, *extensions = _lines(text)
    return Checkpoint(origin, read_number(size.encode()), read_hash(root.encode()), tuple(extensions))


def sign(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Give the note of a checkpoint, signed under its origin's name, or raise `Unreadable`."""
    text = encode(checkpoint)
    if parse(text) != checkpoint:
        raise Unreadable("checkpoint-malformed")
    return notes.sign(text, checkpoint.origin, signer)


def open_checkpoint(note: bytes, verifier: notes.Verifier) -> Checkpoint:
    """Give the checkpoint that this log's key signed, or raise `Unreadable` or `Unverified`.

    The origin must be the key's name, so that no log passes for another: `Unverified("checkpoint-origin")`.
    """
    checkpoint = parse(notes.open_note(note, (verifier,)).text)
    if checkpoint.origin != verifier.name:
        raise Unverified("checkpoint-origin", origin=checkpoint.origin, name=verifier.name)
    return checkpoint


def check_extends(leaves: Sequence[bytes], checkpoint: Checkpoint) -> Checkpoint:
    """Give `checkpoint` back if the log of these leaf hashes begins with what it names.

    Raises `Unverified("log-rolled-back")` where the log is shorter, and `Unverified("log-rewritten")` where it differs.
    """
    if len(leaves) < checkpoint.size:
        raise Unverified("log-rolled-back", origin=checkpoint.origin, size=len(leaves), wanted=checkpoint.size)
    if merkle.root_at(leaves, checkpoint.size) != checkpoint.root:
        raise Unverified("log-rewritten", origin=checkpoint.origin, size=checkpoint.size)
    return checkpoint


def _lines(text: bytes) -> list[str]:
    try:
        *lines, end = text.decode().split("\n")
    except UnicodeDecodeError:
        raise Unreadable("checkpoint-malformed") from None
    if end or len(lines) < 3 or not all(lines):
        raise Unreadable("checkpoint-malformed")
    return lines
