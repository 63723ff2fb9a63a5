"""`holdfast keeper admit`: a writer whose key is new."""

from pathlib import Path

import click

from holdfast.admit import admit
from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.screen import show
from holdfast.errors import NotFound
from holdfast.vault.view import Vault

EPILOG = "Example: holdfast keeper admit --kit my-kit --vault vault 3fa9c2d10b7e4d55"


@click.command("admit", epilog=EPILOG)
@options.kit_option
@options.passphrase_option
@options.vault_option
@click.argument("writer", metavar="WRITER")
@options.json_option
def command(kit_path: Path, passphrase_file: Path | None, vault_path: Path, writer: str, as_json: bool) -> None:
    """Admit a writer, named by its key or the start of it: its keepings count from here."""
    vault = options.open_vault(vault_path)
    key = _find(vault, writer)
    admit(vault, options.open_kit(kit_path, passphrase_file), key, options.now(), options.random)
    lines = [say("Writer {writer} is admitted.", writer=key.hex()[:16])]
    show(lines, {"writer": key.hex()}, as_json=as_json)


def _find(vault: Vault, start: str) -> bytes:
    found = [key for key in vault.logs if key.hex().startswith(start.lower())]
    if len(found) != 1 or len(start) < 8:
        raise NotFound("writer-missing", writer=start)
    return found[0]
