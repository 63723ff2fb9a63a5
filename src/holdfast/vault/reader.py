"""What lies in a vault, for whoever holds the identities of its epochs."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from holdfast.crypto import age
from holdfast.crypto.hashes import sha256
from holdfast.crypto.hybrid import HybridIdentity
from holdfast.errors import NotFound, Unreadable, Unverified
from holdfast.model.export import Compartment, Container, Member
from holdfast.store.protocol import Store
from holdfast.vault import names, packs, tables, tar
from holdfast.vault.entries import BatchEntry
from holdfast.vault.format import pack_name
from holdfast.vault.names import CONTAINER_PLACE
from holdfast.vault.tables import THIS_PACK, Piece, Slice
from holdfast.vault.view import Keeping, Vault

T = TypeVar("T")

OPEN_PACKS = 3
OPEN_PIECES = 4
MAX_PIECE = 16 << 20
"""What a piece may unpack to, in bytes: a lying writer's may not fill the memory."""
ReadPack = Callable[[bytes], memoryview]


def get_pack(store: Store, digest: bytes) -> bytes:
    """Give a pack's sealed bytes if they have this hash, else raise `Unverified`."""
    sealed = store.get(pack_name(digest))
    if sha256(sealed) != digest:
        raise Unverified("pack-changed", pack=digest.hex())
    return sealed


class Packs:
    """Opens packs and keeps the last few, since neighbours are asked for together."""

    def __init__(self, store: Store, identities: Mapping[bytes, HybridIdentity]) -> None:
        self._store = store
        self._identities = identities
        self._open: OrderedDict[bytes, memoryview] = OrderedDict()

    def tar(self, digest: bytes, epoch: bytes) -> memoryview:
        """Give a pack's tar, verified whole; raise `NotFound` where its epoch is not open."""
        if digest in self._open:
            self._open.move_to_end(digest)
            return self._open[digest]
        if epoch not in self._identities:
            raise NotFound("epoch-not-open", epoch=epoch.hex())
        while len(self._open) >= OPEN_PACKS:
            self._open.popitem(last=False)
        identity = age.hybrid.Identity(self._identities[epoch])
        plain = memoryview(age.unseal(get_pack(self._store, digest), [identity]))
        if len(plain) > packs.MAX_TAR:
            raise Unreadable("pack-malformed", at=0)
        self._open[digest] = plain
        return plain


class Located(msgspec.Struct, frozen=True):
    """A piece, and the pack and epoch that it lies in."""

    piece: Piece
    pack: bytes
    epoch: bytes


class Snapshot:
    """One keeping, opened as far as the identities reach.

    `members` are whole; `withheld` counts by compartment those that are not open, of which nothing else is known.
    """

    def __init__(self, vault: Vault, keeping: Keeping, identities: Mapping[bytes, HybridIdentity]) -> None:
        self.keeping = keeping
        self._packs = Packs(vault.store, identities)
        self._pieces: dict[str, Located] = {}
        self._cache: OrderedDict[str, bytes | memoryview] = OrderedDict()
        self._read_pieces(vault, keeping, identities)
        opened = {c: b for c, b in keeping.batches.items() if keeping.epochs[c] in identities}
        self.compartments = tuple(sorted(opened, key=list(Compartment).index))
        found = {c: self._read_tables(batches) for c, batches in opened.items()}
        self._slices = _by_member(s for t in found.values() for s in t.slices)
        every = {(m.container, m.place): m for t in found.values() for m in t.members}
        whole = [m for m in every.values() if self._is_open(m)]
        self.members = sorted((m for m in whole if m.place != CONTAINER_PLACE), key=lambda m: (m.container, m.place))
        self.partial = len(every) - len(whole)
        self._containers = {m.container: m for m in whole if m.place == CONTAINER_PLACE}
        self.withheld = _withheld([line for t in found.values() for line in t.notes], self.compartments)

    def containers(self) -> list[Container]:
        """Give the export's containers; where the compartment that names them is not open, as `export`."""
        count = max((m.container for m in self.members), default=-1) + 1
        return [self._container(n) for n in range(max(count, len(self._containers)))]

    def read(self, member: Member) -> Iterator[bytes]:
        """Give a member's bytes in order; raise `Unverified` unless they are exactly as many as the member has."""
        for s in tables.in_order(self._slices.get((member.container, member.place), []), member.size):
            if s.length:
                data = bytes(self._bytes(s.piece)[s.offset : s.offset + s.length])
                if len(data) != s.length:
                    raise Unverified("piece-changed", piece=s.piece)
                yield data

    def _container(self, number: int) -> Container:
        member = self._containers.get(number)
        if member is None:
            loose = any(m.container == number and "mtime" in dict(m.fields) for m in self.members)
            name = b"export" if number == 0 else b"export-%d" % (number + 1)
            return Container("folder", name, 0, b"") if loose else Container("zip", name + b".zip", 0, b"")
        fields = dict(member.fields)
        form, size = fields.get("form", ""), fields.get("bytes", "")
        if form not in ("zip", "folder") or not size.isdecimal():
            raise Unreadable("table-malformed")
        return Container(form, member.path, int(size[:20]), b"".join(self.read(member)))

    def _is_open(self, member: Member) -> bool:
        slices = self._slices.get((member.container, member.place), [])
        pieces = all(s.piece == "-" or s.piece in self._pieces for s in slices)
        return pieces and set(member.compartments) <= set(self.compartments)

    def _bytes(self, name: str) -> bytes | memoryview:
        if name in self._cache:
            self._cache.move_to_end(name)
            return self._cache[name]
        while len(self._cache) >= OPEN_PIECES:
            self._cache.popitem(last=False)
        if name not in self._pieces:
            raise Unverified("member-incomplete")
        located = self._pieces[name]
        piece = located.piece
        data = self._packs.tar(located.pack, located.epoch)[piece.offset : piece.offset + piece.length]
        plain = tables.decompress(bytes(data), min(piece.raw, MAX_PIECE)) if names.is_compressed(name) else data
        if len(plain) != piece.raw:
            raise Unverified("piece-changed", piece=name)
        self._cache[name] = plain
        return plain

    def _read_pieces(self, vault: Vault, keeping: Keeping, identities: Mapping[bytes, HybridIdentity]) -> None:
        for other in vault.keepings():
            for compartment, batches in other.batches.items():
                epoch = other.epochs[compartment]
                if epoch in identities and (epoch in keeping.draws or other == keeping):
                    for batch in batches:
                        self._locate(batch, other)

    def _locate(self, batch: BatchEntry, keeping: Keeping) -> None:
        """Learn where a batch's pieces lie: each in a pack of its own, named once, and below its own keeping's name."""
        last = batch.packs[-1].digest
        known = {pack.digest for pack in batch.packs}
        for piece in self._table(batch, "pieces", tables.parse_piece):
            pack = last if piece.pack == THIS_PACK else bytes.fromhex(piece.pack)
            own = piece.name.startswith(f"{keeping.name}/") and piece.name not in self._pieces
            if pack not in known or not own:
                raise Unverified("piece-foreign", piece=piece.name)
            self._pieces[piece.name] = Located(piece, pack, batch.epoch)

    def _read_tables(self, batches: Iterable[BatchEntry]) -> "Tables":
        found = Tables([], [], [])
        for batch in batches:
            found.slices.extend(self._table(batch, "snapshot", tables.parse_slice))
            found.members.extend(self._table(batch, "members", tables.parse_member))
            found.notes.extend(self._table(batch, "keeping", list))
        return found

    def _table(self, batch: BatchEntry, kind: str, parse: Callable[[list[str]], T]) -> list[T]:
        if not batch.packs:
            raise Unreadable("entry-malformed")
        data = self._packs.tar(batch.packs[-1].digest, batch.epoch)
        for member in tar.walk(data):
            if names.is_table(member.name, kind):
                return tables.decode(bytes(data[member.offset : member.offset + member.size]), parse)
        raise Unverified("table-missing", table=kind)


class Tables(msgspec.Struct):
    """What the batches of one compartment say."""

    slices: list[Slice]
    members: list[Member]
    notes: list[list[str]]


def _by_member(slices: Iterable[Slice]) -> dict[tuple[int, int], list[Slice]]:
    found: dict[tuple[int, int], list[Slice]] = {}
    for s in slices:
        found.setdefault((s.container, s.member), []).append(s)
    return found


def _withheld(notes: Iterable[list[str]], opened: Iterable[Compartment]) -> dict[Compartment, int]:
    try:
        counts = {Compartment(note[1]): tables.natural(note[2]) for note in notes if note[0] == "members"}
    except (ValueError, IndexError) as error:
        raise Unreadable("table-malformed") from error
    return {c: n for c, n in counts.items() if c not in opened and n}
