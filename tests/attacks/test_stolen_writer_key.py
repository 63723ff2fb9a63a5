"""A thief of the writer key, or a stranger who may write to the vault's folder: what was finished stays as it was."""

import os
import shutil
from pathlib import Path
from typing import cast

import pytest

from helpers import NOW, House, an_export, deal_here, given_back, handed_in
from holdfast.crypto.signing import Signer
from holdfast.custody import messages
from holdfast.custody.contents import Epoch
from holdfast.custody.dealing import plan_epoch
from holdfast.errors import HoldfastError, Unreadable
from holdfast.log import commits
from holdfast.store.directory import DirectoryStore
from holdfast.vault import format
from holdfast.vault.entries import BatchEntry, EpochEntry, FormatEntry, KeepingEntry
from holdfast.vault.writer import LogWriter
from holdfast.verify import verify


def an_epoch(house: House, signer: Signer, number: int) -> messages.Message[Epoch]:
    plan = plan_epoch(house.vault().book.active, signer.public, "public", number, NOW)
    message = messages.write(deal_here([plan])[0], signer)
    house.store.put(format.message_name(message.mid), message.envelope)
    return message


def test_a_finished_keeping_takes_no_more_batches(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path)
    house.keep(source)
    before = house.vault().keepings()[0]
    signer = Signer.from_seed(house.seed)
    thief = LogWriter(house.store, house.vault().logs[signer.public].state, signer)
    batch = next(iter(before.batches.values()))[0]
    epoch = next(iter(before.epochs.values()))
    thief.append([BatchEntry(os.urandom(32), epoch, batch.packs).encode(), KeepingEntry((epoch,)).encode()])
    assert house.vault().keepings()[0] == before
    assert given_back(house.snapshot("1")) == handed_in(source)


def test_a_strangers_far_number_leaves_room_for_every_keeping(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path)
    stranger = Signer.from_seed(os.urandom(32))
    epoch = an_epoch(house, stranger, 2**32 - 1)
    shape = FormatEntry(format.digest(house.store.get(format.NAME)))
    LogWriter(house.store, commits.start(stranger.public), stranger).append(
        [shape.encode(), EpochEntry(epoch.mid).encode()]
    )
    names = [house.keep(source).keeping for _ in range(3)]
    assert len(set(names)) == 3
    assert all(given_back(house.snapshot(name)) == handed_in(source) for name in names)


def test_the_writers_last_number_leaves_room_for_every_keeping(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path)
    house.keep(source)
    signer = Signer.from_seed(house.seed)
    epoch = an_epoch(house, signer, 2**32 - 1)
    LogWriter(house.store, house.vault().logs[signer.public].state, signer).append([EpochEntry(epoch.mid).encode()])
    name = house.keep(source).keeping
    assert given_back(house.snapshot(name)) == handed_in(source)


def test_an_exchanged_vault_is_not_written_to(tmp_path: Path) -> None:
    house, other = House(tmp_path / "a"), House(tmp_path / "b")
    _, source = an_export(tmp_path)
    with house.journal() as journal:
        journal.pin(format.digest(house.store.get(format.NAME)))
    folder = cast("DirectoryStore", house.store).root
    theirs = format.decode(other.store.get(format.NAME))
    shutil.copytree(cast("DirectoryStore", other.store).root / "custody", folder / "custody", dirs_exist_ok=True)
    (folder / "format").write_bytes(format.Format(house.format.vault, theirs.roster).encode())
    with pytest.raises(HoldfastError, match=r"vault-exchanged|roster-missing"):
        house.keep(source)
    assert not any(house.store.names("packs/"))


@pytest.mark.parametrize("name", ["0000000000000003 (conflicted copy)", "zz", "0000000000009999"])
def test_one_junk_file_in_a_log_hides_no_keeping(tmp_path: Path, name: str) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path)
    house.keep(source)
    writer = Signer.from_seed(house.seed).public.hex()
    (cast("DirectoryStore", house.store).root / "log" / writer / name).write_bytes(b"junk")
    assert given_back(house.snapshot("1")) == handed_in(source)
    assert verify(house.store).faults


def test_a_link_in_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    house = House(tmp_path)
    root = cast("DirectoryStore", house.store).root
    (root / "custody").rename(tmp_path / "elsewhere")
    (root / "custody").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unreadable, match="store-link"):
        house.vault()


def test_exchanged_scripts_beside_a_vault_are_shown(tmp_path: Path) -> None:
    house = House(tmp_path)
    assert verify(house.store).scripts == ()
    (cast("DirectoryStore", house.store).root / "identities.py").write_text("import os  # sends keys away\n")
    assert verify(house.store).scripts == ("identities.py",)
