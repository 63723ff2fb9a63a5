"""What a hostile store or a small quorum tried: no checksum of private bytes, no file that fills the memory."""

import os
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from helpers import NOW, SMALL, House, an_export, deal_here, tars
from holdfast.crypto.signing import Signer
from holdfast.custody import messages
from holdfast.custody.dealing import plan_epoch
from holdfast.custody.messages import Message
from holdfast.errors import Unreadable
from holdfast.log import commits
from holdfast.model.export import Compartment
from holdfast.store.directory import LARGEST, DirectoryStore
from holdfast.vault import format, names, tables, tar
from holdfast.vault.entries import EpochEntry
from holdfast.vault.writer import LogWriter


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def test_the_public_table_has_no_checksum_of_bytes_that_are_private(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path, replace(SMALL, posts=200, in_circle_window=True))
    split = {m.path for m in source.members() if set(m.compartments) >= {Compartment.PUBLIC, Compartment.PRIVATE}}
    assert split, "the export has a file of which only a part is public"
    house.keep(source)
    keeping = house.vault().keepings()[0]
    rows = [
        member
        for data in map(memoryview, tars(house.store, keeping, house.open().identities, Compartment.PUBLIC))
        for found in tar.walk(data)
        if names.is_table(found.name, "members")
        for member in tables.decode(bytes(data[found.offset : found.offset + found.size]), tables.parse_member)
    ]
    assert split <= {row.path for row in rows}
    assert all("crc" not in dict(row.fields) for row in rows)


def test_a_table_of_endless_lines_is_refused_before_it_is_read() -> None:
    bomb = tables.compress(b"\n" * (tables.MAX_LINES + 1))
    assert len(bomb) < 1 << 12
    with pytest.raises(Unreadable, match="table-malformed"):
        tables.decode(bomb, list)


def test_a_table_that_unpacks_without_end_is_refused() -> None:
    with pytest.raises(Unreadable, match="piece-malformed"):
        tables.decode(tables.compress(bytes(tables.MAX_TABLE + 1)), list)


def test_a_huge_file_is_nobodys_object(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    sparse(tmp_path / "packs" / "big", LARGEST + 1)
    with pytest.raises(Unreadable, match="store-failed"):
        DirectoryStore(tmp_path).get("packs/big")


def test_a_huge_file_in_custody_is_passed_over(tmp_path: Path) -> None:
    house = House(tmp_path)
    sparse(cast("DirectoryStore", house.store).root / "custody" / ("0" * 64), 1 << 40)
    assert [fault.fields["why"] for fault in house.vault().strange] == ["size"]


def test_one_epoch_with_false_shares_closes_no_other(tmp_path: Path) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path)
    house.keep(source)
    signer = Signer.from_seed(house.seed)
    (dealt,) = deal_here([plan_epoch(house.vault().book.active, signer.public, "public", 7, NOW)])
    boxes = [(x, os.urandom(len(sealed))) for x, sealed in dealt.sealed]
    false: Message = messages.write(replace(dealt, sealed=boxes), signer)
    house.store.put(format.message_name(false.mid), false.envelope)
    state = house.vault().logs[signer.public].state
    assert isinstance(state, commits.LogState)
    LogWriter(house.store, state, signer).append([EpochEntry(false.mid).encode()])
    opening = house.open()
    assert opening.missing == (false.mid,)
    assert len(opening.identities) == 3 and opening.liars == ()
