"""One recipient's line in an age header, and the two plug-in points of one method each that make and read it."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from holdfast.errors import Unreadable

FILE_KEY_SIZE = 16
Random = Callable[[int], bytes]


class Stanza(msgspec.Struct, frozen=True):
    """The file key, wrapped for one recipient; `args` are printable ASCII, without spaces."""

    type: str
    args: tuple[str, ...]
    body: bytes


class Recipient(Protocol):
    """Can seal."""

    def wrap(self, file_key: bytes, random: Random) -> Stanza:
        """Wrap a 16-byte file key."""


class Identity(Protocol):
    """Can open."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Give the file key, None if no stanza is for this identity, or raise `Unreadable` if one is malformed."""


def malformed(why: str) -> Unreadable:
    """Name what is wrong with a header."""
    return Unreadable("age-header", why=why)


def to_base64(data: bytes) -> str:
    """Write base64 without padding (RFC 4648 §4)."""
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def from_base64(text: str) -> bytes:
    """Read base64 without padding, or raise `Unreadable` unless it is written just as `to_base64` would."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as e:
        raise malformed("base64") from e
    if to_base64(data) != text:
        raise malformed("base64")
    return data


def sized(data: bytes, size: int, why: str) -> bytes:
    """Give `data` back if it has `size` bytes, else raise `Unreadable`."""
    if len(data) != size:
        raise malformed(why)
    return data
