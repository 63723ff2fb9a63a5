"""Ask the keepers to open keepings and compartments for one restorer."""

from collections.abc import Callable, Collection

import msgspec

from holdfast.custody import messages
from holdfast.custody.contents import CODES, Open
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.custody.rosters import DAY
from holdfast.errors import HoldfastError, NotFound, Refused
from holdfast.keeper import policy
from holdfast.keeper.kits import Kit
from holdfast.store.once import put_once
from holdfast.vault.format import message_name
from holdfast.vault.view import Vault


class Wish(msgspec.Struct, frozen=True):
    """What is asked for: a reason from the short list, compartments, and keepings by number or name (none: all)."""

    why: str
    compartments: Collection[str]
    keepings: Collection[str] = ()


def request(vault: Vault, kit: Kit, wish: Wish, now: int, random: Callable[[int], bytes]) -> tuple[Keys, Message[Open]]:
    """Sign a request and put it into the vault; give the restorer's fresh one-use keys and the message.

    Raises `Refused` for a reason outside the list or too many pending requests, `NotFound` where nothing is there.
    """
    if wish.why not in CODES:
        raise Refused("request-code", code=wish.why)
    keys, _ = kit.seat(vault.book)
    restorer = Keys(random(32))
    content = Open(
        vault=vault.format.vault,
        nonce=random(16),
        at=now,
        scope=scope(vault, wish),
        to_enc=restorer.enc.recipient.raw,
        to_sig=restorer.sig.public,
        roster=vault.book.active.mid,
        why=wish.why,
        until=now + policy.LONGEST_REQUEST - DAY,  # keepers whose clocks are behind must take it too
    )
    message = policy.check_request(messages.write(content, keys.sig), vault.book, now)
    policy.check_pending(message, vault.book, now)
    put_once(vault.store, message_name(message.mid), message.envelope)
    return restorer, message


def scope(vault: Vault, wish: Wish) -> list[bytes]:
    """Give the epochs that a wish needs: those of its keepings, and the earlier ones that they draw on."""
    keepings = [vault.keeping(k) for k in wish.keepings] or vault.keepings()
    admitted = [k for k in keepings if k.writer in vault.book.writers]
    if wish.keepings and len(admitted) < len(keepings):
        raise Refused("writer-not-admitted", writer=next(k.writer.hex() for k in keepings if k not in admitted))
    wanted = {mid for keeping in admitted for mid in keeping.draws}
    found = sorted(mid for mid in wanted if _is_asked(vault, mid, wish))
    if not found:
        raise NotFound("nothing-to-open")
    return found


def _is_asked(vault: Vault, mid: bytes, wish: Wish) -> bool:
    """Tell whether an epoch is wished for and can be granted.

    One that is lost, or that no resharing has brought to today's keepers, closes no other unless its keeping was named.
    """
    try:
        if vault.book.epoch(mid).content.comp not in wish.compartments:
            return False
        vault.book.target(mid, vault.book.active.mid)
    except HoldfastError:
        if wish.keepings:
            raise
        return False
    return True
