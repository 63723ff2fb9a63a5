"""Fixtures of the command line: a vault, and an opening of it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import World, call

from holdfast.cli import language

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))


@pytest.fixture(autouse=True)
def speak_english() -> Iterator[None]:
    """Speak English, before and after."""
    language.speak("en")
    yield
    language.speak("en")


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
