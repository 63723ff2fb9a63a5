"""A file that is read at offsets: never written, never locked, closed when nobody holds it any more."""

import threading
import weakref
from pathlib import Path

from holdfast.errors import Unreadable


class ReadOnly:
    """One open file, shared by all who read its members."""

    def __init__(self, path: Path) -> None:
        """Open it, or raise `Unreadable` where the medium says no."""
        try:
            self._file = path.open("rb", buffering=0)
            self.size = self._file.seek(0, 2)
        except OSError as error:
            raise Unreadable("file-unreadable", errno=error.errno) from error
        self._lock = threading.Lock()
        weakref.finalize(self, self._file.close)

    def at(self, offset: int, size: int) -> bytes:
        """Give exactly `size` bytes from `offset` on, or raise `Unreadable`."""
        if offset < 0 or size < 0 or offset + size > self.size:
            raise Unreadable("file-cut-off", offset=offset, size=size)
        try:
            with self._lock:
                self._file.seek(offset)
                data = self._file.read(size)
                while len(data) < size and (more := self._file.read(size - len(data))):
                    data += more
        except OSError as error:
            raise Unreadable("medium-fails", offset=offset, errno=error.errno) from error
        if len(data) != size:
            raise Unreadable("file-cut-off", offset=offset, size=size)
        return data
