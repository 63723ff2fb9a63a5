"""The `format` file, and the names of everything in a vault.

    holdfast-vault 0
    vault <64 hex>
    roster <64 hex>
    must <feature>
    may <feature>

Its SHA-256 is the first entry of every writer's log, so that nobody can exchange it.  Version 0 is a draft.
"""

import re

import msgspec

from holdfast.crypto.hashes import sha256
from holdfast.errors import Unreadable, Unsupported

NAME = "format"
RECIPE = "OPEN-WITHOUT-US"
LINE = re.compile(r"(vault|roster) ([0-9a-f]{64})|(must|may) ([a-z0-9-]{1,64})")


class Format(msgspec.Struct, frozen=True):
    """What a vault is: its random id, the id of its first roster, and the features that a reader must or may know."""

    vault: bytes
    roster: bytes
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Give the file's bytes."""
        lines = ["holdfast-vault 0", f"vault {self.vault.hex()}", f"roster {self.roster.hex()}"]
        lines += [f"must {feature}" for feature in self.must] + [f"may {feature}" for feature in self.may]
        return "".join(line + "\n" for line in lines).encode()


def decode(data: bytes) -> Format:
    """Read the file; raise `Unreadable` if it is no vault's, `Unsupported` if it needs a newer program."""
    head, *lines = data.decode("ascii", "replace").split("\n")
    if not head.startswith("holdfast-vault ") or len(data) > 1 << 16:
        raise Unreadable("not-a-vault")
    if head != "holdfast-vault 0":
        raise Unsupported("vault-newer", what=head)
    found = [LINE.fullmatch(line) for line in lines[:-1]]
    if lines[-1:] != [""] or None in found:
        raise Unreadable("format-malformed")
    return _format([match.groups() for match in found if match])


def _format(lines: list[tuple[str | None, ...]]) -> Format:
    ids = {name: bytes.fromhex(value) for name, value, _, _ in lines if name and value}
    must = tuple(feature for _, _, name, feature in lines if name == "must" and feature)
    may = tuple(feature for _, _, name, feature in lines if name == "may" and feature)
    if set(ids) != {"vault", "roster"} or sum(1 for line in lines if line[0]) != 2:
        raise Unreadable("format-malformed")
    if must:
        raise Unsupported("vault-newer", what=must[0])
    return Format(ids["vault"], ids["roster"], must, may)


def digest(data: bytes) -> bytes:
    """Give the SHA-256 of the file, which a log's first entry holds."""
    return sha256(data)


def pack_name(digest: bytes) -> str:
    """Give a pack's name: the SHA-256 of its sealed bytes."""
    return f"packs/{digest.hex()}"


def message_name(mid: bytes) -> str:
    """Give a KEEP-1 envelope's name."""
    return f"custody/{mid.hex()}"


def annex_name(digest: bytes) -> str:
    """Give the name of a roster's annex, sealed to its keepers."""
    return f"annex/{digest.hex()}"
