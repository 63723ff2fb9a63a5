"""`holdfast demo`: the whole story on a made-up export, with nothing to set up."""

import shutil
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import click
import msgspec

from holdfast.cli import options
from holdfast.cli.language import say
from holdfast.cli.screen import show, size
from holdfast.copy import copy
from holdfast.crypto.hashes import sha256
from holdfast.crypto.signing import Signer
from holdfast.custody.contents import Card, Rule
from holdfast.custody.messages import Message
from holdfast.custody.rosters import default_rules
from holdfast.deal import deal_apart
from holdfast.errors import AlreadyExists, Unverified
from holdfast.grant import consider, grant
from holdfast.keep import World, keep
from holdfast.keeper.kits import Kit
from holdfast.listing import counts
from holdfast.model.export import Compartment
from holdfast.new import Terms, new
from holdfast.open import open_vault
from holdfast.request import Wish, request
from holdfast.restore import choose, restore
from holdfast.sources.x import recognise
from holdfast.state.device import Device
from holdfast.store.directory import DirectoryStore
from holdfast.targets.x import XTarget
from holdfast.testing.exports import demo, make_zip
from holdfast.vault import view
from holdfast.vault.reader import Snapshot
from holdfast.verify import verify

EPILOG = "Example: holdfast demo tryout"
KEEPERS = 5
QUICK = 10
"""scrypt's log2 N for the demo's kits: they guard nothing."""

Tell = Callable[[str], None]


@click.command("demo", epilog=EPILOG)
@click.argument("folder", metavar="[DIR]", type=options.FILE, default=Path("holdfast-demo"))
@options.json_option
def command(folder: Path, as_json: bool) -> None:
    """Keep a made-up account, lose it and one keeper, open it with three others, and bring it back."""
    if folder.exists() and any(folder.iterdir()):
        raise AlreadyExists("demo-exists", name=str(folder))
    lines: list[str] = []
    story = Story(folder, lines.append if as_json else click.echo)
    value = story.run()
    show([], value, as_json=as_json)


class Story:
    """One run of the demo, below one folder."""

    def __init__(self, folder: Path, tell: Tell) -> None:
        self._folder, self._tell = folder, tell
        self._device = Device(folder / "device")
        self._world = World(options.now, options.random, deal_apart)

    def run(self) -> dict[str, object]:
        """Tell the story and give what it came to."""
        export, digest = self._export()
        kits = self._keepers()
        self._vault([card for _, card in kits])
        self._keep(export)
        abroad = self._lose(export)
        snapshot = self._open(abroad, [kit for kit, _ in kits[:3]])
        return self._restore(snapshot, digest)

    def _export(self) -> tuple[Path, bytes]:
        path = self._folder / "downloads" / "x-export.zip"
        path.parent.mkdir(parents=True)
        made = make_zip(demo(), path)
        self._tell(
            say("1. An account's export: {n} files of an invented person, in {path}", n=len(made.members), path=path)
        )
        return path, members_digest(path)

    def _keepers(self) -> list[tuple[Kit, Message[Card]]]:
        found = []
        for number in range(1, KEEPERS + 1):
            passphrase = options.random(8).hex()
            place = self._folder / "keepers" / str(number)
            kit = Kit.create(place, passphrase, work=QUICK)
            options.write_new(place.with_name(f"{number}.passphrase"), f"{passphrase}\n".encode(), 0o600)
            found.append((kit, kit.card(f"keeper {number}", options.now(), options.random)))
        self._tell(say("2. Five keepers, each with a kit of their own, in {path}", path=self._folder / "keepers"))
        return found

    def _vault(self, cards: list[Message[Card]]) -> None:
        seed = options.random(32)
        rules = {name: Rule(rule.quorum, 0) for name, rule in default_rules(len(cards)).items()}
        store, terms = DirectoryStore(self._folder / "vault"), Terms(cards, rules, 0)
        shape = new(store, terms, Signer.from_seed(seed), options.now(), options.random)
        with self._device.journal(shape.vault) as journal:
            journal.set_writer(seed)
        self._tell(say("3. A vault: two of the five open what was public, three open the rest (here without a wait)"))

    def _keep(self, export: Path) -> None:
        store = DirectoryStore(self._folder / "vault")
        source = recognise([export])
        assert source is not None, "the maker's exports are X's"
        with self._device.journal(view.read(store).format.vault) as journal:
            kept = keep(source, store, journal, frozenset(Compartment), self._world)
        self._tell(
            say(
                "4. The account is kept: {size} sealed. This device can add to it, and cannot read it",
                size=size(kept.sealed),
            )
        )

    def _lose(self, export: Path) -> DirectoryStore:
        abroad = DirectoryStore(self._folder / "abroad")
        copy(DirectoryStore(self._folder / "vault"), abroad)
        verify(abroad, deep=True).check()
        self._tell(say("5. A copy abroad, checked to the last byte without any key"))
        for lost in (export.parent, self._folder / "vault", self._folder / "device", self._folder / "keepers" / "5"):
            shutil.rmtree(lost)
        self._tell(say("6. Then the export, the device, its vault and keeper 5 are lost"))
        return abroad

    def _open(self, abroad: DirectoryStore, kits: list[Kit]) -> Snapshot:
        vault = view.read(abroad)
        wish = Wish("restore", list(Compartment))
        restorer, message = request(vault, kits[0], wish, options.now(), options.random)
        answers = []
        for kit in kits:
            vault = view.read(abroad)
            asked = consider(vault, kit, message, options.now())
            answers.append(grant(vault, kit, asked, options.now(), options.random))
        opening = open_vault(view.read(abroad), restorer, answers, options.now(), options.random)
        self._tell(
            say("7. One request, three grants: keepers {xs} open it together", xs=", ".join(map(str, opening.used)))
        )
        return Snapshot(vault, choose(vault, opening.identities), opening.identities)

    def _restore(self, snapshot: Snapshot, digest: bytes) -> dict[str, object]:
        back = self._folder / "back"
        (path,) = restore(snapshot, XTarget(back))
        if members_digest(path) != digest:
            raise Unverified("copy-differs", name=str(path))
        found = counts(snapshot)
        self._tell(
            say(
                "8. Everything is back, byte for byte: {posts} posts, {media} pictures and videos, {n} files",
                posts=found["post"],
                media=found["media"],
                n=len(snapshot.members),
            )
        )
        self._tell("")
        self._tell(say("Look into {path}: the export as it was.", path=path))
        self._tell(say("Look into {path}: what a stranger sees of it.", path=self._folder / "abroad"))
        self._tell(say("Go on with: holdfast status {path}", path=self._folder / "abroad"))
        return {"folder": str(self._folder), "restored": str(path), "counts": found, "members": len(snapshot.members)}


def members_digest(path: Path) -> bytes:
    """Give one hash over every member of a zip: names, times and bytes, in order."""
    with ZipFile(path) as file:
        parts = [msgspec.json.encode([i.filename, i.date_time]) + file.read(i) for i in file.infolist()]
    return sha256(*(sha256(part) for part in parts))
