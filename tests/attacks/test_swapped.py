"""Packs, commits, shares, requests and grants are swapped, cut, replayed, renamed or foreign.

Each gives an error of our own, names what is wrong, and leaves the rest usable.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from helpers import NOW, House, an_export, files_under, given_back, handed_in
from holdfast.copy import copy
from holdfast.crypto.signing import Signer
from holdfast.custody import messages
from holdfast.custody.contents import Grant
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.errors import HoldfastError, Refused, Unverified
from holdfast.grant import consider
from holdfast.model.export import Compartment
from holdfast.open import open_vault
from holdfast.store.directory import DirectoryStore
from holdfast.testing.exports import ExportSpec
from holdfast.testing.keepers import forged_grant
from holdfast.vault.reader import Snapshot
from holdfast.verify import verify

SPEC = ExportSpec(posts=20, notes=0, images=2, videos=1, likes=4, messages=4, conversations=2)
PUBLIC, PRIVATE, IDENTITY = Compartment.PUBLIC, Compartment.PRIVATE, Compartment.IDENTITY


class Scene:
    """A vault of two keepings, none of which draws on the other, and one of another house beside it."""

    def __init__(self, folder: Path) -> None:
        self.house, self.other = House(folder / "house", n=4), House(folder / "other", n=4)
        _, self.source = an_export(folder, SPEC)
        _, self.second = an_export(folder, replace(SPEC, seed=5), "second.zip")
        self.house.keep(self.source)
        with self.house.journal() as journal:
            journal.forget()
        self.house.keep(self.second)
        self.other.keep(self.source)

    @property
    def folder(self) -> Path:
        return self.house.folder / "vault"

    def pack(self, keeping: int = 0, compartment: Compartment = PUBLIC, batch: int = 0) -> Path:
        """Give the file of a pack."""
        found = self.house.vault().keepings()[keeping].batches[compartment][batch].packs[0]
        return self.folder / "packs" / found.digest.hex()

    def commits(self) -> list[Path]:
        (log,) = (self.folder / "log").iterdir()
        return sorted(log.iterdir())

    def faults(self, deep: bool = True) -> set[str]:
        return {fault.code for fault in verify(self.house.store, deep=deep).faults}

    def back(self, number: int) -> list[tuple[int, int, bytes, str]]:
        return given_back(self.house.snapshot(str(number)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("swapped"))


@pytest.fixture
def scene(made: Scene, tmp_path: Path) -> Iterator[Scene]:
    """Give a fresh copy of the vault and the kits."""
    saved = tmp_path / "saved"
    shutil.copytree(made.house.folder, saved)
    yield made
    shutil.rmtree(made.house.folder)
    shutil.copytree(saved, made.house.folder)


# -- packs --


def flip(data: bytes) -> bytes:
    return data[:-20_000] + bytes([data[-20_000] ^ 1]) + data[-19_999:]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "one bit": flip,
    "cut": lambda data: data[: len(data) // 2],
    "one byte less": lambda data: data[:-1],
    "empty": lambda data: b"",
    "longer": lambda data: data + bytes(4096),
    "header": lambda data: b"X" + data[1:],
    "zeros": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_pack_changed(scene: Scene, change: str) -> None:
    pack = scene.pack()
    pack.write_bytes(CHANGES[change](pack.read_bytes()))
    assert scene.faults() == {"pack-changed"}
    with pytest.raises(Unverified, match=f"pack-changed pack={pack.name}"):
        scene.back(1)
    assert scene.back(2) == handed_in(scene.second)


def test_pack_swapped_for_another_of_the_same_vault(scene: Scene) -> None:
    one, two = scene.pack(0), scene.pack(1)
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)
    assert scene.faults() == {"pack-changed"}
    for number in (1, 2):
        with pytest.raises(Unverified, match="pack-changed"):
            scene.back(number)


def test_pack_renamed(scene: Scene) -> None:
    pack = scene.pack()
    pack.rename(pack.with_name("ab" * 32))
    assert scene.faults(deep=False) == {"pack-missing"}
    with pytest.raises(HoldfastError, match="store-missing"):
        scene.back(1)
    assert scene.back(2) == handed_in(scene.second)


def test_foreign_packs_count_for_nothing(scene: Scene) -> None:
    for name, _ in scene.other.store.names("packs/"):
        scene.house.store.put(name, scene.other.store.get(name))
    verdict = verify(scene.house.store, deep=True).check()
    assert verdict.unlisted == len(list(scene.other.store.names("packs/")))
    assert scene.back(1) == handed_in(scene.source)


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_pack_is_no_file(scene: Scene, kind: str) -> None:
    pack = scene.pack()
    away = pack.rename(scene.house.folder / "away")
    if kind == "link":
        pack.symlink_to(away)
    elif kind == "folder":
        pack.mkdir()
    else:
        os.mkfifo(pack)
    assert scene.faults() <= {"pack-changed", "pack-missing", "store-failed"} and scene.faults()
    with pytest.raises(HoldfastError):
        scene.back(1)
    assert scene.back(2) == handed_in(scene.second)


def test_other_compartments_of_the_keeping_stay_open(scene: Scene) -> None:
    scene.pack(0, PRIVATE).write_bytes(b"damaged")
    opening = scene.house.open(compartments=["public", "identity"])
    snapshot = scene.house.snapshot("1", opening)
    whole = {(m.container, m.place) for m in scene.source.members() if PRIVATE not in m.compartments}
    assert {(m.container, m.place) for m in snapshot.members} == whole
    assert set(given_back(snapshot)) < set(handed_in(scene.source))


def test_a_good_copy_mends(scene: Scene, tmp_path: Path) -> None:
    """What a copy still has is put back by copying the other way: a hash name with wrong bytes may be replaced."""
    spare = DirectoryStore(tmp_path / "spare")
    copy(scene.house.store, spare)
    pack = scene.pack()
    pack.write_bytes(flip(pack.read_bytes()))
    scene.pack(1).unlink()
    copy(spare, scene.house.store)
    verify(scene.house.store, deep=True).check()
    assert scene.back(1) == handed_in(scene.source)


def test_a_damaged_vault_is_not_copied_silently(scene: Scene, tmp_path: Path) -> None:
    pack = scene.pack()
    pack.write_bytes(flip(pack.read_bytes()))
    copied = copy(scene.house.store, DirectoryStore(tmp_path / "copy"))
    assert {fault.code for fault in copied.faults} == {"pack-changed", "pack-missing"}


# -- commits --


def test_commits_swapped(scene: Scene) -> None:
    one, two = scene.commits()[2:4]
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)
    assert scene.faults() == {"log-renamed"}


def test_commit_replayed_at_the_end(scene: Scene) -> None:
    size = scene.house.vault().logs[scene.house.vault().book.rosters[0].key].state.size
    last = scene.commits()[-1]
    shutil.copy(last, last.with_name(f"{size:016d}"))
    assert scene.faults() == {"log-renamed"}


def test_commit_of_another_writer(scene: Scene) -> None:
    (log,) = (scene.other.folder / "vault" / "log").iterdir()
    theirs = sorted(log.iterdir())
    for mine, other in zip(scene.commits(), theirs, strict=False):
        mine.write_bytes(other.read_bytes())
    assert scene.faults() == {"log-signature"}


def test_log_of_another_vault(scene: Scene) -> None:
    (log,) = (scene.other.folder / "vault" / "log").iterdir()
    shutil.copytree(log, scene.folder / "log" / log.name)
    assert scene.faults() == {"log-of-another-vault"}
    assert scene.back(1) == handed_in(scene.source)
    assert scene.back(2) == handed_in(scene.second)


@pytest.mark.slow
def test_every_tenth_byte_of_a_commit_flipped(scene: Scene) -> None:
    commit = scene.commits()[1]
    data = commit.read_bytes()
    for at in range(0, len(data), 10):
        commit.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert scene.faults(deep=False) & {
            "log-malformed",
            "log-signature",
            "log-root",
            "log-renamed",
            "log-size",
            "log-newer",
        }
    commit.write_bytes(data)
    assert scene.faults() == set()


@pytest.mark.parametrize("name", ["0000000000000003 (copy)", "Thumbs.db", "0", "x" * 64])
def test_a_stray_file_in_a_log_is_a_fault(scene: Scene, name: str) -> None:
    scene.commits()[0].with_name(name).write_bytes(b"stray")
    assert scene.faults()


# -- custody --


def test_epochs_swapped_renamed_and_missing(scene: Scene) -> None:
    keeping = scene.house.vault().keepings()[0]
    one, two = (scene.folder / "custody" / keeping.epochs[c].hex() for c in (PUBLIC, PRIVATE))
    data = one.read_bytes()
    changes = {
        "message-renamed": two.read_bytes(),
        "message-malformed": data[:-1],
        "signature-false": flip_at(data, len(data) - 1),
    }
    for code, changed in changes.items():
        one.write_bytes(changed)
        assert scene.faults() == {"epoch-missing"}
        assert [error.code for error in scene.house.vault().strange] == [code]
        assert given_back(scene.house.snapshot("2", scene.house.open())) == handed_in(scene.second)
    one.unlink()
    assert scene.faults() == {"epoch-missing"}


def test_shares_of_another_compartment_are_refused(scene: Scene) -> None:
    """A thief of the writer key re-issues the shares of `private` as `public`, which has no delay: they do not open."""
    house = scene.house
    vault = house.vault()
    stolen = vault.book.epoch(vault.keepings()[0].epochs[PRIVATE]).content
    signer = Signer.from_seed(house.seed)
    quorum = vault.book.active.content.comps["public"].quorum
    for content in (replace(stolen, comp="public"), replace(stolen, comp="public", C=stolen.C[:quorum])):
        message = messages.write(content, signer)
        house.store.put(f"custody/{message.mid.hex()}", message.envelope)
        book = house.vault().book
        for kit in house.kits:
            keys, seat = kit.seat(book)
            with pytest.raises(HoldfastError):
                book.share(message.mid, seat, keys, 0)


# -- requests and grants --


def answers(scene: Scene) -> tuple[Keys, list[Message[Grant]]]:
    restorer, asked = scene.house.request()
    return restorer, scene.house.grant(asked, range(1, 5))


def test_grant_replayed_for_another_request(scene: Scene) -> None:
    _, old = answers(scene)
    restorer, new = answers(scene)
    vault = scene.house.vault()
    with pytest.raises(Refused, match="grants-differ"):
        open_vault(vault, restorer, [*new[:2], old[2]], NOW, os.urandom)
    relabelled = [resign(scene, x, replace(m.content, open=new[0].content.open)) for x, m in enumerate(old, 1)]
    with pytest.raises(Refused, match="quorum-missing") as caught:
        open_vault(vault, restorer, relabelled, NOW, os.urandom)
    assert list(caught.value.fields["liars"]) == [1, 2, 3, 4]  # type: ignore[call-overload]


def test_grant_is_of_no_use_to_another_restorer(scene: Scene) -> None:
    _, granted = answers(scene)
    stranger, _ = answers(scene)
    with pytest.raises(Refused, match="grant-for-another"):
        open_vault(scene.house.vault(), stranger, granted, NOW, os.urandom)


def test_false_share_is_named_and_the_others_open(scene: Scene) -> None:
    restorer, granted = answers(scene)
    vault = scene.house.vault()
    asked = vault.book.request(granted[0].content.open)
    keys, seat = scene.house.kits[1].seat(vault.book)
    shares = [vault.book.share(mid, seat, keys, 0) for mid in asked.content.scope]
    forged = forged_grant(asked, shares, keys, NOW, os.urandom)
    opening = open_vault(vault, restorer, [granted[0], forged, *granted[2:]], NOW, os.urandom)
    assert (opening.liars, opening.used, opening.missing) == ((2,), (1, 3, 4), ())
    snapshot = Snapshot(scene.house.vault(), vault.keepings()[0], opening.identities)
    assert given_back(snapshot) == handed_in(scene.source)
    with pytest.raises(Refused, match="quorum-missing") as caught:
        open_vault(vault, restorer, [forged], NOW, os.urandom)
    assert caught.value.fields["liars"] == (2,)


def test_grant_signed_by_another_keeper(scene: Scene) -> None:
    """A grant that one keeper made and another signs fits neither."""
    restorer, granted = answers(scene)
    swapped = [resign(scene, 2, granted[0].content), *granted[2:]]
    opening = open_vault(scene.house.vault(), restorer, swapped, NOW, os.urandom)
    assert opening.liars == (2,)


def test_grant_by_a_stranger(scene: Scene) -> None:
    restorer, granted = answers(scene)
    stranger = messages.write(granted[0].content, Keys(os.urandom(32)).sig)
    with pytest.raises(Unverified, match="grant-by-a-stranger"):
        open_vault(scene.house.vault(), restorer, [stranger, *granted[1:]], NOW, os.urandom)


def test_the_same_grant_twice_counts_once(scene: Scene) -> None:
    restorer, asked = scene.house.request(["private"])
    (one,) = scene.house.grant(asked, [1])
    with pytest.raises(Refused, match="quorum-missing") as caught:
        open_vault(scene.house.vault(), restorer, [one, one, one, one], NOW, os.urandom)
    assert (caught.value.fields["have"], caught.value.fields["need"]) == (1, 3)


def test_request_of_another_vault(scene: Scene) -> None:
    _, foreign = scene.other.request()
    with pytest.raises(Refused, match="request-by-a-stranger"):
        consider(scene.house.vault(), scene.house.kits[0], foreign, NOW)


def test_request_by_a_stranger(scene: Scene) -> None:
    _, asked = scene.house.request()
    stranger = messages.write(asked.content, Keys(os.urandom(32)).sig)
    with pytest.raises(Refused, match="request-by-a-stranger"):
        consider(scene.house.vault(), scene.house.kits[0], stranger, NOW)


def test_kits_of_another_vault_have_no_seat(scene: Scene) -> None:
    _, asked = scene.house.request()
    with pytest.raises(HoldfastError, match="kit-has-no-seat"):
        consider(scene.house.vault(), scene.other.kits[0], asked, NOW)


def resign(scene: Scene, x: int, content: Grant) -> Message[Grant]:
    """Sign a grant as keeper `x`."""
    keys, _ = scene.house.kits[x - 1].seat(scene.house.vault().book)
    return messages.write(content, keys.sig)


# -- any byte of anything --


@pytest.mark.slow
def test_any_file_damaged_is_an_error_of_ours_or_harmless(scene: Scene) -> None:
    """Each file of a vault in turn is cut, flipped and emptied: reading and verifying raise nothing strange."""
    for path, data in files_under(scene.folder).items():
        for changed in (data[: len(data) // 2], flip_at(data, len(data) // 2), b"\xff" * 50):
            path.write_bytes(changed)
            try:
                verdict = verify(scene.house.store, deep=True)
            except HoldfastError:
                continue
            harmless = path.parent == scene.folder or path.parent.name == "annex"
            assert verdict.faults or changed == data or harmless, path
        path.write_bytes(data)
    verify(scene.house.store, deep=True).check()


def flip_at(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
