"""Who the keepers of a vault are, by version, and what a roster must satisfy."""

from collections.abc import Sequence

from holdfast.crypto.hybrid import HybridRecipient
from holdfast.crypto.signing import check_key
from holdfast.custody.contents import HYBRID_SUITE, Card, Roster, Rule, Seat
from holdfast.custody.messages import Message
from holdfast.errors import Refused, Unsupported, Unverified

COMPARTMENTS = ("public", "private", "identity")
MAX_KEEPERS = 16
DAY = 86_400
ROSTER_WAIT = 7 * DAY
LONGEST_WAIT = 60 * DAY
"""Seconds; a longer wait could outlast every request, and the vault would never open."""

DELAYS = {"public": 0, "private": 3 * DAY, "identity": 3 * DAY}
QUORUMS = {3: (2, 2, 2), 4: (2, 3, 3), 5: (2, 3, 3), 6: (3, 4, 4), 7: (3, 4, 4)}
"""Default quorums of public, private and identity, by the number of keepers."""


def default_rules(n: int) -> dict[str, Rule]:
    """Give the rules for `n` keepers; beyond the table a majority, and both of two."""
    quorums = QUORUMS.get(n, (n // 2 + 1,) * 3)
    return {name: Rule(t, DELAYS[name]) for name, t in zip(COMPARTMENTS, quorums, strict=True)}


def seats(cards: Sequence[Message[Card]], first: int = 1) -> list[Seat]:
    """Give each card a seat, numbered from `first`."""
    return [
        Seat(x, card.content.enc, card.key, card.content.seen, card.content.held) for x, card in enumerate(cards, first)
    ]


def seat_of(roster: Roster, key: bytes) -> Seat | None:
    """Give the seat whose messages `key` signs, if there is one."""
    return next((seat for seat in roster.keepers if seat.sig == key), None)


def largest_quorum(roster: Roster) -> int:
    """Give t_max: what rosters and deletion need."""
    return max(rule.quorum for rule in roster.comps.values())


def check_roster(roster: Roster, earlier: Sequence[Message[Roster]]) -> Roster:
    """Give `roster` back if it may follow `earlier`, else raise `Refused`, `Unsupported` or `Unverified`."""
    if roster.suite != HYBRID_SUITE:
        raise Unsupported("roster-suite", suite=roster.suite)
    _check_succession(roster, earlier)
    _check_rules(roster)
    _check_seats(roster, earlier)
    return roster


def _check_succession(roster: Roster, earlier: Sequence[Message[Roster]]) -> None:
    previous = earlier[-1].mid if earlier else None
    if roster.v != len(earlier) + 1 or (roster.prev or None) != previous:
        raise Refused("roster-succession", v=roster.v)


def _check_rules(roster: Roster) -> None:
    n = len(roster.keepers)
    if max([roster.wait, *(rule.delay for rule in roster.comps.values())]) > LONGEST_WAIT:
        raise Refused("roster-wait", days=LONGEST_WAIT // DAY)
    if set(roster.comps) != set(COMPARTMENTS):
        raise Refused("roster-compartments", found=sorted(roster.comps))
    for name, rule in roster.comps.items():
        least = 1 if name == "public" else 2
        if not least <= rule.quorum <= n:
            raise Refused("roster-quorum", compartment=name, quorum=rule.quorum, least=least, keepers=n)


def _check_seats(roster: Roster, earlier: Sequence[Message[Roster]]) -> None:
    xs = [seat.x for seat in roster.keepers]
    if len(xs) > MAX_KEEPERS or xs != sorted(set(xs)):
        raise Refused("roster-numbers", numbers=xs)
    before = [seat for message in earlier for seat in message.content.keepers]
    if {seat.x for seat in before} & set(xs):
        raise Refused("roster-numbers", numbers=xs)
    keys = [key for seat in roster.keepers for key in _keys(seat)]
    if len(set(keys)) != len(keys) or set(keys) & {key for seat in before for key in _keys(seat)}:
        raise Refused("roster-keys-not-fresh")
    for seat in roster.keepers:
        check_seat(seat)


def check_seat(seat: Seat) -> Seat:
    """Give `seat` back if its keys are valid, else raise `Unverified`."""
    HybridRecipient(seat.enc)
    for key in (seat.sig, seat.seen[0], seat.held[0]):
        check_key(key)
    if len({seat.sig, seat.seen[0], seat.held[0]}) != 3:
        raise Unverified("keys-repeated", x=seat.x)
    return seat


def _keys(seat: Seat) -> tuple[bytes, ...]:
    return seat.enc, seat.sig, *seat.seen, *seat.held
