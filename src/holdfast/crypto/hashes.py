"""SHA-256, and keys derived from keys with it."""

import hashlib

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def sha256(*parts: bytes | bytearray | memoryview) -> bytes:
    """Give the SHA-256 of `parts`, one after the other (FIPS 180-4)."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def hkdf(key: bytes, *, salt: bytes = b"", info: bytes, length: int = 32) -> bytes:
    """Derive `length` bytes from `key` for the use that `info` names (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), length, salt or None, info).derive(key)


def derive(key: bytes, label: str) -> bytes:
    """Derive the 32 bytes that KEEP-1 calls `label` from a 32-byte secret."""
    return hkdf(key, info=b"holdfast/keep-1/" + label.encode("ascii"))
