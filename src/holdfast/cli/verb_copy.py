"""`holdfast copy`: a verified copy of a vault."""

from pathlib import Path

import click

from holdfast.cli import options
from holdfast.cli.edge import EXIT_CODES, sentence
from holdfast.cli.language import say
from holdfast.cli.screen import progress, show, size
from holdfast.copy import copy
from holdfast.errors import Refused
from holdfast.store.directory import DirectoryStore

EPILOG = "Example: holdfast copy vault /media/usb/vault"


@click.command("copy", epilog=EPILOG)
@click.argument("vault_path", metavar="VAULT", type=options.FILE)
@click.argument("target", metavar="DEST", type=options.FILE)
@options.json_option
def command(vault_path: Path, target: Path, as_json: bool) -> int:
    """Copy a vault to another folder and read every byte back; run again, it goes on where it was."""
    source = options.store(vault_path)
    if target.resolve().is_relative_to(vault_path.resolve()):
        raise Refused("copy-into-itself", name=str(target))
    total = sum(length for _, length in source.names(""))
    with progress(say("copying"), total) as advance:
        copied = copy(source, DirectoryStore(target), advance)
    faults = [sentence(fault) for fault in copied.faults]
    counted = say("  {n} objects copied, {size}; {m} were there already")
    lines = faults or [say("The copy {dest} is whole.", dest=target)]
    lines += [counted.format(n=copied.objects, size=size(copied.size), m=copied.present)]
    value = {
        "copied": copied.objects,
        "bytes": copied.size,
        "present": copied.present,
        "faults": [{"code": fault.code, "sentence": sentence(fault)} for fault in copied.faults],
    }
    show(lines, value, as_json=as_json)
    return EXIT_CODES[type(copied.faults[0])] if copied.faults else 0
