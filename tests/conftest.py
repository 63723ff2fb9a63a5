"""Fixtures that many tests share."""

import os
import sys
from pathlib import Path

import pytest

SOURCES = "C2SP/CCTV, C2SP/wycheproof, transparency-dev/merkle and others, listed in docs/explanation/testing.md"


def _stay_home(event: str, arguments: tuple[object, ...]) -> None:
    """Let no test reach a network; sockets of this machine's own file system are no network."""
    if event == "socket.connect" and not isinstance(arguments[1], (str, bytes)):
        raise RuntimeError("a test tried to reach the network")


def pytest_configure() -> None:
    """Cut the network for every test of this process."""
    sys.addaudithook(_stay_home)


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of test vectors that nobody in this project wrote."""
    folder = Path(os.environ.get("HOLDFAST_VECTORS", Path(__file__).parents[1] / ".." / "shared" / "vectors"))
    if not folder.is_dir():
        message = f"outside test vectors are not at hand (HOLDFAST_VECTORS); their sources: {SOURCES}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder
