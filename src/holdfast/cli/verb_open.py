"""`holdfast open`: the epochs' identities, for whoever must go on without Holdfast."""

from pathlib import Path

import click

from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.opened import opened
from holdfast.cli.screen import show, warn

EPILOG = "Example: holdfast open vault --key request/request.key --grant anna.grant ben.grant --out identities.txt"


@click.command("open", cls=options.Several, epilog=EPILOG)
@click.argument("vault_path", metavar="VAULT", type=options.FILE)
@options.key_option
@options.grant_option
@click.option(
    "--out",
    metavar="FILE",
    type=options.FILE,
    required=True,
    help="A new file for the identities, in age's own format.",
)
@options.json_option
def command(vault_path: Path, key_path: Path, grant_paths: tuple[Path, ...], out: Path, as_json: bool) -> None:
    """Write the identities that open what was granted, for stock age 1.3 or later."""
    options.check_new(out)
    found = opened(vault_path, key_path, grant_paths)
    lines = []
    for mid, identity in found.opening.identities.items():
        keeping = found.vault.keeping_of(mid)
        lines += [f"# {keeping.name if keeping else '?'} {found.vault.book.epoch(mid).content.comp}", str(identity)]
    options.write_new(out, ("\n".join(lines) + "\n").encode(), 0o600)
    warn(
        say(
            "Whoever has {file} reads everything that it opens, without any keeper and for ever. Delete it when done.",
            file=out,
        )
    )
    text = [say("{n} identities are in {file}.", n=len(found.opening.identities), file=out)]
    show(text, {"identities": len(found.opening.identities), "opening": found.facts()}, as_json=as_json)
