"""`holdfast keeper card`: a fresh card for one new vault."""

from pathlib import Path

import click

from holdfast.cli import options, words
from holdfast.cli.language import say, spoken
from holdfast.cli.screen import show
from holdfast.custody import messages
from holdfast.custody.contents import Card

EPILOG = """
Example: holdfast keeper card my-kit --out anna.card

Later, to see its words again:
  holdfast keeper card --words anna.card
"""


@click.command("card", epilog=EPILOG)
@click.argument("path", metavar="KIT", type=options.FILE)
@click.option("--out", metavar="CARD", type=options.FILE, help="A new file for the card.")
@click.option(
    "--name", metavar="NAME", default="", help="A pseudonym; it goes into the annex that only keepers can read."
)
@click.option("--words", "only_words", is_flag=True, help="Show what to compare by voice; KIT may then be a card.")
@options.passphrase_option
@options.json_option
def command(
    path: Path, out: Path | None, name: str, only_words: bool, passphrase_file: Path | None, as_json: bool
) -> None:
    """Draw fresh keys for one new vault or roster and write their public card."""
    if only_words and not path.is_dir():
        card = options.read_message(path, Card)
    elif out is None:
        raise click.UsageError(say("Say where the card goes: --out CARD."))
    else:
        options.check_new(out)
        kit = options.open_kit(path, passphrase_file)
        card = kit.card(name, options.now(), options.random)
        options.write_new(out, messages.armor(card).encode())
    compare = words.lines(card.mid, spoken())
    lines = [] if out is None else [say("The card is in {file}. It is public; it serves for one vault.", file=out)]
    lines += [say("Words to compare by voice with whoever makes the vault:"), *compare]
    show(lines, {"card": card.mid.hex(), "words": compare[-1].strip(), "file": str(out or path)}, as_json=as_json)
