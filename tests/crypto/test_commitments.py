"""Commitments: the bytes that are hashed, and that no two inputs hash the same ones."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.crypto.commitments import NO_BEACON, ItemLeaf, blinded, item_leaf
from holdfast.errors import Unreadable

SALT, ROOT = bytes(range(32)), bytes(range(32, 64))
hashes = st.binary(min_size=32, max_size=32)


def test_item_leaf_is_the_frame_of_the_spec() -> None:
    frame = b"\0holdfast/item/v1\0" + SALT + b"\0\x0edata/tweets.js" + b'{"id":1}'
    assert item_leaf(SALT, b"data/tweets.js", b'{"id":1}') == sha256(frame).digest()


def test_blinded_is_the_frame_of_the_spec() -> None:
    frame = b"holdfast/batch/v1\0" + SALT + bytes(7) + b"\x40" + ROOT + bytes(32)
    assert blinded(SALT, 64, ROOT) == sha256(frame).digest() == blinded(SALT, 64, ROOT, NO_BEACON)


@given(hashes, st.binary(max_size=300), st.lists(st.binary(max_size=100)))
def test_a_stream_gives_the_same_leaf(salt: bytes, name: bytes, stretches: list[bytes]) -> None:
    leaf = ItemLeaf(salt, name)
    for stretch in stretches:
        leaf.update(stretch)
    assert leaf.digest() == item_leaf(salt, name, b"".join(stretches))


@given(st.binary(max_size=20), st.integers(0, 20), st.integers(0, 20))
def test_name_and_bytes_cannot_trade_places(text: bytes, one: int, other: int) -> None:
    leaves = [item_leaf(SALT, text[:cut], text[cut:]) for cut in (one, other)]
    assert (leaves[0] == leaves[1]) == (text[:one] == text[:other])


def test_same_bytes_elsewhere_or_under_another_salt_differ() -> None:
    leaves = {
        item_leaf(SALT, b"data/tweets.js", b"x"),
        item_leaf(SALT, b"data/deleted-tweets.js", b"x"),
        item_leaf(ROOT, b"data/tweets.js", b"x"),
        item_leaf(SALT, b"data/tweets.js", b"y"),
    }
    assert len(leaves) == 4


def test_every_field_of_a_batch_counts() -> None:
    values = {blinded(SALT, 4, ROOT), blinded(ROOT, 4, ROOT), blinded(SALT, 8, ROOT), blinded(SALT, 4, SALT)}
    assert len(values | {blinded(SALT, 4, ROOT, ROOT)}) == 5


@pytest.mark.parametrize(
    "make",
    [
        lambda: item_leaf(SALT[:31], b"", b""),
        lambda: item_leaf(SALT + b"\0", b"", b""),
        lambda: item_leaf(SALT, b"n" * 65536, b""),
        lambda: blinded(SALT[:31], 4, ROOT),
        lambda: blinded(SALT, 4, ROOT + b"\0"),
        lambda: blinded(SALT, 4, ROOT, b""),
        lambda: blinded(SALT, 0, ROOT),
        lambda: blinded(SALT, 3, ROOT),
        lambda: blinded(SALT, -4, ROOT),
        lambda: blinded(SALT, 1 << 63, ROOT),
    ],
)
def test_a_field_of_a_wrong_size_is_refused(make: Callable[[], bytes]) -> None:
    with pytest.raises(Unreadable, match="commitment-field"):
        make()
