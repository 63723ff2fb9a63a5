"""The payload of an age file: chunks that each open alone, the last one marked (STREAM, C2SP `age.md`)."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from holdfast.crypto.hashes import hkdf
from holdfast.errors import Unverified

NONCE_SIZE = 16
CHUNK = 65_536
TAG = 16
SEALED_CHUNK = CHUNK + TAG


class Payload:
    """Seals and opens the chunks of one file.  A chunk's number counts from 0; all but the last have 65,536 bytes."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        """Derive the payload's key from the file key and the file's 16-byte nonce."""
        self._cipher = ChaCha20Poly1305(hkdf(file_key, salt=nonce, info=b"payload"))

    def seal(self, number: int, plain: bytes | memoryview, *, last: bool) -> bytes:
        """Seal one chunk."""
        return self._cipher.encrypt(_nonce(number, last), plain, None)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """Open one chunk, or raise `Unverified` with code `age-chunk`."""
        try:
            return self._cipher.decrypt(_nonce(number, last), sealed, None)
        except InvalidTag as e:
            raise Unverified("age-chunk", chunk=number) from e

    def seal_all(self, plain: memoryview, out: memoryview) -> None:
        """Seal the whole payload into `out`, which has `sealed_size` bytes."""
        final = chunks_of(len(plain)) - 1
        for i in range(final + 1):
            chunk = plain[i * CHUNK : (i + 1) * CHUNK]
            room = out[i * SEALED_CHUNK : (i + 1) * SEALED_CHUNK]
            self._cipher.encrypt_into(_nonce(i, i == final), chunk, None, room)

    def open_all(self, sealed: memoryview, out: memoryview) -> None:
        """Open the whole payload into `out`, which has `plain_size` bytes, or raise `Unverified` (`age-chunk`)."""
        final = chunks_of(len(out)) - 1
        for i in range(final + 1):
            chunk = sealed[i * SEALED_CHUNK : (i + 1) * SEALED_CHUNK]
            room = out[i * CHUNK : (i + 1) * CHUNK]
            try:
                self._cipher.decrypt_into(_nonce(i, i == final), chunk, None, room)
            except InvalidTag as e:
                raise Unverified("age-chunk", chunk=i) from e


def chunks_of(plain: int) -> int:
    """Give the number of chunks of a payload of `plain` bytes; an empty one has one."""
    return max(1, -(-plain // CHUNK))


def sealed_size(plain: int) -> int:
    """Give the size of a payload's chunks, in bytes."""
    return plain + TAG * chunks_of(plain)


def plain_size(sealed: int) -> int:
    """Give what `sealed` bytes of chunks hold, or raise `Unverified` (`age-cut`) where no payload has that size."""
    plain = sealed - TAG * max(1, -(-sealed // SEALED_CHUNK))
    if plain < 0 or sealed_size(plain) != sealed:
        raise Unverified("age-cut", size=sealed)
    return plain


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
