"""A new roster by any quorum of keepers, without the owner: old keepers deal anew."""

from collections.abc import Callable

from holdfast.crypto.hashes import sha256
from holdfast.custody import messages, resharing, rosters
from holdfast.custody.contents import HYBRID_SUITE, Reshare, Roster
from holdfast.custody.messages import Message
from holdfast.custody.resharing import Holding
from holdfast.errors import NotFound, Refused
from holdfast.keeper import policy
from holdfast.keeper.kits import Kit
from holdfast.new import Terms, seal_annex
from holdfast.store.once import put_once
from holdfast.vault.format import annex_name, message_name
from holdfast.vault.view import Vault


def propose(vault: Vault, kit: Kit, terms: Terms, now: int, random: Callable[[int], bytes]) -> Message[Roster]:
    """Sign the next roster and put it into the vault; raise `Refused` if it breaks a rule or this kit proposed one."""
    book = vault.book
    keys, _ = kit.seat(book)
    if any(other.key == keys.sig.public for other in book.proposals()):
        raise Refused("roster-proposed")
    first = 1 + max(seat.x for roster in book.rosters for seat in roster.content.keepers)
    annex = seal_annex(terms.cards, random, first)
    roster = Roster(
        vault=vault.format.vault,
        nonce=random(16),
        at=now,
        v=book.active.content.v + 1,
        prev=book.active.mid,
        suite=HYBRID_SUITE,
        comps=dict(terms.rules),
        keepers=rosters.seats(terms.cards, first),
        wait=terms.wait,
        annex=sha256(annex),
    )
    message = messages.write(rosters.check_roster(roster, book.rosters), keys.sig)
    put_once(vault.store, annex_name(roster.annex), annex)
    put_once(vault.store, message_name(message.mid), message.envelope)
    return message


def proposal(vault: Vault, wanted: str = "") -> Message[Roster]:
    """Give the roster that is proposed, or the active one while it still takes late epochs.

    Where several are proposed, `wanted` is the start of the id of one; raises `Refused` or `NotFound`.
    """
    found = [roster for roster in vault.book.proposals() if roster.mid.hex().startswith(wanted)]
    if len(found) > 1:
        raise Refused("rosters-proposed", known=", ".join(roster.mid.hex()[:16] for roster in found))
    if found:
        return found[0]
    if len(vault.book.rosters) > 1 and vault.book.active.mid.hex().startswith(wanted):
        return vault.book.active
    raise NotFound("roster-not-proposed")


def reshare(
    vault: Vault, kit: Kit, roster: Message[Roster], now: int, random: Callable[[int], bytes]
) -> Message[Reshare]:
    """Deal this keeper's shares to `roster`, once its own wait since first sight is over; raise `Refused` before.

    A kit deals to one successor only.
    """
    old = next(r for r in vault.book.rosters if r.mid == roster.content.prev)
    keys, seat = kit.seat_in(vault.book, old)
    sight = kit.sight(keys, roster.mid, now)
    policy.check_waited(old, sight, now)
    kit.deal_to(keys, roster.mid)
    at = vault.book.index(old.mid)
    holdings = [
        Holding(mid, epoch.content.comp, vault.book.share(mid, seat, keys, at), vault.book.commitments(mid, at))
        for mid, epoch in vault.book.epochs.items()
        if epoch.key in vault.book.writers and _is_left(vault, mid, roster)
    ]
    message = messages.write(resharing.reshare(holdings, seat.x, roster, now, random), keys.sig)
    put_once(vault.store, message_name(message.mid), message.envelope)
    return message


def _is_left(vault: Vault, mid: bytes, roster: Message[Roster]) -> bool:
    """Tell whether an epoch is older than `roster` and not in a round that was adopted."""
    if vault.book.epoch(mid).content.roster == roster.mid:
        return False
    return not any(mid in done.epochs for done in vault.book.rounds(roster.mid))
