"""The state folder: one journal and one lock for each vault."""

from pathlib import Path

import pytest

from holdfast.errors import Refused, Unreadable
from holdfast.state.device import Device

VAULT, OTHER = b"\1" * 32, b"\2" * 32


def test_each_vault_has_its_own_memory(tmp_path: Path) -> None:
    device = Device(tmp_path / "state")
    assert not device.remembers(VAULT)
    with device.journal(VAULT) as one, device.journal(OTHER) as two:
        one.set_writer(b"\7" * 32)
        assert two.writer() is None
        assert one.digest("f", b"x") != two.digest("f", b"x")
    assert device.remembers(VAULT) and device.remembers(OTHER)
    with Device(tmp_path / "state").journal(VAULT) as again:
        assert again.writer() == b"\7" * 32


def test_one_holder_at_a_time_and_the_lock_file_stays(tmp_path: Path) -> None:
    device, lock = Device(tmp_path), tmp_path / VAULT.hex() / "lock"
    for _ in range(2):
        with device.journal(VAULT):
            inode = lock.stat().st_ino
            with pytest.raises(Refused, match="vault-in-use"), device.journal(VAULT):
                pass
        assert lock.stat().st_ino == inode


def test_a_broken_lock_file_still_locks(tmp_path: Path) -> None:
    device, lock = Device(tmp_path), tmp_path / VAULT.hex() / "lock"
    with device.journal(VAULT):
        lock.write_bytes(b"\xff not a number")
        with pytest.raises(Refused, match="vault-in-use"), device.journal(VAULT):
            pass


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    device = Device(tmp_path)
    with pytest.raises(ZeroDivisionError), device.journal(VAULT):
        1 / 0  # noqa: B018
    with device.journal(VAULT):
        pass


def test_a_state_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unreadable, match="device-memory-failed"), Device(tmp_path / "file").journal(VAULT):
        pass
