"""Whole age files in memory."""

from collections.abc import Sequence
from io import BytesIO

from holdfast.crypto.age import armor, header
from holdfast.crypto.age.payload import plain_size, sealed_size
from holdfast.crypto.age.stanza import Identity, Random, Recipient


def seal(plain: bytes | bytearray | memoryview, recipients: Sequence[Recipient], random: Random) -> bytes:
    """Seal `plain` to all `recipients`: with one hybrid recipient, 1,643 bytes more and 16 for each chunk of 64 KiB.

    Raises `Refused`: `no-recipient`, `passphrase-not-alone`, `recipients-mixed`.
    """
    view = memoryview(plain).cast("B")
    head, payload = header.begin(recipients, random)
    # A BytesIO gives its only copy away as bytes; a bytearray would be copied.
    out = BytesIO(bytes(len(head) + sealed_size(len(view))))
    with out.getbuffer() as room:
        room[: len(head)] = head
        payload.seal_all(view, room[len(head) :])
    return out.getvalue()


def unseal(sealed: bytes | bytearray | memoryview, identities: Sequence[Identity]) -> bytes:
    """Open an age file, armored or not; nothing is given before all of it is verified.

    Raises `Unreadable` (`age-header`, `age-armor`), `Refused` (`no-identity-matched`, `passphrase-work`) or
    `Unverified` (`age-mac`, `age-chunk`, `age-cut`).
    """
    view = memoryview(sealed).cast("B")
    if armor.is_armor(view):
        view = memoryview(armor.decode(bytes(view)))
    head = header.read(view)
    payload = head.unlock(identities)
    chunks = view[head.start :]
    out = BytesIO(bytes(plain_size(len(chunks))))
    with out.getbuffer() as room:
        payload.open_all(chunks, room)
    return out.getvalue()
