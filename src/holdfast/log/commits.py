"""Commits: how one writer's log lies in a store that only creates.

A commit is one object, named by the tree size that it extends: `log/<writer's key, 64 hex>/<size, 16 digits>`.

    holdfast-commit 0 <old size> <new size>
    the new entries, each behind its length (u16, big-endian)
    the checkpoint at the new size, a signed note with the writer's line alone

Creating it is the commit point and the guard against a second run: of two commits on one tree only one gets the name.
The log's origin, and so its key's name, is `holdfast/log/<writer's key, 64 hex>`.
"""

import re
from collections.abc import Iterable, Sequence

import msgspec

from holdfast.crypto.signing import Signer, check_key
from holdfast.errors import HoldfastError, Refused, Unreadable, Unsupported, Unverified
from holdfast.log import checkpoints, entries, merkle, notes
from holdfast.log.checkpoints import Checkpoint
from holdfast.log.strict import read_number

FORMAT = b"holdfast-commit"
VERSION = 0

_NAME = re.compile(r"log/([0-9a-f]{64})/([0-9]{16})")


class LogState(msgspec.Struct, frozen=True):
    """One writer's log as far as it was verified: the writer's Ed25519 key and the tree over all entries."""

    writer: bytes
    tree: merkle.Tree = merkle.Tree()

    @property
    def size(self) -> int:
        """Give the number of entries."""
        return self.tree.size

    @property
    def checkpoint(self) -> Checkpoint:
        """Give the checkpoint that a writer of this log signs."""
        return Checkpoint(origin_of(self.writer), self.tree.size, self.tree.root())


class Commit(msgspec.Struct, frozen=True):
    """One commit: whose, the size that it extends, the new entries, and the note of the checkpoint behind them."""

    writer: bytes
    size: int
    entries: tuple[bytes, ...]
    note: bytes

    @property
    def name(self) -> str:
        """Give the commit's name in a store."""
        return name_of(self.writer, self.size)


def origin_of(writer: bytes) -> str:
    """Give the origin of a writer's log."""
    return f"holdfast/log/{writer.hex()}"


def writer_of(origin: str) -> bytes:
    """Give the writer whose log has this origin, or raise `Unreadable("log-name")`."""
    writer, _ = parse_name(f"{origin.removeprefix('holdfast/')}/{0:016d}")
    return writer


def verifier_of(writer: bytes) -> notes.Verifier:
    """Give the verifier of a writer's log."""
    return notes.Verifier(origin_of(writer), notes.ED25519, writer)


def name_of(writer: bytes, size: int) -> str:
    """Give the name of the commit that extends a writer's log of `size` entries."""
    return f"log/{writer.hex()}/{size:016d}"


def parse_name(name: str) -> tuple[bytes, int]:
    """Give the writer's key and the size that a commit's name spells, or raise `Unreadable("log-name")`."""
    if not (parts := _NAME.fullmatch(name)):
        raise Unreadable("log-name", name=name[:100])
    return bytes.fromhex(parts[1]), int(parts[2])


def start(writer: bytes) -> LogState:
    """Give the empty log of a writer; raises `Unverified("key-low-order")` for a key that anybody could sign for."""
    return LogState(check_key(writer))


def commit(log: LogState, new: Sequence[bytes], signer: Signer) -> Commit:
    """Extend a log by entries, one or more, and sign it; `advance` gives the log behind it.

    Raises `Refused`: `log-not-writer`, `log-nothing-new`, or `entry-size` for one that has not 1 to 65,535 bytes.
    """
    if signer.public != log.writer:
        raise Refused("log-not-writer", writer=log.writer.hex())
    if not new:
        raise Refused("log-nothing-new", writer=log.writer.hex())
    entries.encode(new)
    note = checkpoints.sign(_grow(log, new).checkpoint, signer)
    return Commit(log.writer, log.size, tuple(new), note)


def encode(commit: Commit) -> bytes:
    """Write a commit as a store keeps it."""
    header = b"%s %d %d %d\n" % (FORMAT, VERSION, commit.size, commit.size + len(commit.entries))
    return header + entries.encode(commit.entries) + commit.note


def decode(data: bytes, name: str) -> Commit:
    """Read the commit of this name; nothing but its form is verified yet, which `advance` does.

    Raises `Unreadable("log-malformed")`, `Unsupported("log-newer")`, or `Unverified("log-renamed")` where the commit
    says another size than its name.
    """
    writer, size = parse_name(name)
    try:
        old, new, body = _header(data)
        found, note = entries.decode(body, new - old)
        notes.parse(note)
    except Unreadable as error:
        raise Unreadable("log-malformed", writer=writer.hex(), size=size, why=error.code) from None
    if old != size:
        raise Unverified("log-renamed", writer=writer.hex(), size=size, found=old)
    return Commit(writer, size, found, note)


def advance(log: LogState, commit: Commit) -> LogState:
    """Give the log with a commit behind it, once all of it is verified.

    Raises `Unverified` with writer and size: `log-foreign` (another writer's), `log-fork` (its place is taken),
    `log-gap` (others are missing before it), `log-signature`, `log-origin`, `log-size`, `log-root` (or further lines).
    """
    # 1. It is the next one of this log.
    if commit.writer != log.writer:
        raise _false("log-foreign", commit)
    if commit.size != log.size:
        raise _false("log-fork" if commit.size < log.size else "log-gap", commit)
    # 2. The writer signed its checkpoint, and nobody added a line.
    signed = _open(commit)
    # 3. The checkpoint is that of this log behind these entries.
    grown = _grow(log, commit.entries)
    if signed.origin != grown.checkpoint.origin:
        raise _false("log-origin", commit)
    if signed.size != grown.size:
        raise _false("log-size", commit)
    if signed != grown.checkpoint:
        raise _false("log-root", commit)
    return grown


def replay(writer: bytes, objects: Iterable[tuple[str, bytes]]) -> tuple[LogState, tuple[bytes, ...]]:
    """Verify a writer's commits from the first on, in the order of their names; give the log and all its entries.

    Raises what `start`, `decode` and `advance` raise: a commit inside what another covers is `Unverified("log-fork")`.
    """
    log = start(writer)
    found: list[bytes] = []
    for name, data in objects:
        step = decode(data, name)
        log = advance(log, step)
        found += step.entries
    return log, tuple(found)


def _grow(log: LogState, new: Sequence[bytes]) -> LogState:
    return LogState(log.writer, log.tree.grow(merkle.leaf_hash(entry) for entry in new))


def _header(data: bytes) -> tuple[int, int, bytes]:
    line, _, body = data.partition(b"\n")
    form, *numbers = line.split(b" ")
    if form != FORMAT or len(numbers) != 3:
        raise Unreadable("header")
    version, old, new = map(read_number, numbers)
    if version != VERSION:
        raise Unsupported("log-newer", version=version)
    if old >= new:
        raise Unreadable("header")
    return old, new, body


def _open(commit: Commit) -> Checkpoint:
    try:
        text = notes.open_note(commit.note, (verifier_of(commit.writer),)).text
        if len(notes.parse(commit.note).lines) != 1:
            raise Unverified("note-lines")
        return checkpoints.parse(text)
    except HoldfastError as error:
        raise _false("log-signature", commit, why=error.code) from None


def _false(code: str, commit: Commit, **fields: object) -> Unverified:
    return Unverified(code, writer=commit.writer.hex(), size=commit.size, **fields)
