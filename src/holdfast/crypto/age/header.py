"""The header of an age file: one stanza for each recipient, and a MAC under the file key (C2SP `age.md`).

    age-encryption.org/v1
    -> <type> <arg> …
    <body: unpadded base64, 64 columns; the last line is shorter, perhaps empty>
    --- <MAC: 43 characters of base64>

Reading needs no key, so an auditor can do it.  The 16 bytes behind it, the payload's nonce, count as part of it.
"""

import hmac
import re
from collections.abc import Sequence

import msgspec

from holdfast.crypto.age import hybrid, scrypt
from holdfast.crypto.age.payload import NONCE_SIZE, Payload
from holdfast.crypto.age.stanza import (
    FILE_KEY_SIZE,
    Identity,
    Random,
    Recipient,
    Stanza,
    from_base64,
    malformed,
    sized,
    to_base64,
)
from holdfast.crypto.hashes import hkdf
from holdfast.errors import Refused, Unverified

VERSION = b"age-encryption.org/v1\n"
_COLUMNS = 64
# The rules of the format, written so that no input makes the matching go back.
_STANZA = rb"-> ([!-~]+(?: [!-~]+)*+)\n((?:[A-Za-z0-9+/]{64}\n)*+[A-Za-z0-9+/]{0,63}+\n)"
_STANZAS = re.compile(_STANZA)
_HEADER = re.compile(
    rb"(?P<signed>" + re.escape(VERSION) + rb"(?:" + _STANZA + rb")++---) (?P<mac>[A-Za-z0-9+/]{43})\n"
)


class Header(msgspec.Struct, frozen=True):
    """What stands before the chunks; `signed` is what the MAC is over, `start` the offset of chunk 0 in bytes."""

    stanzas: tuple[Stanza, ...]
    signed: bytes
    mac: bytes
    nonce: bytes
    start: int

    def unlock(self, identities: Sequence[Identity]) -> Payload:
        """Give the payload's key through the first identity that matches.

        Raises `Refused` (`no-identity-matched`), `Unverified` (`age-mac`) or `Unreadable` (`age-header`).
        """
        keys = (identity.unwrap(self.stanzas) for identity in identities)
        file_key = next((key for key in keys if key is not None), None)
        if file_key is None:
            raise Refused("no-identity-matched")
        if not hmac.compare_digest(_mac(sized(file_key, FILE_KEY_SIZE, "file-key"), self.signed), self.mac):
            raise Unverified("age-mac")
        return Payload(file_key, self.nonce)


def read(data: bytes | memoryview) -> Header:
    """Parse the header at the start of `data`, with no key, or raise `Unreadable` (`age-header`, why)."""
    match = _HEADER.match(data)
    if match is None:
        raise malformed("grammar" if bytes(data[: len(VERSION)]) == VERSION else "version")
    stanzas = tuple(_read_stanza(*found.groups()) for found in _STANZAS.finditer(match["signed"]))
    if len(stanzas) > 1 and any(stanza.type == scrypt.TYPE for stanza in stanzas):
        raise malformed("passphrase-not-alone")
    start = match.end() + NONCE_SIZE
    nonce = sized(bytes(data[match.end() : start]), NONCE_SIZE, "nonce-size")
    mac = from_base64(match["mac"].decode("ascii"))
    return Header(stanzas, match["signed"], mac, nonce, start)


def begin(recipients: Sequence[Recipient], random: Random) -> tuple[bytes, Payload]:
    """Draw a file key and give what a file to `recipients` starts with, its nonce included, and the payload's key.

    Raises `Refused`: `no-recipient`, `passphrase-not-alone`, or `recipients-mixed` if hybrid and other kinds stand
    together, since the weaker would decide.
    """
    file_key, nonce = random(FILE_KEY_SIZE), random(NONCE_SIZE)
    signed = serialise(_check_together([recipient.wrap(file_key, random) for recipient in recipients]))
    mac = to_base64(_mac(file_key, signed)).encode("ascii")
    return signed + b" " + mac + b"\n" + nonce, Payload(file_key, nonce)


def serialise(stanzas: Sequence[Stanza]) -> bytes:
    """Write a header up to and including `---`, which is what its MAC is over."""
    return VERSION + b"".join(map(_write_stanza, stanzas)) + b"---"


def _check_together(stanzas: Sequence[Stanza]) -> Sequence[Stanza]:
    types = [stanza.type for stanza in stanzas]
    if not types:
        raise Refused("no-recipient")
    if scrypt.TYPE in types and len(types) > 1:
        raise Refused("passphrase-not-alone")
    if hybrid.TYPE in types and set(types) != {hybrid.TYPE}:
        raise Refused("recipients-mixed")
    return stanzas


def _read_stanza(line: bytes, body: bytes) -> Stanza:
    first, *args = line.decode("ascii").split(" ")
    return Stanza(first, tuple(args), from_base64(body.replace(b"\n", b"").decode("ascii")))


def _write_stanza(stanza: Stanza) -> bytes:
    body = to_base64(stanza.body)
    lines = [body[i : i + _COLUMNS] for i in range(0, len(body) + 1, _COLUMNS)]
    return "\n".join([" ".join(["->", stanza.type, *stanza.args]), *lines, ""]).encode("ascii")


def _mac(file_key: bytes, signed: bytes) -> bytes:
    return hmac.digest(hkdf(file_key, info=b"header"), signed, "sha256")
