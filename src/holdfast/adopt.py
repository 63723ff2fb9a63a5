"""Take part in a new roster: check what old keepers dealt, and say so."""

from collections import Counter
from collections.abc import Callable, Mapping

from holdfast.custody import messages, resharing, rosters
from holdfast.custody.book import Book
from holdfast.custody.contents import Adopt, Reshare, Roster, Seat
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.errors import HoldfastError, Refused
from holdfast.keeper.kits import Kit
from holdfast.store.once import put_once
from holdfast.vault.format import message_name
from holdfast.vault.view import Vault


def adopt(
    vault: Vault, kit: Kit, roster: Message[Roster], now: int, random: Callable[[int], bytes]
) -> list[Message[Adopt]]:
    """Verify every sub-share of each round that is dealt to this kit, and sign its adoption.

    A dealer whose sub-share is false is left out.  Raises `Refused` until enough old keepers have dealt.
    """
    book = vault.book
    keys, seat = kit.seat_in(book, roster)
    need = rosters.largest_quorum(next(r for r in book.rosters if r.mid == roster.content.prev).content)
    done, most = [], 0
    for digest, dealt in book.dealt(roster).items():
        good = {x: message for x, message in sorted(dealt.items()) if _is_good(message, x, seat, keys)}
        chosen = _agreed(book, roster, good, need) or sorted(good)[:need]
        most = max(most, len(good))
        if len(good) >= need:
            content = Adopt(
                vault=book.vault,
                nonce=random(16),
                at=now,
                roster=roster.mid,
                dealers=chosen,
                reshares=[good[x].mid for x in chosen],
                epochs=digest,
            )
            done.append(_earlier(book, keys, content) or messages.write(content, keys.sig))
    if not done:
        raise Refused("reshares-missing", have=most, need=need)
    for message in done:
        put_once(vault.store, message_name(message.mid), message.envelope)
    return done


def _earlier(book: Book, keys: Keys, content: Adopt) -> Message[Adopt] | None:
    """Give what this keeper said before, if it says the same."""
    mine = (m for m in book.of(Adopt) if m.key == keys.sig.public and m.content.roster == content.roster)
    return next((m for m in mine if m.content.reshares == content.reshares), None)


def _agreed(book: Book, roster: Message[Roster], good: Mapping[int, Message[Reshare]], need: int) -> list[int]:
    """Give the dealers that most other new keepers took, if they are enough and their very messages are good here too.

    Adoptions must name the same messages; one keeper who names too few, or false ones, is not followed.
    """
    mids = {message.mid: x for x, message in good.items()}
    taken: Counter[tuple[bytes, ...]] = Counter()
    for other in book.of(Adopt):
        chosen = tuple(other.content.reshares)
        known = other.content.roster == roster.mid and rosters.seat_of(roster.content, other.key)
        if known and len(set(chosen)) == len(chosen) >= need and set(chosen) <= set(mids):
            taken[chosen] += 1
    return [mids[mid] for mid in max(taken, key=lambda c: (taken[c], c))] if taken else []


def _is_good(message: Message[Reshare], x: int, seat: Seat, keys: Keys) -> bool:
    try:
        resharing.open_subshares(message.content, x, seat, keys)
    except HoldfastError:
        return False
    return True
