"""What a writer's log says, one entry at a time; each is a few lines of ASCII.

format <hash>                                    the first entry
epoch <mid>                                      before the first pack that uses it
batch <blinded root> / epoch <mid> / pack <hash> <size> …
keeping / epoch <mid> …                          a keeping is whole; all epochs that it draws on
"""

import re
from collections.abc import Sequence

import msgspec

from holdfast.errors import Unreadable

HEX = "([0-9a-f]{64})"
PACK = re.compile(rf"pack {HEX} ([1-9][0-9]{{0,9}})")
EPOCH = re.compile(rf"epoch {HEX}")


class FormatEntry(msgspec.Struct, frozen=True):
    """The SHA-256 of the vault's `format`."""

    digest: bytes

    def encode(self) -> bytes:
        """Give the entry's bytes."""
        return f"format {self.digest.hex()}\n".encode()


class EpochEntry(msgspec.Struct, frozen=True):
    """An EPOCH message that this writer uses from here on."""

    mid: bytes

    def encode(self) -> bytes:
        """Give the entry's bytes."""
        return f"epoch {self.mid.hex()}\n".encode()


class Pack(msgspec.Struct, frozen=True):
    """A sealed pack: its name's hash and its size in bytes."""

    digest: bytes
    size: int


class BatchEntry(msgspec.Struct, frozen=True):
    """A batch of items of one epoch: its blinded root and its packs; the last one holds the tables."""

    blinded: bytes
    epoch: bytes
    packs: tuple[Pack, ...]

    def encode(self) -> bytes:
        """Give the entry's bytes."""
        lines = [f"batch {self.blinded.hex()}", f"epoch {self.epoch.hex()}"]
        lines += [f"pack {pack.digest.hex()} {pack.size}" for pack in self.packs]
        return "".join(line + "\n" for line in lines).encode()


class KeepingEntry(msgspec.Struct, frozen=True):
    """A keeping is whole; `epochs` are all that it draws on, its own and earlier ones."""

    epochs: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Give the entry's bytes."""
        return b"keeping\n" + b"".join(EpochEntry(mid).encode() for mid in self.epochs)


class UnknownEntry(msgspec.Struct, frozen=True):
    """An entry of a kind that this program does not know: kept, and not acted on."""

    kind: str


Entry = FormatEntry | EpochEntry | BatchEntry | KeepingEntry | UnknownEntry


def decode(data: bytes) -> Entry:
    """Read one entry; raise `Unreadable` if it is malformed."""
    text = data.decode("ascii", "replace")
    if not re.fullmatch(r"([a-z]+)( [^\n]*)?\n(.*\n)*", text):
        raise Unreadable("entry-malformed")
    head, *rest = text[:-1].split("\n")
    kind, _, value = head.partition(" ")
    match kind:
        case "format" | "epoch" if not rest:
            return FormatEntry(_hash(value)) if kind == "format" else EpochEntry(_hash(value))
        case "batch" if rest:
            return BatchEntry(_hash(value), _epochs(rest[:1])[0], tuple(_pack(line) for line in rest[1:]))
        case "keeping" if not value:
            return KeepingEntry(_epochs(rest))
        case "format" | "epoch" | "batch" | "keeping":
            raise Unreadable("entry-malformed")
        case _:
            return UnknownEntry(kind)


def _hash(value: str) -> bytes:
    if not re.fullmatch(HEX, value):
        raise Unreadable("entry-malformed")
    return bytes.fromhex(value)


def _epochs(lines: Sequence[str]) -> tuple[bytes, ...]:
    found = [EPOCH.fullmatch(line) for line in lines]
    if not all(found):
        raise Unreadable("entry-malformed")
    return tuple(bytes.fromhex(match[1]) for match in found if match)


def _pack(line: str) -> Pack:
    match = PACK.fullmatch(line)
    if not match:
        raise Unreadable("entry-malformed")
    return Pack(bytes.fromhex(match[1]), int(match[2]))
