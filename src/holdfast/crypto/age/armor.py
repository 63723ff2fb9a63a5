"""An age file as text, for places that take only text (C2SP `age.md`, a strict PEM after RFC 7468)."""

import base64
import binascii

from holdfast.errors import Unreadable

BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
END = b"-----END AGE ENCRYPTED FILE-----"
_COLUMNS = 64
_SPACE = b" \t\r\n"


def encode(sealed: bytes | memoryview) -> bytes:
    """Write an age file as text."""
    text = base64.b64encode(sealed)
    lines = [text[i : i + _COLUMNS] for i in range(0, len(text), _COLUMNS)]
    return b"\n".join([BEGIN, *lines, END, b""])


def decode(text: bytes) -> bytes:
    """Give the age file inside `text`, or raise `Unreadable` with code `age-armor`.

    Lines end with LF or CRLF; white space is allowed only around the whole.
    """
    lines = text.strip(_SPACE).replace(b"\r\n", b"\n").split(b"\n")
    if len(lines) < 2 or (lines[0], lines[-1]) != (BEGIN, END):
        raise Unreadable("age-armor", why="frame")
    body = lines[1:-1]
    if any(len(line) != _COLUMNS for line in body[:-1]) or any(not 0 < len(line) <= _COLUMNS for line in body[-1:]):
        raise Unreadable("age-armor", why="lines")
    return _from_base64(b"".join(body))


def is_armor(data: bytes | memoryview) -> bool:
    """Tell whether `data` is meant as text; only `decode` says whether it is sound."""
    return bytes(data[:1024]).lstrip(_SPACE).startswith(BEGIN)


def _from_base64(text: bytes) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as e:
        raise Unreadable("age-armor", why="base64") from e
    if base64.b64encode(data) != text:
        raise Unreadable("age-armor", why="base64")
    return data
