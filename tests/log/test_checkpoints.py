"""Checkpoints: strict text, one log per key, and no way back."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.crypto.signing import Signer
from holdfast.errors import HoldfastError, Unreadable, Unverified
from holdfast.log import checkpoints, merkle, notes
from holdfast.log.checkpoints import Checkpoint
from holdfast.log.notes import ED25519, Verifier

SIGNER = Signer.from_seed(b"w" * 32)
VERIFIER = Verifier("example.org/log", ED25519, SIGNER.public)
ROOT = merkle.leaf_hash(b"x")
GOOD = Checkpoint("example.org/log", 1, ROOT)
TEXT = checkpoints.encode(GOOD)

lines = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1, max_size=10)
hashes = st.binary(min_size=32, max_size=32)
values = st.builds(Checkpoint, lines, st.integers(0, (1 << 63) - 1), hashes, st.lists(lines, max_size=3).map(tuple))


@given(values)
def test_text_comes_back(checkpoint: Checkpoint) -> None:
    assert checkpoints.parse(checkpoints.encode(checkpoint)) == checkpoint


@given(st.binary(max_size=90) | st.builds(lambda cut, more: TEXT[:cut] + more, st.integers(0, 70), st.binary()))
def test_garbage_has_one_spelling_or_none(text: bytes) -> None:
    with contextlib.suppress(HoldfastError):
        assert checkpoints.encode(checkpoints.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        b"",
        TEXT[:-1],
        TEXT + b"\n",
        TEXT + b"no end",
        b"\n" + TEXT,
        TEXT.replace(b"\n1\n", b"\n01\n"),
        TEXT.replace(b"\n1\n", b"\n-1\n"),
        TEXT.replace(b"\n1\n", b"\n1 \n"),
        TEXT.replace(b"\n1\n", b"\n9223372036854775808\n"),
        TEXT.replace(b"\n1\n", b"\n"),
        TEXT.replace(b"=\n", b"\n"),
        b"o\n1\nQQ==\n",
        TEXT.replace(b"example", b"\xff"),
    ],
)
def test_malformed_texts(text: bytes) -> None:
    with pytest.raises(Unreadable):
        checkpoints.parse(text)


def test_signed_checkpoint_opens() -> None:
    assert checkpoints.open_checkpoint(checkpoints.sign(GOOD, SIGNER), VERIFIER) == GOOD


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 1, ROOT),
        Checkpoint("a b", 1, ROOT),
        Checkpoint("a\nb", 1, ROOT),
        Checkpoint("a", -1, ROOT),
        Checkpoint("a", 1, ROOT[:31]),
        Checkpoint("a", 1, ROOT, ("",)),
    ],
)
def test_what_could_not_be_read_is_not_signed(checkpoint: Checkpoint) -> None:
    with pytest.raises(Unreadable):
        checkpoints.sign(checkpoint, SIGNER)


def test_log_that_passes_for_another() -> None:
    foreign = notes.sign(checkpoints.encode(Checkpoint("other.org/log", 1, ROOT)), VERIFIER.name, SIGNER)
    with pytest.raises(Unverified, match="checkpoint-origin"):
        checkpoints.open_checkpoint(foreign, VERIFIER)


def test_checkpoint_under_another_key() -> None:
    forged = checkpoints.sign(GOOD, Signer.from_seed(b"f" * 32))
    with pytest.raises(Unverified, match="note-unsigned"):
        checkpoints.open_checkpoint(forged, VERIFIER)


@given(st.lists(hashes, max_size=20), st.data())
def test_log_rolled_back_or_rewritten(leaves: list[bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(0, len(leaves)))
    seen = Checkpoint("o", size, merkle.root_at(leaves, size))
    assert checkpoints.check_extends(leaves, seen) is seen
    if size:
        with pytest.raises(Unverified, match="log-rolled-back"):
            checkpoints.check_extends(leaves[: size - 1], seen)
        place = data.draw(st.integers(0, size - 1))
        rewritten = [*leaves[:place], merkle.leaf_hash(leaves[place]), *leaves[place + 1 :]]
        with pytest.raises(Unverified, match="log-rewritten"):
            checkpoints.check_extends(rewritten, seen)
