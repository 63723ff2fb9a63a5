"""When a keeper answers a request, and when rosters change.  Everything that decides it over files lives in this file.

It reads no clock: `sight` and `now` are Unix seconds by this keeper's own clock, and every wait counts from its own
first sight of a message, never from a time inside one (custody tables A and C, over files).
"""

from collections.abc import Iterable, Sequence
from enum import Enum, auto

import msgspec

from holdfast.custody.book import Book
from holdfast.custody.contents import CODES, Open, Opened, Roster
from holdfast.custody.messages import Message
from holdfast.custody.rosters import DAY, seat_of
from holdfast.errors import Refused

LONGEST_REQUEST = 90 * DAY
PENDING_EACH = 3


class State(Enum):
    """Where a request stands with one keeper."""

    WAITING = auto()
    READY = auto()
    CLOSED = auto()


class Event(Enum):
    """What moves it."""

    DUE = auto()
    EXPIRED = auto()
    ROSTER_REPLACED = auto()


TRANSITIONS: dict[State, dict[Event, State]] = {
    State.WAITING: {Event.DUE: State.READY, Event.EXPIRED: State.CLOSED, Event.ROSTER_REPLACED: State.CLOSED},
    State.READY: {Event.EXPIRED: State.CLOSED, Event.ROSTER_REPLACED: State.CLOSED},
    State.CLOSED: {},
}


class Sighting(msgspec.Struct, frozen=True):
    """A request as one keeper saw it: when first, how long its scope makes it wait (seconds), and when it ends."""

    sight: int
    delay: int
    until: int
    roster: bytes

    @property
    def due(self) -> int:
        """Give when a grant may leave at the earliest."""
        return self.sight + self.delay


def events(seen: Sighting, active: bytes, now: int) -> Iterable[Event]:
    """Give what has happened to a request by `now`, what comes first first."""
    if now >= seen.due:
        yield Event.DUE
    if now > min(seen.until, seen.sight + LONGEST_REQUEST):
        yield Event.EXPIRED
    if seen.roster != active:
        yield Event.ROSTER_REPLACED


def state(seen: Sighting, active: bytes, now: int) -> State:
    """Give where a request stands at `now` under the `active` roster."""
    found = State.WAITING
    for event in events(seen, active, now):
        found = TRANSITIONS[found].get(event, found)
    return found


def check_ready(seen: Sighting, active: bytes, now: int) -> None:
    """Raise `Refused` unless this keeper may answer now."""
    if now < seen.sight:
        raise Refused("clock-behind", sight=seen.sight)
    match state(seen, active, now):
        case State.WAITING:
            raise Refused("request-waits", due=seen.due)
        case State.CLOSED:
            raise Refused("request-closed")
        case State.READY:
            return


def check_request(request: Message[Open], book: Book, now: int) -> Message[Open]:
    """Give a request back if a keeper may consider it at all, else raise `Refused`, `NotFound` or `Unverified`."""
    content = request.content
    if content.vault != book.vault:
        raise Refused("request-by-a-stranger")
    if content.roster != book.active.mid:
        raise Refused("request-closed")
    if seat_of(book.active.content, request.key) is None:
        raise Refused("request-by-a-stranger")
    if content.why not in CODES:
        raise Refused("request-code", code=content.why)
    if content.scope != sorted(set(content.scope)):
        raise Refused("request-scope")
    if content.until > now + LONGEST_REQUEST:
        raise Refused("request-too-long")
    for mid in content.scope:
        book.epoch(mid)
    return request


def check_pending(request: Message[Open], book: Book, now: int) -> None:
    """Raise `Refused` where the signer has three other requests that are neither answered nor over."""
    answered = {(message.content.open, message.key) for message in book.of(Opened)}
    mine = [m for m in book.of(Open) if m.key == request.key and m.mid != request.mid]
    pending = [m for m in mine if (m.mid, m.content.to_sig) not in answered and m.content.until >= now]
    if len(pending) >= PENDING_EACH:
        raise Refused("requests-pending", count=len(pending))


def delay_of(scope: Sequence[bytes], book: Book) -> int:
    """Give the longest delay, in seconds, of the compartments in a request's scope."""
    comps = book.active.content.comps
    return max(comps[book.epoch(mid).content.comp].delay for mid in scope)


def check_waited(roster: Message[Roster], sight: int, now: int, times: int = 1) -> None:
    """Raise `Refused` until a roster's wait (or several of them) has passed since this keeper first saw it.

    The old roster's wait counts: whoever proposes a successor must not be able to shorten it.
    """
    due = sight + times * roster.content.wait
    if now < sight:
        raise Refused("clock-behind", sight=sight)
    if now < due:
        raise Refused("roster-waits", due=due)
