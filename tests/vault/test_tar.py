"""The one shape of tar: what was written is read, by us and by others; anything else is unreadable, and soon."""

import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import Unreadable
from holdfast.vault import tar

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300).filter(
    lambda name: name.rstrip("/") == name
)


def one(name: bytes, data: bytes) -> bytes:
    return tar.header(name, len(data)) + data + bytes(-len(data) % tar.BLOCK)


@given(st.lists(st.tuples(NAMES, st.binary(max_size=2000)), max_size=5))
def test_round_trip(files: list[tuple[str, bytes]]) -> None:
    whole = b"".join(one(name.encode(), data) for name, data in files) + tar.END
    found = [(m.name.decode(), whole[m.offset : m.offset + m.size]) for m in tar.walk(memoryview(whole))]
    assert found == files


def test_names_of_any_length_are_kept_whole() -> None:
    for size in (99, 100, 101, 155, 256, 257, 2000):
        name = b"n" * size
        whole = one(name, b"data") + tar.END
        assert [m.name for m in tar.walk(memoryview(whole))] == [name]


@given(st.binary(max_size=3000))
def test_garbage_is_unreadable_or_ends(data: bytes) -> None:
    try:
        assert all(m.offset + m.size <= len(data) for m in tar.walk(memoryview(data)))
    except Unreadable as error:
        assert error.code == "pack-malformed"


@given(st.integers(0, 1023), st.integers(1, 255))
def test_a_changed_header_is_unreadable_or_still_within(at: int, flip: int) -> None:
    whole = bytearray(one(b"x" * 120, b"some data") + one(b"second", b"more") + tar.END)
    whole[at] ^= flip
    try:
        assert all(m.offset + m.size <= len(whole) for m in tar.walk(memoryview(whole)))
    except Unreadable as error:
        assert error.code == "pack-malformed"


def strange(kind: bytes, size: int = 0) -> bytes:
    info = tarfile.TarInfo("strange")
    info.type, info.linkname, info.size = kind, "target" if kind in (b"1", b"2") else "", size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"L", b"K", b"S", b"g", b"\0", b"V"])
def test_what_a_pack_never_holds(kind: bytes) -> None:
    whole = strange(kind) + tar.END
    with pytest.raises(Unreadable, match="pack-malformed"):
        assert [m.name for m in tar.walk(memoryview(whole))] == []


@pytest.mark.parametrize("size", [-1, -512, 10**12, 2**63])
def test_sizes_that_lie(size: int) -> None:
    """A negative size leads the library's own reader into a loop; one beyond the end must not be believed."""
    whole = strange(b"0", size) + bytes(4096) + tar.END
    with pytest.raises(Unreadable, match="pack-malformed"):
        list(tar.walk(memoryview(whole)))


@pytest.mark.parametrize(
    "records", [b"", b"x", b"99 path=short\n", b"11 size=99\n", b"12 path=abc\n ", b"8 path=\n", b"-5 path=a\n"]
)
def test_pax_records_that_lie(records: bytes) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = b"x", len(records)
    whole = info.tobuf(tarfile.USTAR_FORMAT) + records + bytes(-len(records) % 512) + one(b"a", b"b") + tar.END
    with pytest.raises(Unreadable, match="pack-malformed"):
        list(tar.walk(memoryview(whole)))
