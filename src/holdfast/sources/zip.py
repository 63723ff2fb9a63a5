"""Reads zips that nobody vouches for: 4 GiB and more, bytes before the zip, a million members in little memory.

Format: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3 (zip64).  What is checked, as numbered in the code:
1. the directory starts where its end record's place less its size says, so bytes before the zip shift every offset;
2. a member's bytes end before the next member's header and before the directory: no two members share bytes;
3. the local header spells the directory's name and method;
4. declared sizes keep within a limit; reading stops at the declared size; then the CRC decides;
5. an encrypted member, or one packed by an unknown method, is given as it lies there, still packed.
A member that fails is refused alone.  Paths are data, never names on disk.
"""

import struct
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from holdfast.errors import Refused, Unreadable
from holdfast.model.export import Container
from holdfast.sources.file import ReadOnly
from holdfast.sources.reader import Entry

END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")
CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")

STORED, DEFLATED = 0, 8
ENCRYPTED = 0x2041
ZIP64 = 1
FULL = 0xFFFFFFFF
WINDOW = 1 << 20
INFLATED = 1 << 17
DIRECTORY_LIMIT = 1 << 28
LIMIT = 1 << 40
"""Bytes that all members together may declare: twenty of X's largest parts."""

RATIO = 1032
"""What deflate cannot exceed; a member that declares more lies."""


class Central(NamedTuple):
    """One line of the directory."""

    made: int
    needs: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    internal: int
    external: int
    offset: int
    name: bytes
    extra: bytes
    comment: bytes

    @property
    def opaque(self) -> bool:
        """Whether nobody here can unpack it."""
        return bool(self.flags & ENCRYPTED) or self.method not in (STORED, DEFLATED)


class ZipReader:
    """A zip's members, by their place in its directory."""

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        """Read the directory, or raise `Unreadable` (no zip, cut off, damaged) or `Refused` (declares over `limit`)."""
        self.path = path
        self._file = ReadOnly(path)
        self._start, self._shift, size = _directory(self._file)
        self._directory = self._file.at(self._start, self._file.size - self._start)
        self._lines = array("Q")
        self._walk(size, limit)

    def container(self) -> Container:
        """Give the zip's name, size, directory and end records."""
        return Container("zip", self.path.name.encode("utf-8", "surrogateescape"), self._file.size, self._directory)

    def paths(self) -> Iterator[bytes]:
        """Give every member's path in order, without reading a member."""
        for line in self._lines:
            (length,) = struct.unpack_from("<H", self._directory, line + 28)
            yield self._directory[line + 46 : line + 46 + length]

    def entry(self, index: int) -> Entry:
        """Give one member; its fields hold all that a rebuilt zip needs, and `refused` if it cannot be read."""
        central = self._central(self._lines[index])
        try:
            local, refused = self._data(central)[1], ""
        except Unreadable as error:
            local, refused = b"", error.code
        return Entry(central.name, central.packed if central.opaque else central.size, _fields(central, local, refused))

    def read(self, index: int) -> Iterator[bytes]:
        """Give a member's bytes, or raise `Unreadable`."""
        central = self._central(self._lines[index])
        start, _ = self._data(central)
        packed = self._packed(start, central.packed, WINDOW if central.method == STORED else INFLATED)
        if central.opaque:  # 5.
            return packed
        return _checked(packed if central.method == STORED else _inflate(packed, central), central)

    def __len__(self) -> int:
        """Count the members."""
        return len(self._lines)

    def _walk(self, size: int, limit: int) -> None:
        starts, at, total = array("Q"), 0, 0
        while at < size:
            central = self._central(at)
            self._lines.append(at)
            starts.append(max(0, min(central.offset, self._start)))
            total += central.size
            at += CENTRAL.size + sum(struct.unpack_from("<3H", self._directory, at + 28))
        if at != size:
            raise Unreadable("zip-directory-damaged", at=at)
        if not self._lines:
            raise Unreadable("zip-empty")
        if total > limit:  # 4.
            raise Refused("zip-declares-too-much", size=total, limit=limit)
        self._starts = array("Q", sorted(starts))

    def _central(self, at: int) -> Central:
        if at + CENTRAL.size > len(self._directory) or not self._directory.startswith(b"PK\1\2", at):
            raise Unreadable("zip-directory-damaged", at=at)
        _, *head, name, extra, comment, _, internal, external, offset = CENTRAL.unpack_from(self._directory, at)
        made, needs, flags, method, time, date, crc, packed, size = head
        at += CENTRAL.size
        extra_at, comment_at = at + name, at + name + extra
        extras = self._directory[extra_at:comment_at]
        if FULL in (packed, size, offset):
            size, packed, offset = _wide(extras, size, packed, offset)
        return Central(
            made, needs, flags, method, time, date, crc, packed, size, internal, external, offset + self._shift,
            self._directory[at:extra_at], extras, self._directory[comment_at : comment_at + comment],
        )  # fmt: skip

    def _data(self, central: Central) -> tuple[int, bytes]:
        """Give where a member's bytes start, and its local extra field."""
        head = self._file.at(central.offset, LOCAL.size)
        signature, _, flags, method, *_, name_size, extra_size = LOCAL.unpack(head)
        start = central.offset + LOCAL.size + name_size + extra_size
        here = bisect_right(self._starts, central.offset)
        following = self._starts[here] if here < len(self._starts) else self._start
        if start + central.packed > following or here - bisect_left(self._starts, central.offset) > 1:  # 2.
            raise Unreadable("member-overlaps", offset=central.offset)
        rest = self._file.at(central.offset + LOCAL.size, name_size + extra_size)
        if signature != b"PK\3\4" or rest[:name_size] != central.name or method != central.method:  # 3.
            raise Unreadable("member-disagrees", offset=central.offset)
        if (flags ^ central.flags) & 1:
            raise Unreadable("member-disagrees", offset=central.offset)
        if not central.opaque and central.size > central.packed * RATIO + RATIO:  # 4.
            raise Unreadable("member-damaged", offset=central.offset)
        return start, rest[name_size:]

    def _packed(self, start: int, size: int, window: int) -> Iterator[bytes]:
        for at in range(0, size, window):
            yield self._file.at(start + at, min(window, size - at))


def _directory(file: ReadOnly) -> tuple[int, int, int]:
    """Give the directory's start, by how much all offsets are off, and its size."""
    end, size, declared = _end(file)
    if size > DIRECTORY_LIMIT:
        raise Unreadable("zip-directory-too-large", size=size)
    start = end - size  # 1.
    if start < 0 or start < declared:
        raise Unreadable("zip-directory-damaged", at=start)
    return start, start - declared, size


def _end(file: ReadOnly) -> tuple[int, int, int]:
    """Give where the directory ends, its size and its declared offset."""
    if file.size == 0:
        raise Unreadable("file-empty")
    tail_at = max(0, file.size - END.size - 0xFFFF)
    tail = file.at(tail_at, file.size - tail_at)
    found = _last_end(tail)
    if found < 0:
        raise Unreadable("zip-cut-off" if file.at(0, min(4, file.size)) == b"PK\3\4" else "not-a-zip")
    _, disk, _, _, _, size, offset, _ = END.unpack_from(tail, found)
    at = tail_at + found
    at, disk, size, offset = _end64(file, at) or (at, disk, size, offset)
    if disk:
        raise Unreadable("zip-split", disk=disk)
    return at, size, offset


def _last_end(tail: bytes) -> int:
    found = tail.rfind(b"PK\5\6")
    while found >= 0:
        fits = found + END.size <= len(tail)
        if fits and found + END.size + END.unpack_from(tail, found)[7] <= len(tail):
            return found
        found = tail.rfind(b"PK\5\6", 0, found)
    return -1


def _end64(file: ReadOnly, end: int) -> tuple[int, int, int, int] | None:
    """Give place, disk, directory size and its offset out of the zip64 end record, if there is one."""
    at = end - LOCATOR.size
    if at < 0 or not (locator := file.at(at, LOCATOR.size)).startswith(b"PK\6\7"):
        return None
    for place in (at - END64.size, LOCATOR.unpack(locator)[2]):
        if 0 <= place <= at - END64.size and (record := file.at(place, END64.size)).startswith(b"PK\6\6"):
            _, _, _, _, disk, _, _, _, size, offset = END64.unpack(record)
            return place, disk, size, offset
    raise Unreadable("zip-directory-damaged", at=at)


def _extras(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the extra fields as (id, whole field with its header); what is left over has the id -1."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if at + 4 + size > len(extra):
            break
        yield kind, extra[at : at + 4 + size]
        at += 4 + size
    if at < len(extra):
        yield -1, extra[at:]


def _wide(extra: bytes, *values: int) -> list[int]:
    """Replace each value that is full by its eight bytes in the zip64 field, in order."""
    field = next((data[4:] for kind, data in _extras(extra) if kind == ZIP64), b"")
    words = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
    return [next(words, value) if value == FULL else value for value in values]


def _fields(central: Central, local: bytes, refused: str) -> tuple[tuple[str, str], ...]:
    """Give what is not zero or empty; sizes, offsets and zip64 fields are the writer's own to make."""
    names = (*NUMBERS, "crc") if central.opaque else NUMBERS
    numbers = {name: getattr(central, name) for name in names}
    fields = [(name, str(value)) for name, value in numbers.items() if value]
    texts = {"extra": _without_zip64(central.extra), "local": _without_zip64(local), "comment": central.comment}
    fields += [(name, value.hex()) for name, value in texts.items() if value]
    if central.opaque:
        fields.append(("unpacked", str(central.size)))
    if refused:
        fields.append(("refused", refused))
    return tuple(fields)


NUMBERS = ("made", "needs", "flags", "method", "time", "date", "internal", "external")
"""The CRC is not among them: it is made again, and of a member that is partly private it would confirm guesses."""


def _without_zip64(extra: bytes) -> bytes:
    return b"".join(data for kind, data in _extras(extra) if kind != ZIP64)


def _inflate(packed: Iterator[bytes], central: Central) -> Iterator[bytes]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for chunk in packed:
            data = engine.decompress(chunk, INFLATED)
            while data:
                yield data
                data = engine.decompress(engine.unconsumed_tail, INFLATED)
            if engine.eof:
                return
    except zlib.error as error:
        raise Unreadable("member-damaged", offset=central.offset) from error
    raise Unreadable("member-damaged", offset=central.offset)


def _checked(chunks: Iterator[bytes], central: Central) -> Iterator[bytes]:
    size, crc = 0, 0
    for chunk in chunks:
        size, crc = size + len(chunk), zlib.crc32(chunk, crc)
        if size > central.size:  # 4.
            break
        yield chunk
    if size != central.size or crc != central.crc:
        raise Unreadable("member-damaged", offset=central.offset)
