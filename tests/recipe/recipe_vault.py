"""Vaults for the recipe to open: an export with hostile names, kept by the real code, and packs that a liar made."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import copy
from pathlib import Path

import msgspec

from holdfast.crypto import sharing
from holdfast.crypto.signing import Signer
from holdfast.custody import messages
from holdfast.custody.contents import Rule
from holdfast.custody.dealing import deal, epoch_identity, open_share, plan_epoch
from holdfast.custody.rosters import ROSTER_WAIT
from holdfast.keep import Kept, World, keep
from holdfast.log import commits
from holdfast.model.export import Compartment, Container, Kind, Member, Unit
from holdfast.new import Terms, new
from holdfast.state.journal import Journal
from holdfast.store.directory import DirectoryStore
from holdfast.testing.keepers import NOW, Keeper, seeded
from holdfast.vault import format, order, tables, view
from holdfast.vault.entries import BatchEntry, EpochEntry, FormatEntry, Pack
from holdfast.vault.format import message_name
from holdfast.vault.packs import PackBuilder
from holdfast.vault.paths import unquote
from holdfast.vault.writer import LogWriter, Sealer

ALL = frozenset(Compartment)
PUBLIC, PRIVATE, IDENTITY = Compartment
RULES = {str(c): Rule(2, 0) for c in Compartment}
STRETCH = 1 << 20


def noise(size: int, seed: str) -> bytes:
    """Give bytes that do not compress, the same for the same seed."""
    return hashlib.shake_256(seed.encode()).digest(size)


class Put(msgspec.Struct, frozen=True):
    """One member of an export: text is cut into lines, which go to its compartments by turns."""

    path: bytes
    data: bytes
    kind: Kind = Kind.OTHER
    compartments: tuple[Compartment, ...] = (PUBLIC,)
    mixed: bool = False


class Listed:
    """An export that is only a list; each inner list is one container."""

    def __init__(self, *containers: Sequence[Put]) -> None:
        self._puts = [(number, place, put) for number, puts in enumerate(containers) for place, put in enumerate(puts)]
        self._containers = [Container("zip", b"x%d.zip" % n, 9, b"PK list %d" % n) for n in range(len(containers))]

    def containers(self) -> Sequence[Container]:
        return self._containers

    def members(self) -> Sequence[Member]:
        return [Member(c, p, x.path, len(x.data), x.kind, x.compartments, (), x.mixed) for c, p, x in self._puts]

    def units(self, member: Member) -> Iterator[Unit]:
        put = next(x for c, p, x in self._puts if (c, p) == (member.container, member.place))
        at = 0
        for k, part in enumerate(_cut(put)):
            end = len(part) if put.kind is Kind.TEXT else 0
            yield Unit(at, part, put.compartments[k % len(put.compartments)], 0, end)
            at += len(part)

    def expected(self) -> dict[str, bytes]:
        """Give what a keeping of it rebuilds: a name below the keeping's folder, and its bytes."""
        phases = order.phases(self.containers(), self.members(), ALL)
        named = {
            (n.member.container, n.member.place): os.fsdecode(unquote(n.name))
            for phase in phases
            for n in phase.members
        }
        found = {}
        for c, p, put in self._puts:
            name = named[c, p]
            found[f"{c}/{f'.odd/{p}' if name.endswith('/') and put.data else name}"] = put.data
        return found | {f"{n}/.odd/container": c.directory for n, c in enumerate(self._containers)}


def _cut(put: Put) -> Iterable[bytes]:
    if put.kind is Kind.TEXT:
        return put.data.splitlines(keepends=True)
    return [put.data[k : k + STRETCH] for k in range(0, len(put.data), STRETCH)]


class Home:
    """A vault in a folder, its keepers, and one writer whose key signed the first roster."""

    def __init__(self, folder: Path, n: int = 3, rules: Mapping[str, Rule] | None = None, seed: str = "recipe") -> None:
        self.random = seeded(seed)
        self.folder = folder
        self.store = DirectoryStore(folder)
        self.keepers = [Keeper(self.random(32)) for _ in range(n)]
        self.seed = self.random(32)
        cards = [keeper.card for keeper in self.keepers]
        new(self.store, Terms(cards, rules or RULES, ROSTER_WAIT), self.writer, NOW, self.random)

    def copy(self, folder: Path) -> "Home":
        """Give the same vault in another folder, for a test that writes to it."""
        shutil.copytree(self.folder, folder)
        other = copy(self)
        other.folder, other.store = folder, DirectoryStore(folder)
        return other

    @property
    def writer(self) -> Signer:
        return Signer.from_seed(self.seed)

    def keep(self, source: Listed, journal: AbstractContextManager[Journal] | None = None) -> Kept:
        """Keep an export as this home's writer, on a device that forgets unless told."""
        world = World(lambda: NOW, self.random, lambda plans: [deal(plan, self.random) for plan in plans])
        with journal or Journal.nowhere() as memory:
            memory.set_writer(self.seed)
            return keep(source, self.store, memory, ALL, world)

    def identities(self, *compartments: Compartment) -> dict[str, str]:
        """Give the true identities of all epochs, admitted or not: the line `keeping compartment`, and the text."""
        book, found = view.read(self.store).book, {}
        for epoch in book.epochs.values():
            seats = zip(book.active.content.keepers, self.keepers, strict=True)
            held = [open_share(epoch, book.active, seat, keeper.keys) for seat, keeper in seats]
            identity = epoch_identity(sharing.rebuild(held[: len(epoch.content.C)]))
            assert identity.recipient.raw == epoch.content.recipient
            name = f"{epoch.content.no}-{epoch.key.hex()[:8]} {epoch.content.comp}"
            if not compartments or epoch.content.comp in compartments:
                found[f"{name} again" if name in found else name] = str(identity)
        return found


class Liar:
    """A writer with a key of its own, or a stolen one, who commits to whatever packs it likes."""

    def __init__(self, home: Home, seed: bytes, number: int = 1, compartment: str = "public") -> None:
        self.signer = Signer.from_seed(seed)
        self.keeping = view.name_keeping(number, self.signer.public)
        self._store, self._random = home.store, home.random
        vault = view.read(home.store)
        epoch = deal(plan_epoch(vault.book.active, self.signer.public, compartment, number, NOW), self._random)
        self._epoch = messages.write(epoch, self.signer)
        home.store.put(message_name(self._epoch.mid), self._epoch.envelope)
        found = vault.logs.get(self.signer.public)
        self._log = LogWriter(home.store, found.state if found else commits.start(self.signer.public), self.signer)
        first = [] if found else [FormatEntry(format.digest(home.store.get(format.NAME))).encode()]
        self._log.append([*first, EpochEntry(self._epoch.mid).encode()])

    def pack(self, members: Sequence[tuple[str, bytes]], heading: str = "", extra: bytes = b"") -> Pack:
        """Seal a pack of these members; `extra` goes into the tar as it is."""
        builder = PackBuilder()
        builder.add((heading or f"holdfast/pack/{self.keeping}.public.0").encode(), b"holdfast-pack 0\n")
        for name, data in members:
            builder.add(name.encode(), data)
        builder._tar += extra
        return Sealer(self._store, self._epoch.content.recipient, self._random).store(builder.finish())

    def commit(self, *packs: Pack) -> None:
        """Name packs in the log."""
        self._log.append([BatchEntry(bytes(32), self._epoch.mid, packs).encode()])

    def say(self, rows: Sequence[str], *members: tuple[str, bytes], sizes: Sequence[str] = ()) -> None:
        """Commit to one pack with this snapshot table and these members besides."""
        of = f"{self.keeping}.public.0.tsv.zst"
        found = [(f"holdfast/snapshot/{of}", tables.encode(rows)), (f"holdfast/members/{of}", tables.encode(sizes))]
        self.commit(self.pack([*found, *members]))
