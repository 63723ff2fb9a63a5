"""Open what keepers granted: rebuild the identities in this process's memory, and say so before anything is shown."""

from collections.abc import Callable, Mapping, Sequence

from holdfast.custody import grants, messages
from holdfast.custody.contents import Grant, Open, Opened
from holdfast.custody.grants import Opening, Target
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.custody.rosters import seat_of
from holdfast.errors import HoldfastError, Refused, Unverified
from holdfast.store.once import put_once
from holdfast.vault.format import message_name
from holdfast.vault.view import Vault


def open_vault(
    vault: Vault, restorer: Keys, answers: Sequence[Message[Grant]], now: int, random: Callable[[int], bytes]
) -> Opening:
    """Rebuild what a quorum granted to `restorer`, and put OPENED into the vault's custody.

    A keeper whose share is false is named in the result while true ones open.  Raises `Refused` where no epoch has a
    quorum or the roster has changed since, `Unverified` for grants that answer somebody or something else.
    """
    request = _request(vault, restorer, answers)
    by_keeper = _by_keeper(vault, request, answers)
    targets = {mid: target for mid in request.content.scope if (target := _target(vault, mid, request))}
    opening = grants.rebuild(by_keeper, request, targets, restorer)
    content = Opened(
        vault=vault.format.vault,
        nonce=random(16),
        at=now,
        open=request.mid,
        used=list(opening.used),
        liars=list(opening.liars),
        missing=list(opening.missing),
    )
    message = messages.write(content, restorer.sig)
    put_once(vault.store, message_name(message.mid), message.envelope)
    if opening.differing and not opening.identities:
        raise Unverified("recipient-differs")
    if not opening.identities:
        need = min((target.quorum for target in targets.values()), default=0)
        raise Refused("quorum-missing", have=len(by_keeper) - len(opening.liars), need=need, liars=opening.liars)
    return opening


def _request(vault: Vault, restorer: Keys, answers: Sequence[Message[Grant]]) -> Message[Open]:
    """Give the one request that all grants answer, if it was made for this restorer."""
    asked = {message.content.open for message in answers}
    if len(asked) != 1:
        raise Refused("grants-differ" if asked else "grants-none")
    request = vault.book.request(asked.pop())
    if request.content.to_sig != restorer.sig.public or request.content.to_enc != restorer.enc.recipient.raw:
        raise Refused("grant-for-another")
    if request.content.roster != vault.book.active.mid:
        raise Refused("request-closed")
    if seat_of(vault.book.active.content, request.key) is None:
        raise Refused("request-by-a-stranger")
    return request


def _by_keeper(vault: Vault, request: Message[Open], answers: Sequence[Message[Grant]]) -> Mapping[int, Message[Grant]]:
    found = {}
    for message in answers:
        seat = seat_of(vault.book.active.content, message.key)
        if seat is None or message.content.vault != request.content.vault:
            raise Unverified("grant-by-a-stranger")
        found[seat.x] = message
    return found


def _target(vault: Vault, mid: bytes, request: Message[Open]) -> Target | None:
    """Give what shares of an epoch must fit, or nothing where it cannot be opened: that must not close the others."""
    try:
        return vault.book.target(mid, request.content.roster)
    except HoldfastError:
        return None
