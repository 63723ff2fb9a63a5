"""A folder as a store: an object appears whole and durable under its name, or not at all."""

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from holdfast.errors import AlreadyExists, HoldfastError, NotFound, Unreadable
from holdfast.store.names import check_name

TEMPORARY = ".hf-"
LARGEST = 64 << 20
"""Bytes; a pack has at most a quarter of it, and a larger file is nobody's object."""

NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)


class DirectoryStore:
    """Named bytes as files under `root`.

    A file is written beside its name, synced, linked to it and the folder synced: `link` fails where the name is taken,
    which `rename` would not.  Only sealed bytes ever reach a temporary file.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, data: bytes) -> None:
        """Create `name` durably; raise `AlreadyExists`, or `Unreadable` where the disk fails or is full."""
        target = self._place(name)
        try:
            self._make_folders(target.parent)
            temporary = target.parent / (TEMPORARY + secrets.token_hex(8))
            try:
                with temporary.open("xb") as file:
                    _write(file, data)
                    self._publish(temporary, target, data)
            finally:
                temporary.unlink(missing_ok=True)
                _sync_folder(target.parent)
        except OSError as error:
            raise failure(error, name) from error

    def get(self, name: str) -> bytes:
        """Give the bytes of `name`; raise `NotFound`, or `Unreadable` where it is no plain file or the disk fails."""
        try:
            return read_file(self._place(name))
        except FileNotFoundError:
            raise NotFound("store-missing", name=name) from None
        except OSError as error:
            raise failure(error, name) from error

    def names(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Give each name that starts with `prefix`, sorted, with its size in bytes; temporary files are hidden."""
        base = self.root / prefix.rpartition("/")[0]
        if base.is_dir():
            self._check_folders(base)
        found = []
        for folder, folders, files in os.walk(base):
            folders[:] = [f for f in folders if not f.startswith(".")]
            for file in files:
                path = Path(folder, file)
                name = path.relative_to(self.root).as_posix()
                if name.startswith(prefix) and not file.startswith("."):
                    found.append((name, path.lstat().st_size))
        yield from sorted(found)

    def _place(self, name: str) -> Path:
        path = self.root / check_name(name)
        self._check_folders(path.parent)
        return path

    def _check_folders(self, folder: Path) -> None:
        """Refuse a link where a folder should be: it would lead out of the vault."""
        while folder != self.root:
            if folder.is_symlink():
                raise Unreadable("store-link", name=folder.relative_to(self.root).as_posix())
            folder = folder.parent

    def sweep(self) -> None:
        """Remove what killed writers left half written; what a living one holds is locked, and stays."""
        for path in self.root.rglob(TEMPORARY + "*"):
            with suppress(OSError), _opened(path) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()

    def _make_folders(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folders(folder.parent)
            folder.mkdir(exist_ok=True)
            _sync_folder(folder.parent)

    def _publish(self, temporary: Path, target: Path, data: bytes) -> None:
        try:
            _link(temporary, target)
        except FileExistsError:
            if not _is_torn(target, data):
                raise AlreadyExists("store-name-taken", name=target.relative_to(self.root).as_posix()) from None
            temporary.replace(target)


def failure(error: OSError, name: str) -> HoldfastError:
    """Give the error of our tree for a failing disk."""
    code = "store-full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "store-failed"
    return Unreadable(code, name=name, why=os.strerror(error.errno or 0))


def read_file(path: Path) -> bytes:
    """Read a plain file; a link, a pipe or a device under its name is refused, so that nothing hangs or escapes."""
    with _opened(path) as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, "not a plain file")
        if about.st_size > LARGEST:
            raise OSError(errno.EFBIG, "larger than any object")
        return file.read()


def _opened(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def _write(file: BinaryIO, data: bytes) -> None:
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX)
    file.write(data)
    file.flush()
    os.fsync(file.fileno())


def _link(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if target.exists():
            raise FileExistsError from None
        temporary.rename(target)  # FAT and exFAT have no hard links; the device's lock stands in for the guard


def _is_torn(target: Path, data: bytes) -> bool:
    """Tell whether `target` is named by the hash of `data` and holds something else: then nothing is lost."""
    return target.name == sha256(data).hexdigest() and read_file(target) != data


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
