"""`holdfast keeper adopt`: take part in a new roster."""

from pathlib import Path

import click

from holdfast.adopt import adopt
from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.screen import show
from holdfast.reshare import proposal

EPILOG = "Example: holdfast keeper adopt --kit my-kit --vault vault"


@click.command("adopt", epilog=EPILOG)
@options.kit_option
@options.passphrase_option
@options.vault_option
@click.option("--roster", "wanted", metavar="ID", default="", help="The proposed roster's id, where there are several.")
@options.json_option
def command(kit_path: Path, passphrase_file: Path | None, vault_path: Path, wanted: str, as_json: bool) -> None:
    """Check what old keepers dealt to you, and adopt it."""
    vault = options.open_vault(vault_path)
    kit = options.open_kit(kit_path, passphrase_file)
    roster = proposal(vault, wanted)
    done = adopt(vault, kit, roster, options.now(), options.random)
    active = options.open_vault(vault_path).book.active.content.v
    lines = [say("What {n} keepers dealt to you is good, and you have said so.", n=len(done[0].content.dealers))]
    if active == roster.content.v:
        lines += [say("Roster {v} is active now. Old keepers run: holdfast keeper retire", v=active)]
    else:
        lines += [say("Roster {v} becomes active when the other new keepers have adopted it too.", v=roster.content.v)]
    show(lines, {"roster": roster.content.v, "active": active, "dealers": done[0].content.dealers}, as_json=as_json)
