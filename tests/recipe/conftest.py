"""The programs that the recipe needs, and how to run it."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from recipe_run import INTEROP, RECIPE, Opened, Recipe, missing


@pytest.fixture(scope="session")
def age() -> str:
    """An age that reads `age1pq`: the npm package."""
    if shutil.which("node") is None or not (INTEROP / "node_modules" / "age-encryption").is_dir():
        missing("needs node and `npm ci --prefix tests/interop`")
    if shutil.which("zstd") is None:
        missing("needs zstd")
    return str(INTEROP / "age-shim")


@pytest.fixture
def recipe(age: str, tmp_path: Path) -> Recipe:
    """Run open-without-us.sh on a vault with these identities; the folder `out` is new each time."""
    runs = iter(range(1000))

    def run(vault: Path, identities: Iterable[str], *flags: str, out: Path | None = None, **extra: str) -> Opened:
        number = next(runs)
        file = tmp_path / f"identities {number}.txt"
        file.write_text("# a comment\n\n" + "".join(f"{line}\n" for line in identities))
        out = out or tmp_path / f"out {number}"
        shell = extra.pop("shell", "sh").split()
        command = [*shell, str(RECIPE / "open-without-us.sh"), *flags, str(file), str(vault), str(out)]
        environment = {"PATH": os.environ["PATH"], "AGE": age, "TMPDIR": str(tmp_path), **extra}
        done = subprocess.run(command, capture_output=True, env=environment, timeout=600, check=False, cwd=tmp_path)
        return Opened(done.returncode, (done.stdout + done.stderr).decode(errors="replace"), out)

    return run
