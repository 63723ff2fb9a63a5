"""`holdfast request`: ask the keepers to open."""

from pathlib import Path

import click

from holdfast.cli import options, words
from holdfast.cli.language import say, spoken
from holdfast.cli.rosters import duration
from holdfast.cli.screen import show
from holdfast.custody import messages
from holdfast.custody.contents import CODES
from holdfast.custody.rosters import COMPARTMENTS
from holdfast.keeper import policy
from holdfast.request import Wish, request

EPILOG = "Example: holdfast request vault --kit my-kit --why restore --out request"


@click.command("request", epilog=EPILOG)
@click.argument("vault_path", metavar="VAULT", type=options.FILE)
@options.kit_option
@options.passphrase_option
@click.option(
    "--why",
    metavar="CODE",
    required=True,
    type=click.Choice(CODES),
    help="The reason: restore, evidence, owner-asks or drill.",
)
@click.option(
    "--out", metavar="DIR", type=options.FILE, required=True, help="A folder for request.key (secret) and request.txt."
)
@click.option(
    "--keeping", "keepings", metavar="N", multiple=True, help="Only this keeping, by number or name; else all."
)
@click.option(
    "--compartment", "compartments", multiple=True, type=click.Choice(COMPARTMENTS), help="Only this; else all."
)
@options.json_option
def command(
    vault_path: Path, kit_path: Path, passphrase_file: Path | None, out: Path, as_json: bool, **wish: object
) -> None:
    """Sign a request to open keepings and compartments for one restorer."""
    for name in ("request.key", "request.txt"):
        options.check_new(out / name)
    vault = options.open_vault(vault_path)
    kit = options.open_kit(kit_path, passphrase_file)
    wanted = Wish(str(wish["why"]), wish["compartments"] or COMPARTMENTS, wish["keepings"] or ())  # type: ignore[arg-type]
    restorer, message = request(vault, kit, wanted, options.now(), options.random)
    options.write_new(out / "request.key", f"request-key {restorer.secret.hex()}\n".encode(), 0o600)
    options.write_new(out / "request.txt", messages.armor(message).encode())
    delay = policy.delay_of(message.content.scope, vault.book)
    compare = words.lines(message.content.to_enc, spoken())
    lines = [
        say(
            "Request {id} is made for {n} keys of this vault.", id=message.mid.hex()[:16], n=len(message.content.scope)
        ),
        say("Send {file} to the keepers. Tell each of them these words by voice:", file=out / "request.txt"),
        *compare,
        say("Each keeper counts from its own first sight: {delay}.", delay=duration(delay)),
        say("Keep {file} to yourself: it opens their grants for this request.", file=out / "request.key"),
    ]
    value = {
        "request": message.mid.hex(),
        "words": compare[-1].strip(),
        "delay": delay,
        "keys": len(message.content.scope),
    }
    show(lines, value, as_json=as_json)
