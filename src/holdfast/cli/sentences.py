"""What each error says to people: what happened, what was kept, what to do."""

from holdfast.cli.times import moment

SENTENCES: dict[str, str] = {}
TIMES = ("due", "sight")


def field(name: str, value: object) -> object:
    """Give an error's field as a sentence shows it."""
    return moment(value) if name in TIMES and isinstance(value, int) else value
