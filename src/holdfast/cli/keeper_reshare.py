"""`holdfast keeper reshare`: a new roster, by any quorum of keepers and without the owner."""

from pathlib import Path

import click

from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.screen import show
from holdfast.reshare import proposal, propose, reshare

EPILOG = "Example: holdfast keeper reshare --kit my-kit --vault vault --keeper dora.card emil.card finn.card"


@click.command("reshare", cls=options.Several, epilog=EPILOG)
@options.kit_option
@options.passphrase_option
@options.vault_option
@click.option(
    "--keeper",
    "cards",
    metavar="CARD...",
    type=options.FILE,
    multiple=True,
    help="Cards of all keepers of the new roster: proposes it.",
)
@options.quorum_option
@options.delay_option
@options.policy_option
@click.option("--roster", "wanted", metavar="ID", default="", help="The proposed roster's id, where there are several.")
@options.json_option
def command(kit_path: Path, passphrase_file: Path | None, vault_path: Path, as_json: bool, **terms: object) -> None:
    """Propose a new roster, or deal your shares to the one that is proposed.

    The first call of each old keeper starts its own wait; called again after it, the kit deals.
    """
    kit, wanted, cards = options.open_kit(kit_path, passphrase_file), str(terms.pop("wanted")), terms.pop("cards")
    vault = options.open_vault(vault_path)
    if cards:
        settled = options.terms(cards, **terms)  # type: ignore[arg-type]
        wanted = propose(vault, kit, settled, options.now(), options.random).mid.hex()
        click.echo(
            say("Roster {id} is proposed. Each old keeper runs this verb, without --keeper.", id=wanted[:16]), err=True
        )
        vault = options.open_vault(vault_path)
    roster = proposal(vault, wanted)
    done = reshare(vault, kit, roster, options.now(), options.random)
    dealt = sum(len(message.content.epochs) for message in done)
    lines = [
        say("Your shares of {n} keys are dealt to roster {v}.", n=dealt, v=roster.content.v),
        say("When enough old keepers have dealt, each new one runs: holdfast keeper adopt"),
    ]
    show(
        lines,
        {"roster": roster.content.v, "id": roster.mid.hex(), "keys": dealt},
        as_json=as_json,
    )
