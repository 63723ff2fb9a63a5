"""A new roster by any quorum of keepers, without the owner: old keepers deal anew."""

from collections.abc import Callable, Iterator, Sequence

from holdfast.crypto.hashes import sha256
from holdfast.custody import messages, resharing, rosters
from holdfast.custody.contents import HYBRID_SUITE, Reshare, Roster, Seat
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.custody.resharing import Holding
from holdfast.errors import HoldfastError, NotFound, Refused
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
) -> list[Message[Reshare]]:
    """Deal this keeper's shares to `roster`, once its own wait since first sight is over; raise `Refused` before.

    Each keeping is a round of its own, so that a false epoch holds up no other keeping; a kit deals to one successor
    only, and each round once.
    """
    book = vault.book
    old = next(r for r in book.rosters if r.mid == roster.content.prev)
    keys, seat = kit.seat_in(book, old)
    policy.check_waited(old, kit.sight(keys, roster.mid, now), now)
    kit.deal_to(keys, roster.mid)
    dealt = {tuple(m.content.epochs) for m in book.of(Reshare) if m.key == keys.sig.public}
    done = []
    for holdings in _rounds(vault, _holdings(vault, keys, seat, roster)):
        content = resharing.reshare(holdings, seat.x, roster, now, random)
        if tuple(content.epochs) not in dealt:
            done.append(messages.write(content, keys.sig))
    for message in done:
        put_once(vault.store, message_name(message.mid), message.envelope)
    return done


def _holdings(vault: Vault, keys: Keys, seat: Seat, roster: Message[Roster]) -> Iterator[Holding]:
    """Give this keeper's share of every epoch that `roster` does not have yet; a false share is passed over."""
    book, at = vault.book, vault.book.index(roster.content.prev or b"")
    for mid, epoch in book.epochs.items():
        if epoch.key not in book.writers or not _is_left(vault, mid, roster):
            continue
        try:
            yield Holding(mid, epoch.content.comp, book.share(mid, seat, keys, at), book.commitments(mid, at))
        except HoldfastError:
            continue


def _rounds(vault: Vault, holdings: Iterator[Holding]) -> Sequence[Sequence[Holding]]:
    """Group shares by keeping; where nothing was kept yet, one empty round hands the vault over."""
    found: dict[tuple[bytes, int], list[Holding]] = {}
    for holding in holdings:
        epoch = vault.book.epoch(holding.mid)
        found.setdefault((epoch.key, epoch.content.no), []).append(holding)
    return list(found.values()) or [[]]


def _is_left(vault: Vault, mid: bytes, roster: Message[Roster]) -> bool:
    """Tell whether an epoch is older than `roster` and not in a round that was adopted."""
    if vault.book.epoch(mid).content.roster == roster.mid:
        return False
    return not any(mid in done.epochs for done in vault.book.rounds(roster.mid))
