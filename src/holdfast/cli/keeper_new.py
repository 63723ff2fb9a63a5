"""`holdfast keeper new`: a kit."""

from pathlib import Path

import click

from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.screen import show
from holdfast.keeper.kits import Kit

EPILOG = "Example: holdfast keeper new my-kit"


@click.command("new", epilog=EPILOG)
@click.argument("kit_path", metavar="KIT", type=options.FILE)
@options.passphrase_option
@options.json_option
def command(kit_path: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Make a keeper's kit, wrapped by a passphrase."""
    Kit.create(kit_path, options.new_passphrase(kit_path, passphrase_file))
    lines = [
        say("The kit {kit} is made. Without its passphrase it is of no use, to you neither.", kit=kit_path),
        say("For each new vault give a fresh card: holdfast keeper card {kit} --out CARD", kit=kit_path),
    ]
    show(lines, {"kit": str(kit_path)}, as_json=as_json)
