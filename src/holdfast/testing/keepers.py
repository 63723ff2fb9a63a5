"""Keepers in memory, by the real protocol: a vault's custody as it grows, and one keeper who lies.

custody = a_vault(5)
request = custody.request(custody.epochs)
opening = custody.open(request, [1, 3, 4])
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, TypeVar

import msgspec

from holdfast.crypto.hashes import sha256
from holdfast.crypto.sharing import L, Share
from holdfast.crypto.signing import Signer
from holdfast.custody.book import Book
from holdfast.custody.contents import (
    HYBRID_SUITE,
    Adopt,
    Card,
    Grant,
    Open,
    Opened,
    Reshare,
    Roster,
    Rule,
    Seat,
    Writer,
)
from holdfast.custody.dealing import deal, plan_epoch
from holdfast.custody.grants import Opening, Target, grant, rebuild
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message, write
from holdfast.custody.resharing import Holding, epochs_digest, open_subshares, reshare
from holdfast.custody.rosters import COMPARTMENTS, DAY, DELAYS, ROSTER_WAIT, default_rules, seat_of, seats
from holdfast.errors import HoldfastError, NotFound

Random = Callable[[int], bytes]
T = TypeVar("T", bound=msgspec.Struct)

NOW = 1_800_000_000
"""What every simulated clock shows, in Unix seconds."""


def seeded(seed: str) -> Random:
    """Give randomness that is the same for the same seed."""
    numbers = count()
    return lambda size: hashlib.shake_256(f"{seed} {next(numbers)}".encode()).digest(size)


def a_rule_for_each(quorums: Sequence[int]) -> dict[str, Rule]:
    """Give the rules for these quorums of public, private and identity, with the usual delays."""
    return {name: Rule(t, DELAYS[name]) for name, t in zip(COMPARTMENTS, quorums, strict=True)}


class Keeper:
    """One keeper's secret K for one vault and roster version, and the card that shows its keys."""

    def __init__(self, secret: bytes) -> None:
        self.keys = Keys(secret)
        seen, held = self.keys.cosigner("seen"), self.keys.cosigner("held")
        content = Card(nonce=sha256(secret)[:16], at=NOW, name="", enc=self.enc, seen=seen, held=held)
        self.card = write(content, self.keys.sig)

    @property
    def enc(self) -> bytes:
        """The keeper's recipient, 1,216 bytes."""
        return self.keys.enc.recipient.raw


class Custody:
    """One vault's custody: all its messages so far, and the keys of everybody who ever signed one."""

    def __init__(self, seed: str = "custody") -> None:
        self.random = seeded(seed)
        self.vault = self.random(32)
        self.writer = Signer.from_seed(self.random(32))
        self.restorer = Keys(self.random(32))
        self.keepers: dict[int, Keeper] = {}
        self.messages: list[Message[msgspec.Struct]] = []
        self.epochs: list[bytes] = []
        self.first = b""
        self._book: Book | None = None
        self._read: tuple[bytes, ...] = ()

    # -- reading --

    @property
    def book(self) -> Book:
        """All messages so far, read together."""
        read = tuple(message.mid for message in self.messages)
        if self._book is None or self._read != read:
            self._book, self._read = Book(self.vault, self.first, self.messages), read
        return self._book

    def seat(self, x: int) -> Seat:
        """Give keeper `x`'s seat in any roster that was ever signed, adopted or not."""
        key = self.keepers[x].keys.sig.public
        found = (seat_of(m.content, key) for m in self.messages if isinstance(m.content, Roster))
        return next(seat for seat in found if seat)

    def share(self, mid: bytes, x: int) -> Share:
        """Open and verify keeper `x`'s share of an epoch, at the roster that `x` sits in."""
        at = next(at for at, roster in enumerate(self.book.rosters) if x in {s.x for s in roster.content.keepers})
        return self.book.share(mid, self.seat(x), self.keepers[x].keys, at)

    def shares(self, request: Message[Open], x: int) -> list[Share | None]:
        """Give keeper `x`'s shares in the order of a request's scope, None where one is false or missing."""
        return [self._share_or_none(mid, x) for mid in request.content.scope]

    def targets(self, request: Message[Open]) -> dict[bytes, Target]:
        """Give what the shares of a request must fit, without epochs that this book cannot place."""
        found = {}
        for mid in request.content.scope:
            with suppress(HoldfastError):
                found[mid] = self.book.target(mid, request.content.roster)
        return found

    # -- writing --

    def say(self, content: T, signer: Signer) -> Message[T]:
        """Sign a message and put it where everybody reads it."""
        message = write(content, signer)
        self.messages.append(message)
        return message

    def enrol(self, n: int, first: int = 1) -> list[Seat]:
        """Draw the keys of `n` new keepers, numbered from `first`."""
        new = {x: Keeper(self.random(32)) for x in range(first, first + n)}
        self.keepers |= new
        return seats([keeper.card for keeper in new.values()], first)

    def found(self, n: int, comps: dict[str, Rule] | None = None) -> Message[Roster]:
        """Sign the first roster with the writer's key."""
        message = self.say(self.roster(self.enrol(n), comps), self.writer)
        self.first = message.mid
        return message

    def roster(self, keepers: list[Seat], comps: dict[str, Rule] | None, prev: Message[Roster] | None = None) -> Roster:
        """Give a roster of these keepers that follows `prev`, or the first."""
        return Roster(
            **self.head(),
            v=prev.content.v + 1 if prev else 1,
            prev=prev.mid if prev else msgspec.UNSET,
            suite=HYBRID_SUITE,
            comps=comps or default_rules(len(keepers)),
            keepers=keepers,
            wait=ROSTER_WAIT,
            annex=bytes(32),
        )

    def head(self) -> dict[str, Any]:
        """Give the fields that every content of this vault has."""
        return {"vault": self.vault, "nonce": self.random(16), "at": NOW}

    def deal(self, compartment: str = "private", roster: Message[Roster] | None = None) -> bytes:
        """Deal one more epoch to a roster, the active one unless told, and give its id."""
        roster = roster or self.book.active
        plan = plan_epoch(roster, self.writer.public, compartment, len(self.epochs), NOW)
        self.epochs.append(self.say(deal(plan, self.random), self.writer).mid)
        return self.epochs[-1]

    # -- opening --

    def request(self, scope: Iterable[bytes], by: int | None = None) -> Message[Open]:
        """Ask for epochs to be opened to the restorer, signed by keeper `by` or the active roster's first."""
        x = by or self.book.active.content.keepers[0].x
        content = Open(
            **self.head(),
            scope=sorted(scope),
            to_enc=self.restorer.enc.recipient.raw,
            to_sig=self.restorer.sig.public,
            roster=self.book.active.mid,
            why="restore",
            until=NOW + 30 * DAY,
        )
        return self.say(content, self.keepers[x].keys.sig)

    def grant(self, request: Message[Open], x: int) -> Message[Grant]:
        """Answer a request as keeper `x`, without waiting."""
        return write(grant(request, self.shares(request, x), NOW, self.random), self.keepers[x].keys.sig)

    def forged_grant(self, request: Message[Open], x: int) -> Message[Grant]:
        """Answer a request as keeper `x` with a false share."""
        held = [share for share in self.shares(request, x) if share]
        return forged_grant(request, held, self.keepers[x].keys, NOW, self.random)

    def open(self, request: Message[Open], xs: Iterable[int], liars: Iterable[int] = ()) -> Opening:
        """Rebuild what true grants of keepers `xs` and forged ones of `liars` open."""
        grants = {x: self.grant(request, x) for x in xs} | {x: self.forged_grant(request, x) for x in liars}
        return rebuild(grants, request, self.targets(request), self.restorer)

    def opened(self, request: Message[Open], opening: Opening) -> Message[Opened]:
        """Say what was opened, as its restorer."""
        content = Opened(
            **self.head(),
            open=request.mid,
            used=list(opening.used),
            liars=list(opening.liars),
            missing=list(opening.missing),
        )
        return self.say(content, self.restorer.sig)

    def admit(self, key: bytes, x: int = 1) -> Message[Writer]:
        """Admit a writer to all compartments, as keeper `x`."""
        content = Writer(**self.head(), key=key, type="device", comps=list(COMPARTMENTS))
        return self.say(content, self.keepers[x].keys.sig)

    # -- the next roster --

    def propose(self, n: int, comps: dict[str, Rule] | None = None, by: int | None = None) -> Message[Roster]:
        """Propose `n` new keepers to the active roster, signed by one of its keepers."""
        active = self.book.active
        content = self.roster(self.enrol(n, max(self.keepers) + 1), comps, active)
        return self.say(content, self.keepers[by or active.content.keepers[0].x].keys.sig)

    def reshare(self, roster: Message[Roster], x: int, mids: Iterable[bytes] | None = None) -> Message[Reshare]:
        """Deal old keeper `x`'s shares of `mids` (all epochs unless told) to a new roster."""
        wanted = self.epochs if mids is None else mids
        at = self.book.index(roster.content.prev or b"")
        held = [
            Holding(mid, self.book.epoch(mid).content.comp, self.share(mid, x), self.book.commitments(mid, at))
            for mid in wanted
        ]
        return self.say(reshare(held, x, roster, NOW, self.random), self.keepers[x].keys.sig)

    def adopt(self, roster: Message[Roster], x: int, dealt: Sequence[Message[Reshare]]) -> Message[Adopt]:
        """Verify every sub-share that these dealers dealt to new keeper `x`, and say so; raise `Unverified`."""
        old = self.book.rosters[self.book.index(roster.content.prev or b"")]
        dealers = {m.mid: self._dealer(old, m) for m in dealt}
        for message in dealt:
            open_subshares(message.content, dealers[message.mid], self.seat(x), self.keepers[x].keys)
        content = Adopt(
            **self.head(),
            roster=roster.mid,
            dealers=sorted(dealers.values()),
            reshares=sorted(dealers),
            epochs=epochs_digest(dealt[0].content.epochs),
        )
        return self.say(content, self.keepers[x].keys.sig)

    def succeed(self, n: int, dealers: Iterable[int], comps: dict[str, Rule] | None = None) -> Message[Roster]:
        """Move all epochs to `n` new keepers by these old ones, and give the new roster."""
        roster = self.propose(n, comps)
        dealt = [self.reshare(roster, x) for x in dealers]
        for seat in roster.content.keepers:
            self.adopt(roster, seat.x, dealt)
        return roster

    def _share_or_none(self, mid: bytes, x: int) -> Share | None:
        try:
            return self.share(mid, x)
        except HoldfastError:
            return None

    def _dealer(self, old: Message[Roster], message: Message[Reshare]) -> int:
        seat = seat_of(old.content, message.key)
        if seat is None:
            raise NotFound("seat-missing", key=message.key.hex())
        return seat.x


def a_vault(n: int, quorums: Sequence[int] = (), seed: str = "custody") -> Custody:
    """Give the custody of a vault with `n` keepers and one epoch in each compartment."""
    custody = Custody(seed)
    custody.found(n, a_rule_for_each(quorums) if quorums else None)
    for name in COMPARTMENTS:
        custody.deal(name)
    return custody


def forged_grant(
    request: Message[Open], shares: Sequence[Share], keys: Keys, at: int, random: Random
) -> Message[Grant]:
    """Give a grant whose first share is false by one, sealed and signed as a true one would be."""
    first, *others = shares
    false = Share(first.x, (first.a + 1) % L, first.b)
    return write(grant(request, [false, *others], at, random), keys.sig)
