"""Members of an export on their way into a packer, one unit after the other."""

from collections.abc import Callable, Iterator

import msgspec

from holdfast.errors import Unreadable
from holdfast.keeping.memory import Medium, Memory
from holdfast.model.export import Compartment, Member, Unit
from holdfast.sources.protocol import Source
from holdfast.state.journal import Cursor, Known
from holdfast.vault.names import CONTAINER_PLACE
from holdfast.vault.order import Named
from holdfast.vault.packer import WHOLE, Packer, Stored


class Damaged(msgspec.Struct, frozen=True):
    """A member that could not be read to its end; what could be read is kept."""

    path: bytes
    code: str
    kept: int
    promised: int


class Feeder:
    """Passes units from a source to a packer, or only mentions those that were stored before.

    `close` is called with the packer and a cursor where a batch is full; `damaged` holds what could not be read.
    """

    def __init__(
        self,
        source: Source,
        memory: Memory,
        close: Callable[[Packer, Cursor], None],
        progress: Callable[[int], None],
    ) -> None:
        self.damaged: dict[tuple[int, int], Damaged] = {}
        self._source, self._memory, self._close, self._progress = source, memory, close, progress

    def keep(self, packer: Packer, named: Named, cursor: Cursor) -> None:
        """Keep one member from the cursor's place on; what was kept before it counts only towards its commitment."""
        member = named.member
        packer.begin(member, named.name)
        medium = self._memory.medium(member, packer.place.compartment) if cursor.place == 0 else None
        known = medium.find(lambda: self._units(member)) if medium is not None else None
        if known is not None:
            _refer(packer, 0, known)
        else:
            self._keep_units(packer, member, medium, cursor)
        damaged = self.damaged.get((member.container, member.place))
        packer.end(_cut_short(member, damaged.kept) if damaged else member)

    def _keep_units(self, packer: Packer, member: Member, medium: Medium | None, cursor: Cursor) -> None:
        for unit in self._units(member):
            if unit.compartment != packer.place.compartment:
                continue
            if unit.place < cursor.place:
                packer.pass_over(unit)
                continue
            if packer.is_full:
                self._close(packer, msgspec.structs.replace(cursor, place=unit.place))
            stored = self._keep_unit(packer, member, unit)
            if medium is not None:
                medium.take(unit, stored)
        if medium is not None:
            medium.learn(packer.place.epoch)

    def _keep_unit(self, packer: Packer, member: Member, unit: Unit) -> Stored | None:
        """Keep one unit, or refer to where an earlier keeping has it."""
        self._progress(len(unit.data))
        if not self._memory.remembers(unit):
            return packer.add(unit)
        digest = self._memory.digest(member, unit)
        if (known := self._memory.find(digest)) is not None:
            _refer(packer, unit.place, known)
            return None
        stored = packer.add(unit)
        if stored is not None:
            self._memory.learn(digest, stored.length, [stored], packer.place.epoch)
        return stored

    def _units(self, member: Member) -> Iterator[Unit]:
        """Give a member's units; what cannot be read ends them and is noted, and the next member follows."""
        if member.place == CONTAINER_PLACE:
            yield from _stretches(self._source.containers()[member.container].directory)
            return
        read = 0
        try:
            for unit in self._source.units(member):
                yield unit
                read = unit.place + len(unit.data)
        except Unreadable as error:
            key = member.container, member.place
            self.damaged[key] = Damaged(member.path, error.code, read, member.size)


def _refer(packer: Packer, place: int, known: Known) -> None:
    for piece, offset, length in known.places:
        packer.refer(place, Stored(piece, offset, length))
        place += length


def _cut_short(member: Member, kept: int) -> Member:
    fields = (*member.fields, ("promised", str(member.size)))
    return msgspec.structs.replace(member, size=kept, fields=fields)


def _stretches(data: bytes) -> Iterator[Unit]:
    for at in range(0, len(data), WHOLE):
        yield Unit(at, data[at : at + WHOLE], Compartment.PRIVATE)
