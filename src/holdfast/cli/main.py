"""The `holdfast` command and its verbs, each imported only when it is used."""

import importlib
import sys

import click

from holdfast.cli import language
from holdfast.cli.edge import report
from holdfast.errors import HoldfastError

VERBS = ("demo", "new", "keep", "copy", "status", "verify", "request", "grant", "list", "restore", "open", "keeper")
KEEPER_VERBS = ("new", "card", "admit", "reshare", "adopt", "retire", "check")


class Verbs(click.Group):
    """A group whose commands live in modules named after them."""

    modules = "holdfast.cli.verb_"
    names: tuple[str, ...] = VERBS

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the verbs in the order in which a vault meets them."""
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb's module and give its command."""
        if cmd_name not in self.names:
            return None
        command = importlib.import_module(self.modules + cmd_name).command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--lang", type=click.Choice(language.LANGUAGES), help="Language of what is shown; else the system's.")
@click.version_option(package_name="holdfast")
def holdfast(lang: str | None) -> None:
    """Keep what was said online: sealed, checked, and brought back by a quorum of keepers."""
    if lang:
        language.speak(lang)


def main() -> None:
    """Run the command line; every error is one sentence and an exit code."""
    as_json = "--json" in sys.argv
    try:
        code = holdfast.main(standalone_mode=False)
    except HoldfastError as error:
        sys.exit(report(error, as_json=as_json))
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OSError as error:
        sys.exit(report(error, as_json=as_json))
    sys.exit(code if isinstance(code, int) else 0)
