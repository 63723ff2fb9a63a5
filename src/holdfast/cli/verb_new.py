"""`holdfast new`: a vault for these keepers."""

from pathlib import Path

import click

from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.rosters import rule_lines
from holdfast.cli.screen import show, warn
from holdfast.crypto.hashes import sha256
from holdfast.crypto.signing import Signer
from holdfast.new import new
from holdfast.store.directory import DirectoryStore

EPILOG = "Example: holdfast new vault --keeper anna.card ben.card chen.card"


@click.command("new", cls=options.Several, epilog=EPILOG)
@click.argument("vault_path", metavar="VAULT", type=options.FILE)
@click.option(
    "--keeper",
    "cards",
    metavar="CARD...",
    type=options.FILE,
    multiple=True,
    required=True,
    help="A keeper's card, one each.",
)
@options.quorum_option
@options.delay_option
@options.policy_option
@options.json_option
def command(
    vault_path: Path, cards: tuple[Path, ...], quorum: int | None, delay: int | None, policy: Path | None, as_json: bool
) -> None:
    """Make a vault that only a quorum of these keepers can open."""
    terms = options.terms(cards, quorum, delay, policy)
    seed = options.random(32)
    shape = new(DirectoryStore(vault_path), terms, Signer.from_seed(seed), options.now(), options.random)
    with options.device().journal(shape.vault) as journal:
        journal.pin(sha256(shape.encode()))
        journal.set_writer(seed)
    if not all(rule.delay for name, rule in terms.rules.items() if name != "public"):
        warn(say("Without a delay nobody has time to object: an opening is over before other keepers hear of it."))
    lines = [
        say("The vault {vault} is made for {n} keepers.", vault=vault_path, n=len(cards)),
        *rule_lines(terms.rules, terms.wait, len(cards)),
        say("It is a folder: whoever can remove it can remove the vault. Copy it to where this device has no hand:"),
        "  holdfast copy VAULT DEST",
        say("Before anything is kept let each keeper run: holdfast keeper check --kit KIT --vault VAULT"),
        say("Compare the words of each card with its keeper, by voice: holdfast keeper card --words CARD"),
    ]
    rules = {name: {"quorum": rule.quorum, "delay": rule.delay} for name, rule in terms.rules.items()}
    value = {"vault": shape.vault.hex(), "keepers": len(cards), "rules": rules, "wait": terms.wait}
    show(lines, value, as_json=as_json)
