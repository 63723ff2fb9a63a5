"""The device's state folder: one folder for each vault, with the lock and the journal."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from holdfast.errors import Refused, Unreadable
from holdfast.state.journal import Journal


class Device:
    """What this device remembers, under `root`; nothing of it ever stands in a vault."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def remembers(self, vault: bytes) -> bool:
        """Tell whether this device has a journal of that vault."""
        return self._journal(vault).exists()

    @contextmanager
    def journal(self, vault: bytes) -> Iterator[Journal]:
        """Open the journal of a vault; raise `Refused` while another process has it, `Unreadable` where the disk fails.

        The kernel drops the lock when its holder dies, so none is ever stale.
        """
        with _opened(self._journal(vault)) as lock:
            _take(lock.fileno())
            with Journal.open(self._journal(vault)) as journal:
                yield journal

    def folder(self, vault: bytes) -> Path:
        """Give where this device keeps what it remembers of a vault."""
        return self.root / vault.hex()

    def _journal(self, vault: bytes) -> Path:
        return self.folder(vault) / "journal.sqlite"


def _opened(journal: Path) -> BinaryIO:
    """Make the journal's folder and file, and open the lock beside it."""
    try:
        journal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        journal.touch(mode=0o600)
        return (journal.parent / "lock").open("a+b")
    except OSError as error:
        raise Unreadable("device-memory-failed", why=error.strerror or "?") from error


def _take(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        raise Refused("vault-in-use", process=holder or "?") from None
    with suppress(OSError):  # the number is for the message alone
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
