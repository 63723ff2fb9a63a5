"""One spelling for each number and each base64."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import Unreadable
from holdfast.log.strict import read_base64, read_hash, read_number


@pytest.mark.parametrize(
    "text", ["", "00", "01", "+5", "-1", " 7", "7 ", "7\n", "1_0", "٣", "0x1", "1e3", "9223372036854775808", "9" * 5000]
)
def test_odd_numbers_are_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="number"):
        read_number(text.encode())


@pytest.mark.parametrize("text", ["QR==", "QQ=", "QQ", "QQ==\n", "Q Q==", "QQ==QQ==", "-_-_", "=", "QQ===", "é"])
def test_odd_base64_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="base64"):
        read_base64(text.encode())


@given(st.integers(0, (1 << 63) - 1))
def test_numbers_come_back(number: int) -> None:
    assert read_number(b"%d" % number) == number


@given(st.binary())
def test_base64_comes_back(data: bytes) -> None:
    assert read_base64(base64.b64encode(data)) == data


@given(st.binary(max_size=12))
def test_what_is_read_has_this_spelling_only(text: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert b"%d" % read_number(text) == text
    with contextlib.suppress(Unreadable):
        assert base64.b64encode(read_base64(text)) == text


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_hash_has_32_bytes(size: int) -> None:
    with pytest.raises(Unreadable, match="hash-size"):
        read_hash(base64.b64encode(bytes(size)))
