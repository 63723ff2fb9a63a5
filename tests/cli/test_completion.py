"""The shell completes verbs and options, as `holdfast --help` says it does."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def complete(line: str) -> list[str]:
    """Give what bash is offered for the last word of a line."""
    words = line.split(" ")
    environment = os.environ | {
        "_HOLDFAST_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    command = [sys.executable, "-m", "holdfast"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [found.partition(",")[2] for found in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("holdfast ke", {"keep", "keeper"}),
        ("holdfast keeper a", {"admit", "adopt"}),
        ("holdfast keep --lea", {"--leave-no-trace"}),
        ("holdfast request v --why ", {"restore", "evidence", "owner-asks", "drill"}),
    ],
)
def test_bash_is_offered_what_can_stand_there(line: str, offered: set[str]) -> None:
    assert set(complete(line)) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str) -> None:
    environment = os.environ | {"_HOLDFAST_COMPLETE": f"{shell}_source"}
    command = [sys.executable, "-m", "holdfast"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "_HOLDFAST_COMPLETE" in done.stdout
    assert "holdfast" in done.stdout
