"""Where in an export a member lies, and so which family it is.

X puts its files into `data/`, older exports into the root; people put folders around both.  So the folder that holds
`manifest.js` among other known files is home, or else the one that holds most files of a known name.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from holdfast.sources.x_table import FILES, FOLDERS, fold

GRAILBIRD = {
    b"js/tweet_index.js": "tweet_index",
    b"js/user_details.js": "user_details",
    b"js/payload_details.js": "payload_details",
}
MONTH = re.compile(rb"js/tweets/\d{4}_\d\d\.js")
ASSET = re.compile(
    rb"assets/(?:[\w.@-]+/)*[\w.@-]+\.(?:js|css|map|html|json|svg|png|ico|woff2?|ttf|otf|eot|LICENSE\.txt)"
)
VIEWERS = frozenset({b"Your archive.html"})


class Place(NamedTuple):
    """A member's family, whether that is a media folder's, and whether the member is cut into records."""

    family: str
    folder: bool = False
    records: bool = False


NOWHERE = Place("")


def home(paths: Iterable[bytes]) -> bytes | None:
    """Give the folder of the export's data with its slash, or None if nothing here looks like X's."""
    manifests: list[bytes] = []
    known: Counter[bytes] = Counter()
    for path in paths:
        folder, slash, name = path.rpartition(b"/")
        if name == b"manifest.js":
            manifests.append(folder + slash)
        if (found := _home(path, folder + slash, name)) is not None:
            known[found] += 1
    if strong := [folder for folder in manifests if known[folder] > 1]:
        return min(strong, key=_depth)
    return min(known, key=lambda folder: (-known[folder], folder not in manifests, *_depth(folder)), default=None)


def _depth(folder: bytes) -> tuple[int, bytes]:
    return folder.count(b"/"), folder


def _home(path: bytes, folder: bytes, name: bytes) -> bytes | None:
    """Give the home that this member speaks for: its own folder, or the one around its media folder."""
    for ending in GRAILBIRD:
        if path.endswith(b"/" + ending):
            return path.removesuffix(ending)
    if name.endswith(b".js") and fold(_text(name)[:-3]) in FILES:
        return folder
    around, slash, inner = folder[:-1].rpartition(b"/")
    return around + slash if fold(_text(inner)) in FOLDERS else None


def place(home: bytes | None, path: bytes) -> Place:
    """Give the family of a member; one that lies nowhere known has the empty family."""
    if home is None:
        return NOWHERE
    if path.startswith(home) and (found := _in_home(path[len(home) :])) is not None:
        return found
    top = home.removesuffix(b"data/")
    return _around(path[len(top) :]) if path.startswith(top) else NOWHERE


def _in_home(rest: bytes) -> Place | None:
    folder, slash, name = rest.partition(b"/")
    if not slash:
        if rest.endswith(b".js"):
            return Place(fold(_text(rest)[:-3]), records=True)
        return Place("readme") if rest == b"README.txt" else None
    if MONTH.fullmatch(rest):
        return Place("grailbird-month", records=True)
    if rest in GRAILBIRD:
        return Place(GRAILBIRD[rest], records=True)
    family = fold(_text(folder))
    return Place(family, folder=True) if family in FOLDERS and name and b"/" not in name else None


def _around(rest: bytes) -> Place:
    if rest in VIEWERS or ASSET.fullmatch(rest):
        return Place("viewer")
    return Place("tweets-csv") if rest == b"tweets.csv" else NOWHERE


def _text(name: bytes) -> str:
    return name.decode("ascii", "replace")
