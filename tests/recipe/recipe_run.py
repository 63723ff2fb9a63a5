"""Runs open-without-us.sh as a person would, with programs that nobody here wrote."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

HERE = Path(__file__).parent
INTEROP = HERE.parent / "interop"
RECIPE = HERE.parents[1] / "src" / "holdfast" / "recipe"


def missing(what: str) -> None:
    """Skip with one line; in CI, where all programs must be there, fail."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)


class Opened(msgspec.Struct, frozen=True):
    """What the recipe left behind: its exit code, its words, and its folder."""

    code: int
    text: str
    out: Path

    def files(self, keeping: str) -> dict[str, bytes]:
        """Give every file of a keeping, by the name below its folder."""
        top = self.out / keeping
        return {os.fsdecode(p.relative_to(top)): p.read_bytes() for p in top.rglob("*") if p.is_file()}

    def folders(self, keeping: str) -> set[str]:
        """Give every folder of a keeping that holds nothing."""
        top = self.out / keeping
        return {f"{p.relative_to(top)}/" for p in top.rglob("*") if p.is_dir() and not any(p.iterdir())}

    @property
    def report(self) -> str:
        path = self.out / "report.txt"
        return path.read_text() if path.exists() else ""


Recipe = Callable[..., Opened]
