"""Where every error becomes one plain sentence and an exit code."""

import sys

import click
import msgspec

from holdfast.cli.language import say
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
WAITING = 9
DAMAGED = 10
WAITS = ("request-waits", "roster-waits")


def exit_code(error: HoldfastError) -> int:
    """Give the exit code of an error: by whose fault it is, and one of its own for what only needs time."""
    return WAITING if error.code in WAITS else EXIT_CODES[type(error)]


def sentence(error: HoldfastError) -> str:
    """Say in one sentence what happened, what was kept and what to do."""
    template = SENTENCES.get(error.code, "Something failed ({code}); nothing was changed. Please report it.")
    return say(template, **({"code": error.code} | {name: field(name, value) for name, value in error.fields.items()}))


def report(error: HoldfastError | OSError, *, as_json: bool) -> int:
    """Print an error and give its exit code."""
    if isinstance(error, OSError):
        error = Unreadable("file-failed", name=str(error.filename or "?"), why=error.strerror or "?")
    text = sentence(error)
    if as_json:
        value = {"error": {"code": error.code, "sentence": text}}
        sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    click.secho(text, err=True, fg="red")
    return exit_code(error)
