"""`holdfast keeper check`: the fire drill."""

from pathlib import Path

import click

from holdfast.cli import options
from holdfast.cli.edge import EXIT_CODES, sentence
from holdfast.cli.language import say
from holdfast.cli.screen import show
from holdfast.drill import drill
from holdfast.errors import Unverified

EPILOG = "Example: holdfast keeper check --kit my-kit --vault vault"


@click.command("check", epilog=EPILOG)
@options.kit_option
@options.passphrase_option
@options.vault_option
@options.json_option
def command(kit_path: Path, passphrase_file: Path | None, vault_path: Path, as_json: bool) -> int:
    """Open and verify every share of yours, before anybody needs it."""
    vault = options.open_vault(vault_path)
    done = drill(vault, options.open_kit(kit_path, passphrase_file))
    lines = [
        say(
            "You are keeper {x}: {n} of {all} shares open and verify.",
            x=done.x,
            n=len(done.good),
            all=len(done.good) + len(done.bad),
        )
    ]
    lines += [f"  {mid.hex()[:16]}: {sentence(error)}" for mid, error in done.bad.items()]
    value = {
        "keeper": done.x,
        "good": len(done.good),
        "bad": {mid.hex(): error.code for mid, error in done.bad.items()},
    }
    show(lines, value, as_json=as_json)
    return EXIT_CODES[Unverified] if done.bad else 0
