"""The memory of the process that keeps is taken: it never held an epoch's secret."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import House, an_export
from holdfast.crypto.sharing import L
from searching import digits, scalars, secrets_of, spellings

pytestmark = pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs /proc/<pid>/mem")

KEEPER = """
import os, sys
from pathlib import Path
from holdfast.deal import deal_apart
from holdfast.keep import World, keep
from holdfast.model.export import Compartment
from holdfast.sources.x import recognise
from holdfast.state.device import Device
from holdfast.store.directory import DirectoryStore
from holdfast.vault import view

vault, state, export, planted = sys.argv[1:]
store = DirectoryStore(Path(vault))
number = int(planted, 16)
with Device(Path(state)).journal(view.read(store).format.vault) as journal:
    world = World(lambda: 1_800_000_000, os.urandom, deal_apart)
    keep(recognise([Path(export)]), store, journal, frozenset(Compartment), world)
    print("kept", flush=True)
    sys.stdin.read()
"""
PLANTED = 0xA3F0_91C4_7E52_1B8D_66AF_03D1_5C2E_9974_E1B0_8A3C_4D6F_2257_90AB_CDEF_1357_9BDF % L


def memory(pid: int) -> Iterator[bytes]:
    """Give each readable region of a process's memory."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as mem:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if "r" in rights and "[v" not in line:
                start, end = (int(part, 16) for part in span.split("-"))
                mem.seek(start)
                try:
                    yield mem.read(end - start)
                except OSError:
                    continue


def scan(pid: int, wanted: set[bytes]) -> set[bytes]:
    """Give what of `wanted` stands in the memory of a process."""
    return {pattern for region in memory(pid) for pattern in wanted if pattern in region}


@pytest.mark.slow
def test_no_epoch_secret_in_memory_after_the_commit(tmp_path: Path) -> None:
    house = House(tmp_path)
    made, _ = an_export(tmp_path)
    arguments = [tmp_path / "vault", tmp_path / "state", made.containers[0], f"{PLANTED:x}"]
    with subprocess.Popen(
        [sys.executable, "-c", KEEPER, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"kept\n"
        secrets = scalars(house)
        assert len(secrets) == 3
        for scalar in secrets.values():
            assert scan(process.pid, secrets_of(scalar)) == set()
        # The controls: a number planted as an argument is found in each of its forms that Python made, and so is the
        # writer key, which this process must have.
        _, hexadecimal, inside = digits(PLANTED)
        assert scan(process.pid, {hexadecimal, inside}) == {hexadecimal, inside}
        assert house.seed in scan(process.pid, set(spellings(house.seed)))
        process.communicate(b"")
    assert process.returncode == 0
