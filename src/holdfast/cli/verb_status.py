"""`holdfast status`: what anybody can see of a vault, and what this device remembers of it."""

from pathlib import Path

import click

from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.rosters import compartments, rule_lines
from holdfast.cli.screen import show, size, warn
from holdfast.vault.view import Keeping, Vault

EPILOG = "Example: holdfast status vault"


@click.command("status", epilog=EPILOG)
@click.argument("vault_path", metavar="VAULT", type=options.FILE)
@options.json_option
def command(vault_path: Path, as_json: bool) -> None:
    """Show keepings, sealed bytes, checkpoints and the roster; no key is needed, and no name or count is known."""
    vault = options.open_vault(vault_path)
    if vault.faults:
        warn(say("Something is wrong with this vault; see: holdfast verify {vault}", vault=vault_path))
    memory = _memory(vault)
    keepings = [_keeping(vault, k) for k in vault.keepings()]
    roster = vault.book.active.content
    value = {
        "vault": vault.format.vault.hex(),
        "keepings": keepings,
        "sealed_bytes": sum(pack.size for log in vault.logs.values() for pack in log.packs()),
        "roster": {
            "version": roster.v,
            "keepers": [seat.x for seat in roster.keepers],
            "rules": {c: {"quorum": r.quorum, "delay": r.delay} for c, r in roster.comps.items()},
            "wait": roster.wait,
        },
        "writers": {
            w.hex(): {"log_size": log.state.size, "admitted": w in vault.book.writers} for w, log in vault.logs.items()
        },
        "device": memory,
    }
    show(_lines(vault, memory), value, as_json=as_json)


def _keeping(vault: Vault, keeping: Keeping) -> dict[str, object]:
    return {
        "name": keeping.name,
        "number": keeping.number,
        "whole": keeping.whole,
        "admitted": keeping.writer in vault.book.writers,
        "compartments": sorted(keeping.epochs),
        "sealed_bytes": keeping.size,
    }


def _memory(vault: Vault) -> dict[str, int] | None:
    device = options.device()
    if not device.remembers(vault.format.vault):
        return None
    with device.journal(vault.format.vault) as journal:
        return {"digests": journal.count()}


def _lines(vault: Vault, memory: dict[str, int] | None) -> list[str]:
    roster = vault.book.active.content
    lines = [say("Vault {id}", id=vault.format.vault.hex()[:16])]
    lines += [say("Roster {v}: keepers {xs}", v=roster.v, xs=", ".join(str(s.x) for s in roster.keepers))]
    lines += rule_lines(roster.comps, roster.wait, len(roster.keepers))
    for k in vault.keepings():
        state = say("whole") if k.whole else say("unfinished")
        names = compartments(k.epochs)
        lines += [
            say(
                "Keeping {name}: {state}, {names}, {size} sealed",
                name=k.name,
                state=state,
                names=names,
                size=size(k.size),
            )
        ]
        if k.writer not in vault.book.writers:
            lines += [say("  its writer {writer} is not admitted yet", writer=k.writer.hex()[:16])]
    for writer, log in vault.logs.items():
        root = log.state.checkpoint.root.hex()[:16]
        lines += [say("Log {writer}: {n} entries, root {root}", writer=writer.hex()[:16], n=log.state.size, root=root)]
    if memory is None:
        return [*lines, say("This device remembers nothing of this vault.")]
    text = say("This device has the writer key and {n} digests: whoever takes it can confirm exact guesses of those.")
    return [*lines, text.format(n=memory["digests"])]
