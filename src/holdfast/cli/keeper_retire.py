"""`holdfast keeper retire`: destroy the secret of a roster that has been replaced."""

from pathlib import Path

import click

from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.screen import show
from holdfast.retire import retire

EPILOG = "Example: holdfast keeper retire --kit my-kit --vault vault"


@click.command("retire", epilog=EPILOG)
@options.kit_option
@options.passphrase_option
@options.vault_option
@options.json_option
def command(kit_path: Path, passphrase_file: Path | None, vault_path: Path, as_json: bool) -> None:
    """Erase your secret of a replaced roster, and say so; the first call starts the wait."""
    vault = options.open_vault(vault_path)
    done = retire(vault, options.open_kit(kit_path, passphrase_file), options.now(), options.random)
    lines = [
        say("Erased from this kit: {n} of its secrets, all of replaced rosters.", n=len(done)),
        say("Burn what you have of them on paper, and delete backups of the kit."),
    ]
    show(lines, {"erased": len(done)}, as_json=as_json)
