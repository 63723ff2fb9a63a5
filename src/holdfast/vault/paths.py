"""Paths of an export as text in tables, and the names under which a plain `tar` may lay them down."""

from unicodedata import normalize

from holdfast.errors import Unreadable

PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
SPELLING = [chr(b) if b in PLAIN else f"%{b:02X}" for b in range(256)]
DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))])
MAX_PART, MAX_PATH = 200, 1000
"""Bytes; a deeper path is one that some system cannot lay down."""


def quote(path: bytes) -> str:
    """Spell any bytes as ASCII: percent and two digits where they are not plain (RFC 3986)."""
    return "".join(map(SPELLING.__getitem__, path))


def unquote(text: str) -> bytes:
    """Read what `quote` wrote; raise `Unreadable` for any other spelling."""
    head, *rest = text.split("%")
    try:
        parts = [head.encode("ascii"), *(bytes([int(r[:2], 16)]) + r[2:].encode("ascii") for r in rest)]
    except ValueError as error:
        raise Unreadable("table-malformed") from error
    path = b"".join(parts)
    if quote(path) != text:
        raise Unreadable("table-malformed")
    return path


def is_harmless(path: bytes) -> bool:
    """Tell whether a tar on any system may lay this path down below an empty folder."""
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if len(path) > MAX_PATH or not text.isprintable() or any(c in text for c in '\\:*?"<>|'):
        return False
    return all(map(_is_harmless_part, text.removesuffix("/").split("/")))


def _is_harmless_part(part: str) -> bool:
    if not part.strip(". ") or part != part.rstrip(". ") or part.casefold().startswith((" ", "-", ".odd")):
        return False
    return part.split(".", maxsplit=1)[0].lower() not in DEVICES and len(part.encode()) <= MAX_PART


class Names:
    """Gives each member of a container a name that is harmless and taken once, whatever the file system folds.

    A member whose path is not harmless, repeats another or needs a folder where a file stands gets `.odd/<place>`.
    """

    def __init__(self) -> None:
        self._files: set[int] = set()
        self._folders: set[int] = set()

    def give(self, path: bytes, place: int) -> str:
        """Give the name, percent-encoded; the same members in the same order get the same names."""
        if not is_harmless(path):
            return f".odd/{place}"
        folded = normalize("NFC", path.decode().removesuffix("/").casefold())
        parts = folded.split("/")
        above = {hash("/".join(parts[:k])) for k in range(1, len(parts))}
        taken = hash(folded) in self._files or above & self._files
        if path.endswith(b"/"):
            above.add(hash(folded))
        elif hash(folded) in self._folders:
            taken = True
        if taken:
            return f".odd/{place}"
        self._folders |= above
        if not path.endswith(b"/"):
            self._files.add(hash(folded))
        return quote(path)
