"""The `holdfast` command and its verbs, each imported only when it is used."""

import importlib
import os
import sys

import click
from click.shell_completion import shell_complete

from holdfast.cli import help as pages
from holdfast.cli import language
from holdfast.cli.edge import run
from holdfast.cli.screen import colour

VERBS = ("demo", "new", "keep", "copy", "status", "verify", "request", "grant", "list", "restore", "open", "keeper")
KEEPER_VERBS = ("new", "card", "admit", "reshare", "adopt", "retire", "check")
COMPLETE = "_HOLDFAST_COMPLETE"

EPILOG = """
Example: holdfast demo

To complete verbs and options with the Tab key in bash (other shells: docs/how-to/shell-completion.md):
  eval "$(_HOLDFAST_COMPLETE=bash_source holdfast)"
"""


class Verbs(pages.Verbs):
    """A group whose commands live in modules named after them."""

    modules = "holdfast.cli.verb_"
    names: tuple[str, ...] = VERBS

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the verbs in the order in which a vault meets them."""
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb's module and give its command, with help in the language spoken."""
        if cmd_name not in self.names:
            return None
        command: click.Command = importlib.import_module(self.modules + cmd_name).command
        return pages.Verb.of(command) if type(command) is click.Command else command


def _speak(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value:
        language.speak(value)


@click.group(
    cls=Verbs,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--lang",
    type=click.Choice(language.LANGUAGES),
    is_eager=True,
    expose_value=False,
    callback=_speak,
    help="Language of what is shown; else the system's.",
)
@click.version_option(package_name="holdfast", message="%(prog)s %(version)s")
@click.pass_context
def holdfast(ctx: click.Context) -> None:
    """Keep what was said online: sealed, checked, and brought back by a quorum of keepers."""
    ctx.color = colour()


def main() -> None:
    """Run the command line, or complete what somebody types; every error is one sentence and an exit code."""
    if instruction := os.environ.get(COMPLETE):
        sys.exit(shell_complete(holdfast, {}, "holdfast", COMPLETE, instruction))
    sys.exit(run(holdfast, sys.argv[1:]))
