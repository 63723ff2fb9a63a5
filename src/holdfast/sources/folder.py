"""Reads an unpacked folder as a container: regular files only, no link ever followed, no device ever opened."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from holdfast.errors import Unreadable
from holdfast.model.export import Container
from holdfast.sources.reader import Entry

WINDOW = 1 << 20
FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class _Found(NamedTuple):
    path: bytes
    size: int
    mtime: int
    mode: int
    link: bytes = b""
    refused: str = ""


class FolderReader:
    """A folder's files, sorted folder by folder by the bytes of their names; an empty folder is a member too."""

    def __init__(self, path: Path) -> None:
        """List the folder, or raise `Unreadable`."""
        self.path = path
        self._root = os.fsencode(path)
        try:
            self._found = tuple(_walk(self._root, b""))
        except OSError as error:
            raise Unreadable("file-unreadable", errno=error.errno) from error

    def container(self) -> Container:
        """Give the folder's name."""
        return Container("folder", os.fsencode(self.path.resolve().name), 0, b"")

    def paths(self) -> Iterator[bytes]:
        """Give every member's path in order, without reading a member."""
        return (found.path for found in self._found)

    def entry(self, index: int) -> Entry:
        """Give one member; `mtime` is in nanoseconds, `mode` octal, `link` hex; `refused` if it cannot be read."""
        found = self._found[index]
        fields = [("mtime", str(found.mtime)), ("mode", f"{found.mode:o}")]
        fields += [("link", found.link.hex())] if found.link else []
        fields += [("refused", found.refused)] if found.refused else []
        return Entry(found.path, found.size, tuple(fields))

    def read(self, index: int) -> Iterator[bytes]:
        """Give a file's bytes; nothing for a link or an empty folder; raise `Unreadable` for all that is no file."""
        found = self._found[index]
        if found.refused:
            raise Unreadable(found.refused)
        return iter(()) if found.size == 0 else self._bytes(found)

    def __len__(self) -> int:
        """Count the members."""
        return len(self._found)

    def _bytes(self, found: _Found) -> Iterator[bytes]:
        try:
            with os.fdopen(os.open(os.path.join(self._root, found.path), FLAGS), "rb", buffering=0) as file:  # noqa: PTH118
                if os.fstat(file.fileno()).st_mtime_ns != found.mtime:
                    raise Unreadable("member-changed")
                size = 0
                while size <= found.size and (chunk := file.read(WINDOW)):
                    size += len(chunk)
                    yield chunk[: len(chunk) - max(0, size - found.size)]
        except OSError as error:
            raise Unreadable("file-unreadable", errno=error.errno) from error
        if size != found.size:
            raise Unreadable("member-changed", size=size, expected=found.size)


def _walk(root: bytes, folder: bytes) -> Iterator[_Found]:
    with os.scandir(os.path.join(root, folder)) as listing:  # noqa: PTH118
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        path = folder + entry.name
        try:
            about = entry.stat(follow_symlinks=False)
        except OSError:
            yield _Found(path, 0, 0, 0, refused="file-unreadable")
            continue
        if stat.S_ISDIR(about.st_mode):
            yield from _inside(root, path + b"/", about)
        else:
            yield _file(os.path.join(root, path), path, about)  # noqa: PTH118
    return


def _inside(root: bytes, folder: bytes, about: os.stat_result) -> Iterator[_Found]:
    """Give what a folder holds, or the folder itself if it is empty or closed to us."""
    refused, empty = "", True
    try:
        for found in _walk(root, folder):
            empty = False
            yield found
    except OSError:
        refused = "file-unreadable"
    if empty or refused:
        yield _Found(folder, 0, about.st_mtime_ns, stat.S_IMODE(about.st_mode), refused=refused)


def _file(full: bytes, path: bytes, about: os.stat_result) -> _Found:
    mode = stat.S_IMODE(about.st_mode)
    if stat.S_ISLNK(about.st_mode):
        return _Found(path, 0, about.st_mtime_ns, mode, link=os.readlink(full))  # noqa: PTH115
    if not stat.S_ISREG(about.st_mode):
        return _Found(path, 0, about.st_mtime_ns, mode, refused="not-a-file")
    refused = "" if os.access(full, os.R_OK) else "file-unreadable"
    return _Found(path, about.st_size, about.st_mtime_ns, mode, refused=refused)
