"""`holdfast verify`: everything promised is there and unchanged; no key is needed."""

from pathlib import Path

import click

from holdfast.cli import options
from holdfast.cli.edge import EXIT_CODES, sentence
from holdfast.cli.language import say
from holdfast.cli.screen import progress, show, size
from holdfast.verify import verify, write_checkpoints

EPILOG = "Example: holdfast verify vault --deep --against checkpoint-of-march"


@click.command("verify", epilog=EPILOG)
@click.argument("vault_path", metavar="VAULT", type=options.FILE)
@click.option("--deep", is_flag=True, help="Read every sealed byte; without it only presence and sizes are checked.")
@click.option(
    "--against",
    metavar="CHECKPOINT",
    type=options.FILE,
    help="A file of checkpoints seen earlier: nothing may be rolled back.",
)
@click.option(
    "--save-checkpoint",
    metavar="FILE",
    type=options.FILE,
    help="Write the checkpoints of now to a new file, for --against.",
)
@options.json_option
def command(vault_path: Path, deep: bool, against: Path | None, save_checkpoint: Path | None, as_json: bool) -> int:
    """Check a vault: logs, promised packs, and that nothing was rolled back since a checkpoint."""
    store = options.store(vault_path)
    earlier = options.read_bytes(against) if against else None
    total = sum(length for _, length in store.names("packs/")) if deep else 0
    with progress(say("verifying"), total) as advance:
        verdict = verify(store, earlier, deep=deep, progress=advance)
    faults = [sentence(fault) for fault in verdict.faults]
    if not faults and save_checkpoint:
        options.write_new(save_checkpoint, write_checkpoints(store))
    lines = faults or [
        say("Good: {n} packs, {size}.", n=verdict.packs, size=size(verdict.size)),
        say("Every sealed byte was read.")
        if deep
        else say("Sizes were checked and bytes were not read: add --deep for that."),
    ]
    if against and not faults:
        lines += [say("Everything that {file} names is still there and unchanged.", file=against)]
    if verdict.unlisted:
        lines += [
            say("Packs that stand in no log: {n}.", n=verdict.unlisted),
            say("A keeping that was killed leaves some. So does a log that was cut off: compare with --against."),
        ]
    if verdict.scripts:
        names = ", ".join(verdict.scripts)
        lines += [say("Not as this version makes them: {names}. Do not run them unless you know why.", names=names)]
    if verdict.strange:
        lines += [say("Messages that are not valid and were passed over: {n}.", n=verdict.strange)]
    value = {
        "good": not faults,
        "faults": [{"code": fault.code, "sentence": sentence(fault)} for fault in verdict.faults],
        "packs": verdict.packs,
        "sealed_bytes": verdict.size,
        "unlisted": verdict.unlisted,
        "strange": verdict.strange,
        "scripts": verdict.scripts,
        "deep": deep,
        "checkpoints": {w.hex(): {"size": c.size, "root": c.root.hex()} for w, c in verdict.checkpoints.items()},
    }
    show(lines, value, as_json=as_json)
    return EXIT_CODES[type(verdict.faults[0])] if faults else 0
