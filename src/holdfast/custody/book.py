"""All KEEP-1 messages of one vault, read together: rosters, writers, epochs, requests, and what resharing made of them.

Nothing here depends on the order in which messages arrive.  What is not valid is left out and listed in `refused`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar, cast

import msgspec

from holdfast.crypto import sharing
from holdfast.crypto.sharing import Share
from holdfast.custody.contents import Adopt, Epoch, Open, Reshare, Roster, Seat, Writer
from holdfast.custody.dealing import check_epoch, check_nonzero, open_share
from holdfast.custody.grants import Target
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.custody.resharing import check_reshare, epochs_digest, open_subshares
from holdfast.custody.rosters import check_roster, largest_quorum, seat_of
from holdfast.errors import HoldfastError, NotFound, Unverified

T = TypeVar("T", bound=msgspec.Struct)
K = TypeVar("K")


class Round(msgspec.Struct, frozen=True):
    """One resharing of some epochs to a roster: the messages of its dealers, by their old x."""

    epochs: tuple[bytes, ...]
    dealt: Mapping[int, Message[Reshare]]


class Book:
    """The custody of one vault; `first` is the id of the roster that the vault's format names."""

    def __init__(self, vault: bytes, first: bytes, messages: Iterable[Message[msgspec.Struct]]) -> None:
        self.vault = vault
        self.messages = {m.mid: m for m in messages if getattr(m.content, "vault", None) == vault}
        self._kinds = _grouped((m for _, m in sorted(self.messages.items())), lambda m: type(m.content))
        self._adopts = _grouped(self.of(Adopt), lambda m: m.content.roster)
        self._rounds: dict[bytes, list[Round]] = {}
        self._commitments: dict[tuple[bytes, int], tuple[bytes, ...]] = {}
        self.refused: dict[bytes, HoldfastError] = {}
        self.rosters = [self._first(first)]
        while (successor := self._adopted_successor()) is not None:
            self.rosters.append(successor)

    def of(self, kind: type[T]) -> list[Message[T]]:
        """Give the messages of one kind, by id."""
        return cast("list[Message[T]]", self._kinds.get(kind, []))

    @property
    def active(self) -> Message[Roster]:
        """The roster whose keepers grant now."""
        return self.rosters[-1]

    @cached_property
    def writers(self) -> dict[bytes, bytes]:
        """Each admitted writer's key, with the id of the message that admits it.

        Once a roster is replaced its keepers admit nobody new: what they admitted stands if it was reshared.
        """
        first = self.rosters[0]
        admitted = {m.content.key: m.mid for m in self.of(Writer) if self._admits(m)}
        return admitted | {first.key: first.mid}

    @cached_property
    def epochs(self) -> dict[bytes, Message[Epoch]]:
        """Each valid epoch by id, of any writer."""
        return {m.mid: m for m in self.of(Epoch) if self._is_epoch(m)}

    def faults(self) -> tuple[HoldfastError, ...]:
        """Give why messages were left out: rosters and epochs that break a rule."""
        return tuple(self.refused.values()) if self.epochs is not None else ()

    def epoch(self, mid: bytes) -> Message[Epoch]:
        """Give an epoch whose writer is admitted; raise `NotFound` or `Unverified`."""
        if mid not in self.epochs:
            raise self.refused.get(mid) or NotFound("epoch-missing", epoch=mid.hex())
        message = self.epochs[mid]
        if message.key not in self.writers:
            raise Unverified("writer-not-admitted", writer=message.key.hex())
        return message

    def seat(self, key: bytes) -> Seat | None:
        """Give the seat that `key` signs for, in any roster that is or was active."""
        return next((s for roster in self.rosters if (s := seat_of(roster.content, key))), None)

    def proposals(self) -> list[Message[Roster]]:
        """Give the valid successors that are proposed to the active roster."""
        return [m for m in self.of(Roster) if self._may_succeed(m)]

    def request(self, mid: bytes) -> Message[Open]:
        """Give a request, or raise `NotFound`."""
        found = self.messages.get(mid)
        if found is None or not isinstance(found.content, Open):
            raise NotFound("request-missing", request=mid.hex())
        return cast("Message[Open]", found)

    def target(self, mid: bytes, roster: bytes) -> Target:
        """Give what shares of epoch `mid` must fit at `roster`; raise `NotFound` if it was never reshared to it."""
        epoch = self.epoch(mid).content
        at = self.index(roster)
        return Target(
            quorum=self.rosters[at].content.comps[epoch.comp].quorum,
            commitments=self.commitments(mid, at),
            recipient=epoch.recipient,
        )

    def commitments(self, mid: bytes, at: int) -> tuple[bytes, ...]:
        """Give the commitments of epoch `mid` in the roster at index `at`."""
        if (mid, at) not in self._commitments:
            self._commitments[mid, at] = self._find_commitments(mid, at)
        return self._commitments[mid, at]

    def _find_commitments(self, mid: bytes, at: int) -> tuple[bytes, ...]:
        epoch = self.epoch(mid).content
        if self.index(epoch.roster) == at:
            return tuple(epoch.C)
        done = self.round_of(mid, self.rosters[at].mid)
        dealers = self._basis(done, epoch.comp, at)
        quorum = self.rosters[at].content.comps[epoch.comp].quorum
        place = done.epochs.index(mid)
        points = {x: sharing.check_points(done.dealt[x].content.D[place], quorum) for x in dealers}
        old = self.commitments(mid, at - 1)
        for x in dealers:
            sharing.check_resharing(x, points[x], old)
        return sharing.check_points(sharing.combine_commitments(list(points.items())), quorum)

    def share(self, mid: bytes, seat: Seat, keys: Keys, at: int) -> Share:
        """Open and verify the share of epoch `mid` that `seat` holds in the roster at index `at`."""
        epoch = self.epoch(mid)
        roster = self.rosters[at]
        if epoch.content.roster == roster.mid:
            return open_share(epoch, roster, seat, keys)
        done = self.round_of(mid, roster.mid)
        commitments = self.commitments(mid, at)
        dealers = self._basis(done, epoch.content.comp, at)
        parts = [(x, open_subshares(done.dealt[x].content, x, seat, keys, mid)[mid]) for x in dealers]
        return check_nonzero(sharing.verify(sharing.combine(parts), commitments))

    def round_of(self, mid: bytes, roster: bytes) -> Round:
        """Give the adopted round that brought epoch `mid` to `roster`, or raise `NotFound`."""
        for done in self.rounds(roster):
            if mid in done.epochs:
                return done
        raise NotFound("epoch-not-reshared", epoch=mid.hex())

    def rounds(self, roster: bytes) -> list[Round]:
        """Give the rounds to `roster` that enough of its keepers adopted alike."""
        if roster not in self._rounds:
            self._rounds[roster] = [] if roster == self.rosters[0].mid else self._find_rounds(self._successor(roster))
        return self._rounds[roster]

    def _find_rounds(self, roster: Message[Roster]) -> list[Round]:
        need = max(largest_quorum(roster.content), len(roster.content.keepers) - 1)
        agreed: dict[tuple[bytes, ...], set[int]] = {}
        for adopt in self._adopts.get(roster.mid, []):
            if seat := seat_of(roster.content, adopt.key):
                agreed.setdefault(tuple(sorted(adopt.content.reshares)), set()).add(seat.x)
        found = [self.round(roster, reshares) for reshares, seats in sorted(agreed.items()) if len(seats) >= need]
        return [done for done in found if done is not None]

    def round(self, roster: Message[Roster], reshares: Sequence[bytes]) -> Round | None:
        """Give the round that these RESHARE messages make, if they are valid, agree and are enough."""
        old = self._predecessor(roster)
        dealt: dict[int, Message[Reshare]] = {}
        for message in (self.messages.get(mid) for mid in reshares):
            if message is None or not isinstance(message.content, Reshare):
                return None
            seat = seat_of(old.content, message.key)
            content = message.content
            if seat is None or seat.x in dealt or content.roster != roster.mid:
                return None
            if len(content.D) != len(content.epochs) or content.epochs != sorted(set(content.epochs)):
                return None
            dealt[seat.x] = cast("Message[Reshare]", message)
        scopes = {tuple(m.content.epochs) for m in dealt.values()}
        if len(scopes) != 1 or len(dealt) < largest_quorum(old.content):
            return None
        return Round(scopes.pop(), dealt)

    def dealt(self, roster: Message[Roster]) -> dict[bytes, dict[int, Message[Reshare]]]:
        """Give well-formed RESHAREs to `roster` by round (digest of its epochs) and dealer."""
        old = self._predecessor(roster)
        found: dict[bytes, dict[int, Message[Reshare]]] = {}
        for message in self.of(Reshare):
            seat = seat_of(old.content, message.key)
            if seat and message.content.roster == roster.mid and self._is_reshare(message, roster, seat.x):
                found.setdefault(epochs_digest(message.content.epochs), {})[seat.x] = message
        return found

    def index(self, roster: bytes) -> int:
        """Give the place of a roster in the chain; raise `NotFound` if it is not or not yet in it."""
        for at, message in enumerate(self.rosters):
            if message.mid == roster:
                return at
        raise NotFound("roster-missing", roster=roster.hex())

    def _predecessor(self, roster: Message[Roster]) -> Message[Roster]:
        return self.rosters[self.index(roster.content.prev or b"")]

    def _successor(self, mid: bytes) -> Message[Roster]:
        """Give a roster that may follow one of the chain, proposed or adopted; raise `NotFound` or `Refused`."""
        found = self.messages.get(mid)
        if found is None or not isinstance(found.content, Roster):
            raise NotFound("roster-missing", roster=mid.hex())
        check_roster(found.content, self.rosters[: self.index(found.content.prev or b"") + 1])
        return cast("Message[Roster]", found)

    def _basis(self, done: Round, compartment: str, at: int) -> list[int]:
        quorum = self.rosters[at - 1].content.comps[compartment].quorum
        return sorted(done.dealt)[:quorum]

    def _first(self, mid: bytes) -> Message[Roster]:
        found = self.messages.get(mid)
        if found is None or not isinstance(found.content, Roster):
            raise NotFound("roster-missing", roster=mid.hex())
        check_roster(found.content, [])
        return cast("Message[Roster]", found)

    def _admits(self, message: Message[Writer]) -> bool:
        if seat_of(self.active.content, message.key):
            return True
        if self.seat(message.key) is None:
            return False
        reshared = {mid for roster in self.rosters[1:] for done in self.rounds(roster.mid) for mid in done.epochs}
        return any(mid in reshared and epoch.key == message.content.key for mid, epoch in self.epochs.items())

    def _may_succeed(self, message: Message[Roster]) -> bool:
        if message.content.prev != self.active.mid or seat_of(self.active.content, message.key) is None:
            return False
        return self._valid(message.mid, lambda: check_roster(message.content, self.rosters))

    def _adopted_successor(self) -> Message[Roster] | None:
        return next((m for m in self.proposals() if self.rounds(m.mid)), None)

    def _is_epoch(self, message: Message[Epoch]) -> bool:
        return self._valid(message.mid, lambda: check_epoch(message, self.rosters[self.index(message.content.roster)]))

    def _is_reshare(self, message: Message[Reshare], roster: Message[Roster], dealer: int) -> bool:
        content, at = message.content, self.index(roster.content.prev or b"")

        def check() -> None:
            quorums = [roster.content.comps[self.epoch(mid).content.comp].quorum for mid in content.epochs]
            check_reshare(content, quorums)
            for mid, points in zip(content.epochs, content.D, strict=True):
                sharing.check_resharing(dealer, points, self.commitments(mid, at))

        return self._valid(message.mid, check)

    def _valid(self, mid: bytes, check: Callable[[], object]) -> bool:
        try:
            check()
        except HoldfastError as error:
            self.refused[mid] = error
            return False
        return True


def _grouped(messages: Iterable[Message[T]], key: Callable[[Message[T]], K]) -> dict[K, list[Message[T]]]:
    groups: dict[K, list[Message[T]]] = {}
    for message in messages:
        groups.setdefault(key(message), []).append(message)
    return groups
