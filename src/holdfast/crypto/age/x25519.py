"""The stanza `X25519`: classic, so a later quantum computer opens it (C2SP `age.md`)."""

from collections.abc import Sequence
from typing import Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from holdfast.crypto import bech32
from holdfast.crypto.age import wrapping
from holdfast.crypto.age.stanza import Random, Stanza, from_base64, malformed, sized, to_base64
from holdfast.crypto.hashes import hkdf
from holdfast.crypto.hybrid import check_point
from holdfast.errors import Unreadable

TYPE = "X25519"
RECIPIENT_PREFIX = "age"
IDENTITY_PREFIX = "AGE-SECRET-KEY-"
_INFO = b"age-encryption.org/v1/X25519"


class Recipient:
    """Wraps for an X25519 key of 32 bytes, `age1…`."""

    def __init__(self, raw: bytes) -> None:
        """Take the key, or raise `Unreadable` with code `recipient-malformed`."""
        try:
            self.raw = check_point(raw)
        except Unreadable as e:
            raise Unreadable("recipient-malformed") from e

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `age1…`, or raise `Unreadable`."""
        return cls(bech32.decode_as(RECIPIENT_PREFIX, text))

    def wrap(self, file_key: bytes, random: Random) -> Stanza:
        """Wrap a file key."""
        ephemeral = X25519PrivateKey.from_private_bytes(random(32))
        share = ephemeral.public_key().public_bytes_raw()
        secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(self.raw))
        return Stanza(TYPE, (to_base64(share),), wrapping.wrap(_wrap_key(secret, share, self.raw), file_key))

    def __str__(self) -> str:
        return bech32.encode(RECIPIENT_PREFIX, self.raw)


class Identity:
    """Unwraps what an X25519 secret of 32 bytes, `AGE-SECRET-KEY-1…`, can open.  `str` gives the secret as text."""

    def __init__(self, seed: bytes) -> None:
        """Take the secret, or raise `Unreadable` with code `identity-malformed`."""
        if len(seed) != 32:
            raise Unreadable("identity-malformed", size=len(seed))
        self._seed = seed
        self._key = X25519PrivateKey.from_private_bytes(seed)
        self.recipient = Recipient(self._key.public_key().public_bytes_raw())

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `AGE-SECRET-KEY-1…`, or raise `Unreadable`."""
        return cls(bech32.decode_as(IDENTITY_PREFIX, text))

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Give the file key of the first stanza that opens, or None."""
        mine = (self._open(stanza) for stanza in stanzas if stanza.type == TYPE)
        return next((key for key in mine if key is not None), None)

    def _open(self, stanza: Stanza) -> bytes | None:
        if len(stanza.args) != 1:
            raise malformed("arguments")
        share = sized(from_base64(stanza.args[0]), 32, "share-size")
        try:
            secret = self._key.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError as e:
            raise malformed("point-low-order") from e
        return wrapping.unwrap(_wrap_key(secret, share, self.recipient.raw), stanza.body)

    def __str__(self) -> str:
        return bech32.encode(IDENTITY_PREFIX.lower(), self._seed).upper()


def _wrap_key(secret: bytes, share: bytes, recipient: bytes) -> bytes:
    return hkdf(secret, salt=share + recipient, info=_INFO)
