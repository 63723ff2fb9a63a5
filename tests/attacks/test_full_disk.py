"""The disk is full, may only be read, or fails: one error of ours, a valid vault, and the same command goes on."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from helpers import House, an_export, given_back, handed_in
from holdfast.errors import HoldfastError, Unreadable
from holdfast.store.directory import DirectoryStore, failure
from holdfast.testing.exports import ExportSpec
from holdfast.testing.faults import Failing
from holdfast.verify import verify

SPEC = ExportSpec(posts=30, notes=0, images=4, image_bytes=(40_000, 90_000), videos=1, likes=5, messages=4)
ERRORS = {"full": (errno.ENOSPC, "store-full"), "failing": (errno.EIO, "store-failed")}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ERRORS)
def test_every_put_may_be_the_one_that_fails(tmp_path: Path, kind: str) -> None:
    number, code = ERRORS[kind]
    error = failure(OSError(number, os.strerror(number)), "packs/x")
    _, source = an_export(tmp_path, SPEC)
    for after in range(0, 18, 4):
        house = House(tmp_path / str(after))
        with pytest.raises(Unreadable) as caught:
            house.keep(source, Failing(house.store, error, after))
        assert caught.value.code == code
        verify(house.store, deep=True).check()
        assert house.keep(source).keeping.startswith("1-")
        assert given_back(house.snapshot("1")) == handed_in(source)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of a few hundred kilobytes, where this system lets us have one."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["mount", "-o", "remount,size=9m", str(folder)], check=False)
        subprocess.run(["umount", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@pytest.mark.slow
def test_a_disk_that_is_really_full(tmp_path: Path, small_disk: Path) -> None:
    house = House(tmp_path / "house", store=DirectoryStore(small_disk / "vault"))
    _, source = an_export(tmp_path, SPEC)
    with pytest.raises(Unreadable, match="store-full"):
        house.keep(source)
    verify(house.store, deep=True).check()
    assert not list(small_disk.rglob(".hf-*"))
    remount(small_disk, "size=9m")
    assert house.keep(source).resumed
    assert given_back(house.snapshot("1")) == handed_in(source)


@pytest.mark.slow
def test_a_disk_that_may_only_be_read(tmp_path: Path, small_disk: Path) -> None:
    house = House(tmp_path / "house", store=DirectoryStore(small_disk / "vault"))
    remount(small_disk, "size=9m")
    _, source = an_export(tmp_path, SPEC)
    house.keep(source)
    before = list(house.store.names(""))
    remount(small_disk, "ro")
    with pytest.raises(Unreadable, match="store-failed") as caught:
        house.keep(source)
    assert caught.value.fields["why"] == "Read-only file system"
    assert list(house.store.names("")) == before
    verify(house.store, deep=True).check()
    remount(small_disk, "rw")
    house.keep(source)
    assert given_back(house.snapshot("2")) == handed_in(source)


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["size=400k", "ro"])
def test_the_disk_of_the_devices_own_memory_fails(tmp_path: Path, small_disk: Path, broken: str) -> None:
    """What the device remembers cannot be written: an error of ours as well, and no harm to the vault."""
    house = House(tmp_path / "house")
    remount(small_disk, "size=9m")
    (house.folder / "state").rename(house.folder / "old")
    (house.folder / "state").symlink_to(small_disk / "state")
    subprocess.run(["cp", "-r", str(house.folder / "old"), str(small_disk / "state")], check=True)
    if broken != "ro":
        (small_disk / "junk").write_bytes(bytes(340_000))
    remount(small_disk, broken)
    _, source = an_export(tmp_path, replace(SPEC, posts=4000))
    with pytest.raises(HoldfastError, match="device-memory-failed"):
        house.keep(source)
    verify(house.store, deep=True).check()
    remount(small_disk, "rw,size=9m")
    house.keep(source)
    assert given_back(house.snapshot("1")) == handed_in(source)


LIMITED = """
import resource, sys
from holdfast.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
main()
"""


@pytest.mark.slow
def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk where nobody may mount one; the command says so in words."""
    house = House(tmp_path)
    made, source = an_export(tmp_path, SPEC)
    command = ["keep", str(made.containers[0]), "--vault", str(tmp_path / "vault")]
    env = {**os.environ, "HOLDFAST_STATE": str(tmp_path / "state")}
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "70000", *command], env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (5, 1), done.stderr
    assert "Traceback" not in done.stderr
    verify(house.store, deep=True).check()
    subprocess.run([sys.executable, "-m", "holdfast", *command], env=env, check=True, capture_output=True)
    (keeping,) = [k for k in house.vault().keepings() if k.whole]
    assert given_back(house.snapshot(keeping.name)) == handed_in(source)
