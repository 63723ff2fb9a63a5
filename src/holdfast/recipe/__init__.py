"""What lies beside every vault, for whoever opens it without this program."""

from importlib.resources import files

NAMES = ("OPEN-WITHOUT-US.txt", "open-without-us.sh", "identities.py")


def texts() -> dict[str, bytes]:
    """Give each file's name and bytes, as this version has them."""
    return {name: files("holdfast.recipe").joinpath(name).read_bytes() for name in NAMES}
