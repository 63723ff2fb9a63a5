"""Writes files under one folder and never outside it: no link is followed, nothing overwritten, no file half written.

Each folder on the way is opened from the one above with O_NOFOLLOW (POSIX `openat`), so a link that somebody puts there
in between leads nowhere either.
"""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from holdfast.errors import AlreadyExists, Refused, Unreadable
from holdfast.targets.paths import TEMPORARY

WINDOW = 1 << 20
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | NOFOLLOW
NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | NOFOLLOW
OLD = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | NOFOLLOW

Fill = Callable[[BinaryIO], None]


class Disk:
    """One folder to write into, made when the first file needs it; its own path may lead over links, nothing below."""

    def __init__(self, root: Path) -> None:
        """Take the folder; nothing is touched yet."""
        self.root = root

    def create(self, parts: tuple[str, ...], fill: Fill, times: tuple[int, int] | None = None) -> Path:
        """Write a file durably and give its path; equal bytes that are there already stay as they are.

        `times` holds mtime in ns and the mode.  Raises `AlreadyExists` if other bytes have that name, `Refused` if a
        link stands in the way, `Unreadable` where the medium fails.
        """
        with _told(parts), self._folder(parts[:-1]) as folder, _temporary(folder, parts) as (name, file):
            fill(file)
            file.flush()
            if times:
                os.fchmod(file.fileno(), times[1] & 0o777 | 0o600)
                os.utime(file.fileno(), ns=(times[0], times[0]))
            os.fsync(file.fileno())
            if not _same(folder, parts[-1], file):
                _publish(folder, name, parts[-1])
        return self.root.joinpath(*parts)

    def folder(self, parts: tuple[str, ...]) -> Path:
        """Make a folder and those above it; one that is there stays as it is."""
        with _told(parts), self._folder(parts):
            return self.root.joinpath(*parts)

    def extend(self, parts: tuple[str, ...], lines: Sequence[str]) -> Path:
        """Add the lines that a text of ours does not have yet, and write it anew whole."""
        with _told(parts), self._folder(parts[:-1]) as folder:
            have = _text(folder, parts[-1]).splitlines()
            more = [line for line in lines if line not in set(have)]
            if more:
                with _temporary(folder, parts) as (name, file):
                    file.write("".join(line + "\n" for line in have + more).encode())
                    file.flush()
                    os.fsync(file.fileno())
                    os.replace(name, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
                    os.fsync(folder)
        return self.root.joinpath(*parts)

    @contextlib.contextmanager
    def _folder(self, parts: tuple[str, ...]) -> Iterator[int]:
        self.root.mkdir(parents=True, exist_ok=True)
        here = os.open(self.root, FOLDER & ~getattr(os, "O_NOFOLLOW", 0))
        try:
            for part in parts:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=here)
                    os.fsync(here)
                inner = os.open(part, FOLDER, dir_fd=here)
                os.close(here)
                here = inner
            yield here
        finally:
            os.close(here)


@contextlib.contextmanager
def _told(parts: tuple[str, ...]) -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.EMLINK):
            raise Refused("out-not-ours", path="/".join(parts)) from error
        raise Unreadable("medium-fails", errno=error.errno) from error


@contextlib.contextmanager
def _temporary(folder: int, parts: tuple[str, ...]) -> Iterator[tuple[str, BinaryIO]]:
    """Give a new file under a name of its own, which a killed run leaves and the next one takes over."""
    name = TEMPORARY + hashlib.sha256(parts[-1].encode()).hexdigest()[:16]
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    try:
        with os.fdopen(os.open(name, NEW, 0o600, dir_fd=folder), "w+b") as file:
            yield name, file
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)


def _publish(folder: int, name: str, final: str) -> None:
    """Give the file its name if that is free; where the disk knows no hard links, look first."""
    try:
        os.link(name, final, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError as error:
        raise AlreadyExists("out-differs", path=final) from error
    except OSError:
        if _exists(folder, final):
            raise AlreadyExists("out-differs", path=final) from None
        os.rename(name, final, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def _exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _same(folder: int, name: str, fresh: BinaryIO) -> bool:
    """Tell whether the name is taken by equal bytes; raise if by others."""
    try:
        old = os.open(name, OLD, dir_fd=folder)
    except FileNotFoundError:
        return False
    with os.fdopen(old, "rb") as file:
        if not stat.S_ISREG(os.fstat(old).st_mode):
            raise Refused("out-not-ours", path=name)
        fresh.seek(0)
        while (chunk := fresh.read(WINDOW)) == file.read(WINDOW):
            if not chunk:
                return True
    raise AlreadyExists("out-differs", path=name)


def _text(folder: int, name: str) -> str:
    try:
        with os.fdopen(os.open(name, OLD, dir_fd=folder), "r", encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""
