"""Signed notes: what opens, what is garbage, and what somebody changed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.crypto.signing import MldsaSigner, Signer
from holdfast.errors import HoldfastError, Unreadable, Unsupported, Unverified
from holdfast.log import notes
from holdfast.log.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, Line, Note, Verifier

ALICE, BOB = Signer.from_seed(b"a" * 32), Signer.from_seed(b"b" * 32)
ALICE_KEY, BOB_KEY = Verifier("alice", ED25519, ALICE.public), Verifier("bob", ED25519, BOB.public)
TEXT = b"hello\n\nworld\n"
NOTE = notes.sign(TEXT, "alice", ALICE)

names = st.text(min_size=1, max_size=12).filter(
    lambda name: (
        "+" not in name
        and not any(letter.isspace() or letter < " " or "\ud800" <= letter <= "\udfff" for letter in name)
    )
)
letters = st.characters(min_codepoint=0x20, exclude_categories=["Cs"]) | st.just("\n")
texts = st.text(letters, max_size=60).map(lambda text: f"{text}\n".encode())


def both_signed() -> bytes:
    lines = notes.parse(NOTE).lines + notes.parse(notes.sign(TEXT, "bob", BOB)).lines
    return notes.encode(Note(TEXT, lines))


@given(texts, names)
def test_what_is_signed_opens(text: bytes, name: str) -> None:
    note = notes.sign(text, name, ALICE)
    opened = notes.open_note(note, [Verifier(name, ED25519, ALICE.public)])
    assert opened.text == text
    assert [line.name for line in opened.lines] == [name]
    assert notes.encode(notes.parse(note)) == note


@given(st.binary(max_size=80) | texts | st.builds(lambda a, b: a + b"\n\xe2\x80\x94 x " + b + b"\n", texts, texts))
def test_garbage_gives_errors_of_our_tree_only(data: bytes) -> None:
    try:
        assert notes.encode(notes.parse(data)) == data
        notes.open_note(data, [ALICE_KEY])
    except HoldfastError:
        pass


@given(st.integers(0, len(NOTE) * 8 - 1))
def test_note_with_one_bit_changed(bit: int) -> None:
    changed = (int.from_bytes(NOTE, "big") ^ 1 << bit).to_bytes(len(NOTE), "big")
    with pytest.raises((Unverified, Unreadable)):
        notes.open_note(changed, [ALICE_KEY])


def test_lines_of_strangers_are_ignored() -> None:
    assert notes.open_note(both_signed(), [BOB_KEY]).lines == notes.parse(notes.sign(TEXT, "bob", BOB)).lines
    assert len(notes.open_note(both_signed(), [ALICE_KEY, BOB_KEY]).lines) == 2


def test_note_without_a_known_line() -> None:
    with pytest.raises(Unverified, match="note-unsigned"):
        notes.open_note(NOTE, [BOB_KEY])
    with pytest.raises(Unverified, match="note-unsigned"):
        notes.open_note(NOTE, [])


def test_same_name_with_another_key_is_unknown() -> None:
    with pytest.raises(Unverified, match="note-unsigned"):
        notes.open_note(NOTE, [Verifier("alice", ED25519, BOB.public)])


def test_one_false_line_of_a_known_key_rejects_the_note() -> None:
    good = notes.parse(both_signed())
    false = Line("bob", BOB_KEY.key_id, bytes(64))
    for lines in ((good.lines[0], false), (*good.lines, false), (false, *good.lines)):
        with pytest.raises(Unverified, match="signature-false"):
            notes.open_note(notes.encode(Note(TEXT, lines)), [ALICE_KEY, BOB_KEY])
        notes.open_note(notes.encode(Note(TEXT, lines)), [ALICE_KEY])


def test_forged_text_that_looks_like_signatures() -> None:
    text = TEXT + b"\n" + b"\xe2\x80\x94 bob " + base64.b64encode(BOB_KEY.key_id + bytes(64)) + b"\n"
    note = notes.sign(text, "alice", ALICE)
    assert notes.open_note(note, [ALICE_KEY, BOB_KEY]).text == text


def test_caps() -> None:
    line = notes.parse(NOTE).lines[0]
    assert len(notes.parse(notes.encode(Note(TEXT, (line,) * 100))).lines) == 100
    for data in (notes.encode(Note(TEXT, (line,) * 101)), notes.encode(Note(b"x" * 262_144 + b"\n", (line,)))):
        with pytest.raises(Unreadable, match="note-malformed"):
            notes.parse(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"text\n",
        b"text\n\n",
        NOTE[:-1],
        NOTE + b"\n",
        NOTE.replace(b"\n\n", b"\n"),
        NOTE.replace(b"hello", b"hel\tlo"),
        NOTE.replace(b"hello", b"hel\rlo"),
        NOTE.replace(b"hello", b"hel\xfflo"),
        NOTE.replace(b"alice ", b"alice  "),
        NOTE.replace(b" alice ", b"  "),
        NOTE.replace(b" alice ", b" ali+ce "),
        NOTE.replace(b" alice ", b" ali\xc2\xa0ce "),
        NOTE.replace("—".encode(), b"-"),
        NOTE.replace("— ".encode(), "—".encode()),
        NOTE[:-1] + b" \n",
        NOTE + b"stray\n",
        TEXT + "\n— alice AAAAAA==\n".encode(),
    ],
)
def test_malformed_notes(data: bytes) -> None:
    with pytest.raises(Unreadable):
        notes.parse(data)


@pytest.mark.parametrize("text", [b"", b"no newline", b"tab\t\n", b"\xff\n"])
def test_text_that_cannot_be_a_note_is_not_signed(text: bytes) -> None:
    with pytest.raises(Unreadable):
        notes.sign(text, "alice", ALICE)


@given(names, st.sampled_from([ED25519, COSIGNATURE_ED25519, COSIGNATURE_MLDSA44]))
def test_vkeys_come_back(name: str, kind: int) -> None:
    public = MldsaSigner.from_seed(bytes(32)).public if kind == COSIGNATURE_MLDSA44 else ALICE.public
    verifier = Verifier(name, kind, public)
    assert notes.read_vkey(verifier.vkey) == verifier


@pytest.mark.parametrize("name", ["", "a+b", "a b", "a\nb", "a\u2003b", "a\x00b", "\ud800"])
def test_names_that_no_key_may_have(name: str) -> None:
    with pytest.raises(Unreadable):
        notes.sign(TEXT, name, ALICE)


def vkey_of(kind: int, key: bytes) -> str:
    return Verifier("alice", kind, key).vkey


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        ALICE_KEY.vkey + "\n",
        ALICE_KEY.vkey.replace("alice", "alicf"),
        ALICE_KEY.vkey.replace("alice", "\ud800"),
        ALICE_KEY.vkey.replace("+", " "),
        ALICE_KEY.vkey[:-1],
        ALICE_KEY.vkey.replace(ALICE_KEY.key_id.hex(), ALICE_KEY.key_id.hex().upper()),
        vkey_of(ED25519, b"\7" * 31),
        vkey_of(COSIGNATURE_MLDSA44, ALICE.public),
    ],
)
def test_mangled_vkeys(text: str) -> None:
    with pytest.raises(Unreadable):
        notes.read_vkey(text)


def test_vkey_of_low_order() -> None:
    with pytest.raises(Unverified, match="key-low-order"):
        notes.read_vkey(vkey_of(ED25519, b"\1" + bytes(31)))


def test_vkey_of_a_type_that_we_do_not_know() -> None:
    with pytest.raises(Unsupported, match="key-type"):
        notes.read_vkey(vkey_of(0x02, ALICE.public))
    with pytest.raises(Unsupported, match="key-type"):
        cosigner = Verifier("alice", COSIGNATURE_ED25519, ALICE.public)
        line = Line("alice", cosigner.key_id, bytes(72))
        notes.open_note(notes.encode(Note(TEXT, (line,))), [cosigner])
