"""`holdfast keeper`: what keepers do with their kits."""

import click

from holdfast.cli.main import KEEPER_VERBS, Verbs

EPILOG = "Example: holdfast keeper new my-kit"


class KeeperVerbs(Verbs):
    """The verbs of a keeper."""

    modules = "holdfast.cli.keeper_"
    names = KEEPER_VERBS


@click.group("keeper", cls=KeeperVerbs, epilog=EPILOG)
def command() -> None:
    """What a keeper does: a kit, cards, admitting writers, changing rosters, the fire drill."""
