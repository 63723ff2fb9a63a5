"""Keep an export: seal what it holds into a vault, in order, so that a killed run goes on where it was."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import cast

import msgspec

from holdfast.custody import messages
from holdfast.custody.contents import Epoch
from holdfast.custody.dealing import EpochPlan, plan_epoch
from holdfast.custody.messages import Message
from holdfast.errors import Unverified
from holdfast.keeping.log import DeviceLog, signer_of
from holdfast.keeping.members import Damaged, Feeder
from holdfast.keeping.memory import Memory
from holdfast.log.checkpoints import Checkpoint
from holdfast.model.export import Compartment
from holdfast.sources.protocol import Source
from holdfast.state.journal import Cursor, Journal, Unfinished
from holdfast.store.once import put_once
from holdfast.store.protocol import Store
from holdfast.vault import format, order, view
from holdfast.vault.entries import EpochEntry, FormatEntry, KeepingEntry
from holdfast.vault.format import message_name
from holdfast.vault.order import Phase
from holdfast.vault.packer import Numbers, Outside, Packer, Place
from holdfast.vault.view import name_keeping
from holdfast.vault.writer import Sealer

WORKERS = 2
LONGEST = 30 * 86_400
"""Seconds after which a keeping that is still open ends and another begins."""

FAR = 1 << 20
"""A stranger's keeping with such a number is not counted: it could leave no room for others."""

NUMBERS = 1 << 32


class World(msgspec.Struct, frozen=True):
    """What keeping needs of the outside: a clock (Unix seconds), randomness, a dealer, and who watches the bytes."""

    now: Callable[[], int]
    random: Callable[[int], bytes]
    deal: Callable[[Sequence[EpochPlan]], list[Epoch]]
    progress: Callable[[int], None] = lambda done: None


class Kept(msgspec.Struct, frozen=True):
    """What a keeping did: its name, members by compartment, what was damaged, sealed bytes added, and the log's head.

    `admitted` tells whether a keeper still has to admit this writer before anything of it can be opened.
    """

    keeping: str
    members: dict[Compartment, int]
    left_out: dict[Compartment, int]
    damaged: tuple[Damaged, ...]
    sealed: int
    checkpoint: Checkpoint
    writer: bytes
    admitted: bool
    resumed: bool


def keep(source: Source, store: Store, journal: Journal, only: frozenset[Compartment], world: World) -> Kept:
    """Keep every member of `source` whose compartment is in `only` (public is always kept).

    Raises `Unverified` before anything is written where the store has lost or rewritten what this device wrote; errors
    of single members are values in the result.
    """
    run = _Run(source, store, journal, world)
    with ThreadPoolExecutor(WORKERS) as executor:
        return run.keep(only | {Compartment.PUBLIC}, executor)


class _Run:
    """One run of `keep`."""

    def __init__(self, source: Source, store: Store, journal: Journal, world: World) -> None:
        self._source, self._store, self._journal, self._world = source, store, journal, world
        self._vault = view.read(store)
        journal.pin(format.digest(store.get(format.NAME)))
        self._signer = signer_of(journal, world.random)
        self._log = DeviceLog(self._vault, journal, self._signer)
        self._members = source.members()
        self._counts = order.counts(self._members)
        self._packers: dict[Compartment, Packer] = {}
        self._sealed = 0

    def keep(self, only: frozenset[Compartment], executor: ThreadPoolExecutor) -> Kept:
        """Keep phase after phase, then say that the keeping is whole."""
        phases = order.phases(self._source.containers(), self._members, only)
        source = self._fingerprint(only)
        keeping, resumed = self._resume(source), True
        if keeping is None:
            keeping, resumed = self._begin(source, phases), False
        self._name = name_keeping(keeping.number, self._signer.public)
        self._cursor, self._executor = keeping.cursor, executor
        self._memory = Memory(self._journal, keeping.cursor.draws)
        self._feeder = Feeder(self._source, self._memory, self._close, self._world.progress)
        self._epochs = self._announce(keeping)
        for number in range(keeping.cursor.phase, len(phases)):
            self._keep_phase(number, phases[number])
        self._finish(len(phases))
        return self._report(only, resumed=resumed)

    # -- the keeping --

    def _fingerprint(self, only: frozenset[Compartment]) -> bytes:
        """Give what tells this source from another: every member's line, digested with a key that never leaves."""
        shape = [(m.container, m.path, m.size, m.compartments, m.fields) for m in self._members]
        return self._journal.fingerprint(msgspec.msgpack.encode([shape, sorted(only)]))

    def _resume(self, source: bytes) -> Unfinished | None:
        """Give the unfinished keeping if it is of this very source and its keepers are still the keepers."""
        found = self._journal.unfinished()
        if found is None or found.source != source:
            return None
        epochs = [cast("Epoch", messages.read(envelope).content) for envelope in found.envelopes]
        current = all(epoch.roster == self._vault.book.active.mid for epoch in epochs)
        young = self._world.now() - found.began < LONGEST
        return found if current and young and self._is_where(found) else None

    def _is_where(self, keeping: Unfinished) -> bool:
        """Tell whether the log has what the cursor counts and no more: a copy of this device may have gone on."""
        epochs = [cast("Message[Epoch]", messages.read(envelope)) for envelope in keeping.envelopes]
        counted = {m.mid: keeping.cursor.numbers.get(m.content.comp, (0, 0, 0))[0] for m in epochs}
        name = name_keeping(keeping.number, self._signer.public)
        taken = {mid for other in self._vault.keepings() if other.name == name for mid in other.epochs.values()}
        return taken <= set(counted) and all(self._log.batches[mid] == count for mid, count in counted.items())

    def _begin(self, source: bytes, phases: Sequence[Phase]) -> Unfinished:
        """Deal an epoch for each compartment; their secrets are gone before the first pack is sealed."""
        number = self._next_number()
        now, roster = self._world.now(), self._vault.book.active
        wanted = [c for c in Compartment if any(phase.compartment is c for phase in phases)]
        plans = [plan_epoch(roster, self._signer.public, compartment, number, now) for compartment in wanted]
        envelopes = tuple(messages.write(epoch, self._signer).envelope for epoch in self._world.deal(plans))
        keeping = Unfinished(number, source, envelopes, now)
        self._journal.begin(keeping)
        return keeping

    def _next_number(self) -> int:
        """Give a number behind all that this writer used, and behind others' as far as they are near."""
        last = self._journal.unfinished()
        own = {k.number for k in self._vault.keepings() if k.writer == self._signer.public}
        own.add(last.number if last else 0)
        others = {k.number for k in self._vault.keepings() if k.number < FAR}
        number = 1 + max(own | others)
        return number if number < NUMBERS else next(n for n in count(1) if n not in own)

    def _announce(self, keeping: Unfinished) -> dict[Compartment, Message[Epoch]]:
        """Store the EPOCH messages and commit to them before the first pack that uses them.

        A pack whose shares nobody holds would be lost.
        """
        epochs = [cast("Message[Epoch]", messages.read(envelope)) for envelope in keeping.envelopes]
        for message in epochs:
            put_once(self._store, message_name(message.mid), message.envelope)
        new = [EpochEntry(m.mid).encode() for m in epochs if m.mid not in self._log.epochs]
        if self._log.state.size == 0:
            new.insert(0, FormatEntry(format.digest(self._store.get(format.NAME))).encode())
        if new:
            self._log.commit(new, keeping.cursor)
        return {Compartment(message.content.comp): message for message in epochs}

    def _finish(self, phases: int) -> None:
        own = [message.mid for message in self._epochs.values()]
        drawn = sorted(self._memory.draws - set(own))
        whole = KeepingEntry((*own, *drawn)).encode()
        if self._log.last != whole:
            self._log.commit([whole], self._at(Cursor(phases)))
        self._check_listed(own)
        self._journal.finish()

    def _check_listed(self, own: Sequence[bytes]) -> None:
        """Read the vault as a keeper would: nobody may be told that a keeping is whole which no reader finds."""
        found = [k for k in view.read(self._store).keepings() if k.name == self._name and k.whole]
        if not found or set(found[0].epochs.values()) != set(own):
            raise Unverified("keeping-not-listed", keeping=self._name)

    def _report(self, only: frozenset[Compartment], *, resumed: bool) -> Kept:
        return Kept(
            keeping=self._name,
            members={c: n for c, n in self._counts.items() if c in only},
            left_out={c: n for c, n in self._counts.items() if n and c not in only},
            damaged=tuple(self._feeder.damaged.values()),
            sealed=self._sealed,
            checkpoint=self._log.state.checkpoint,
            writer=self._signer.public,
            admitted=self._signer.public in self._vault.book.writers,
            resumed=resumed,
        )

    # -- phases --

    def _keep_phase(self, number: int, phase: Phase) -> None:
        packer = self._packer(phase.compartment)
        if phase.compartment is Compartment.PUBLIC and packer.numbers.batch == 0:
            packer.note([f"members\t{c}\t{n}" for c, n in self._counts.items()])
        start = self._cursor if self._cursor.phase == number else Cursor(number)
        for at in range(start.member, len(phase.members)):
            place = start.place if at == start.member else 0
            if packer.is_full:
                self._close(packer, Cursor(number, at, place))
            self._feeder.keep(packer, phase.members[at], Cursor(number, at, place))
        self._close(packer, Cursor(number + 1))

    def _packer(self, compartment: Compartment) -> Packer:
        if compartment not in self._packers:
            epoch = self._epochs[compartment]
            place = Place(self._vault.format.vault, self._name, compartment, epoch.mid)
            sealer = Sealer(self._store, epoch.content.recipient, self._world.random)
            outside = Outside(self._executor, self._world.random, sealer.store)
            numbers = Numbers(*self._cursor.numbers.get(compartment, (0, 0, 0)))
            self._packers[compartment] = Packer(place, outside, numbers)
        return self._packers[compartment]

    def _close(self, packer: Packer, cursor: Cursor) -> None:
        """Make a batch durable and commit it; a killed run goes on at `cursor`."""
        entry = packer.close()
        self._sealed += sum(pack.size for pack in entry.packs)
        self._log.commit([entry.encode()], self._at(cursor))

    def _at(self, cursor: Cursor) -> Cursor:
        """Give the cursor with how far the numbers of each compartment are, and what was drawn on."""
        numbers = dict(self._cursor.numbers)
        numbers |= {c: (p.numbers.batch, p.numbers.pack, p.numbers.piece) for c, p in self._packers.items()}
        return msgspec.structs.replace(cursor, numbers=numbers, draws=tuple(sorted(self._memory.draws)))
