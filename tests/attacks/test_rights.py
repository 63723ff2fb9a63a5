"""What the device cannot do because no method does it, and what every pack's size tells."""

import inspect
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from helpers import SMALL, House, an_export
from holdfast.crypto import age
from holdfast.crypto.hybrid import HybridIdentity, HybridRecipient
from holdfast.store.directory import DirectoryStore
from holdfast.store.memory import MemoryStore
from holdfast.store.protocol import Store
from holdfast.testing.exports import ExportSpec
from holdfast.testing.stores import METHODS
from holdfast.vault.packs import MAX_TAR, MIN_TAR, SEALED_SIZES, padme, sealed_size
from holdfast.vault.writer import LogWriter, Sealer

DESTROYS = ("delete", "remove", "unlink", "drop", "replace", "overwrite", "truncate", "rename", "clear", "purge", "pop")
READS = ("read", "get", "open", "unseal", "decrypt", "load", "names", "list", "identity")


def public(kind: type) -> set[str]:
    """Give the names that a type offers to others."""
    return {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")}


def test_a_store_puts_gets_and_names_and_does_nothing_else() -> None:
    assert public(Store) == METHODS == {"put", "get", "names"}
    assert public(MemoryStore) == METHODS
    # A folder's own attribute, and what tidies up after killed writers: it touches temporary files alone.
    assert public(DirectoryStore) - METHODS <= {"root", "sweep"}


@pytest.mark.parametrize("kind", [Store, DirectoryStore, MemoryStore, Sealer, LogWriter])
def test_nothing_on_the_writing_end_destroys(kind: type) -> None:
    assert [name for name in public(kind) if any(word in name for word in DESTROYS)] == []


@pytest.mark.parametrize("kind", [Sealer, LogWriter])
def test_the_writing_end_does_not_read(kind: type) -> None:
    assert public(kind) == ({"store"} if kind is Sealer else {"append"})
    assert [name for name in public(kind) if any(word in name for word in READS)] == []


def test_a_sealer_holds_a_recipient_and_no_identity() -> None:
    sealer = Sealer(MemoryStore(), HybridIdentity.from_seed(bytes(32)).recipient.raw, bytes)
    held = [value for value in vars(sealer).values() if not callable(value)]
    (recipients,) = [value for value in held if isinstance(value, list)]
    assert [type(recipient) for recipient in recipients] == [age.hybrid.Recipient]
    assert [type(value) for value in vars(recipients[0]).values()] == [HybridRecipient]


def test_sweeping_takes_no_object(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.keep(an_export(tmp_path)[1])
    store = DirectoryStore(tmp_path / "vault")
    before = list(store.names(""))
    (tmp_path / "vault" / "packs" / ".hf-left").write_bytes(b"half")
    store.sweep()
    assert list(store.names("")) == before
    assert not list((tmp_path / "vault").rglob(".hf-*"))


def test_there_are_256_sizes() -> None:
    assert len(SEALED_SIZES) == 256
    assert max(SEALED_SIZES) == 16_520_747 < 16 << 20


@pytest.mark.slow
@pytest.mark.parametrize(
    "spec", [SMALL, replace(SMALL, posts=900), replace(SMALL, image_bytes=(100_000, 900_000), big_video=9_000_000)]
)
def test_every_pack_has_one_of_256_sizes(tmp_path: Path, spec: ExportSpec) -> None:
    house = House(tmp_path)
    _, source = an_export(tmp_path, spec)
    for _ in range(2):
        house.keep(source)
    sizes = {size for _, size in house.store.names("packs/")}
    assert sizes and sizes <= SEALED_SIZES


@given(st.integers(0, MAX_TAR))
def test_padding_costs_little_and_shows_only_a_class(size: int) -> None:
    padded = padme(size)
    assert padded >= size and padded % 512 == 0
    assert sealed_size(padded) in SEALED_SIZES
    assert padded == MIN_TAR or padded <= size * 1.033


@pytest.mark.parametrize(
    ("size", "padded"), [(65_537, 67_584), (1_048_577, 1_081_344), (3_500_000, 3_538_944), (MAX_TAR, MAX_TAR)]
)
def test_padme_of_the_paper(size: int, padded: int) -> None:
    assert padme(size) == padded
