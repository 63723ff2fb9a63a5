"""What many tests begin with: a vault with its keepers' kits, an export, and a device that keeps it."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from holdfast.crypto.hybrid import HybridIdentity
from holdfast.crypto.sharing import L
from holdfast.crypto.signing import Signer
from holdfast.custody.contents import Epoch, Grant, Open, Rule
from holdfast.custody.dealing import EpochPlan, deal, epoch_identity
from holdfast.custody.grants import Opening
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.custody.rosters import default_rules
from holdfast.grant import consider, grant
from holdfast.keep import Kept, World, keep
from holdfast.keeper.kits import Kit
from holdfast.model.export import Compartment, Member
from holdfast.new import Terms, new
from holdfast.open import open_vault
from holdfast.request import Wish, request
from holdfast.sources.protocol import Source
from holdfast.sources.x import XExport, recognise
from holdfast.state.device import Device
from holdfast.state.journal import Journal
from holdfast.store.directory import DirectoryStore
from holdfast.store.protocol import Store
from holdfast.testing.exports import ExportSpec, Made, make_zip
from holdfast.vault import view
from holdfast.vault.reader import Packs, Snapshot
from holdfast.vault.view import Keeping, Vault

NOW = 1_800_000_000
"""What a test's clock shows, in Unix seconds."""

HOUR = 3600
ALL = frozenset(Compartment)
SMALL = ExportSpec(posts=30, notes=0, images=3, videos=1, likes=12, followers=6, following=5, messages=8, deleted=1)
"""An account whose export is kept in a blink."""


def deal_here(plans: Sequence[EpochPlan]) -> list[Epoch]:
    """Deal in this process: for tests that do not ask what stays in memory."""
    return [deal(plan, os.urandom) for plan in plans]


class Dealer:
    """Deals in this process and remembers what a dealer must forget, so that a test can open without keepers."""

    def __init__(self) -> None:
        self._found: dict[bytes, HybridIdentity] = {}

    def __call__(self, plans: Sequence[EpochPlan]) -> list[Epoch]:
        """Deal as `deal_here` does."""
        return [self._deal(plan) for plan in plans]

    def identities(self, vault: Vault) -> dict[bytes, HybridIdentity]:
        """Give the identity of each epoch of a vault that was dealt here."""
        epochs = vault.book.epochs.items()
        return {mid: self._found[m.content.recipient] for mid, m in epochs if m.content.recipient in self._found}

    def _deal(self, plan: EpochPlan) -> Epoch:
        drawn: list[bytes] = []

        def random(size: int) -> bytes:
            drawn.append(os.urandom(size))
            return drawn[-1]

        epoch = deal(plan, random)
        self._found[epoch.recipient] = epoch_identity(int.from_bytes(drawn[0], "little") % L)
        return epoch


def a_world(now: int = NOW, dealer: Callable[[Sequence[EpochPlan]], list[Epoch]] = deal_here) -> World:
    """Give the outside of a keeping, whose clock stands."""
    return World(lambda: now, os.urandom, dealer)


def an_export(folder: Path, spec: ExportSpec = SMALL, name: str = "export.zip") -> tuple[Made, XExport]:
    """Make an export and give its truth and the source that reads it."""
    made = make_zip(spec, folder / name)
    return made, read_export(folder / name)


def read_export(path: Path) -> XExport:
    """Read a zip as an export of X."""
    source = recognise([path])
    assert source is not None
    return source


class House:
    """A vault, the kits of its keepers, and the device that began it; everything lies under one folder."""

    def __init__(
        self, folder: Path, n: int = 3, store: Store | None = None, rules: Mapping[str, Rule] | None = None
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.store: Store = store or DirectoryStore(folder / "vault")
        self.kits = [Kit.create(folder / f"kit{x}", "a passphrase", work=1) for x in range(1, n + 1)]
        cards = [kit.card("", NOW, os.urandom) for kit in self.kits]
        self.seed = os.urandom(32)
        terms = Terms(cards, rules or default_rules(n), 0)
        self.format = new(self.store, terms, Signer.from_seed(self.seed), NOW, os.urandom)
        self.device = Device(folder / "state")
        with self.journal() as journal:
            journal.set_writer(self.seed)

    def vault(self) -> Vault:
        """Read the vault as it is now."""
        return view.read(self.store)

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """Open this device's journal."""
        with self.device.journal(self.format.vault) as journal:
            yield journal

    def keep(self, source: Source, store: Store | None = None, only: frozenset[Compartment] = ALL) -> Kept:
        """Keep with the memory of this device."""
        with self.journal() as journal:
            return keep(source, store or self.store, journal, only, a_world())

    def keep_traceless(self, source: Source, store: Store | None = None) -> Kept:
        """Keep as `--leave-no-trace` does."""
        with Journal.nowhere() as journal:
            return keep(source, store or self.store, journal, ALL, a_world())

    def request(
        self, compartments: Iterable[str] = tuple(Compartment), keepings: Sequence[str] = ()
    ) -> tuple[Keys, Message[Open]]:
        """Ask for compartments, by the first keeper."""
        return request(self.vault(), self.kits[0], Wish("restore", list(compartments), keepings), NOW, os.urandom)

    def grant(self, asked: Message[Open], xs: Iterable[int]) -> list[Message[Grant]]:
        """Let these keepers see a request, wait as long as they must, and answer."""
        vault, answers = self.vault(), []
        for x in xs:
            kit = self.kits[x - 1]
            found = consider(vault, kit, asked, NOW)
            answers.append(grant(vault, kit, found, found.sighting.due, os.urandom))
        return answers

    def open(self, xs: Iterable[int] = (), compartments: Iterable[str] = tuple(Compartment)) -> Opening:
        """Open compartments of all keepings with the grants of keepers `xs`, or of all."""
        restorer, asked = self.request(compartments)
        answers = self.grant(asked, list(xs) or range(1, len(self.kits) + 1))
        return open_vault(self.vault(), restorer, answers, NOW, os.urandom)

    def snapshot(self, wanted: str = "", opening: Opening | None = None) -> Snapshot:
        """Open a keeping, the newest unless named."""
        vault = self.vault()
        keeping = vault.keeping(wanted) if wanted else vault.keepings()[-1]
        return Snapshot(vault, keeping, (opening or self.open()).identities)


def digests(read: Callable[[Member], Iterable[bytes]], members: Iterable[Member]) -> list[tuple[int, int, bytes, str]]:
    """Give each member's place, path and SHA-256, in order."""
    return [(m.container, m.place, m.path, _digest(read(m))) for m in members]


def given_back(snapshot: Snapshot) -> list[tuple[int, int, bytes, str]]:
    """Give what a keeping holds."""
    return digests(snapshot.read, snapshot.members)


def handed_in(source: Source) -> list[tuple[int, int, bytes, str]]:
    """Give what an export holds."""
    return digests(lambda member: (unit.data for unit in source.units(member)), source.members())


def tars(
    store: Store, keeping: Keeping, identities: Mapping[bytes, HybridIdentity], compartment: Compartment
) -> list[bytes]:
    """Open every pack of one compartment of a keeping and give the tars."""
    packs = Packs(store, identities)
    epoch = keeping.epochs[compartment]
    return [bytes(packs.tar(p.digest, epoch)) for batch in keeping.batches.get(compartment, []) for p in batch.packs]


def files_under(*folders: Path) -> dict[Path, bytes]:
    """Give the bytes of every file under these folders."""
    return {path: path.read_bytes() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()}


def _digest(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
