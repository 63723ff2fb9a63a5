"""`holdfast list`: what is inside an opened vault."""

import base64
import sys
from pathlib import Path

import click
import msgspec

from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.opened import opened, withheld_lines
from holdfast.cli.screen import show
from holdfast.cli.sentences import printable
from holdfast.listing import counts, records
from holdfast.restore import choose
from holdfast.vault.reader import Snapshot

EPILOG = "Example: holdfast list vault --key request/request.key --grant anna.grant ben.grant"


@click.command("list", cls=options.Several, epilog=EPILOG)
@click.argument("vault_path", metavar="VAULT", type=options.FILE)
@options.key_option
@options.grant_option
@click.option("--keeping", metavar="N", default="", help="Which keeping, by number or name; else the newest.")
@click.option("--records", "as_records", is_flag=True, help="Print every record as one line of JSON.")
@options.json_option
def command(
    vault_path: Path, key_path: Path, grant_paths: tuple[Path, ...], keeping: str, as_records: bool, as_json: bool
) -> None:
    """List what a quorum opened: records by kind, or each of them."""
    found = opened(vault_path, key_path, grant_paths)
    identities = found.opening.identities
    snapshot = Snapshot(found.vault, choose(found.vault, identities, keeping), identities)
    if as_records:
        _print_records(snapshot)
        return
    kinds = counts(snapshot)
    lines = [say("Keeping {name}: {n} files", name=snapshot.keeping.name, n=len(snapshot.members))]
    lines += [f"  {printable(kind)}: {n}" for kind, n in kinds.items()]
    keepings = [
        {
            "name": k.name,
            "number": k.number,
            "whole": k.whole,
            "open": sorted(c for c, e in k.epochs.items() if e in identities),
        }
        for k in found.vault.keepings()
    ]
    value = {
        "counts": kinds,
        "keepings": keepings,
        "keeping": snapshot.keeping.name,
        "members": len(snapshot.members),
        "withheld": snapshot.withheld,
        "opening": found.facts(),
    }
    show(lines + withheld_lines(snapshot), value, as_json=as_json)


def _print_records(snapshot: Snapshot) -> None:
    for member, record in records(snapshot):
        fields = msgspec.to_builtins(record, builtin_types=(bytes,))
        if isinstance(data := fields.get("data"), bytes):
            fields["data"] = _text(data)
        line = {"kind": record.kind, "member": member.path.decode("utf-8", "replace")} | fields
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")


def _text(data: bytes) -> object:
    """Give bytes as text where they are UTF-8, else as base64, marked."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}
