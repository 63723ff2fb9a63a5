"""Turns the units of one keeping and compartment into batches of sealed packs with their tables.

Nothing that it makes counts before the batch's entry stands in a log.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future

import msgspec

from holdfast.crypto.commitments import NO_BEACON, ItemLeaf, blinded, item_leaf
from holdfast.log import merkle
from holdfast.model.export import Compartment, Kind, Member, Unit
from holdfast.vault import names, tables
from holdfast.vault.entries import BatchEntry, Pack
from holdfast.vault.packs import PackBuilder
from holdfast.vault.paths import unquote
from holdfast.vault.tables import Item, Piece, Slice

TEXT_PIECE = 1 << 20
MEDIA_PIECE = 4 << 20
BATCH_PACKS = 16
BATCH_ITEMS = 1 << 16
BATCH_NAMES = 2 << 20
HASH = 32
WHOLE = 1 << 20
TABLE_HEADER = 2048
AHEAD = 3
"""Packs that may be under way at once, which bounds memory."""

Random = Callable[[int], bytes]


class Place(msgspec.Struct, frozen=True):
    """Which keeping, compartment and epoch is being packed."""

    vault: bytes
    keeping: str
    compartment: str
    epoch: bytes

    def heading(self) -> bytes:
        """Give the text that every pack of it begins with."""
        lines = ["holdfast-pack 0", f"vault {self.vault.hex()}", f"keeping {self.keeping}"]
        return "".join(
            f"{x}\n" for x in [*lines, f"compartment {self.compartment}", f"epoch {self.epoch.hex()}"]
        ).encode()


class Numbers(msgspec.Struct):
    """How many batches, packs and pieces a keeping has in one compartment; names are made of them."""

    batch: int = 0
    pack: int = 0
    piece: int = 0


class Stored(msgspec.Struct, frozen=True):
    """Where a unit's bytes now lie: offset and length in a piece, after decompression."""

    piece: str
    offset: int
    length: int


class Outside(msgspec.Struct, frozen=True):
    """What a packer needs of the world: threads, randomness, and how a tar is sealed and stored."""

    executor: Executor
    random: Random
    store: Callable[[bytearray], Pack]


class _Current(msgspec.Struct):
    """The member that is being packed."""

    member: Member
    name: str
    leaf: ItemLeaf | None = None
    salt: bytes = b""
    length: int = 0


class _Piece(msgspec.Struct):
    """The piece that is being gathered."""

    name: str
    limit: int
    parts: list[bytes] = []
    size: int = 0

    @property
    def whole(self) -> bool:
        """Tell whether this is a whole member under its own name, which may not be cut."""
        return self.limit > MEDIA_PIECE


class _Batch(msgspec.Struct):
    """What a batch's tables will say."""

    leaves: list[bytes] = []
    items: list[tuple[bytes, bytes, str, int, int]] = []
    slices: list[Slice] = []
    members: list[Member] = []
    pieces: list[tuple[int, Piece]] = []
    packs: list[Future[Pack]] = []
    names: int = 0


class Packer:
    """Packs member after member; the caller closes a batch where `is_full` says so, and at the end."""

    def __init__(self, place: Place, outside: Outside, numbers: Numbers) -> None:
        self.place = place
        self.numbers = numbers
        self._outside = outside
        self._batch = _Batch()
        self._pack = self._new_pack()
        self._piece: _Piece | None = None
        self._current: _Current | None = None
        self._notes: list[str] = []

    @property
    def is_full(self) -> bool:
        """Tell whether the batch should be closed before the next unit."""
        batch = self._batch
        if self._piece is not None and self._piece.whole:
            return False
        items = max(len(batch.leaves), len(batch.slices) // 4)
        return len(batch.packs) >= BATCH_PACKS or items >= BATCH_ITEMS or batch.names >= BATCH_NAMES

    def begin(self, member: Member, name: str) -> None:
        """Begin a member; `name` is its percent-encoded name for a plain tar."""
        if name.endswith("/") and member.size:  # a plain tar would make a folder of it and drop its bytes
            name = f".odd/{member.place}"
        self._current = _Current(member, f"{member.container}/{name}")

    def add(self, unit: Unit) -> Stored | None:
        """Pack a unit of the current member and give where it lies, or nothing where it had to be cut again."""
        self._commit_to(unit)
        parts = [unit.data[k : k + MEDIA_PIECE] for k in range(0, len(unit.data), MEDIA_PIECE)]
        stored = [self._write(part) for part in parts]
        for k, where in enumerate(stored):
            self._add_slice(unit.place + k * MEDIA_PIECE, where)
        if unit.end:
            self._add_item(stored[0], unit)
        return stored[0] if len(stored) == 1 else None

    def pass_over(self, unit: Unit) -> None:
        """Take note of a unit that an earlier run stored: a stretch still counts towards its member's commitment."""
        self._commit_to(unit)

    def refer(self, place: int, stored: Stored) -> None:
        """Take bytes that an earlier keeping stored: only the tables mention them."""
        self._add_slice(place, stored)

    def end(self, member: Member) -> None:
        """End the member, of which `member` now says how much there was: its leaf, if it is one item, and its line."""
        current = self._of()
        self._flush_piece()
        if current.leaf is not None:
            self._batch.leaves.append(current.leaf.digest())
            self._batch.items.append((current.salt, current.member.path, "-", 0, current.length))
        if member.size == 0:
            self._add_slice(0, Stored("-", 0, 0))
        self._batch.members.append(member)
        self._batch.names += 3 * len(member.path) + 256 + sum(len(value) for _, value in member.fields)
        self._current = None

    def note(self, lines: list[str]) -> None:
        """Put a small table about the keeping as a whole into the batch."""
        self._notes = lines

    def close(self) -> BatchEntry:
        """Seal the last pack with the batch's tables, wait until every pack is durable, and give the entry."""
        self._flush_piece()
        salt, leaves, order = self._commit()
        root = merkle.root(leaves)
        files = self._tables(salt, leaves, order, root)
        if self._pack.room() < sum(len(data) + 2 * TABLE_HEADER for _, data in files) + self._pieces_bound():
            self._seal_pack()
        packs = [future.result() for future in self._batch.packs]
        for name, data in [*files, self._pieces_table(packs)]:
            self._pack.add(name, data)
        self._seal_pack()
        packs.append(self._batch.packs[-1].result())
        self._batch, self._notes = _Batch(), []
        self.numbers.batch += 1
        return BatchEntry(blinded(salt, len(leaves), root, NO_BEACON), self.place.epoch, tuple(packs))

    # -- members --

    def _of(self) -> _Current:
        assert self._current is not None, "a member is begun before its units come"
        return self._current

    def _commit_to(self, unit: Unit) -> None:
        if unit.end:
            return
        current = self._of()
        if current.leaf is None:
            current.salt = self._outside.random(HASH)
            current.leaf = ItemLeaf(current.salt, current.member.path[:0xFFFF])
        current.leaf.update(unit.data)
        current.length += len(unit.data)

    def _add_item(self, stored: Stored, unit: Unit) -> None:
        salt, path = self._outside.random(HASH), self._of().member.path
        record = unit.data[unit.start : unit.end]
        self._batch.leaves.append(item_leaf(salt, path[:0xFFFF], record))
        self._batch.items.append((salt, path, stored.piece, stored.offset + unit.start, len(record)))

    def _add_slice(self, place: int, stored: Stored) -> None:
        current, slices = self._of(), self._batch.slices
        member = current.member
        new = Slice(current.name, stored.piece, stored.offset, stored.length, place, member.container, member.place)
        if slices and new.follows(slices[-1]):
            last = slices.pop()
            new = msgspec.structs.replace(last, length=last.length + new.length)
        slices.append(new)

    # -- pieces --

    def _write(self, data: bytes) -> Stored:
        piece = self._piece or self._new_piece()
        stored = Stored(piece.name, piece.size, len(data))
        piece.parts.append(data)
        piece.size += len(data)
        if piece.size >= piece.limit:
            self._flush_piece()
        return stored

    def _new_piece(self) -> _Piece:
        current, keeping = self._of(), self.place.keeping
        text = current.member.kind is Kind.TEXT
        if not text and current.member.size <= WHOLE and len(current.member.compartments) == 1:
            self._piece = _Piece(names.whole_piece(keeping, current.name), 2 * MEDIA_PIECE)
            return self._piece
        compressed = text and self._compresses
        name = names.cut_piece(keeping, self.place.compartment, self.numbers.piece, compressed=compressed)
        self._piece = _Piece(name, TEXT_PIECE if text else MEDIA_PIECE)
        self.numbers.piece += 1
        return self._piece

    @property
    def _compresses(self) -> bool:
        """Text beside which others could write is never compressed, nor anything that names the owner."""
        return not self._of().member.mixed and self.place.compartment != Compartment.IDENTITY

    def _flush_piece(self) -> None:
        piece, self._piece = self._piece, None
        if piece is None:
            return
        raw = b"".join(piece.parts)
        data = tables.compress(raw) if names.is_compressed(piece.name) else raw
        pack, offset = self._add_to_pack(unquote(piece.name), data)
        self._batch.pieces.append((pack, Piece(piece.name, "", offset, len(data), len(raw))))

    # -- packs --

    def _new_pack(self) -> PackBuilder:
        pack = PackBuilder()
        name = names.heading(self.place.keeping, self.place.compartment, self.numbers.pack)
        pack.add(name, self.place.heading())
        self.numbers.pack += 1
        return pack

    def _add_to_pack(self, name: bytes, data: bytes) -> tuple[int, int]:
        if not self._pack.fits(name, len(data)):
            self._seal_pack()
        return len(self._batch.packs), self._pack.add(name, data)

    def _seal_pack(self) -> None:
        packs = self._batch.packs
        if len(packs) >= AHEAD:
            packs[-AHEAD].result()
        packs.append(self._outside.executor.submit(self._outside.store, self._pack.finish()))
        self._pack = self._new_pack()

    # -- tables --

    def _commit(self) -> tuple[bytes, list[bytes], list[int]]:
        """Add fillers up to a power of two, at least one leaf, and shuffle by random keys."""
        leaves = self._batch.leaves
        size = 1 << max(0, len(leaves) - 1).bit_length()
        random = self._outside.random
        fillers = random(HASH * (size - len(leaves)))
        every = leaves + [fillers[k : k + HASH] for k in range(0, len(fillers), HASH)]
        keys = random(16 * size)
        order = sorted(range(size), key=lambda k: keys[16 * k : 16 * k + 16])
        position = [0] * size
        for at, k in enumerate(order):
            position[k] = at
        return random(HASH), [every[k] for k in order], position

    def _tables(self, salt: bytes, leaves: list[bytes], order: list[int], root: bytes) -> list[tuple[bytes, bytes]]:
        batch = self._batch
        items = [tables.item_line(Item(order[k], *item)) for k, item in enumerate(batch.items)]
        heading = [f"salt\t{salt.hex()}", f"size\t{len(leaves)}", f"root\t{root.hex()}", f"beacon\t{NO_BEACON.hex()}"]
        return [
            (self._table("batch"), tables.encode(heading)),
            (self._table("items"), tables.encode(items)),
            (self._table("leaves"), b"".join(leaves)),
            (self._table("snapshot"), tables.encode(map(tables.slice_line, batch.slices))),
            (self._table("members"), tables.encode(map(tables.member_line, batch.members))),
            (self._table("keeping"), tables.encode(self._notes)),
        ]

    def _pieces_table(self, packs: list[Pack]) -> tuple[bytes, bytes]:
        names = [pack.digest.hex() for pack in packs] + [tables.THIS_PACK]
        placed = [msgspec.structs.replace(piece, pack=names[at]) for at, piece in self._batch.pieces]
        return self._table("pieces"), tables.encode(map(tables.piece_line, placed))

    def _pieces_bound(self) -> int:
        return TABLE_HEADER + sum(len(piece.name) + 128 for _, piece in self._batch.pieces)

    def _table(self, kind: str) -> bytes:
        return names.table(kind, self.place.keeping, self.place.compartment, self.numbers.batch)
