"""Bech32: bytes as text that survives a chat or a sheet of paper (BIP 173, checksum constant 1, no length limit)."""

from collections.abc import Iterable

from holdfast.errors import Unreadable

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode(hrp: str, data: bytes) -> str:
    """Write `data` behind the prefix `hrp`, in lower case."""
    groups = _to_groups(data)
    check = _polymod([*_expand(hrp), *groups, *bytes(6)]) ^ 1
    tail = [check >> 5 * (5 - i) & 31 for i in range(6)]
    return f"{hrp}1" + "".join(ALPHABET[group] for group in groups + tail)


def decode(text: str) -> tuple[str, bytes]:
    """Give the prefix, in lower case, and the data of `text`, which is all upper or all lower case.

    Raises `Unreadable` with code `bech32` for anything that `encode` would not have written.
    """
    hrp, _, rest = _one_case(text).rpartition("1")
    if not hrp or len(rest) < 6 or not all("!" <= c <= "~" for c in hrp):
        raise Unreadable("bech32", why="shape")
    groups = [ALPHABET.find(c) for c in rest]
    if -1 in groups:
        raise Unreadable("bech32", why="letter")
    if _polymod([*_expand(hrp), *groups]) != 1:
        raise Unreadable("bech32", why="checksum")
    return hrp, _from_groups(groups[:-6])


def decode_as(prefix: str, text: str) -> bytes:
    """Give the data of `text`, which must have this very prefix, in this case; else raise `Unreadable`."""
    hrp, data = decode(text)
    if hrp != prefix.lower() or not text.startswith(prefix):
        raise Unreadable("bech32", why="prefix")
    return data


def _one_case(text: str) -> str:
    """Give `text` in lower case, unless it mixes the cases or leaves ASCII."""
    if not text.isascii() or text not in (text.lower(), text.upper()):
        raise Unreadable("bech32", why="case")
    return text.lower()


def _expand(hrp: str) -> list[int]:
    """Give the numbers that stand for the prefix in the checksum."""
    codes = hrp.encode("ascii")
    return [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]


def _polymod(groups: Iterable[int]) -> int:
    """Give the remainder of the checksum's polynomial division."""
    check = 1
    for group in groups:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ group
        for i, term in enumerate(GENERATOR):
            check ^= term if top >> i & 1 else 0
    return check


def _to_groups(data: bytes) -> list[int]:
    """Cut `data` into groups of 5 bits, the last filled up with zero bits."""
    count = (len(data) * 8 + 4) // 5
    number = int.from_bytes(data, "big") << count * 5 - len(data) * 8
    return [number >> 5 * i & 31 for i in reversed(range(count))]


def _from_groups(groups: list[int]) -> bytes:
    """Join groups of 5 bits; what is left over must be fewer than 5 bits, all zero."""
    size, spare = divmod(len(groups) * 5, 8)
    number = 0
    for group in groups:
        number = number << 5 | group
    if spare > 4 or number & (1 << spare) - 1:
        raise Unreadable("bech32", why="padding")
    return (number >> spare).to_bytes(size, "big")
