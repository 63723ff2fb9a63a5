"""Keep an export: seal what it holds into a vault, in order, so that a killed run goes on where it was."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from holdfast.crypto.signing import Signer
from holdfast.custody import messages
from holdfast.custody.contents import Epoch
from holdfast.custody.dealing import EpochPlan, plan_epoch
from holdfast.custody.messages import Message
from holdfast.errors import HoldfastError, Refused, Unreadable
from holdfast.log import checkpoints, commits, merkle
from holdfast.log.checkpoints import Checkpoint
from holdfast.model.export import Compartment, Kind, Member, Unit
from holdfast.sources.protocol import Source
from holdfast.state.journal import Cursor, Head, Journal, Pending, Unfinished
from holdfast.store.once import put_once
from holdfast.store.protocol import Store
from holdfast.vault import entries, format, order, view
from holdfast.vault.entries import EpochEntry, FormatEntry, KeepingEntry
from holdfast.vault.format import message_name, pack_name
from holdfast.vault.order import Named, Phase
from holdfast.vault.packer import WHOLE, Numbers, Outside, Packer, Place, Stored
from holdfast.vault.view import Vault, name_keeping
from holdfast.vault.writer import LogWriter, Sealer

WORKERS = 2
LONGEST = 30 * 86_400
"""Seconds after which a keeping that is still open ends and another begins."""


class World(msgspec.Struct, frozen=True):
    """What keeping needs of the outside: a clock (Unix seconds), randomness, a dealer, and who watches the bytes."""

    now: Callable[[], int]
    random: Callable[[int], bytes]
    deal: Callable[[Sequence[EpochPlan]], list[Epoch]]
    progress: Callable[[int], None] = lambda done: None


class Damaged(msgspec.Struct, frozen=True):
    """A member that could not be read to its end; what could be read is kept."""

    path: bytes
    code: str
    kept: int
    promised: int


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

    Raises `Refused` or `Unverified` before anything is written where the store has lost or rewritten what this device
    wrote; errors of single members are values in the result.
    """
    with ThreadPoolExecutor(WORKERS) as executor:
        return _Keeper(source, store, journal, only | {Compartment.PUBLIC}, world, executor).run()


class _Keeper:
    """One run of `keep`."""

    def __init__(  # noqa: PLR0913 - the one place where all of it meets
        self,
        source: Source,
        store: Store,
        journal: Journal,
        only: frozenset[Compartment],
        world: World,
        executor: ThreadPoolExecutor,
    ) -> None:
        self._source, self._store, self._journal, self._world = source, store, journal, world
        self._executor = executor
        self._vault = view.read(store)
        self._signer = _signer(journal, world)
        self._log = _recover(self._vault, journal, self._signer)
        self._members = source.members()
        self._left_out = {c: n for c, n in order.counts(self._members).items() if n and c not in only}
        self._phases = order.phases(source.containers(), self._members, only)
        self._packers: dict[Compartment, Packer] = {}
        self._damaged: dict[bytes, Damaged] = {}
        self._sealed = 0

    def run(self) -> Kept:
        """Keep phase after phase, then say that the keeping is whole."""
        self._keeping, resumed = self._resume() or self._begin(), self._journal.unfinished()
        self._cursor = self._keeping.cursor
        self._draws = set(self._cursor.draws)
        self._epochs = self._own_epochs()
        reuses = self._journal.remembers and self._journal.knows_any()
        self._lookup = self._journal.lookup if reuses else lambda digest: None
        self._commit_epochs()
        for number in range(self._cursor.phase, len(self._phases)):
            self._keep_phase(number, self._phases[number])
        drawn = sorted(self._draws - {m.mid for m in self._epochs.values()})
        whole = KeepingEntry((*(m.mid for m in self._epochs.values()), *drawn))
        self._commit([whole.encode()], Cursor(len(self._phases)))
        self._journal.finish()
        return self._report(resumed=self._cursor != Cursor() and resumed is not None)

    # -- the keeping --

    def _resume(self) -> Unfinished | None:
        """Give the unfinished keeping if it is of this very source and its keepers are still the keepers."""
        found = self._journal.unfinished()
        if found is None or found.source != self._fingerprint():
            return None
        epochs = [messages.read(envelope).content for envelope in found.envelopes]
        current = all(isinstance(e, Epoch) and e.roster == self._vault.book.active.mid for e in epochs)
        return found if current and self._world.now() - found.began < LONGEST else None

    def _begin(self) -> Unfinished:
        """Deal an epoch for each compartment; their secrets are gone before the first pack is sealed."""
        number = max((k.number for k in self._vault.keepings()), default=0) + 1
        if (last := self._journal.unfinished()) is not None:
            number = max(number, last.number + 1)
        now, roster = self._world.now(), self._vault.book.active
        wanted = [c for c in Compartment if any(p.compartment is c for p in self._phases)] or [Compartment.PUBLIC]
        plans = [plan_epoch(roster, self._signer.public, compartment, number, now) for compartment in wanted]
        envelopes = tuple(messages.write(epoch, self._signer).envelope for epoch in self._world.deal(plans))
        keeping = Unfinished(number, self._fingerprint(), envelopes, now)
        self._journal.begin(keeping)
        return keeping

    def _own_epochs(self) -> dict[Compartment, Message[Epoch]]:
        found = {}
        for message in map(messages.read, self._keeping.envelopes):
            assert isinstance(message.content, Epoch)
            put_once(self._store, message_name(message.mid), message.envelope)
            found[Compartment(message.content.comp)] = message
        return found  # type: ignore[return-value]  # the assertion narrows each content

    def _commit_epochs(self) -> None:
        """An EPOCH stands in the log before the first pack that uses it: its shares are then known to be held."""
        done = {e.mid for e in map(entries.decode, self._raw()) if isinstance(e, EpochEntry)}
        new = [EpochEntry(m.mid).encode() for m in self._epochs.values() if m.mid not in done]
        if self._log.state.size == 0:
            new.insert(0, FormatEntry(format.digest(self._store.get(format.NAME))).encode())
        if new:
            self._commit(new, self._cursor)

    def _raw(self) -> Sequence[bytes]:
        log = view.read(self._store).logs.get(self._signer.public)
        return log.raw if log else ()

    def _fingerprint(self) -> bytes:
        """Give what tells this source from another: every member's line, digested with a key that never leaves."""
        shape = [(m.container, m.path, m.size, m.compartments, m.fields) for m in self._members]
        return self._journal.fingerprint(msgspec.msgpack.encode([shape, sorted(self._left_out)]))

    def _report(self, *, resumed: bool) -> Kept:
        return Kept(
            keeping=name_keeping(self._keeping.number, self._signer.public),
            members={c: n for c, n in order.counts(self._members).items() if c not in self._left_out},
            left_out=self._left_out,
            damaged=tuple(self._damaged.values()),
            sealed=self._sealed,
            checkpoint=self._log.state.checkpoint,
            writer=self._signer.public,
            admitted=self._signer.public in self._vault.book.writers,
            resumed=resumed,
        )

    # -- phases and members --

    def _keep_phase(self, number: int, phase: Phase) -> None:
        packer = self._packer(phase.compartment)
        if number == 0:
            packer.note([f"members\t{c}\t{n}" for c, n in order.counts(self._members).items()])
        start = self._cursor if self._cursor.phase == number else Cursor(number)
        for at in range(start.member, len(phase.members)):
            at_start = Cursor(number, at, start.place if at == start.member else 0)
            self._keep_member(packer, phase.members[at], at_start)
        self._close(packer, Cursor(number + 1))

    def _keep_member(self, packer: Packer, named: Named, cursor: Cursor) -> None:
        member, read, fault = named.member, 0, None
        packer.begin(member, named.name)
        try:
            if not self._refer_whole(packer, member):
                read = self._keep_units(packer, member, cursor)
                read = member.size
        except _Broken as broken:
            read, fault = broken.read, broken.error
            self._damaged[member.path] = Damaged(member.path, fault.code, read, member.size)
        packer.end(member if fault is None else _cut_short(member, read))

    def _packer(self, compartment: Compartment) -> Packer:
        if compartment not in self._packers:
            epoch = self._epochs[compartment]
            keeping = name_keeping(self._keeping.number, self._signer.public)
            place = Place(self._vault.format.vault, keeping, compartment, epoch.mid)
            sealer = Sealer(self._store, epoch.content.recipient, self._world.random)
            outside = Outside(self._executor, self._world.random, sealer.store)
            numbers = Numbers(*self._cursor.numbers.get(compartment, (0, 0, 0)))
            self._packers[compartment] = Packer(place, outside, numbers)
        return self._packers[compartment]
