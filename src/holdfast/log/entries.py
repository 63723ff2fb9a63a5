"""Entry bundles (C2SP tlog-tiles): entries in a row, each behind its length as u16, big-endian."""

from collections.abc import Iterable

from holdfast.errors import Refused, Unreadable

SIZE_LIMIT = 0xFFFF


def encode(entries: Iterable[bytes]) -> bytes:
    """Write entries of 1 to 65,535 bytes in a row, or raise `Refused("entry-size")`."""
    return b"".join(_write(entry) for entry in entries)


def decode(data: bytes, count: int) -> tuple[tuple[bytes, ...], bytes]:
    """Read `count` entries; give them and the bytes behind them, or raise `Unreadable("entries-malformed")`."""
    entries: list[bytes] = []
    place = 0
    for _ in range(count):
        start = place + 2
        place = start + int.from_bytes(data[place:start], "big")
        if place == start or place > len(data):
            raise Unreadable("entries-malformed", index=len(entries))
        entries.append(data[start:place])
    return tuple(entries), data[place:]


def _write(entry: bytes) -> bytes:
    if not 0 < len(entry) <= SIZE_LIMIT:
        raise Refused("entry-size", size=len(entry))
    return len(entry).to_bytes(2, "big") + entry
