"""What was stored before and need not be stored again, as far as a device may remember it.

Of `public`: every record and medium, since anybody could see them.  Of `private`: media, together with their path.  Of
`identity`: nothing.  A single like, follow, contact or message could be guessed from a list of all there are.
"""

from collections.abc import Callable, Iterable, Sequence

from holdfast.model.export import Compartment, Kind, Member, Unit
from holdfast.state.journal import LONG_DIGEST, Journal, Known
from holdfast.vault.names import CONTAINER_PLACE
from holdfast.vault.packer import WHOLE, Stored
from holdfast.vault.paths import quote

LONG = 65_536
"""Bytes from which on a private member of no known kind is too long to be guessed."""


class Memory:
    """Looks up and learns where units and media lie; `draws` are the epochs of earlier keepings that were used."""

    def __init__(self, journal: Journal, draws: Iterable[bytes]) -> None:
        self._journal = journal
        self._reuses = journal.remembers and journal.knows_any()
        self.draws = set(draws)

    def remembers(self, unit: Unit) -> bool:
        """Tell whether this unit is one that a device may remember: a record of what anybody could see."""
        return bool(unit.end) and unit.compartment is Compartment.PUBLIC and self._journal.remembers

    def digest(self, member: Member, unit: Unit) -> bytes:
        """Give the keyed digest of a record."""
        return self._journal.digest(member.family, unit.data)

    def find(self, digest: bytes) -> Known | None:
        """Give where bytes with this digest lie, if an earlier keeping stored them."""
        known = self._journal.lookup(digest) if self._reuses else None
        if known is not None:
            self.draws.add(known.epoch)
        return known

    def learn(self, digest: bytes, size: int, places: Sequence[Stored], epoch: bytes) -> None:
        """Remember where bytes lie; it becomes sure with the next commit."""
        self._journal.learn(digest, size, [(p.piece, p.offset, p.length) for p in places], epoch)

    def medium(self, member: Member, compartment: str) -> "Medium | None":
        """Give what takes a medium's digest, if this is a medium that may be remembered."""
        if not self._journal.remembers or not is_medium(member, compartment):
            return None
        return Medium(self, self._journal, member, compartment)


class Medium:
    """The digest of one medium, taken as its bytes pass."""

    def __init__(self, memory: Memory, journal: Journal, member: Member, compartment: str) -> None:
        family = "medium" if compartment == Compartment.PUBLIC else f"medium {quote(member.path)}"
        self._memory, self._member = memory, member
        self._hasher = journal.hasher(family)
        self._places: list[Stored | None] = []
        self._known = memory.find if member.size <= WHOLE or journal.knows_size(member.size) else None

    def find(self, units: Callable[[], Iterable[Unit]]) -> Known | None:
        """Give where an earlier keeping has this medium; it is read once more only where one of its size is known."""
        if self._known is None:
            return None
        hasher = self._hasher.copy()
        for unit in units():
            hasher.update(unit.data)
        return self._known(hasher.digest(LONG_DIGEST))

    def take(self, unit: Unit, stored: Stored | None) -> None:
        """Take note of a unit and where it lies now."""
        self._hasher.update(unit.data)
        self._places.append(stored)

    def learn(self, epoch: bytes) -> None:
        """Remember the medium, if every part of it has a place."""
        places = [place for place in self._places if place]
        if len(places) == len(self._places) and sum(p.length for p in places) == self._member.size:
            self._memory.learn(self._hasher.digest(LONG_DIGEST), self._member.size, places, epoch)


def is_medium(member: Member, compartment: str) -> bool:
    """Tell whether a member may be remembered whole: of private ones none so small that it could be guessed."""
    whole = member.kind is not Kind.TEXT and member.place != CONTAINER_PLACE and len(member.compartments) == 1
    long = member.kind is not Kind.OTHER or member.size >= LONG
    return whole and (compartment == Compartment.PUBLIC or (compartment == Compartment.PRIVATE and long))
