"""`holdfast grant`: a keeper's answer to one request."""

import sys
from pathlib import Path

import click

from holdfast.cli import options, words
from holdfast.cli.language import say, spoken
from holdfast.cli.rosters import compartments, reason
from holdfast.cli.screen import show
from holdfast.cli.times import moment
from holdfast.custody import messages
from holdfast.errors import Refused
from holdfast.grant import Asked, consider, grant

EPILOG = "Example: holdfast grant --kit my-kit --vault vault request.txt --out my.grant"


@click.command("grant", epilog=EPILOG)
@options.kit_option
@options.passphrase_option
@options.vault_option
@click.argument("request_path", metavar="REQUEST", type=options.FILE)
@click.option("--out", metavar="FILE", type=options.FILE, required=True, help="A new file for the grant.")
@click.option("--yes", is_flag=True, help="The words agree; do not ask.")
@options.json_option
def command(
    kit_path: Path,
    passphrase_file: Path | None,
    vault_path: Path,
    request_path: Path,
    out: Path,
    yes: bool,
    as_json: bool,
) -> None:
    """Show what a request would open, wait from its first sight, then answer that request and no other."""
    options.check_new(out)
    vault = options.open_vault(vault_path)
    kit = options.open_kit(kit_path, passphrase_file)
    asked = consider(vault, kit, options.read_request(request_path), options.now())
    compare = words.lines(asked.request.content.to_enc, spoken())
    for line in _describe(asked, compare):
        click.echo(line, err=True)
    message = grant(vault, kit, asked, options.now(), options.random)
    if sys.stdin.isatty() and not yes and not click.confirm(say("Do the restorer's words agree?"), err=True):
        raise Refused("words-differ")
    options.write_new(out, messages.armor(message).encode())
    lines = [say("The grant is in {file}. Send it to the restorer; it is of no use to anybody else.", file=out)]
    value = {"request": asked.request.mid.hex(), "words": compare[-1].strip(), "scope": asked.scope, "grant": str(out)}
    show(lines, value, as_json=as_json)


def _describe(asked: Asked, compare: list[str]) -> list[str]:
    lines = [
        say(
            "Request {id} would open, {why}:",
            id=asked.request.mid.hex()[:16],
            why=reason(asked.request.content.why),
        )
    ]
    for keeping, names in asked.scope.items():
        lines.append(say("  keeping {name}: {names}", name=keeping, names=compartments(names)))
    lines += [
        say(
            "This kit first saw it {time}; a grant may leave {due}.",
            time=moment(asked.sighting.sight),
            due=moment(asked.sighting.due),
        ),
        say("Compare these words with the restorer, by voice:"),
        *compare,
    ]
    return lines
