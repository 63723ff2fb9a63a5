"""Entries of a writer's log: each comes back as it was; what is malformed is unreadable, what is newer is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import Unreadable
from holdfast.vault import entries
from holdfast.vault.entries import BatchEntry, EpochEntry, FormatEntry, KeepingEntry, Pack, UnknownEntry

HASH = st.binary(min_size=32, max_size=32)
PACKS = st.lists(st.builds(Pack, HASH, st.integers(1, 10**10 - 1)), max_size=20).map(tuple)
ENTRIES = st.one_of(
    st.builds(FormatEntry, HASH),
    st.builds(EpochEntry, HASH),
    st.builds(BatchEntry, HASH, HASH, PACKS),
    st.builds(KeepingEntry, st.lists(HASH, max_size=9).map(tuple)),
)
H = "ab" * 32


@given(ENTRIES)
def test_round_trip(entry: FormatEntry | EpochEntry | BatchEntry | KeepingEntry) -> None:
    assert entries.decode(entry.encode()) == entry


@given(ENTRIES, st.integers(0, 10**6), st.integers(1, 255))
def test_a_changed_byte_is_unreadable_or_means_something_else(entry: KeepingEntry, at: int, flip: int) -> None:
    data = bytearray(entry.encode())
    data[at % len(data)] ^= flip
    try:
        assert entries.decode(bytes(data)) != entry
    except Unreadable as error:
        assert error.code == "entry-malformed"


@given(st.binary(max_size=200))
def test_garbage(data: bytes) -> None:
    try:
        assert isinstance(entries.decode(data), UnknownEntry)
    except Unreadable as error:
        assert error.code == "entry-malformed"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "format\n",
        f"format {H}",
        f"format {H}\n\n",
        f"format {H}\nx\n",
        f"format {H.upper()}\n",
        f"epoch {H[:-1]}\n",
        f"batch {H}\n",
        f"batch {H}\npack {H} 1\n",
        f"batch {H}\nepoch {H}\npack {H} 0\n",
        f"batch {H}\nepoch {H}\npack {H} 01\n",
        f"batch {H}\nepoch {H}\npack {H} 10000000000\n",
        f"batch {H}\nepoch {H}\nepoch {H}\n",
        f"batch {H}\nepoch {H}\n\n",
        f"keeping {H}\n",
        f"keeping\nepoch {H[:-1]}\n",
        "keeping\n\n",
        f"keeping\npack {H} 1\n",
        f" format {H}\n",
        "Format x\n",
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(Unreadable, match="entry-malformed"):
        entries.decode(text.encode())


def test_an_unknown_kind_is_kept() -> None:
    assert entries.decode(b"dummy with words\nand lines\n") == UnknownEntry("dummy")
