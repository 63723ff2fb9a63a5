"""However a command ends, it says one sentence, gives one exit code and shows no traceback."""

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from holdfast.cli import edge, language
from holdfast.cli.edge import failure, from_system, run
from holdfast.cli.screen import colour, warn
from holdfast.errors import AlreadyExists, HoldfastError, NotFound, Unreadable

Call = Callable[..., "object"]
SECRET = "the owner's own words"


def command(error: BaseException) -> click.Command:
    """Give a verb that does nothing but fail."""

    @click.command()
    @click.option("--json", "as_json", is_flag=True)
    def fail(as_json: bool) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (errno.ENOENT, NotFound, "file-missing"),
        (errno.EEXIST, AlreadyExists, "file-exists"),
        (errno.EACCES, Unreadable, "file-denied"),
        (errno.EPERM, Unreadable, "file-denied"),
        (errno.EISDIR, Unreadable, "file-is-folder"),
        (errno.ENOTDIR, Unreadable, "file-is-no-folder"),
        (errno.ENOSPC, Unreadable, "disk-full"),
        (errno.EDQUOT, Unreadable, "disk-full"),
        (errno.EROFS, Unreadable, "disk-read-only"),
        (errno.EIO, Unreadable, "file-failed"),
    ],
)
def test_an_error_of_the_system_is_one_of_ours(number: int, kind: type[HoldfastError], code: str) -> None:
    error = from_system(OSError(number, os.strerror(number), "its-name"))
    assert (type(error), error.code) == (kind, code)
    assert "{" not in edge.sentence(error)


def test_an_error_of_the_system_without_a_name_has_a_sentence() -> None:
    told = failure(OSError(errno.EIO, "Input/output error"))
    assert told.sentence.startswith("the file cannot be read or written: the disk gives an error.")


def test_a_failing_journal_has_a_sentence() -> None:
    told = failure(sqlite3.OperationalError("database or disk is full"))
    assert (told.code, told.exit) == ("device-memory-failed", 5)
    assert "database or disk is full" in told.sentence


def test_ctrl_c_says_that_the_same_command_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command(KeyboardInterrupt()), []) == 130
    assert capsys.readouterr().err.strip() == "Stopped. What was committed is kept; the same command goes on."


def test_a_mistake_of_ours_asks_to_report_it_and_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command(ValueError(SECRET)), []) == 1
    told = capsys.readouterr().err
    assert told.startswith("Holdfast itself made a mistake (ValueError).")
    assert "report" in told
    assert SECRET not in told
    assert "Traceback" not in told
    assert len(told.splitlines()) == 1


def test_a_traceback_is_shown_where_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOLDFAST_TRACEBACK", "1")
    assert run(command(ValueError("why")), []) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound("kit-missing"), "kit-missing"),
        (PermissionError(errno.EACCES, "no", "f"), "file-denied"),
        (KeyboardInterrupt(), "stopped"),
        (ValueError("x"), "unexpected"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_json_gives_one_object_for_every_failure(error: BaseException, code: str) -> None:
    from conftest import Ran, call  # noqa: F401

    assert Ran(*captured(error)).object["error"]["code"] == code


def captured(error: BaseException) -> tuple[int, str, str]:
    import contextlib
    import io

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(command(error), ["--json"])
    return code, out.getvalue(), err.getvalue()
