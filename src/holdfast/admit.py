"""Admit a writer whose key is new, so that what it kept can be opened."""

from collections.abc import Callable

from holdfast.custody import messages
from holdfast.custody.contents import Writer
from holdfast.custody.messages import Message
from holdfast.custody.rosters import COMPARTMENTS
from holdfast.errors import AlreadyExists, NotFound
from holdfast.keeper.kits import Kit
from holdfast.store.once import put_once
from holdfast.vault.format import message_name
from holdfast.vault.view import Vault


def admit(vault: Vault, kit: Kit, writer: bytes, now: int, random: Callable[[int], bytes]) -> Message[Writer]:
    """Sign that a writer counts from here; raise `NotFound` where it has no log in the vault, or `AlreadyExists`."""
    if writer not in vault.logs:
        raise NotFound("writer-missing", writer=writer.hex())
    if writer in vault.book.writers:
        raise AlreadyExists("writer-admitted", writer=writer.hex())
    keys, _ = kit.seat(vault.book)
    content = Writer(
        vault=vault.format.vault, nonce=random(16), at=now, key=writer, type="device", comps=list(COMPARTMENTS)
    )
    message = messages.write(content, keys.sig)
    put_once(vault.store, message_name(message.mid), message.envelope)
    return message
