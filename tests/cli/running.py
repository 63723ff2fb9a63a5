"""Runs the command line in this process, in a folder with three kits and a made-up export."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import click

from holdfast.cli.edge import run
from holdfast.cli.main import holdfast
from holdfast.keeper.kits import Kit
from holdfast.testing.exports import demo, make_zip


class Ran(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> dict[str, Any]:
        """The one JSON object of standard output."""
        (line,) = self.out.splitlines()
        value = json.loads(line)
        assert isinstance(value, dict)
        return value


def call(*arguments: object, command: click.Command = holdfast) -> Ran:
    """Run the command line, or another one at the same edge."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(command, [str(argument) for argument in arguments])
    return Ran(code, out.getvalue(), err.getvalue())


class World:
    """A folder with three kits, their passphrase files, and a made-up export."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.export = folder / "x.zip"
        make_zip(demo(), self.export)
        for name in "abc":
            Kit.create(folder / name, f"passphrase of {name}", work=10)
            (folder / f"{name}.pass").write_text(f"passphrase of {name}\n")

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def kit(self, name: str) -> list[object]:
        """Give the options that open a kit."""
        return ["--kit", self / name, "--passphrase-file", self / f"{name}.pass"]

    def cards(self, version: int) -> list[Path]:
        """Give a fresh card of every keeper."""
        paths = [self / f"{name}.{version}.card" for name in "abc"]
        for name, path in zip("abc", paths, strict=True):
            done = call("keeper", "card", self / name, "--out", path, "--passphrase-file", self / f"{name}.pass")
            assert done.code == 0, done.err
        return paths
