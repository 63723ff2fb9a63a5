"""Commitments: a salted leaf for each item, and the blinded root of a batch.

An item's bytes are often guessable; the salt (32 random bytes, kept only inside sealed bytes) keeps a guess from being
confirmed.  Every field has a fixed width or its length before it, so that no two different inputs hash the same bytes.
"""

from hashlib import sha256

from holdfast.errors import Unreadable

ITEM = b"holdfast/item/v1\0"
BATCH = b"holdfast/batch/v1\0"
HASH_SIZE = 32
NO_BEACON = bytes(HASH_SIZE)


class ItemLeaf:
    """The leaf of an item that streams, such as a video: `update` with each stretch in order, then `digest`."""

    def __init__(self, salt: bytes, name: bytes) -> None:
        if len(name) > 0xFFFF:
            raise Unreadable("commitment-field", field="name")
        self._hash = sha256(b"\x00" + ITEM + _hash_sized("salt", salt) + len(name).to_bytes(2, "big") + name)

    def update(self, data: bytes) -> None:
        """Take the item's next bytes."""
        self._hash.update(data)

    def digest(self) -> bytes:
        """Give the leaf hash of what was taken so far."""
        return self._hash.digest()


def item_leaf(salt: bytes, name: bytes, data: bytes) -> bytes:
    """Commit to one item: its salt (32 bytes), the path of its member in the export (at most 65,535 bytes), its bytes.

    It is the RFC 6962 leaf hash over the frame.  Raises `Unreadable("commitment-field")` for a field of a wrong size.
    """
    leaf = ItemLeaf(salt, name)
    leaf.update(data)
    return leaf.digest()


def blinded(salt: bytes, size: int, root: bytes, beacon: bytes = NO_BEACON) -> bytes:
    """Blind the root of a batch of `size` leaves (a power of two), so that the log shows nothing of its content.

    `beacon` is a block hash that nobody could know before its time, or zeros.  Raises `Unreadable("commitment-field")`.
    """
    if not 0 < size < 1 << 63 or size & (size - 1):
        raise Unreadable("commitment-field", field="size")
    frame = BATCH + _hash_sized("salt", salt) + size.to_bytes(8, "big")
    return sha256(frame + _hash_sized("root", root) + _hash_sized("beacon", beacon)).digest()


def _hash_sized(field: str, data: bytes) -> bytes:
    if len(data) != HASH_SIZE:
        raise Unreadable("commitment-field", field=field)
    return data
