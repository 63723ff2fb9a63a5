"""Where every error becomes one plain sentence and an exit code."""

import errno
import os
import sqlite3
import sys
import traceback
from collections.abc import Sequence
from typing import NamedTuple

import click
import msgspec

from holdfast.cli.language import say
from holdfast.cli.screen import colour
from holdfast.cli.sentences import SENTENCES, field
from holdfast.errors import AlreadyExists, HoldfastError, NotFound, Refused, Unreadable, Unsupported, Unverified

EXIT_CODES: dict[type[HoldfastError], int] = {
    Refused: 3,
    Unverified: 4,
    Unreadable: 5,
    NotFound: 6,
    AlreadyExists: 7,
    Unsupported: 8,
}
UNEXPECTED = 1
MISUSED = 2
WAITING = 9
DAMAGED = 10
STOPPED = 130
NOBODY_READS = 141
WAITS = ("request-waits", "roster-waits")


class Failure(NamedTuple):
    """How an error leaves the program."""

    code: str
    sentence: str
    exit: int


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """Run the command line and give its exit code; whatever goes wrong is told in one sentence."""
    try:
        code = _invoke(command, arguments)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.message, err=True)
        return MISUSED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - this is the edge
        if isinstance(error, click.UsageError) and error.ctx is not None:
            click.echo(error.ctx.get_usage(), err=True)
            click.echo(say("More: {command} --help", command=error.ctx.command_path), err=True)
        if os.environ.get("HOLDFAST_TRACEBACK") == "1":
            traceback.print_exc()
        return _tell(failure(error), as_json="--json" in arguments)
    return code


def _invoke(command: click.Command, arguments: Sequence[str]) -> int:
    try:
        with command.make_context("holdfast", list(arguments)) as context:
            code = command.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    return code if isinstance(code, int) else 0


def failure(error: BaseException) -> Failure:
    """Give what is said of an error and how the program ends."""
    match error:
        case HoldfastError():
            return Failure(error.code, sentence(error), exit_code(error))
        case OSError():
            return failure(from_system(error))
        case sqlite3.Error():
            return failure(Unreadable("device-memory-failed", why=str(error)))
        case click.UsageError():
            return Failure("usage", misuse(error), MISUSED)
        case click.Abort() | KeyboardInterrupt():
            return Failure("stopped", say("Stopped. What was committed is kept; the same command goes on."), STOPPED)
    text = say(
        "Holdfast itself made a mistake ({name}). What was committed is kept. Please report it, with what you typed.",
        name=type(error).__name__,
    )
    return Failure("unexpected", text, UNEXPECTED)


def exit_code(error: HoldfastError) -> int:
    """Give the exit code of an error: by whose fault it is, and one of its own for what only needs time."""
    if error.code in WAITS:
        return WAITING
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), UNEXPECTED)


def sentence(error: HoldfastError) -> str:
    """Say in one sentence what happened, what was kept and what to do."""
    fields = {name: field(name, value) for name, value in error.fields.items()}
    if error.code not in SENTENCES:
        return say("Something failed ({code}). What was committed is kept; please report it.", code=error.code)
    return say(SENTENCES[error.code], **fields)


def from_system(error: OSError) -> HoldfastError:
    """Give an error of the operating system as one of ours."""
    name = say("the file") if error.filename is None else str(error.filename)
    match error.errno:
        case errno.ENOENT:
            return NotFound("file-missing", name=name)
        case errno.EEXIST:
            return AlreadyExists("file-exists", name=name)
        case errno.EACCES | errno.EPERM:
            return Unreadable("file-denied", name=name)
        case errno.EISDIR:
            return Unreadable("file-is-folder", name=name)
        case errno.ENOTDIR:
            return Unreadable("file-is-no-folder", name=name)
        case errno.ENOSPC | errno.EDQUOT:
            return Unreadable("disk-full")
        case errno.EROFS:
            return Unreadable("disk-read-only")
    return Unreadable("file-failed", name=name, why=error.strerror or type(error).__name__)


def misuse(error: click.UsageError) -> str:
    """Say what is wrong with a command line."""
    match error:
        case click.MissingParameter(param=click.Option() as option):
            return say("{name} is missing: {meaning}", name=_name(error), meaning=say(option.help or ""))
        case click.MissingParameter():
            return say("{name} is missing.", name=_name(error))
        case click.NoSuchOption():
            return say("There is no option {name}.", name=error.option_name)
        case click.exceptions.NoSuchCommand():
            return say("There is no verb {name}.", name=error.command_name)
        case click.BadParameter(param=click.Parameter(type=click.Choice(choices=choices))):
            return say("{name} is one of these: {choices}.", name=_name(error), choices=", ".join(choices))
        case click.BadParameter(param=click.Parameter(type=click.IntRange(min=least, max=most))):
            return say("{name} is a number from {least} to {most}.", name=_name(error), least=least, most=most)
        case click.BadOptionUsage():
            return say("{name} is not used like this.", name=error.option_name)
    return say("Name a verb.") if error.message == "Missing command." else error.message


def _name(error: click.BadParameter) -> str:
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return error.param.make_metavar(error.ctx) if error.param and error.ctx else "?"


def _tell(told: Failure, *, as_json: bool) -> int:
    if as_json:
        value = {"error": {"code": told.code, "sentence": told.sentence}}
        sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    click.secho(told.sentence, err=True, fg="red", color=colour())
    return told.exit
