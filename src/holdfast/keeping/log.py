"""This device's log in a vault, and its journal beside it: they agree, or nothing is signed.

Before entries are committed the journal holds them; after a kill they are confirmed, committed or forgotten.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from holdfast.crypto.signing import Signer
from holdfast.errors import HoldfastError
from holdfast.log import checkpoints, commits, merkle
from holdfast.log.checkpoints import Checkpoint
from holdfast.log.commits import LogState
from holdfast.state.journal import Cursor, Head, Journal, Pending
from holdfast.store.once import put_once
from holdfast.store.protocol import Store
from holdfast.vault import entries
from holdfast.vault.entries import BatchEntry, EpochEntry
from holdfast.vault.format import pack_name
from holdfast.vault.reader import get_pack
from holdfast.vault.view import Vault
from holdfast.vault.writer import LogWriter


def signer_of(journal: Journal, random: Callable[[int], bytes]) -> Signer:
    """Give this device's writer key, drawn now if it has none."""
    seed = journal.writer()
    if seed is None:
        seed = random(32)
        journal.set_writer(seed)
    return Signer.from_seed(seed)


class DeviceLog:
    """The log that this device writes, where it stands in the store and in the journal."""

    def __init__(self, vault: Vault, journal: Journal, signer: Signer) -> None:
        """Take up the log: raises `Unverified` or `Unreadable` where the store lost or rewrote what this device wrote.

        What was about to be committed when the last run was killed is settled first.
        """
        for fault in vault.faults:
            if fault.fields.get("writer") == signer.public.hex():
                raise fault
        log = vault.logs.get(signer.public)
        raw = log.raw if log else ()
        state = log.state if log else commits.start(signer.public)
        _check_head(journal.head(), state, raw)
        self._journal = journal
        self._writer = LogWriter(vault.store, state, signer)
        self.epochs: set[bytes] = set()
        self.batches: Counter[bytes] = Counter()
        self.last = b""
        self._count(raw)
        self._settle(vault.store, raw)
        _forget_lost(vault, journal)

    @property
    def state(self) -> LogState:
        """Give the log as it stands."""
        return self._writer.state

    def commit(self, new: Sequence[bytes], cursor: Cursor) -> None:
        """Commit entries; a killed run goes on at `cursor`."""
        self._journal.prepare(Pending(self.state.size, tuple(new), cursor))
        self._append(new, cursor)

    def _settle(self, store: Store, raw: Sequence[bytes]) -> None:
        """Decide what became of entries that were about to be committed."""
        pending = self._journal.pending()
        if pending is None:
            self._journal.discard()
        elif tuple(raw[pending.size : pending.size + len(pending.entries)]) == pending.entries:
            name = commits.name_of(self.state.writer, pending.size)
            put_once(store, name, store.get(name))  # it may be there and not yet durable
            self._confirm(pending.cursor)
        elif pending.size == self.state.size and _are_stored(store, pending.entries):
            self._append(pending.entries, pending.cursor)
        else:
            self._journal.discard()

    def _append(self, new: Sequence[bytes], cursor: Cursor) -> None:
        self._writer.append(new)
        self._count(new)
        self._confirm(cursor)

    def _count(self, new: Sequence[bytes]) -> None:
        found = [entries.decode(entry) for entry in new]
        self.epochs |= {e.mid for e in found if isinstance(e, EpochEntry)}
        self.batches.update(e.epoch for e in found if isinstance(e, BatchEntry))
        self.last = new[-1] if new else self.last

    def _confirm(self, cursor: Cursor) -> None:
        self._journal.confirm(Head(self.state.size, self.state.checkpoint.root), cursor)


def _check_head(head: Head | None, state: LogState, raw: Sequence[bytes]) -> None:
    """Never sign a fork: the store must have all that this device wrote."""
    if head is not None:
        leaves = [merkle.leaf_hash(entry) for entry in raw]
        checkpoints.check_extends(leaves, Checkpoint(state.checkpoint.origin, head.size, head.root))


def _are_stored(store: Store, new: Sequence[bytes]) -> bool:
    """Tell whether every pack that these entries name lies whole in the store."""
    packs = [pack for entry in map(entries.decode, new) if isinstance(entry, BatchEntry) for pack in entry.packs]
    try:
        for pack in packs:
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
