"""Which paths of an export may become names on disk.  Everything that decides it lives in this file.

No disk is touched.  A path is data until it was checked here: for climbing and absolute paths, drive letters, what
Windows reserves or drops, control and direction marks, bad UTF-8, over-long names, and names that a disk which ignores
case would merge.
"""

import re
import unicodedata
from urllib.parse import quote_from_bytes

ODD = ".odd"
"""The folder for members whose own path is no harmless name."""

LONGEST_PART, LONGEST_PATH = 200, 1000
RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:$|[.\s])", re.I)
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\\\\:\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


class Names:
    """The names given out under one folder; each is given once, also to a disk that ignores case."""

    def __init__(self) -> None:
        """Begin with no name taken."""
        self._files: set[str] = set()
        self._folders: dict[str, str] = {}

    def file(self, path: bytes) -> tuple[str, ...] | None:
        """Give the parts of a harmless, free path and take it, or None."""
        parts = harmless(path)
        if parts is None or _key(parts) in self._files or _key(parts) in self._folders:
            return None
        if not self._take(parts[:-1]):
            return None
        self._files.add(_key(parts))
        return parts

    def folder(self, path: bytes) -> tuple[str, ...] | None:
        """Give the parts of a harmless folder path and take it, or None."""
        parts = harmless(path.removesuffix(b"/"))
        return parts if parts is not None and self._take(parts) else None

    def _take(self, folders: tuple[str, ...]) -> bool:
        prefixes = [folders[: n + 1] for n in range(len(folders))]
        for prefix in prefixes:
            key = _key(prefix)
            if key in self._files or self._folders.get(key, "/".join(prefix)) != "/".join(prefix):
                return False
        self._folders |= {_key(prefix): "/".join(prefix) for prefix in prefixes}
        return True


def harmless(path: bytes) -> tuple[str, ...] | None:
    """Give the parts of a relative path that is harmless on any disk, or None."""
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        return None
    parts = tuple(text.split("/"))
    if len(path) > LONGEST_PATH or not all(map(_harmless, parts)) or parts[0].casefold().startswith((ODD, TEMPORARY)):
        return None
    return parts


TEMPORARY = ".holdfast-"
"""How names of unfinished files begin."""


def spelled(path: bytes) -> str:
    """Give a path percent-encoded, so that any bytes can stand on a line of text."""
    return quote_from_bytes(path, safe="/")


def _harmless(part: str) -> bool:
    if part in ("", ".", "..") or part[-1] in ". " or part[0] == " " or part.casefold().startswith(TEMPORARY):
        return False
    return len(part.encode()) <= LONGEST_PART and not FORBIDDEN.search(part) and not RESERVED.match(part)


def _key(parts: tuple[str, ...]) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFC", "/".join(parts)).casefold())
