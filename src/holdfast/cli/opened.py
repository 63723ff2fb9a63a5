"""What `list`, `restore` and `open` have in common: grants in, identities out, and what is said of them."""

from pathlib import Path

import msgspec

from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.rosters import compartment
from holdfast.cli.screen import warn
from holdfast.custody.grants import Opening
from holdfast.open import open_vault
from holdfast.vault.reader import Snapshot
from holdfast.vault.view import Vault


class Opened(msgspec.Struct, frozen=True):
    """A vault and what of it is open."""

    vault: Vault
    opening: Opening

    def facts(self) -> dict[str, object]:
        """Give who opened it, as JSON shows it."""
        opening = self.opening
        return {"used": opening.used, "liars": opening.liars, "missing": len(opening.missing)}


def opened(vault_path: Path, key: Path, grants: tuple[Path, ...]) -> Opened:
    """Open what the grants reach; a keeper whose share is false is named on standard error."""
    vault = options.open_vault(vault_path)
    answers = options.read_grants(grants)
    opening = open_vault(vault, options.read_key(key), answers, options.now(), options.random)
    for x in opening.liars:
        warn(say("Keeper {x} gave a false share. The others opened without it; tell the keepers.", x=x))
    if opening.missing:
        warn(say("{n} keys have no quorum and stay closed.", n=len(opening.missing)))
    return Opened(vault, opening)


def withheld_lines(snapshot: Snapshot) -> list[str]:
    """Say what is not open, of which no name is known."""
    text = say("  {n} files of {name} are withheld: no quorum granted that compartment")
    lines = [text.format(n=n, name=compartment(c)) for c, n in snapshot.withheld.items()]
    if snapshot.partial:
        lines.append(say("  {n} more files lie partly in what is withheld", n=snapshot.partial))
    return lines
