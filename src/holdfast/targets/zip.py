"""Writes a zip from members and what their source said of them, in one pass, of any size.

Format: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3 (zip64).  Bytes, order, times, attributes, methods, flags,
comments and extra fields come back; sizes, offsets, CRCs and zip64 fields are made here.  Where a member's flags
promise a data descriptor it gets one; elsewhere its local header is completed after its bytes.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from holdfast.errors import Unreadable

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")
END = struct.Struct("<4s4H2LH")

STORED, DEFLATED = 0, 8
DESCRIPTOR = 8
FULL, MANY = 0xFFFFFFFF, 0xFFFF
NEEDS64 = 45


class Part(NamedTuple):
    """One member to write: `size` counts the bytes that `data` gives."""

    path: bytes
    size: int
    fields: tuple[tuple[str, str], ...]
    data: Iterable[bytes]


class _Written(NamedTuple):
    crc: int
    packed: int
    size: int
    offset: int


def write_zip(file: BinaryIO, parts: Iterable[Part], comment: bytes = b"", limit: int = FULL) -> None:
    """Write all parts; sizes and offsets from `limit` on take zip64 fields.

    Raises `Unreadable` if a part gives another number of bytes than it says, or has fields that no zip has.
    """
    directory = bytearray()
    count = 0
    for part in parts:
        try:
            about = _About(part)
            directory += about.central(_member(file, part, about, limit), limit)
        except (ValueError, struct.error) as error:
            raise Unreadable("member-fields-bad") from error
        count += 1
    start, size = file.tell(), len(directory)
    file.write(directory)
    file.write(_end64(start, size, count, limit))
    short, here = min(count, MANY), start if start < limit else FULL
    file.write(END.pack(b"PK\5\6", 0, 0, short, short, min(size, FULL), here, len(comment)) + comment)


def comment_of(directory: bytes) -> bytes:
    """Give the comment behind the end record that closes a kept directory."""
    at = directory.rfind(b"PK\5\6")
    while at >= 0:
        if at + END.size <= len(directory):
            size = END.unpack_from(directory, at)[7]
            if at + END.size + size <= len(directory):
                return directory[at + END.size : at + END.size + size]
        at = directory.rfind(b"PK\5\6", 0, at)
    return b""


class _About:
    """A member's fields, read back into numbers and bytes."""

    def __init__(self, part: Part) -> None:
        fields = dict(part.fields)
        numbers = ("made", "needs", "flags", "method", "time", "date", "crc", "internal", "external", "unpacked")
        values = (int(fields.get(name, "0")) for name in numbers)
        self.made, self.needs, self.flags, self.method, self.time, self.date, self.crc, *rest = values
        self.internal, self.external, self.unpacked = rest
        self.extra, self.local, self.comment = (
            bytes.fromhex(fields.get(name, "")) for name in ("extra", "local", "comment")
        )
        self.opaque = "unpacked" in fields
        self.path = part.path

    def wide(self, size: int, limit: int) -> bool:
        """Whether the member might need eight bytes for a size; packing can make it a little longer."""
        return max(size + (size >> 8) + 1024 if limit == FULL else size, self.unpacked) >= limit

    def head(self, crc: int, packed: int, size: int, *, wide: bool) -> bytes:
        """Give the local header."""
        extra = (struct.pack("<2H2Q", 1, 16, size, packed) if wide else b"") + self.local
        if wide:
            packed = size = FULL
        needs = max(self.needs, NEEDS64) if wide else self.needs
        head = (needs, self.flags, self.method, self.time, self.date, crc, packed, size, len(self.path), len(extra))
        return LOCAL.pack(b"PK\3\4", *head) + self.path + extra

    def central(self, written: _Written, limit: int) -> bytes:
        """Give the directory's line."""
        values = (written.size, written.packed, written.offset)
        long = [value for value in values if value >= limit]
        size, packed, offset = (FULL if value >= limit else value for value in values)
        extra = (struct.pack(f"<2H{len(long)}Q", 1, 8 * len(long), *long) if long else b"") + self.extra
        needs = max(self.needs, NEEDS64) if long else self.needs
        head = (self.made, needs, self.flags, self.method, self.time, self.date, written.crc, packed, size)
        lengths = (len(self.path), len(extra), len(self.comment), 0)
        line = CENTRAL.pack(b"PK\1\2", *head, *lengths, self.internal, self.external, offset)
        return line + self.path + extra + self.comment


def _member(file: BinaryIO, part: Part, about: _About, limit: int) -> _Written:
    offset, wide = file.tell(), about.wide(part.size, limit)
    late = bool(about.flags & DESCRIPTOR)
    file.write(about.head(0, 0, 0, wide=wide))
    start = file.tell()
    counted = _Counted(part.data)
    for chunk in _deflated(counted) if about.method == DEFLATED and not about.opaque else counted:
        file.write(chunk)
    if counted.size != part.size:
        raise Unreadable("member-cut-off", size=counted.size, expected=part.size)
    end = file.tell()
    crc, size = (about.crc, about.unpacked) if about.opaque else (counted.crc, counted.size)
    if late:
        file.write(struct.pack("<4sLQQ" if wide else "<4s3L", b"PK\7\x08", crc, end - start, size))
    else:
        file.seek(offset)
        file.write(about.head(crc, end - start, size, wide=wide))
        file.seek(end)
    return _Written(crc, end - start, size, offset)


class _Counted:
    """Passes bytes on, and counts and checksums them."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.size = self.crc = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            self.crc = zlib.crc32(chunk, self.crc)
            yield chunk


def _deflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    for chunk in chunks:
        yield engine.compress(chunk)
    yield engine.flush()


def _end64(start: int, size: int, count: int, limit: int) -> bytes:
    """Give the zip64 end record and its locator where the directory needs them."""
    if count < MANY and start < limit and size < FULL:
        return b""
    record = END64.pack(b"PK\6\6", 44, NEEDS64, NEEDS64, 0, 0, count, count, size, start)
    return record + LOCATOR.pack(b"PK\6\7", 0, start + size, 1)
