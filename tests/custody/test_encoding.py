"""There is one encoding of each value; everything else is `Unreadable`, quickly."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.custody.encoding import MAX_DEPTH, MAX_SIZE, decode, encode
from holdfast.errors import Unreadable

INTEGERS = st.integers(-(2**64), 2**64 - 1)
VALUES = st.recursive(
    st.booleans() | INTEGERS | st.text(max_size=8) | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=30), inner, max_size=4),
    max_leaves=12,
)
TAGS = [0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 999, 1004, 43000, 55799]


def refused(data: bytes) -> Unreadable:
    with pytest.raises(Unreadable, match="message-malformed") as caught:
        decode(data)
    return caught.value


@given(VALUES)
def test_a_value_comes_back_and_its_bytes_are_the_only_ones(value: object) -> None:
    try:
        data = encode(value)
        again = decode(data)
    except Unreadable:
        assert depth(value) > MAX_DEPTH
        return
    assert again == value
    assert encode(again) == data


def depth(value: object) -> int:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return 1 + max(map(depth, parts), default=0) if isinstance(value, dict | list) else 0


def damaged(value: object, at: int, put: bytes) -> bytes:
    data = encode(value)
    at %= len(data)
    return data[:at] + put + data[at + 1 :]


@given(st.binary(max_size=64) | st.builds(damaged, VALUES, st.integers(0), st.binary()))
def test_any_bytes_give_a_value_that_encodes_to_them_or_unreadable(data: bytes) -> None:
    try:
        value = decode(data)
    except Unreadable:
        return
    assert encode(value) == data


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("nothing", ""),
        ("trailing byte", "0000"),
        ("two values", "a0a0"),
        ("cut short", "4241"),
        ("indefinite array", "9f00ff"),
        ("indefinite map", "bf616100ff"),
        ("indefinite bytes", "5f4100ff"),
        ("indefinite text", "7f6161ff"),
        ("break alone", "ff"),
        ("integer in two bytes for one", "1800"),
        ("integer in three for two", "190018"),
        ("integer in five for three", "1a00000100"),
        ("integer in nine for five", "1b0000000000010000"),
        ("negative in two bytes for one", "3800"),
        ("long length of bytes", "580141"),
        ("long length of text", "780161"),
        ("long length of array", "980100"),
        ("long length of map", "b801616100"),
        ("unsorted keys", "a2616200616100"),
        ("long key before short key", "a262616100616200"),
        ("duplicate key", "a2616100616100"),
        ("half float", "f93c00"),
        ("single float", "fa3f800000"),
        ("double float", "fb3ff0000000000000"),
        ("NaN", "f97e00"),
        ("null", "f6"),
        ("undefined", "f7"),
        ("simple value", "e0"),
        ("long simple value", "f820"),
        ("reserved head", "fc"),
        ("null inside", "a16161f6"),
        ("bignum", "c249010000000000000000"),
        ("small bignum", "c24101"),
        ("negative bignum", "c349010000000000000000"),
        ("integer key", "a10000"),
        ("bytes key", "a1414100"),
        ("array key", "a1810000"),
        ("boolean key", "a1f500"),
        ("text that is no UTF-8", "61ff"),
        ("text with a surrogate", "63eda080"),
        ("length beyond the end", "5b7fffffffffffffff"),
        ("array of 2^62", "9b3fffffffffffffff"),
        ("map of 2^62", "bb3fffffffffffffff"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_what_is_not_deterministic_cbor_is_refused(name: str, data: str) -> None:
    refused(bytes.fromhex(data))


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_is_refused_before_anything_acts_on_it(tag: int) -> None:
    error = refused(cbor2.dumps(cbor2.CBORTag(tag, [1, 2])))
    assert error.__cause__ is not None
    assert str(error.__cause__.__cause__) == "a tag"


def test_a_fraction_of_two_long_numbers_keeps_nobody_busy() -> None:
    """As tag 30 its greatest common divisor would take an hour."""
    number = b"\xc2\x5a" + (2 << 20).to_bytes(4, "big") + b"\x77" * (2 << 20)
    refused(b"\xd8\x1e\x82" + number + number[:-1] + b"\x78")


@pytest.mark.parametrize("head", [b"\x81", b"\xa1\x61a", b"\xc6"])
def test_a_nesting_bomb_is_refused(head: bytes) -> None:
    refused(head * 1_000_000 + b"\x00")
    refused(head * (MAX_DEPTH + 1) + b"\x00")


def test_nesting_up_to_the_limit_is_read() -> None:
    assert decode(b"\x81" * MAX_DEPTH + b"\x00")


def test_what_is_too_long_is_refused_unread() -> None:
    assert refused(bytes(MAX_SIZE + 1)).fields["why"] == "size"


def test_bytes_are_no_text_and_text_is_no_bytes() -> None:
    assert decode(encode(b"a")) == b"a"
    assert decode(encode("a")) == "a"
    assert encode(b"a") != encode("a")
