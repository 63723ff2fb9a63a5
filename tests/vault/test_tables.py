"""Tables: every value comes back as it was, and what is no table is unreadable."""

from random import Random

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import HoldfastError, Unreadable, Unverified
from holdfast.model.export import Compartment, Kind, Member
from holdfast.vault import tables
from holdfast.vault.tables import Item, Piece, Slice

NUMBER = st.integers(0, 2**63 - 1)
NAME = st.from_regex(r"[A-Za-z0-9._~/%-]+", fullmatch=True)
HASH = st.text("0123456789abcdef", min_size=64, max_size=64)
FIELDS = st.lists(st.tuples(st.from_regex(r"[a-z]{1,9}", fullmatch=True), NUMBER.map(str) | HASH), max_size=4).map(
    tuple
)
COMPARTMENTS = st.lists(st.sampled_from(Compartment), max_size=3, unique=True).map(tuple)

SLICES = st.builds(Slice, NAME, NAME, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER)
PIECES = st.builds(Piece, NAME, st.just("-") | HASH, NUMBER, NUMBER, NUMBER)
ITEMS = st.builds(Item, NUMBER, st.binary(min_size=32, max_size=32), st.binary(max_size=99), NAME, NUMBER, NUMBER)
MEMBERS = st.builds(
    Member, st.integers(0, (1 << 16) - 1), NUMBER, st.binary(max_size=99), NUMBER, st.sampled_from(Kind), COMPARTMENTS,
    FIELDS, st.booleans(), st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)  # fmt: skip
FORMS = {
    "slice": (SLICES, tables.slice_line, tables.parse_slice),
    "piece": (PIECES, tables.piece_line, tables.parse_piece),
    "item": (ITEMS, tables.item_line, tables.parse_item),
    "member": (MEMBERS, tables.member_line, tables.parse_member),
}


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_round_trip(form: str, data: st.DataObject) -> None:
    values, write, parse = FORMS[form]
    rows = data.draw(st.lists(values, max_size=5))
    assert tables.decode(tables.encode(map(write, rows)), parse) == rows


@pytest.mark.parametrize("form", FORMS)
@given(line=st.text(max_size=80))
def test_a_strange_line_is_unreadable(form: str, line: str) -> None:
    _, write, parse = FORMS[form]
    table = tables.compress(line.encode() + b"\n")
    try:
        found = tables.decode(table, parse)
    except Unreadable as error:
        assert error.code == "table-malformed"
    else:
        assert tables.decode(tables.encode(map(write, found)), parse) == found  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "-1", "+1", "01", " 1", "1 ", "1_0", "１", "0x1", "1.0", str(2**63), "9" * 5000])
def test_a_number_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError):
        tables.natural(text)


@given(st.binary(max_size=300))
def test_garbage_is_no_table(data: bytes) -> None:
    with pytest.raises(Unreadable):
        tables.decode(data, list)


@given(st.binary(max_size=2000), st.integers(0, 2000))
def test_unpacking_stops_at_its_limit(data: bytes, limit: int) -> None:
    packed = tables.compress(data)
    if len(data) <= limit:
        assert tables.decompress(packed, limit) == data
    else:
        with pytest.raises(Unreadable, match="piece-malformed"):
            tables.decompress(packed, limit)


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(Unreadable, match="piece-malformed"):
        tables.decompress(zstd.compress(bytes(1 << 28)), 1 << 20)


@given(st.binary(min_size=1, max_size=500), st.integers(0, 600))
def test_a_frame_is_whole_and_alone(data: bytes, cut: int) -> None:
    packed = tables.compress(data)
    for changed in (packed[: min(cut, len(packed) - 1)], packed + b"x", packed + packed, b"\0" + packed):
        with pytest.raises(Unreadable, match="piece-malformed"):
            tables.decompress(changed, 1 << 20)


def part(place: int, length: int, piece: str = "p", offset: int = 0) -> Slice:
    return Slice("n", piece, offset, length, place, 0, 0)


@given(st.lists(st.integers(1, 50), max_size=8), st.randoms())
def test_slices_in_any_order_make_the_member(sizes: list[int], luck: Random) -> None:
    starts = [sum(sizes[:k]) for k in range(len(sizes))]
    slices = [part(start, size) for start, size in zip(starts, sizes, strict=True)]
    luck.shuffle(slices)
    assert [s.place for s in tables.in_order(slices, sum(sizes))] == starts
    for wrong in ([*slices, part(sum(sizes) + 1, 1)], slices + slices[:1], slices[1:]):
        if wrong != slices:
            with pytest.raises(Unverified, match="member-incomplete"):
                tables.in_order(wrong, sum(sizes))
    with pytest.raises(HoldfastError):
        tables.in_order(slices, sum(sizes) + 1)


def test_slices_that_go_on_are_one() -> None:
    assert part(10, 5, offset=20).follows(part(0, 10, offset=10))
    assert not part(10, 5, offset=20).follows(part(0, 10, offset=9))
    assert not part(10, 5, offset=20).follows(part(0, 10, "other", 10))
    assert not part(0, 5).follows(part(0, 0))
