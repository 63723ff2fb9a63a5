"""What a device remembers of one vault: its writer key, where a killed keeping goes on, what need not be stored again.

One SQLite file, written ahead and synced at every step.  Deleted rows are overwritten.
"""

import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

import msgspec
from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from holdfast.errors import Unreadable, Unverified

DIGEST = 16
LONG_DIGEST = DIGEST + 32
LARGE = 1 << 20
"""Bytes above which a medium's size is remembered, so that others need not be read twice."""

NONCE = bytes(12)
SCHEMA = """
pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on; pragma temp_store = memory;
create table if not exists fact (name text primary key, value blob not null) strict;
create table if not exists epoch (id integer primary key, mid blob not null unique) strict;
create table if not exists known (
    digest blob primary key, size integer not null, places blob not null, sure integer not null
) strict, without rowid;
create index if not exists known_size on known (size) where size > 0;
"""


class Head(msgspec.Struct, frozen=True):
    """The newest checkpoint of this device's log that it knows of: entries, and root."""

    size: int
    root: bytes


class Cursor(msgspec.Struct, frozen=True):
    """How far a keeping came: phase, member in the phase, offset in the member.

    `numbers` are what its batches, packs and pieces are numbered next, by compartment; `draws` the epochs of earlier
    keepings that it uses.
    """

    phase: int = 0
    member: int = 0
    place: int = 0
    numbers: dict[str, tuple[int, int, int]] = {}
    draws: tuple[bytes, ...] = ()


class Unfinished(msgspec.Struct, frozen=True):
    """A keeping that has begun: its number, its source's keyed fingerprint, its EPOCH envelopes, when it began."""

    number: int
    source: bytes
    envelopes: tuple[bytes, ...]
    began: int
    cursor: Cursor = Cursor()


class Pending(msgspec.Struct, frozen=True):
    """Entries that are about to be committed to a log of `size` entries, and the cursor behind them."""

    size: int
    entries: tuple[bytes, ...]
    cursor: Cursor


class Known(msgspec.Struct, frozen=True):
    """Where bytes that were stored before lie: (piece, offset, length) one after the other, and in which epoch."""

    places: tuple[tuple[str, int, int], ...]
    epoch: bytes


class Journal:
    """One vault's memory on this device; one that does not `remember` is gone with the process."""

    def __init__(self, database: sqlite3.Connection, *, remembers: bool) -> None:
        self.remembers = remembers
        self._db = database
        self._learned: dict[bytes, tuple[int, bytes]] = {}
        self._epochs: dict[bytes, int] = {}
        self._key = self._fact("memory-key") or self._set("memory-key", secrets.token_bytes(32))

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Open or make the journal at `path`; the caller holds the vault's lock.

        Raises `Unreadable` where it is damaged, or its disk is full or fails.
        """
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as database:
                database.executescript(SCHEMA)
                yield cls(database, remembers=True)
                database.execute("pragma wal_checkpoint(truncate)")
        except sqlite3.Error as error:
            raise Unreadable("device-memory-failed", why=str(error)) from error

    @classmethod
    @contextmanager
    def nowhere(cls) -> Iterator[Self]:
        """Open a journal that touches no disk and learns nothing that was stored."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
            database.executescript(SCHEMA)
            yield cls(database, remembers=False)

    # -- the writer --

    def writer(self) -> bytes | None:
        """Give the seed of this device's writer key, if it has one."""
        return self._fact("writer")

    def set_writer(self, seed: bytes) -> None:
        """Remember the seed of the writer key."""
        self._set("writer", seed)

    def head(self) -> Head | None:
        """Give the newest checkpoint that this device knows of its own log."""
        data = self._fact("head")
        return msgspec.msgpack.decode(data, type=Head) if data else None

    def set_head(self, head: Head) -> None:
        """Remember a newer checkpoint."""
        self._set("head", msgspec.msgpack.encode(head))

    def pin(self, shape: bytes) -> None:
        """Remember the hash of the vault's `format`; raise `Unverified` if it is another than before.

        Whoever can write to the folder could put another vault in its place, with keepers of their own.
        """
        known = self._fact("format") or self._set("format", shape)
        if known != shape:
            raise Unverified("vault-exchanged")

    # -- the keeping under way --

    def unfinished(self) -> Unfinished | None:
        """Give the keeping that was begun and not finished."""
        data = self._fact("unfinished")
        return msgspec.msgpack.decode(data, type=Unfinished) if data else None

    def begin(self, keeping: Unfinished) -> None:
        """Remember that a keeping begins."""
        self._set("unfinished", msgspec.msgpack.encode(keeping))

    def pending(self) -> Pending | None:
        """Give the entries of which it is not known whether they were committed."""
        data = self._fact("pending")
        return msgspec.msgpack.decode(data, type=Pending) if data else None

    def prepare(self, pending: Pending) -> None:
        """Remember entries that are about to be committed, together with all that was learned for them."""
        rows = [(digest, size, places) for digest, (size, places) in self._learned.items()]
        with self._transaction():
            self._db.executemany("insert or ignore into known values (?, ?, ?, 0)", rows)
            self._set("pending", msgspec.msgpack.encode(pending))
        self._learned.clear()

    def confirm(self, head: Head, cursor: Cursor) -> None:
        """Remember that the pending entries are committed: what was learned is sure, and a killed run goes on here."""
        with self._transaction():
            self.set_head(head)
            self._drop("pending")
            self._db.execute("update known set sure = 1 where sure = 0")
            if (keeping := self.unfinished()) is not None:
                self.begin(msgspec.structs.replace(keeping, cursor=cursor))

    def discard(self) -> None:
        """Forget pending entries and what was learned for them: they were never committed."""
        self._learned.clear()
        with self._transaction():
            self._drop("pending")
            self._db.execute("delete from known where sure = 0")

    def finish(self) -> None:
        """Forget where the keeping stood: it is whole."""
        self._drop("unfinished")

    # -- what need not be stored again --

    def fingerprint(self, data: bytes) -> bytes:
        """Give a keyed digest (32 bytes) by which a killed run knows its source again."""
        return blake3(data, key=self._key).digest()

    def digest(self, family: str, data: bytes) -> bytes:
        """Give the keyed digest of a unit of a family, an oracle for whoever has the key and the bytes.

        Of its 48 bytes 16 are remembered; the others are the key to where the unit lies.
        """
        return blake3(family.encode() + b"\0" + data, key=self._key).digest(LONG_DIGEST)

    def hasher(self, family: str) -> "blake3":
        """Give a hasher for bytes that stream; 48 bytes of its digest are those of `digest`."""
        return blake3(family.encode() + b"\0", key=self._key)

    def knows_size(self, size: int) -> bool:
        """Tell whether a medium of this many bytes, above 1 MiB, was stored before."""
        query = "select 1 from known where size = ? and size > 0 limit 1"
        return self._db.execute(query, (size,)).fetchone() is not None

    def knows_any(self) -> bool:
        """Tell whether anything at all was stored before."""
        return self._db.execute("select 1 from known limit 1").fetchone() is not None

    def lookup(self, digest: bytes) -> Known | None:
        """Give where the bytes of this long digest lie, if they were stored before; a damaged row is no memory."""
        query = "select size, places from known where digest = ?"
        row = self._learned.get(digest[:DIGEST]) or self._db.execute(query, (digest[:DIGEST],)).fetchone()
        if row is None:
            return None
        try:
            plain = ChaCha20Poly1305(digest[DIGEST:]).decrypt(NONCE, row[1], None)
        except InvalidTag:
            return None
        number, places = msgspec.msgpack.decode(plain, type=tuple[int, tuple[tuple[str, int, int], ...]])
        (epoch,) = self._db.execute("select mid from epoch where id = ?", (number,)).fetchone()
        return Known(places, epoch)

    def learn(self, digest: bytes, size: int, places: Iterable[tuple[str, int, int]], epoch: bytes) -> None:
        """Remember where bytes lie; it becomes sure with the next commit.

        Where they lie is sealed with a key that only the bytes give: names in a pack may be names of the export.
        """
        plain = msgspec.msgpack.encode((self._epoch(epoch), tuple(places)))
        sealed = ChaCha20Poly1305(digest[DIGEST:]).encrypt(NONCE, plain, None)
        self._learned[digest[:DIGEST]] = size if size > LARGE else 0, sealed

    def forget(self) -> None:
        """Forget everything that was stored before; the next keeping stores all again."""
        self._learned.clear()
        with self._transaction():
            self._db.execute("delete from known")

    def count(self) -> int:
        """Give how many digests this device remembers."""
        (known,) = self._db.execute("select count(*) from known").fetchone()
        return int(known)

    def _epoch(self, mid: bytes) -> int:
        if mid not in self._epochs:
            self._db.execute("insert or ignore into epoch (mid) values (?)", (mid,))
            (self._epochs[mid],) = self._db.execute("select id from epoch where mid = ?", (mid,)).fetchone()
        return self._epochs[mid]

    def _fact(self, name: str) -> bytes | None:
        row = self._db.execute("select value from fact where name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _set(self, name: str, value: bytes) -> bytes:
        self._db.execute("insert or replace into fact values (?, ?)", (name, value))
        return value

    def _drop(self, name: str) -> None:
        self._db.execute("delete from fact where name = ?", (name,))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._db:
            self._db.execute("begin")
            yield
