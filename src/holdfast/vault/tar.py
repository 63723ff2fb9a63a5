"""The one shape of tar that packs use: ustar headers, pax records for long or other names, times 0 (POSIX.1-2001).

Own code, since the library's reader loops at a negative size and takes a sparse member for a plain one.
"""

import tarfile
from collections.abc import Iterator

import msgspec

from holdfast.errors import Unreadable

BLOCK = 512
END = bytes(2 * BLOCK)
MAX_NAME = 64 << 10


class TarMember(msgspec.Struct, frozen=True):
    """Where a member's bytes lie: its name, and offset and size in bytes."""

    name: bytes
    offset: int
    size: int


def header(name: bytes, size: int) -> bytes:
    """Give the header of a plain file, with a pax record before it where ustar cannot hold the name."""
    info = tarfile.TarInfo(name.decode("utf-8"))
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def padded(size: int) -> int:
    """Give what `size` bytes occupy."""
    return -(-size // BLOCK) * BLOCK


def walk(data: memoryview) -> Iterator[TarMember]:
    """Give each plain member in order; raise `Unreadable` at the first thing that a pack does not hold."""
    at, long_name = 0, None
    while data[at : at + len(END)] != END:
        kind, name, size = _read_header(data, at)
        start = at + BLOCK
        if start + size > len(data):
            raise Unreadable("pack-malformed", at=at)
        if kind == b"x":
            long_name = _pax_name(bytes(data[start : start + size]), at)
        else:
            yield TarMember(long_name or name, start, size)
            long_name = None
        at = start + padded(size)


def _read_header(data: memoryview, at: int) -> tuple[bytes, bytes, int]:
    try:
        info = tarfile.TarInfo.frombuf(bytes(data[at : at + BLOCK]), "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise Unreadable("pack-malformed", at=at) from error
    if info.type not in (tarfile.REGTYPE, tarfile.XHDTYPE) or info.size < 0:
        raise Unreadable("pack-malformed", at=at)
    return info.type, info.name.encode(), info.size


def _pax_name(records: bytes, at: int) -> bytes:
    length, _, _ = records.partition(b" ")
    if len(records) > MAX_NAME or not length.isdigit() or int(length) != len(records):
        raise Unreadable("pack-malformed", at=at)
    key, _, value = records[len(length) + 1 : -1].partition(b"=")
    if key != b"path" or not value:
        raise Unreadable("pack-malformed", at=at)
    return value
