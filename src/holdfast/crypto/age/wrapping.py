"""A file key under a key that is used once: ChaCha20-Poly1305 with a nonce of zeros (C2SP `age.md`)."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from holdfast.crypto.age.stanza import FILE_KEY_SIZE, sized

BODY_SIZE = FILE_KEY_SIZE + 16
_NONCE = bytes(12)


def wrap(key: bytes, file_key: bytes) -> bytes:
    """Give the 32-byte body of a stanza."""
    return ChaCha20Poly1305(key).encrypt(_NONCE, file_key, None)


def unwrap(key: bytes, body: bytes) -> bytes | None:
    """Give the file key, or None if `body` is under another key; raise `Unreadable` if its size is wrong."""
    sized(body, BODY_SIZE, "body-size")
    try:
        return ChaCha20Poly1305(key).decrypt(_NONCE, body, None)
    except InvalidTag:
        return None
