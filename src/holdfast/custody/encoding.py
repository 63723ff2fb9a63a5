"""Deterministic CBOR (RFC 8949 section 4.2.1) without floats, tags and nulls; map keys are text."""

from collections import defaultdict
from typing import Any

import cbor2

from holdfast.errors import Unreadable

MAX_SIZE = 1 << 19
MAX_DEPTH = 8

_STRICT: dict[str, Any] = {
    "allow_indefinite": False,
    "allow_duplicate_keys": False,
    "strict_hashable_types": True,
    "max_depth": MAX_DEPTH,
    "semantic_decoders": defaultdict(lambda: _refuse_tag),
}


def encode(value: object) -> bytes:
    """Give the one encoding of `value`."""
    return cbor2.dumps(value, canonical=True)


def decode(data: bytes) -> object:
    """Read `data`, or raise `Unreadable` unless it is exactly what `encode` would give.

    cbor2 alone takes trailing bytes, long integers and unsorted keys: hence the second encoding, compared.  Tags are
    refused before cbor2 acts on them: a fraction of a few megabytes would keep it busy for an hour.
    """
    if len(data) > MAX_SIZE:
        raise Unreadable("message-malformed", why="size")
    try:
        value = cbor2.loads(data, **_STRICT)
        _check(value)
        again = encode(value)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError, UnicodeError) as error:
        raise Unreadable("message-malformed", why="encoding") from error
    if again != data:
        raise Unreadable("message-malformed", why="not-deterministic")
    return value


def _refuse_tag(*_: object) -> object:
    raise ValueError("a tag")


def _check(value: object) -> None:
    match value:
        case bool() | int() | str() | bytes():
            return
        case list():
            for part in value:
                _check(part)
        case dict():
            for key, part in value.items():
                if not isinstance(key, str):
                    raise TypeError("a key that is no text")
                _check(part)
        case _:
            raise TypeError("a type that KEEP-1 does not use")
