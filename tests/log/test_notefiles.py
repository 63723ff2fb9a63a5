"""Several notes in one file: what goes in comes out, in one way only."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.crypto.signing import Signer
from holdfast.errors import HoldfastError, Unreadable
from holdfast.log import checkpoints, notes
from holdfast.log.checkpoints import Checkpoint
from holdfast.log.notefiles import join_notes, split_notes
from holdfast.log.notes import Line, Note

SIGNER = Signer.from_seed(b"w" * 32)


def note_of(size: int, more: tuple[str, ...] = ()) -> bytes:
    return checkpoints.sign(Checkpoint(f"log/{size}", size, bytes(32), more), SIGNER)


words = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1, max_size=8)
lines = st.builds(Line, st.sampled_from(["a", "b—", "é"]), st.binary(min_size=4, max_size=4), st.binary(min_size=1))
texts = st.lists(words | st.just("— a AAAAAAA="), min_size=1, max_size=4).map(lambda w: "\n".join(w).encode() + b"\n")
several = st.lists(
    st.builds(
        lambda text, found: notes.encode(Note(text, tuple(found))), texts, st.lists(lines, min_size=1, max_size=3)
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.slow
@given(several)
def test_notes_come_back(found: list[bytes]) -> None:
    assert split_notes(join_notes(found)) == found


pieces = st.sampled_from([b"\n", b"text\n", "— a AAAAAAA=\n".encode(), b"\n\n", b"x", note_of(1)])


@given(st.lists(pieces, max_size=9).map(b"".join) | st.binary(max_size=40))
def test_a_file_has_one_reading(data: bytes) -> None:
    with contextlib.suppress(HoldfastError):
        assert join_notes(split_notes(data)) == data


def test_a_file_is_notes_with_an_empty_line_between() -> None:
    one, two = note_of(1), note_of(2, ("extension",))
    assert join_notes([one, two]) == one + b"\n" + two
    assert split_notes(one) == [one]


def test_a_note_that_hides_another_in_its_text() -> None:
    hidden = notes.sign(note_of(1) + b"\n" + b"log/2\n", "log/2", SIGNER)
    with pytest.raises(Unreadable):
        join_notes([hidden])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        note_of(1)[:-1],
        note_of(1) + b"\n",
        b"\n" + note_of(1),
        note_of(1) + note_of(2),
        note_of(1) + b"\n\n" + note_of(2),
        note_of(1) + b"\nrest\n",
    ],
)
def test_malformed_files(data: bytes) -> None:
    with pytest.raises(Unreadable):
        split_notes(data)


def test_no_notes_make_no_file() -> None:
    with pytest.raises(Unreadable):
        join_notes([])
