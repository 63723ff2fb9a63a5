"""What a store's names may look like."""

import re

from holdfast.errors import Unreadable

PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
"""No empty part, none that starts with a dot: those are a directory's own and a store's temporary files."""


def check_name(name: str) -> str:
    """Give `name` back if every part of it is harmless, else raise `Unreadable`."""
    if not all(PART.fullmatch(part) for part in name.split("/")):
        raise Unreadable("store-name", name=ascii(name))
    return name
