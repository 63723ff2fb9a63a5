"""Numbers and base64 with one spelling each, as signed text needs; Python's own readers take several."""

import base64
import re

from holdfast.errors import Unreadable

NUMBER_LIMIT = 1 << 63
_NUMBER = re.compile(rb"0|[1-9][0-9]{0,18}")


def read_number(text: bytes) -> int:
    """Read a decimal number below 2^63 without sign, space or leading zero, else raise `Unreadable("number")`."""
    if not _NUMBER.fullmatch(text) or (number := int(text)) >= NUMBER_LIMIT:
        raise Unreadable("number", text=text[:32])
    return number


def read_base64(text: bytes) -> bytes:
    """Read base64 (RFC 4648 section 4) with its padding and no stray bit, else raise `Unreadable("base64")`."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    if base64.b64encode(data) != text:
        raise Unreadable("base64", text=text[:32])
    return data


def read_hash(text: bytes) -> bytes:
    """Read the base64 of a hash of 32 bytes, else raise `Unreadable("hash-size")` or `Unreadable("base64")`."""
    if len(data := read_base64(text)) != 32:
        raise Unreadable("hash-size", size=len(data))
    return data
