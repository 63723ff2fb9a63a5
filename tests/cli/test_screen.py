"""A bar shows bytes, rate and time left where a terminal reads, and nothing where none does."""

import os
import pty
import re
import subprocess
import sys

import pytest
from running import call

from holdfast.cli.screen import progress

STEPS = """
import sys
from holdfast.cli.screen import progress
with progress("keeping", 80_000_000) as advance:
    for step in range(8):
        advance(8_000_000)
        sys.stdin.readline()
"""


def on_a_terminal(script: str) -> str:
    """Run a script whose standard error is a terminal, and give what the terminal got."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs, env=environment
    )
    os.close(theirs)
    shown = b""
    assert process.stdin is not None
    with process, os.fdopen(ours, "rb", buffering=0) as terminal:
        while True:
            try:
                chunk = terminal.read(4096)
            except OSError:
                break
            shown += chunk
            if not chunk:
                break
            try:
                process.stdin.write(b"\n")
                process.stdin.flush()
            except BrokenPipeError:
                continue
        assert process.stdout is not None
        assert process.stdout.read() == b""
    return shown.decode()


@pytest.mark.slow
def test_a_bar_shows_bytes_rate_and_time_left() -> None:
    shown = on_a_terminal(STEPS)
    assert "keeping" in shown
    assert re.search(r"[0-9.]+/80\.0 MB", shown)
    assert re.search(r"[0-9.]+ [kMG]B/s", shown)
    assert re.search(r"\d:\d\d:\d\d", shown)


def test_no_bar_where_no_terminal_reads(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("keeping", 100) as advance:
        advance(100)
    assert capsys.readouterr() == ("", "")


def test_colours_do_not_survive_a_pipe_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert "\x1b" not in call("status", "nowhere").err
