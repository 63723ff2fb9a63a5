"""The stanza `mlkem768x25519`: hybrid post-quantum (C2SP `age.md`)."""

from collections.abc import Sequence
from typing import Self

from holdfast.crypto import hybrid
from holdfast.crypto.age.stanza import Random, Stanza, from_base64, malformed, sized, to_base64
from holdfast.crypto.age.wrapping import BODY_SIZE
from holdfast.errors import Unreadable, Unverified

TYPE = "mlkem768x25519"
_INFO = b"age-encryption.org/mlkem768x25519"


class Recipient:
    """Wraps for a hybrid recipient, `age1pq1…`."""

    def __init__(self, key: hybrid.HybridRecipient) -> None:
        """Take the key."""
        self._key = key

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `age1pq1…`, or raise `Unreadable`."""
        return cls(hybrid.HybridRecipient.from_text(text))

    def wrap(self, file_key: bytes, random: Random) -> Stanza:
        """Wrap a file key; `random` is not asked, since HPKE in pyca/cryptography draws its own."""
        box = self._key.seal(file_key, _INFO)
        return Stanza(TYPE, (to_base64(box[: hybrid.ENC_SIZE]),), box[hybrid.ENC_SIZE :])


class Identity:
    """Unwraps what a hybrid recipient's identity, `AGE-SECRET-KEY-PQ-1…`, can open."""

    def __init__(self, key: hybrid.HybridIdentity) -> None:
        """Take the key."""
        self._key = key

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `AGE-SECRET-KEY-PQ-1…`, or raise `Unreadable`."""
        return cls(hybrid.HybridIdentity.from_text(text))

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Give the file key of the first stanza that opens, or None."""
        mine = (self._open(stanza) for stanza in stanzas if stanza.type == TYPE)
        return next((key for key in mine if key is not None), None)

    def _open(self, stanza: Stanza) -> bytes | None:
        box = check(stanza) + stanza.body
        try:
            return self._key.open(box, _INFO)
        except Unverified:
            return None


def check(stanza: Stanza) -> bytes:
    """Give the encapsulated key of a hybrid stanza if that is well formed, without any secret; else `Unreadable`."""
    if len(stanza.args) != 1:
        raise malformed("arguments")
    enc = from_base64(stanza.args[0])
    sized(stanza.body, BODY_SIZE, "body-size")
    try:
        return hybrid.check_enc(enc)
    except Unreadable as e:
        raise malformed(e.code) from e
