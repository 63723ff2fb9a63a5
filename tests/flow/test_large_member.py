"""A video of gigabytes goes in and comes out through the commands in flat memory."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from helpers import House
from holdfast.custody import messages
from holdfast.testing.exports import ExportSpec, make_zip
from holdfast.verify import verify

BOUND = 200_000_000
"""Bytes of memory that keeping and restoring may take at their peak."""

MEASURED = """
import sys
from pathlib import Path
from holdfast.cli.main import main
try:
    main()
except SystemExit as end:
    lines = Path("/proc/self/status").read_text().splitlines()
    print("peak", next(line.split()[1] for line in lines if line.startswith("VmHWM:")), end.code or 0)
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to measure memory")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a house whose folder does not stay: gigabytes would."""
    yield House(tmp_path / "house")
    shutil.rmtree(tmp_path)


def peak(house: House, *arguments: str) -> int:
    """Run a command in a process of its own and give its peak of resident memory, in bytes."""
    env = {**os.environ, "HOLDFAST_STATE": str(house.folder / "state")}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments], env=env, capture_output=True, text=True, check=True
    )
    word, size, code = done.stdout.splitlines()[-1].split()
    assert (word, code) == ("peak", "0"), done.stderr
    return int(size) * 1024


def there_and_back(house: House, size: int) -> None:
    """Keep and restore an export with one video of `size` bytes, and look at the memory and at every byte."""
    spec = ExportSpec(posts=30, notes=0, images=2, videos=1, big_video=size)
    made = make_zip(spec, house.folder / "export.zip")
    vault, export = house.folder / "vault", made.containers[0]
    assert peak(house, "keep", str(export), "--vault", str(vault)) < BOUND
    export.unlink()
    verify(house.store, deep=True).check()
    restorer, asked = house.request()
    (house.folder / "key").write_text(f"request-key {restorer.secret.hex()}\n")
    grants = []
    for number, grant in enumerate(house.grant(asked, [1, 3])):
        grants.append(str(house.folder / f"grant{number}"))
        Path(grants[-1]).write_text(messages.armor(grant))
    out = house.folder / "back.zip"
    options = ["--key", str(house.folder / "key"), "--grant", *grants, "--to", "x", str(out)]
    assert peak(house, "restore", str(vault), *options) < BOUND
    with zipfile.ZipFile(out) as back:
        assert [info.filename for info in back.infolist()] == [member.path for member in made.members]
        for member in made.members:
            with back.open(member.path) as file:
                digest = sha256()
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
                assert digest.hexdigest() == member.sha256


@pytest.mark.slow
def test_300_megabytes(house: House) -> None:
    there_and_back(house, 300_000_000)


@pytest.mark.long
def test_four_gigabytes_and_more(house: House) -> None:
    there_and_back(house, (4 << 30) + 1)
