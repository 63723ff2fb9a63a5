"""Age files read at any place, opening only the chunks that are touched."""

import io
from collections.abc import Sequence
from typing import BinaryIO

from holdfast.crypto.age import header
from holdfast.crypto.age.payload import CHUNK, NONCE_SIZE, SEALED_CHUNK, chunks_of, plain_size
from holdfast.crypto.age.stanza import Identity

_FIRST_READ = 4096
_HEADER_LIMIT = 1 << 20
_MAC_MARK = b"\n--- "
_AFTER_MARK = 43 + 1 + NONCE_SIZE


class Reader(io.RawIOBase):
    """The plain bytes of an age file as a seekable binary file; one chunk is kept.  A short read means the end.

    What is read is authentic, and the end has been checked, but chunks not yet read may still turn out false: whoever
    must know that all is sound before using any of it reads all first.  The source must not change, and stays open.
    """

    def __init__(self, source: BinaryIO, identities: Sequence[Identity]) -> None:
        """Read the header and check the last chunk, so that a file cut short is refused here.

        Raises what `unseal` raises; no armor is taken.
        """
        head = _read_header(source)
        self._payload = head.unlock(identities)
        self._source = source
        self._start = head.start
        self.size = plain_size(source.seek(0, io.SEEK_END) - head.start)
        self._final = chunks_of(self.size) - 1
        self._at = 0
        self._kept = (self._final, self._open(self._final))

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Give the place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place, which may lie behind the end; raise `ValueError` before the start, as every file does."""
        place = offset + (0, self._at, self.size)[whence]
        if place < 0:
            raise ValueError(place)
        self._at = place
        return place

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # collections.abc.Buffer is 3.12's
        """Fill `buffer`, or as much of it as there is; give the count.  Raises `Unverified` (`age-chunk`)."""
        room = memoryview(buffer).cast("B")
        count = max(0, min(len(room), self.size - self._at))
        done = 0
        while done < count:
            number, skip = divmod(self._at, CHUNK)
            part = memoryview(self._chunk(number))[skip : skip + count - done]
            room[done : done + len(part)] = part
            done += len(part)
            self._at += len(part)
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        """Give `size` bytes, or everything to the end."""
        left = max(0, self.size - self._at)
        # Cut here: the base class makes room for all that is asked for, though it were a tebibyte.
        return super().read(left if size is None or size < 0 else min(size, left)) or b""

    def _chunk(self, number: int) -> bytes:
        if self._kept[0] != number:
            self._kept = (number, self._open(number))
        return self._kept[1]

    def _open(self, number: int) -> bytes:
        self._source.seek(self._start + number * SEALED_CHUNK)
        return self._payload.open(number, _read_full(self._source, SEALED_CHUNK), last=number == self._final)


def _read_header(source: BinaryIO) -> header.Header:
    """Read on until the MAC's line is there, and give up at 1 MiB: no honest header has that size."""
    source.seek(0)
    data = _read_full(source, _FIRST_READ)
    while _MAC_MARK not in data and len(data) < _HEADER_LIMIT:
        more = _read_full(source, len(data))
        if not more:
            break
        data += more
    return header.read(data + _read_full(source, _AFTER_MARK))


def _read_full(source: BinaryIO, size: int) -> bytes:
    """Read `size` bytes, or fewer at the end; a raw file may give them in parts."""
    parts = []
    while size and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
