"""The tables in a batch's last pack: tab-separated lines, one zstd frame each, that `sort` and a shell can read too.

snapshot   name, piece, offset, length, place, container, member     a slice of a member, and where it lies
members    container, member, path, size, kind, compartments, mixed, family, fields
pieces     piece, pack (`-`: this one), offset, length, raw length       where a piece lies in the tar
items      leaf, salt, name, piece, offset, length                       what each commitment is to
"""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec
from backports import zstd

from holdfast.errors import Unreadable, Unverified
from holdfast.model.export import Compartment, Kind, Member
from holdfast.vault.paths import quote, unquote

THIS_PACK = "-"
MAX_TABLE = 64 << 20
MAX_LINES = 1 << 19
MOST_CONTAINERS = 1 << 16
"""Zips or folders that one export may have: a lying writer's number of them is not believed."""

FRAME: dict[int, int] = {
    zstd.CompressionParameter.checksum_flag: 1,
    zstd.CompressionParameter.compression_level: 3,
}

T = TypeVar("T")


class Slice(msgspec.Struct, frozen=True):
    """A run of a member's bytes: `length` bytes at `place` in the member are those at `offset` in `piece`.

    `name` is the member's name for a plain shell, percent-encoded; offsets count after decompression, in bytes.
    """

    name: str
    piece: str
    offset: int
    length: int
    place: int
    container: int
    member: int

    def follows(self, other: "Slice") -> bool:
        """Tell whether this slice goes on where `other` ends, so that the two are one."""
        same = (self.piece, self.container, self.member) == (other.piece, other.container, other.member)
        ends = (other.offset + other.length, other.place + other.length)
        return same and (self.offset, self.place) == ends and other.length > 0


class Piece(msgspec.Struct, frozen=True):
    """A member of a pack's tar that holds bytes of the export: in which pack, where, how many, how many unpacked."""

    name: str
    pack: str
    offset: int
    length: int
    raw: int


class Item(msgspec.Struct, frozen=True):
    """One committed item: its leaf's place in the batch, its salt, its member's path, and where its bytes begin."""

    leaf: int
    salt: bytes
    name: bytes
    piece: str
    offset: int
    length: int


def encode(lines: Iterable[str]) -> bytes:
    """Give a table's bytes."""
    return compress("".join(line + "\n" for line in lines).encode("ascii"))


def compress(data: bytes) -> bytes:
    """Give one zstd frame with checksum and content size (RFC 8878), level 3."""
    return zstd.compress(data, options=FRAME)


def decode(data: bytes, parse: Callable[[list[str]], T]) -> list[T]:
    """Read a table; raise `Unverified` or `Unreadable` if it is not one."""
    text = decompress(data, MAX_TABLE)
    if text.count(b"\n") > MAX_LINES:
        raise Unreadable("table-malformed")
    try:
        return [parse(line.split("\t")) for line in text.decode("ascii").split("\n")[:-1]]
    except (ValueError, IndexError, TypeError) as error:
        raise Unreadable("table-malformed") from error


def decompress(data: bytes, limit: int) -> bytes:
    """Unpack one zstd frame of at most `limit` bytes; raise `Unreadable` for anything else."""
    try:
        unpacker = zstd.ZstdDecompressor()
        plain = unpacker.decompress(data, limit + 1)
    except zstd.ZstdError as error:
        raise Unreadable("piece-malformed") from error
    if not unpacker.eof or unpacker.unused_data or len(plain) > limit:
        raise Unreadable("piece-malformed")
    return plain


def slice_line(s: Slice) -> str:
    """Give a slice's line."""
    return f"{s.name}\t{s.piece}\t{s.offset}\t{s.length}\t{s.place}\t{s.container}\t{s.member}"


def parse_slice(c: list[str]) -> Slice:
    """Read a slice's line."""
    return Slice(c[0], c[1], natural(c[2]), natural(c[3]), natural(c[4]), natural(c[5]), natural(c[6]))


def member_line(m: Member) -> str:
    """Give a member's line."""
    fields = ";".join(f"{name}={value}" for name, value in m.fields)
    start = f"{m.container}\t{m.place}\t{quote(m.path)}\t{m.size}\t{m.kind}"
    return f"{start}\t{','.join(m.compartments)}\t{m.mixed:d}\t{quote(m.family.encode())}\t{fields}"


def parse_member(c: list[str]) -> Member:
    """Read a member's line."""
    fields = tuple((name, value) for name, _, value in (f.partition("=") for f in c[8].split(";") if f))
    compartments = tuple(Compartment(name) for name in c[5].split(",") if name)
    container, place, path, size = natural(c[0]), natural(c[1]), unquote(c[2]), natural(c[3])
    if container >= MOST_CONTAINERS:
        raise ValueError(container)
    return Member(container, place, path, size, Kind(c[4]), compartments, fields, c[6] == "1", unquote(c[7]).decode())


def piece_line(p: Piece) -> str:
    """Give a piece's line."""
    return f"{p.name}\t{p.pack}\t{p.offset}\t{p.length}\t{p.raw}"


def parse_piece(c: list[str]) -> Piece:
    """Read a piece's line."""
    if c[1] != THIS_PACK and not re.fullmatch("[0-9a-f]{64}", c[1]):
        raise ValueError(c[1])
    return Piece(c[0], c[1], natural(c[2]), natural(c[3]), natural(c[4]))


def item_line(i: Item) -> str:
    """Give an item's line."""
    return f"{i.leaf}\t{i.salt.hex()}\t{quote(i.name)}\t{i.piece}\t{i.offset}\t{i.length}"


def parse_item(c: list[str]) -> Item:
    """Read an item's line."""
    return Item(natural(c[0]), bytes.fromhex(c[1]), unquote(c[2]), c[3], natural(c[4]), natural(c[5]))


def natural(text: str) -> int:
    """Read a number in its one spelling, below 2^63; raise `ValueError`."""
    value = int(text)
    if str(value) != text or not 0 <= value < 2**63:
        raise ValueError(text)
    return value


def in_order(slices: Iterable[Slice], size: int) -> list[Slice]:
    """Give a member's slices by place; raise `Unverified` unless they cover `size` bytes without gap or overlap."""
    ordered = sorted(slices, key=lambda s: (s.place, s.length))
    at = 0
    for s in ordered:
        if s.place != at:
            raise Unverified("member-incomplete")
        at += s.length
    if at != size:
        raise Unverified("member-incomplete")
    return ordered
