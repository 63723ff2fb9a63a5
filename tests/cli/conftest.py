"""Fixtures of the command line: a way to run it, and one story in which every verb has its turn."""

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from holdfast.cli import language
from holdfast.cli.edge import run
from holdfast.cli.main import holdfast
from holdfast.keeper.kits import Kit
from holdfast.testing.exports import demo, make_zip

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))


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


def call(*arguments: object) -> Ran:
    """Run the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(holdfast, [str(argument) for argument in arguments])
    return Ran(code, out.getvalue(), err.getvalue())


@pytest.fixture(name="call")
def call_fixture() -> Callable[..., Ran]:
    return call


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Speak English, before and after."""
    language.speak("en")
    yield
    language.speak("en")


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


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOLDFAST_STATE", str(folder / "state"))
        yield World(folder)


@pytest.fixture(scope="module")
def vault(world: World) -> Path:
    """A vault that answers without a wait and has one keeping."""
    made = call("new", world / "vault", "--keeper", *world.cards(1), "--delay", 0)
    assert made.code == 0, made.err
    kept = call("keep", world.export, "--vault", world / "vault")
    assert kept.code == 0, kept.err
    return world / "vault"


@pytest.fixture(scope="module")
def opening(world: World, vault: Path) -> list[object]:
    """The key and two grants of a request for everything, as options."""
    asked = call("request", vault, *world.kit("a"), "--why", "restore", "--out", world / "request")
    assert asked.code == 0, asked.err
    for name in "ab":
        text = world / "request" / "request.txt"
        granted = call("grant", *world.kit(name), "--vault", vault, text, "--out", world / f"{name}.grant")
        assert granted.code == 0, granted.err
    return ["--key", world / "request" / "request.key", "--grant", world / "a.grant", world / "b.grant"]
