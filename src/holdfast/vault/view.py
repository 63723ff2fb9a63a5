"""A vault as anybody can read it without a key: its format, its custody and its writers' logs, all verified."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from holdfast.custody import messages
from holdfast.custody.book import Book
from holdfast.custody.encoding import MAX_SIZE
from holdfast.custody.messages import Message
from holdfast.errors import HoldfastError, NotFound, Refused, Unreadable, Unverified
from holdfast.log import commits
from holdfast.log.commits import LogState
from holdfast.model.export import Compartment
from holdfast.store.protocol import Store
from holdfast.vault import entries, format
from holdfast.vault.entries import BatchEntry, Entry, EpochEntry, FormatEntry, KeepingEntry, Pack
from holdfast.vault.format import Format, message_name


class Log(msgspec.Struct, frozen=True):
    """One writer's log, verified: its state, its entries as stored, and what they say."""

    state: LogState
    raw: tuple[bytes, ...]
    entries: tuple[Entry, ...]

    def packs(self) -> Iterator[Pack]:
        """Give every pack that the log names."""
        for entry in self.entries:
            if isinstance(entry, BatchEntry):
                yield from entry.packs


class Keeping(msgspec.Struct, frozen=True):
    """One account kept at one moment.

    `name` is `<number>-<writer's first 8 hex>`; `epochs` are its own by compartment, `batches` what they hold, `draws`
    every epoch that a whole reading needs; `whole` tells whether the writer finished it.
    """

    name: str
    number: int
    writer: bytes
    epochs: dict[Compartment, bytes]
    batches: dict[Compartment, list[BatchEntry]]
    draws: tuple[bytes, ...]
    whole: bool

    @property
    def size(self) -> int:
        """Give the sealed bytes that this keeping added."""
        return sum(pack.size for batches in self.batches.values() for batch in batches for pack in batch.packs)


class Vault(msgspec.Struct, frozen=True):
    """A vault's public face."""

    store: Store
    format: Format
    book: Book
    logs: dict[bytes, Log]
    faults: tuple[HoldfastError, ...]
    strange: tuple[HoldfastError, ...]

    def keepings(self) -> list[Keeping]:
        """Give every keeping of every writer, by number."""
        found = [k for writer in self.logs for k in _keepings(self, writer)]
        return sorted(found, key=lambda k: (k.number, k.name))

    def keeping(self, wanted: str) -> Keeping:
        """Give the keeping of this number or name; raise `NotFound`, or `Refused` where two writers took the number."""
        found = [k for k in self.keepings() if wanted in (k.name, str(k.number))]
        if not found:
            raise NotFound("keeping-missing", keeping=wanted, known=", ".join(k.name for k in self.keepings()))
        if len(found) > 1:
            raise Refused("keeping-ambiguous", keeping=wanted, known=", ".join(k.name for k in found))
        return found[0]

    def keeping_of(self, epoch: bytes) -> Keeping | None:
        """Give the keeping that an epoch belongs to."""
        return next((k for k in self.keepings() if epoch in k.epochs.values()), None)


def name_keeping(number: int, writer: bytes) -> str:
    """Give a keeping's name, which no other writer's can equal."""
    return f"{number}-{writer.hex()[:8]}"


def read(store: Store) -> Vault:
    """Read and verify a vault's public face; logs that are false are left out and listed in `faults`.

    What lies in custody and is not valid is left out too, in `strange`: anybody who may write there could put it there.

    Raises `NotFound` or `Unreadable` where this is no vault at all.
    """
    data = _get_format(store)
    shape = format.decode(data)
    faults: list[HoldfastError] = []
    strange: list[HoldfastError] = []
    book = Book(shape.vault, shape.roster, _read_messages(store, strange))
    logs = {}
    for writer in _writers(store, faults):
        try:
            logs[writer] = read_log(store, writer, data, faults)
        except HoldfastError as error:
            faults.append(error)
    return Vault(store, shape, book, logs, tuple(faults), (*strange, *book.faults()))


def read_log(store: Store, writer: bytes, shape: bytes, faults: list[HoldfastError]) -> Log:
    """Read one writer's log as far as it verifies, and check that it belongs to the vault whose `format` is `shape`.

    A name that is no commit's is a fault and passed over; a false commit is a fault, and the log ends before it.
    """
    state, raw = commits.start(writer), list[bytes]()
    try:
        for name in _commits(store, writer, faults):
            step = commits.decode(store.get(name), name)
            state = commits.advance(state, step)
            raw += step.entries
    except HoldfastError as error:
        error.fields.setdefault("writer", writer.hex())
        faults.append(error)
    found = tuple(entries.decode(entry) for entry in raw)
    if found and found[0] != FormatEntry(format.digest(shape)):
        raise Unverified("log-of-another-vault", writer=writer.hex())
    return Log(state, tuple(raw), found)


def _commits(store: Store, writer: bytes, faults: list[HoldfastError]) -> Iterator[str]:
    for name, _ in store.names(f"log/{writer.hex()}/"):
        try:
            commits.parse_name(name)
        except HoldfastError as error:
            faults.append(error)
        else:
            yield name


def _get_format(store: Store) -> bytes:
    try:
        return store.get(format.NAME)
    except NotFound:
        raise NotFound("not-a-vault") from None


def _writers(store: Store, faults: list[HoldfastError]) -> list[bytes]:
    found = {}
    for name, _ in store.names("log/"):
        part = name.split("/")[1]
        if not re.fullmatch("[0-9a-f]{64}", part):
            faults.append(Unreadable("log-name", name=name))
        else:
            found[part] = bytes.fromhex(part)
    return list(found.values())


def _read_messages(store: Store, strange: list[HoldfastError]) -> Iterator[Message[msgspec.Struct]]:
    for name, size in store.names("custody/"):
        try:
            if size > MAX_SIZE:
                raise Unreadable("message-malformed", why="size")
            message = messages.read(store.get(name))
            if message_name(message.mid) != name:
                raise Unverified("message-renamed", name=name)
            yield message
        except HoldfastError as error:
            error.fields.setdefault("name", name)
            strange.append(error)


def _keepings(vault: Vault, writer: bytes) -> Iterator[Keeping]:
    """Give a writer's keepings in the order of its log, where an epoch's number tells which keeping it belongs to.

    Once a keeping is whole nothing adds to it: a thief of the writer key must not rewrite what was finished before.
    """
    found: dict[int, Keeping] = {}
    order: dict[bytes, tuple[int, Compartment]] = {}
    for entry in vault.logs[writer].entries:
        match entry:
            case EpochEntry(mid) if (message := vault.book.epochs.get(mid)) and message.key == writer:
                number, compartment = message.content.no, Compartment(message.content.comp)
                keeping = found.setdefault(number, _empty(number, writer))
                if compartment not in keeping.epochs and not keeping.whole:
                    keeping.epochs[compartment] = mid
                    order[mid] = number, compartment
            case BatchEntry(_, epoch, _) if epoch in order and not found[order[epoch][0]].whole:
                number, compartment = order[epoch]
                found[number].batches.setdefault(compartment, []).append(entry)
            case KeepingEntry(epochs) if (own := _own(epochs, order)) is not None and not found[own].whole:
                found[own] = msgspec.structs.replace(found[own], draws=epochs, whole=True)
    yield from (k if k.whole else _unfinished(k) for k in found.values())


def _empty(number: int, writer: bytes) -> Keeping:
    return Keeping(name_keeping(number, writer), number, writer, {}, {}, (), whole=False)


def _own(epochs: Sequence[bytes], order: dict[bytes, tuple[int, Compartment]]) -> int | None:
    return max((order[mid][0] for mid in epochs if mid in order), default=None)


def _unfinished(keeping: Keeping) -> Keeping:
    return msgspec.structs.replace(keeping, draws=tuple(keeping.epochs.values()))
