"""`holdfast keep`: an export, sealed into a vault."""

from contextlib import AbstractContextManager
from pathlib import Path

import click

from holdfast.cli import options
from holdfast.cli.edge import DAMAGED
from holdfast.cli.language import say
from holdfast.cli.rosters import compartment
from holdfast.cli.screen import progress, show, size, warn
from holdfast.custody.rosters import COMPARTMENTS
from holdfast.deal import deal_apart
from holdfast.errors import NotFound, Unreadable
from holdfast.keep import Kept, World, keep
from holdfast.model.export import Compartment
from holdfast.sources.protocol import Source
from holdfast.sources.x import recognise
from holdfast.state.journal import Journal
from holdfast.vault import view
from holdfast.vault.order import counts

EPILOG = "Example: holdfast keep twitter-archive.zip --vault vault"


@click.command("keep", epilog=EPILOG)
@click.argument("exports", metavar="EXPORT...", type=options.FILE, nargs=-1, required=True)
@options.vault_option
@click.option(
    "--only", type=click.Choice(COMPARTMENTS), multiple=True, help="Keep no more than this; public is always kept."
)
@click.option("--preview", is_flag=True, help="Show what would be kept where, and keep nothing.")
@click.option("--leave-no-trace", is_flag=True, help="Remember nothing on this device, not even the writer key.")
@click.option("--remember", is_flag=True, help="Remember what was kept, so that the next keeping is small (default).")
@click.option("--full", is_flag=True, help="Store everything again, whatever this device remembers.")
@click.option("--never-used-circle", is_flag=True, help="The owner says that no post was ever for a Circle only.")
@options.json_option
def command(exports: tuple[Path, ...], vault_path: Path, only: tuple[str, ...], as_json: bool, **flags: bool) -> int:
    """Seal an export into a vault: a zip, its part zips, or an unpacked folder.

    Killed at any instant, the vault is valid and the same command goes on where it was.
    """
    if flags["leave_no_trace"] and flags["remember"]:
        raise click.UsageError(say("--leave-no-trace and --remember exclude each other."))
    store = options.store(vault_path)
    vault = view.read(store)
    source = _recognise(exports, never_used_circle=flags["never_used_circle"])
    wanted = frozenset(map(Compartment, only or Compartment))
    if flags["preview"]:
        _preview(source, wanted | {Compartment.PUBLIC}, as_json=as_json)
        return 0
    total = sum(member.size for member in source.members())
    with _journal(vault.format.vault, forget=flags["leave_no_trace"]) as journal:
        if flags["full"]:
            journal.forget()
        if journal.remembers:
            store.sweep()
        with progress(say("keeping"), total) as advance:
            kept = keep(source, store, journal, wanted, World(options.now, options.random, deal_apart, advance))
    _report(kept, vault_path, vault.format.vault, traces=journal.remembers, as_json=as_json)
    return DAMAGED if kept.damaged else 0


def _journal(vault: bytes, *, forget: bool) -> AbstractContextManager[Journal]:
    return Journal.nowhere() if forget else options.device().journal(vault)


def _recognise(exports: tuple[Path, ...], *, never_used_circle: bool) -> Source:
    for path in exports:
        if not path.exists():
            raise NotFound("file-missing", name=str(path))
    source = recognise(exports, never_used_circle=never_used_circle)
    if source is None:
        raise Unreadable("export-unknown", name=str(exports[0]))
    return source


def _preview(source: Source, only: frozenset[Compartment], *, as_json: bool) -> None:
    members = source.members()
    found = counts(members)
    sizes = {c: sum(m.size for m in members if m.compartments[0] is c) for c in Compartment}
    rows = {c: {"members": n, "bytes": sizes[c], "kept": c in only} for c, n in found.items()}
    text, not_kept = say("  {name}: {n} files, {size}"), say("not kept")
    lines = [say("This would be kept; nothing has been written.")]
    for c, n in found.items():
        line = text.format(name=compartment(c), n=n, size=size(sizes[c]))
        lines.append(line if c in only else f"{line} ({not_kept})")
    show(lines, {"preview": rows}, as_json=as_json)


def _report(kept: Kept, vault: Path, vault_id: bytes, *, traces: bool, as_json: bool) -> None:
    lines = [say("Keeping {name} is whole: {size} sealed.", name=kept.keeping, size=size(kept.sealed))]
    lines += [say("  {name}: {n} files", name=compartment(c), n=n) for c, n in kept.members.items() if n]
    lines += [
        say("  {name}: {n} files were left out, as asked", name=compartment(c), n=n) for c, n in kept.left_out.items()
    ]
    for damaged in kept.damaged:
        name = damaged.path.decode("utf-8", "replace")
        warn(
            say(
                "{name} is damaged: {kept} of {promised} bytes could be read and are kept.",
                name=ascii(name)[1:-1],
                kept=damaged.kept,
                promised=damaged.promised,
            )
        )
    if not kept.admitted:
        lines += [say("The writer is new. Nothing of it can be opened until one keeper admits it:")]
        lines += [f"  holdfast keeper admit --kit KIT --vault {vault} {kept.writer.hex()[:16]}"]
    lines += [
        say("Still on this device: the export itself, and what the browser remembers of it. Delete them yourself.")
    ]
    if traces:
        lines += [
            say("Also here: the writer key, and digests with which exact guesses of public posts can be confirmed.")
        ]
    elif (folder := options.device().folder(vault_id)).exists():
        warn(say("This device still has the writer key that an earlier command left in {folder}.", folder=folder))
    lines += [say("Check it with: holdfast verify {vault} --deep", vault=vault)]
    value = {
        "keeping": kept.keeping,
        "members": {c: n for c, n in kept.members.items() if n},
        "left_out": kept.left_out,
        "damaged": [
            {"member": d.path.decode("utf-8", "replace"), "code": d.code, "kept": d.kept, "promised": d.promised}
            for d in kept.damaged
        ],
        "sealed_bytes": kept.sealed,
        "log_size": kept.checkpoint.size,
        "writer": kept.writer.hex(),
        "admitted": kept.admitted,
        "resumed": kept.resumed,
    }
    show(lines, value, as_json=as_json)
