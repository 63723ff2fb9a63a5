"""`holdfast restore`: bring a keeping back."""

from pathlib import Path

import click

from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.opened import opened, withheld_lines
from holdfast.cli.screen import progress, show
from holdfast.restore import choose, restore
from holdfast.targets.x import XTarget
from holdfast.vault.reader import Snapshot

EPILOG = "Example: holdfast restore vault --key request/request.key --grant anna.grant ben.grant --to x back"


@click.command("restore", cls=options.Several, epilog=EPILOG)
@click.argument("vault_path", metavar="VAULT", type=options.FILE)
@options.key_option
@options.grant_option
@click.option("--to", "target", metavar="x", required=True, type=click.Choice(["x"]), help="x: the export as it was.")
@click.argument("out", metavar="OUT", type=options.FILE)
@click.option("--keeping", metavar="N", default="", help="Which keeping, by number or name; else the newest.")
@click.option("--unpacked", is_flag=True, help="Every member as a file below OUT, instead of the zip that it came in.")
@options.json_option
def command(
    vault_path: Path, key_path: Path, grant_paths: tuple[Path, ...], out: Path, as_json: bool, **how: object
) -> None:
    """Give one keeping back as it was: bytes, order, times and attributes of every member.

    OUT is a folder, or a file if it ends in .zip and one zip was kept.
    """
    found = opened(vault_path, key_path, grant_paths)
    identities = found.opening.identities
    snapshot = Snapshot(found.vault, choose(found.vault, identities, str(how["keeping"])), identities)
    total = sum(member.size for member in snapshot.members)
    with progress(say("restoring"), total) as advance:
        paths = list(restore(snapshot, XTarget(out, unpacked=bool(how["unpacked"])), advance))
    lines = [
        say(
            "Keeping {name} is back: {n} files, every byte checked.",
            name=snapshot.keeping.name,
            n=len(snapshot.members),
        )
    ]
    lines += [f"  {path}" for path in paths[:5]] + (["  …"] if len(paths) > 5 else [])
    value = {
        "keeping": snapshot.keeping.name,
        "members": len(snapshot.members),
        "bytes": total,
        "paths": [str(path) for path in paths],
        "withheld": snapshot.withheld,
        "partly_withheld": snapshot.partial,
        "opening": found.facts(),
    }
    show(lines + withheld_lines(snapshot), value, as_json=as_json)
