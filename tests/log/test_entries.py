"""Entry bundles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import HoldfastError, Refused, Unreadable
from holdfast.log import entries


@given(st.lists(st.binary(min_size=1, max_size=300)).map(tuple), st.binary())
def test_entries_come_back_with_what_is_behind(found: tuple[bytes, ...], rest: bytes) -> None:
    assert entries.decode(entries.encode(found) + rest, len(found)) == (found, rest)


@given(st.binary(max_size=30), st.integers(0, 1 << 62))
def test_garbage_is_read_one_way_or_not(data: bytes, count: int) -> None:
    try:
        found, rest = entries.decode(data, count)
        assert entries.encode(found) + rest == data
    except HoldfastError:
        pass


@pytest.mark.parametrize("size", [0, 65_536])
def test_entry_sizes(size: int) -> None:
    assert entries.decode(entries.encode([b"x" * 65_535]), 1) == ((b"x" * 65_535,), b"")
    with pytest.raises(Refused, match="entry-size"):
        entries.encode([bytes(size)])


@pytest.mark.parametrize(
    ("data", "count"), [(b"", 1), (b"\0", 1), (b"\0\0", 1), (b"\0\1", 1), (b"\0\2x", 1), (b"\0\1x", 2), (b"\0\1x\0", 2)]
)
def test_truncated_and_empty_entries(data: bytes, count: int) -> None:
    with pytest.raises(Unreadable, match="entries-malformed"):
        entries.decode(data, count)
