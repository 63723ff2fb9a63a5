"""However a command ends, it says one sentence, gives one exit code and shows no traceback."""

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest
from running import call

from holdfast.cli.edge import failure, from_system, sentence
from holdfast.cli.screen import colour
from holdfast.errors import AlreadyExists, HoldfastError, NotFound, Unreadable

SECRET = "the owner's own words"


def failing(error: BaseException) -> click.Command:
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
    assert "{" not in sentence(error)


def test_an_error_of_the_system_without_a_name_has_a_sentence() -> None:
    told = failure(OSError(errno.EIO, os.strerror(errno.EIO)))
    assert told.sentence.startswith("the file cannot be read or written: the disk gives an error.")


def test_a_failing_journal_has_a_sentence() -> None:
    told = failure(sqlite3.OperationalError("database or disk is full"))
    assert (told.code, told.exit) == ("device-memory-failed", 5)
    assert "database or disk is full" in told.sentence


def test_ctrl_c_says_that_the_same_command_goes_on() -> None:
    stopped = call(command=failing(KeyboardInterrupt()))
    assert (stopped.code, stopped.out) == (130, "")
    assert stopped.err.strip() == "Stopped. What was committed is kept; the same command goes on."


def test_a_mistake_of_ours_asks_to_report_it_and_shows_nothing() -> None:
    failed = call(command=failing(ValueError(SECRET)))
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.startswith("Holdfast itself made a mistake (ValueError).")
    assert "report" in failed.err
    assert SECRET not in failed.err
    assert len(failed.err.splitlines()) == 1


def test_a_traceback_is_shown_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_TRACEBACK", "1")
    assert "Traceback" in call(command=failing(ValueError("why"))).err


@pytest.mark.parametrize(
    ("error", "code", "number"),
    [
        (NotFound("kit-missing"), "kit-missing", 6),
        (PermissionError(errno.EACCES, "no", "f"), "file-denied", 5),
        (KeyboardInterrupt(), "stopped", 130),
        (ValueError("x"), "unexpected", 1),
    ],
    ids=["ours", "the system's", "stopped", "unexpected"],
)
def test_json_gives_one_object_for_every_failure(error: BaseException, code: str, number: int) -> None:
    failed = call("--json", command=failing(error))
    assert failed.code == number
    assert failed.object["error"]["code"] == code
    assert failed.object["error"]["sentence"] in failed.err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("keep x.zip", "--vault is missing: The vault, a folder that `holdfast new` made."),
        ("keep --vault v", "EXPORT... is missing."),
        ("keep x.zip --valt v", "There is no option --valt."),
        ("keep x.zip --vault v --only everything", "--only is one of these: public, private, identity."),
        ("frobnicate", "There is no verb frobnicate."),
        ("--lang en", "Name a verb."),
        ("new v --keeper c --quorum 0", "--quorum is a number from 1 to 16."),
        ("new v --keeper c --quorum", "--quorum is not used like this."),
        ("new v --keeper c --delay soon", "soon is no time; write it like 72h, 30m, 7d or 0."),
        ("new v --keeper c --delay 61d", "61d is too long: a request lives 90 days, and a wait 60 at most."),
        ("status v and more", "This verb does not take: and more"),
        ("keeper card kit", "Say where the card goes: --out CARD."),
        ("--lang de status v", "--lang is one of these: en, zh-Hans, zh-Hant."),
        ("request v --kit k --why because --out o", "--why is one of these: restore, evidence, owner-asks, drill."),
    ],
)
def test_what_is_wrong_with_a_command_line_is_said(line: str, told: str) -> None:
    failed = call(*line.split())
    assert (failed.code, failed.out) == (2, "")
    assert failed.err.splitlines()[-1] == told


def test_usage_stands_above_what_is_wrong() -> None:
    usage, more, _ = call("keep", "x.zip").err.splitlines()
    assert usage == "Usage: holdfast keep EXPORT... --vault VAULT [OPTIONS]"
    assert more == "More: holdfast keep --help"


@pytest.mark.parametrize("line", ["keep x.zip --json", "frobnicate --json", "new --json v", "status --json v w"])
def test_what_is_wrong_with_a_command_line_is_one_object_too(line: str) -> None:
    failed = call(*line.split())
    assert failed.code == 2
    assert failed.object["error"]["code"] == "usage"
    assert failed.object["error"]["sentence"] == failed.err.splitlines()[-1]


def test_what_is_wrong_is_said_in_chinese_too() -> None:
    assert "缺少 --vault：保險庫" in call("--lang", "zh-Hant", "keep", "x.zip").err
    assert "没有动词 foo。" in call("--lang", "zh-Hans", "foo").err


def test_no_verb_shows_the_help() -> None:
    for path in ([], ["keeper"]):
        shown = call(*path)
        assert (shown.code, shown.out) == (2, "")
        assert "\nVerbs:\n" in shown.err


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, None),
        ({"NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
    ids=["neither", "none", "forced", "both"],
)
def test_colours_are_as_the_environment_asks(
    environment: dict[str, str], wanted: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert colour() is wanted
    assert ("\x1b[31m" in call("status", "nowhere").err) is bool(wanted)


@pytest.mark.slow
@pytest.mark.parametrize("line", ["--help", "keeper --help", "--version"])
def test_who_stops_reading_is_told_nothing(line: str) -> None:
    script = f"{sys.executable} -m holdfast {line} | exec true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.slow
def test_a_full_disk_has_a_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "holdfast", "--help"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 5
    assert done.stderr.startswith("The disk is full.")
    assert len(done.stderr.splitlines()) == 1
