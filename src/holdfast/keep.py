"""Keep an export: seal what it holds into a vault, in order, so that a killed run goes on where it was."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from holdfast.crypto.signing import Signer
from holdfast.custody import messages
from holdfast.custody.contents import Epoch
from holdfast.custody.dealing import EpochPlan, plan_epoch
from holdfast.custody.messages import Message
from holdfast.errors import HoldfastError, Unreadable
from holdfast.log import checkpoints, commits, merkle
from holdfast.log.checkpoints import Checkpoint
from holdfast.log.commits import LogState
from holdfast.model.export import Compartment, Kind, Member, Unit
from holdfast.sources.protocol import Source
from holdfast.state.journal import DIGEST, Cursor, Head, Journal, Known, Pending, Unfinished
from holdfast.store.once import put_once
from holdfast.store.protocol import Store
from holdfast.vault import entries, format, order, view
from holdfast.vault.entries import BatchEntry, EpochEntry, FormatEntry, KeepingEntry
from holdfast.vault.format import message_name, pack_name
from holdfast.vault.names import CONTAINER_PLACE
from holdfast.vault.order import Named, Phase
from holdfast.vault.packer import WHOLE, Numbers, Outside, Packer, Place, Stored
from holdfast.vault.paths import quote
from holdfast.vault.reader import get_pack
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
        self._damaged: dict[tuple[int, int], Damaged] = {}
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
        member = named.member
        packer.begin(member, named.name)
        known = self._known_medium(member, packer.place.compartment) if cursor.place == 0 else None
        if known:
            self._refer(packer, 0, known)
        else:
            self._keep_units(packer, member, cursor)
        damaged = self._damaged.get((member.container, member.place))
        packer.end(_cut_short(member, damaged.kept) if damaged else member)

    def _keep_units(self, packer: Packer, member: Member, cursor: Cursor) -> None:
        compartment, places = packer.place.compartment, []
        hasher = self._journal.hasher(_family(member, compartment)) if _is_medium(member, compartment) else None
        for unit in self._units(member):
            if unit.compartment != compartment:
                continue
            if unit.place < cursor.place:
                packer.pass_over(unit)
                continue
            if packer.is_full:
                self._close(packer, msgspec.structs.replace(cursor, place=unit.place))
            places.append(self._keep_unit(packer, member, unit))
            if hasher is not None:
                hasher.update(unit.data)
        whole = hasher is not None and cursor.place == 0 and None not in places
        if whole and hasher is not None and (member.container, member.place) not in self._damaged:
            self._learn(hasher.digest()[:DIGEST], member.size, [p for p in places if p], packer)

    def _keep_unit(self, packer: Packer, member: Member, unit: Unit) -> Stored | None:
        """Keep one unit, or refer to where an earlier keeping has it: records of what anybody could see."""
        self._world.progress(len(unit.data))
        if not unit.end or packer.place.compartment != Compartment.PUBLIC or not self._journal.remembers:
            return packer.add(unit)
        digest = self._journal.digest(member.family, unit.data)
        if (known := self._lookup(digest)) is not None:
            self._refer(packer, unit.place, known)
            return None
        stored = packer.add(unit)
        if stored is not None:
            self._learn(digest, stored.length, [stored], packer)
        return stored

    def _refer(self, packer: Packer, place: int, known: Known) -> None:
        self._draws |= known.epochs
        for piece, offset, length in known.places:
            packer.refer(place, Stored(piece, offset, length))
            place += length

    def _learn(self, digest: bytes, size: int, places: Sequence[Stored], packer: Packer) -> None:
        if self._journal.remembers:
            rows = [(p.piece, p.offset, p.length) for p in places]
            self._journal.learn(digest, size, rows, packer.place.epoch)

    def _known_medium(self, member: Member, compartment: str) -> Known | None:
        """Give where an earlier keeping has this medium whole; it is read once more only where the size fits."""
        if not _is_medium(member, compartment) or not self._journal.remembers:
            return None
        if member.size > WHOLE and not self._journal.knows_size(member.size):
            return None
        hasher = self._journal.hasher(_family(member, compartment))
        for unit in self._units(member):
            hasher.update(unit.data)
        return self._lookup(hasher.digest()[:DIGEST])

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
            self._damaged[key] = Damaged(member.path, error.code, read, member.size)

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

    # -- committing --

    def _close(self, packer: Packer, cursor: Cursor) -> None:
        """Make a batch durable and commit it; a killed run goes on at `cursor`."""
        entry = packer.close()
        self._sealed += sum(pack.size for pack in entry.packs)
        self._commit([entry.encode()], cursor)

    def _commit(self, new: Sequence[bytes], cursor: Cursor) -> None:
        numbers = dict(self._cursor.numbers)
        numbers |= {c: (p.numbers.batch, p.numbers.pack, p.numbers.piece) for c, p in self._packers.items()}
        cursor = msgspec.structs.replace(cursor, numbers=numbers, draws=tuple(sorted(self._draws)))
        self._journal.prepare(Pending(self._log.state.size, tuple(new), cursor))
        _confirm(self._journal, self._log.append(new), cursor)


def _signer(journal: Journal, world: World) -> Signer:
    seed = journal.writer()
    if seed is None:
        seed = world.random(32)
        journal.set_writer(seed)
    return Signer.from_seed(seed)


def _recover(vault: Vault, journal: Journal, signer: Signer) -> LogWriter:
    """Give the log where this device left it; what was about to be committed when it was killed is committed now.

    Never signs a fork: a store that has less than this device wrote, or something else, is refused.
    """
    for fault in vault.faults:
        if fault.fields.get("writer") == signer.public.hex():
            raise fault
    log = vault.logs.get(signer.public)
    state, raw = (log.state, log.raw) if log else (commits.start(signer.public), ())
    head = journal.head()
    if head is not None:
        leaves = [merkle.leaf_hash(entry) for entry in raw]
        checkpoints.check_extends(leaves, Checkpoint(state.checkpoint.origin, head.size, head.root))
    writer = LogWriter(vault.store, state, signer)
    _settle(vault, journal, writer, raw)
    _forget_lost(vault, journal)
    return writer


def _settle(vault: Vault, journal: Journal, writer: LogWriter, raw: Sequence[bytes]) -> None:
    """Decide what became of entries that were about to be committed."""
    pending = journal.pending()
    if pending is None:
        journal.discard()
    elif raw[pending.size : pending.size + len(pending.entries)] == pending.entries:
        _confirm(journal, writer.state, pending.cursor)
    elif pending.size == writer.state.size and _are_stored(vault.store, pending.entries):
        _confirm(journal, writer.append(pending.entries), pending.cursor)
    else:
        journal.discard()


def _confirm(journal: Journal, state: LogState, cursor: Cursor) -> None:
    journal.confirm(Head(state.size, state.checkpoint.root), cursor)


def _are_stored(store: Store, new: Sequence[bytes]) -> bool:
    """Tell whether every pack that these entries name lies whole in the store."""
    for entry in map(entries.decode, new):
        if isinstance(entry, BatchEntry):
            try:
                for pack in entry.packs:
                    get_pack(store, pack.digest)
            except HoldfastError:
                return False
    return True


def _forget_lost(vault: Vault, journal: Journal) -> None:
    """Where packs are missing, nothing is taken as stored: the next keeping stores all of it again."""
    there = {name for name, _ in vault.store.names("packs/")}
    promised = {pack_name(pack.digest) for log in vault.logs.values() for pack in log.packs()}
    if not promised <= there:
        journal.forget()


def _is_medium(member: Member, compartment: str) -> bool:
    whole = member.kind is not Kind.TEXT and member.place != CONTAINER_PLACE
    return whole and compartment != Compartment.IDENTITY and len(member.compartments) == 1


def _family(member: Member, compartment: str) -> str:
    """Give what a medium's digest is bound to: for private ones their path too, so that a picture alone tells nothing."""
    return "medium" if compartment == Compartment.PUBLIC else f"medium {quote(member.path)}"


def _cut_short(member: Member, kept: int) -> Member:
    fields = (*member.fields, ("promised", str(member.size)))
    return msgspec.structs.replace(member, size=kept, fields=fields)


def _stretches(data: bytes) -> Iterator[Unit]:
    for at in range(0, len(data), WHOLE):
        yield Unit(at, data[at : at + WHOLE], Compartment.PRIVATE)
