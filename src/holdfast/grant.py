"""Answer one request with a keeper's shares, once this keeper's own wait is over."""

from collections.abc import Callable

import msgspec

from holdfast.crypto.sharing import Share
from holdfast.custody import grants, messages
from holdfast.custody.contents import Grant, Open, Seat
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.errors import HoldfastError
from holdfast.keeper import policy
from holdfast.keeper.kits import Kit
from holdfast.keeper.policy import Sighting
from holdfast.model.export import Compartment
from holdfast.store.once import put_once
from holdfast.vault.format import message_name
from holdfast.vault.view import Vault


class Asked(msgspec.Struct, frozen=True):
    """A request as a keeper should see it: keepings by name with their compartments, and when it was seen."""

    request: Message[Open]
    scope: dict[str, list[str]]
    sighting: Sighting


def consider(vault: Vault, kit: Kit, request: Message[Open], now: int) -> Asked:
    """Check a request, record this kit's first sight of it, and say what it would open.

    The request is put into the vault's custody, where every honest keeper finds it.  Raises `Refused`, `NotFound` or
    `Unverified`.
    """
    policy.check_request(request, vault.book, now)
    policy.check_pending(request, vault.book, now)
    keys, _ = kit.seat(vault.book)
    put_once(vault.store, message_name(request.mid), request.envelope)
    content = request.content
    sight = kit.sight(keys, request.mid, now)
    sighting = Sighting(sight, policy.delay_of(content.scope, vault.book), content.until, content.roster)
    return Asked(request, _describe(vault, content), sighting)


def grant(vault: Vault, kit: Kit, asked: Asked, now: int, random: Callable[[int], bytes]) -> Message[Grant]:
    """Give this keeper's shares sealed to the restorer; raise `Refused` before they are due or once it is closed.

    Where a share of this keeper is false its place stays empty; `drill` names it.
    """
    policy.check_ready(asked.sighting, vault.book.active.mid, now)
    keys, seat = kit.seat(vault.book)
    shares = [_share(vault, mid, keys, seat) for mid in asked.request.content.scope]
    return messages.write(grants.grant(asked.request, shares, now, random), keys.sig)


def _describe(vault: Vault, content: Open) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    left = set(content.scope)
    for keeping in vault.keepings():
        asked = [c for c in Compartment if keeping.epochs.get(c) in left]
        if asked:
            found[keeping.name] = [c.value for c in asked]
            left -= set(keeping.epochs.values())
    if left:  # epochs of which no log says what is in them
        found["?"] = sorted(vault.book.epoch(mid).content.comp for mid in left)
    return found


def _share(vault: Vault, mid: bytes, keys: Keys, seat: Seat) -> Share | None:
    """Give this keeper's share of one epoch, or nothing where it is false: that must not close the others."""
    try:
        return vault.book.share(mid, seat, keys, vault.book.index(vault.book.active.mid))
    except HoldfastError:
        return None
