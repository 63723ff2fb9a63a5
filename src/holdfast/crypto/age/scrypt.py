"""The stanza `scrypt`: a passphrase, alone in its file (C2SP `age.md`; scrypt: RFC 7914)."""

import re
from collections.abc import Sequence

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from holdfast.crypto.age import wrapping
from holdfast.crypto.age.stanza import Random, Stanza, from_base64, malformed, sized, to_base64
from holdfast.errors import Refused

TYPE = "scrypt"
WRITE_LOG_N = 18
READ_LOG_N = 20
_SALT_SIZE = 16
_LABEL = b"age-encryption.org/v1/scrypt"
_LOG_N = re.compile(r"[1-9][0-9]*", re.ASCII)


class Recipient:
    """Wraps under a passphrase; text counts as UTF-8.  Work is 2^`log_n`, memory 1 KiB times that."""

    def __init__(self, passphrase: str | bytes, log_n: int = WRITE_LOG_N) -> None:
        """Take the passphrase, or raise `Refused` with code `passphrase-empty`."""
        if not passphrase:
            raise Refused("passphrase-empty")
        self._passphrase = _to_bytes(passphrase)
        self._log_n = log_n

    def wrap(self, file_key: bytes, random: Random) -> Stanza:
        """Wrap a file key."""
        salt = random(_SALT_SIZE)
        key = _stretch(self._passphrase, salt, self._log_n)
        return Stanza(TYPE, (to_base64(salt), str(self._log_n)), wrapping.wrap(key, file_key))


class Identity:
    """Unwraps what a passphrase can open, if that costs no more than 2^`most` of work."""

    def __init__(self, passphrase: str | bytes, most: int = READ_LOG_N) -> None:
        """Take the passphrase."""
        self._passphrase = _to_bytes(passphrase)
        self._most = most

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Give the file key, or None; raise `Refused` (`passphrase-work`) if the file asks for too much work."""
        mine = [stanza for stanza in stanzas if stanza.type == TYPE]
        return self._open(mine[0]) if mine else None

    def _open(self, stanza: Stanza) -> bytes | None:
        if len(stanza.args) != 2 or not _LOG_N.fullmatch(stanza.args[1]):
            raise malformed("arguments")
        salt = sized(from_base64(stanza.args[0]), _SALT_SIZE, "salt-size")
        sized(stanza.body, wrapping.BODY_SIZE, "body-size")
        # The length first: a number of thousands of digits is itself an attack.
        if len(stanza.args[1]) > 2 or int(stanza.args[1]) > self._most:
            raise Refused("passphrase-work", most=self._most)
        return wrapping.unwrap(_stretch(self._passphrase, salt, int(stanza.args[1])), stanza.body)


def _stretch(passphrase: bytes, salt: bytes, log_n: int) -> bytes:
    return Scrypt(_LABEL + salt, 32, 2**log_n, 8, 1).derive(passphrase)


def _to_bytes(passphrase: str | bytes) -> bytes:
    return passphrase.encode("utf-8") if isinstance(passphrase, str) else passphrase
