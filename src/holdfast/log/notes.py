"""Signed notes (C2SP signed-note): a text, an empty line, and lines of signatures.

    example.com/log
    3
    Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

    — example.com/log M9e0lvAQ…

The text runs to the last empty line, which is not signed.  Lines of unknown keys are ignored; one false line of a known
key rejects the note, and so does a note without any line of a known key.
"""

import base64
import re
from collections.abc import Iterable
from hashlib import sha256

import msgspec

from holdfast.crypto import signing
from holdfast.errors import Unreadable, Unsupported, Unverified
from holdfast.log.strict import read_base64

ED25519 = 0x01
COSIGNATURE_ED25519 = 0x04
COSIGNATURE_MLDSA44 = 0x06
KEY_CHECKS = {
    ED25519: signing.check_key,
    COSIGNATURE_ED25519: signing.check_key,
    COSIGNATURE_MLDSA44: signing.check_mldsa_key,
}
SIZE_LIMIT = 256 * 1024
LINE_LIMIT = 100
KEY_ID_SIZE = 4

_DASH = "— ".encode()
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{2,}={0,2})")


class Verifier(msgspec.Struct, frozen=True):
    """A name with a public key, and the type of signature that the key makes (C2SP's number)."""

    name: str
    type: int
    key: bytes

    @property
    def key_id(self) -> bytes:
        """Give the 4 bytes that tell keys of one name apart; they prove nothing."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.key).digest()[:KEY_ID_SIZE]

    @property
    def vkey(self) -> str:
        """Give the text form `<name>+<key id>+<base64 of type and key>`."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.type]) + self.key).decode()}"


class Line(msgspec.Struct, frozen=True):
    """One signature line: who says to have signed, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes


class Note(msgspec.Struct, frozen=True):
    """A note as it was read; nothing of it is verified yet."""

    text: bytes
    lines: tuple[Line, ...]


def read_vkey(text: str) -> Verifier:
    """Read a public key's text form.

    Raises `Unreadable("vkey")` for garbage, `Unsupported("key-type")` for a type not known here, and
    `Unverified("key-low-order")` for a key for which one signature fits every text.
    """
    if not (parts := _VKEY.fullmatch(text)):
        raise Unreadable("vkey", text=text[:80])
    typed = read_base64(parts[3].encode())
    verifier = Verifier(_check_name(parts[1]), typed[0], typed[1:])
    if verifier.key_id.hex() != parts[2]:
        raise Unreadable("vkey", text=text[:80])
    if verifier.type not in KEY_CHECKS:
        raise Unsupported("key-type", type=verifier.type)
    KEY_CHECKS[verifier.type](verifier.key)
    return verifier


def parse(data: bytes) -> Note:
    """Read a note of at most 256 KiB and 100 lines without verifying it, or raise `Unreadable("note-malformed")`."""
    try:
        data.decode()
    except UnicodeDecodeError:
        raise Unreadable("note-malformed", why="utf-8") from None
    if len(data) > SIZE_LIMIT or _CONTROL.search(data) or not data.endswith(b"\n"):
        raise Unreadable("note-malformed", why="text")
    text, gap, signatures = data.rpartition(b"\n\n")
    lines = signatures[:-1].split(b"\n")
    if not gap or len(lines) > LINE_LIMIT:
        raise Unreadable("note-malformed", why="lines")
    return Note(text + b"\n", tuple(_read_line(line) for line in lines))


def encode(note: Note) -> bytes:
    """Write a note; what `parse` gave comes back byte for byte."""
    return note.text + b"\n" + b"".join(_write_line(line) for line in note.lines)


def sign(text: bytes, name: str, signer: signing.Signer) -> bytes:
    """Give the note of `text`, which ends in a newline, under the signature of `name`, or raise `Unreadable`."""
    line = Line(_check_name(name), Verifier(name, ED25519, signer.public).key_id, signer.sign(text))
    data = encode(Note(text, (line,)))
    if parse(data).text != text:
        raise Unreadable("note-malformed", why="text")
    return data


def lines_of(note: Note, verifier: Verifier) -> tuple[Line, ...]:
    """Give the lines that claim to be by this key, unverified."""
    return tuple(line for line in note.lines if (line.name, line.key_id) == (verifier.name, verifier.key_id))


def open_note(data: bytes, verifiers: Iterable[Verifier]) -> Note:
    """Give the note with only the lines by these Ed25519 keys (type 01), all of them true.

    Raises `Unreadable("note-malformed")`, `Unverified("signature-false")`, or where none of them signed
    `Unverified("note-unsigned")`.
    """
    note = parse(data)
    known = [(verifier, line) for verifier in verifiers for line in lines_of(note, verifier)]
    for verifier, line in known:
        if verifier.type != ED25519:
            raise Unsupported("key-type", type=verifier.type)
        signing.verify(verifier.key, line.signature, note.text)
    if not known:
        raise Unverified("note-unsigned")
    return Note(note.text, tuple(line for _, line in known))


def _read_line(line: bytes) -> Line:
    name, gap, encoded = line.removeprefix(_DASH).partition(b" ")
    if not line.startswith(_DASH) or not gap:
        raise Unreadable("note-malformed", why="line")
    signature = read_base64(encoded)
    if len(signature) <= KEY_ID_SIZE:
        raise Unreadable("note-malformed", why="signature")
    return Line(_check_name(name.decode()), signature[:KEY_ID_SIZE], signature[KEY_ID_SIZE:])


def _write_line(line: Line) -> bytes:
    return _DASH + line.name.encode() + b" " + base64.b64encode(line.key_id + line.signature) + b"\n"


def _check_name(name: str) -> str:
    if not name or "+" in name or any(letter.isspace() or letter < " " for letter in name) or _SURROGATE.search(name):
        raise Unreadable("key-name", name=name[:80])
    return name
