"""Cosignatures: the values that a second implementation (tlog-scales) agreed on, then forgeries."""

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.crypto.signing import MldsaSigner, Signer
from holdfast.errors import HoldfastError, Refused, Unreadable, Unsupported, Unverified
from holdfast.log import checkpoints, cosignatures, merkle, notes
from holdfast.log.checkpoints import Checkpoint
from holdfast.log.cosignatures import Cosignature
from holdfast.log.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, Line, Verifier

NAME, TIME = "witness.example/w1", 1_700_000_000
TEXT = b"example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n"
CLASSIC = Signer.from_seed(base64.b64decode("gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM="))
MODERN = MldsaSigner.from_seed(bytes(range(32)))
CLASSIC_KEY = Verifier(NAME, COSIGNATURE_ED25519, CLASSIC.public)
MODERN_KEY = Verifier(NAME, COSIGNATURE_MLDSA44, MODERN.public)
LOG = Signer.from_seed(b"l" * 32)
NOTE = notes.sign(TEXT, "example.com/log/testdata", LOG)


def cosigned(time: int = TIME) -> bytes:
    lines = [
        cosignatures.cosign(TEXT, Cosignature(CLASSIC_KEY, time), CLASSIC),
        cosignatures.cosign(TEXT, Cosignature(MODERN_KEY, time), MODERN),
    ]
    return cosignatures.add_lines(NOTE, lines)


def with_line(line: Line) -> bytes:
    return cosignatures.add_lines(NOTE, [line])


def test_known_answer_04() -> None:
    line = cosignatures.cosign(TEXT, Cosignature(CLASSIC_KEY, TIME), CLASSIC)
    assert CLASSIC_KEY.key_id.hex() == "cc9a7044"
    assert with_line(line).endswith(
        b" zJpwRAAAAABlU/EA9fdf+RWFs1/6EperJEUL8TnXKafVsS+Shy5uhmrG+ihoPFf/WE5ug05A5TzwPwTSapdRQKkOpKGG6WWnBWmoCg==\n"
    )


def test_known_answer_06() -> None:
    signed = cosignatures.message(TEXT, Cosignature(MODERN_KEY, TIME))
    assert sha256(MODERN.public).hexdigest() == "9f107644c1084526af3bc8098680b05499a2325a644e388fb4f970e058d19d46"
    assert MODERN_KEY.key_id.hex() == "dcccf9ec"
    assert len(signed) == 112
    assert sha256(signed).hexdigest() == "1b82b1a562bb5e930bbc9df6b0bc808c55ba9594c2f83eea3ca58ed3896fb3cd"


def test_both_kinds_open_beside_the_log_itself() -> None:
    found = cosignatures.open_cosignatures(cosigned(), [CLASSIC_KEY, MODERN_KEY])
    assert found == [Cosignature(CLASSIC_KEY, TIME), Cosignature(MODERN_KEY, TIME)]
    log = Verifier("example.com/log/testdata", ED25519, LOG.public)
    assert checkpoints.open_checkpoint(cosigned(), log).size == 15


def test_unknown_cosigners_are_ignored() -> None:
    stranger = Verifier("stranger", COSIGNATURE_ED25519, LOG.public)
    assert cosignatures.open_cosignatures(cosigned(), [stranger]) == []
    assert cosignatures.open_cosignatures(NOTE, [CLASSIC_KEY, MODERN_KEY]) == []


@pytest.mark.parametrize("cosigner", [CLASSIC_KEY, MODERN_KEY])
@pytest.mark.parametrize("time", [TIME - 1, TIME + 1])
def test_cosignature_back_dated(cosigner: Verifier, time: int) -> None:
    (line,) = notes.lines_of(notes.parse(cosigned()), cosigner)
    moved = Line(line.name, line.key_id, time.to_bytes(8, "big") + line.signature[8:])
    with pytest.raises(Unverified, match="signature-false"):
        cosignatures.open_cosignatures(with_line(moved), [cosigner])


@pytest.mark.parametrize("cosigner", [CLASSIC_KEY, MODERN_KEY])
@pytest.mark.parametrize("time", [0, 1 << 63, (1 << 64) - 1])
def test_time_that_is_none(cosigner: Verifier, time: int) -> None:
    signer = CLASSIC if cosigner is CLASSIC_KEY else MODERN
    signed = signer.sign(cosignatures.message(TEXT, Cosignature(cosigner, time)))
    line = Line(NAME, cosigner.key_id, time.to_bytes(8, "big") + signed)
    with pytest.raises(Unverified, match="cosignature-time"):
        cosignatures.open_cosignatures(with_line(line), [cosigner])
    with pytest.raises(Unverified, match="cosignature-time"):
        cosignatures.cosign(TEXT, Cosignature(cosigner, time), signer)


@pytest.mark.parametrize("cosigner", [CLASSIC_KEY, MODERN_KEY])
@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace(b"\n15\n", b"\n14\n"),
        TEXT.replace(b"testdata", b"testdate"),
        checkpoints.encode(Checkpoint("example.com/log/testdata", 15, merkle.EMPTY_ROOT)),
    ],
)
def test_cosignature_moved_to_another_checkpoint(cosigner: Verifier, text: bytes) -> None:
    moved = notes.encode(notes.Note(text, notes.parse(cosigned()).lines))
    with pytest.raises(Unverified, match="signature-false"):
        cosignatures.open_cosignatures(moved, [cosigner])


def test_06_binds_the_cosigner_s_name() -> None:
    (line,) = notes.lines_of(notes.parse(cosigned()), MODERN_KEY)
    other = Verifier("witness.example/w2", COSIGNATURE_MLDSA44, MODERN.public)
    with pytest.raises(Unverified, match="signature-false"):
        cosignatures.open_cosignatures(with_line(Line(other.name, other.key_id, line.signature)), [other])


def test_one_false_line_rejects_all() -> None:
    false = Line(NAME, CLASSIC_KEY.key_id, TIME.to_bytes(8, "big") + bytes(64))
    note = cosignatures.add_lines(cosigned(), [false])
    with pytest.raises(Unverified, match="signature-false"):
        cosignatures.open_cosignatures(note, [MODERN_KEY, CLASSIC_KEY])


def test_only_the_cosigner_cosigns_and_only_checkpoints() -> None:
    with pytest.raises(Refused, match="cosigner-key"):
        cosignatures.cosign(TEXT, Cosignature(CLASSIC_KEY, TIME), LOG)
    with pytest.raises(Unreadable):
        cosignatures.cosign(b"hello\n", Cosignature(CLASSIC_KEY, TIME), CLASSIC)
    with pytest.raises(Unsupported, match="key-type"):
        cosignatures.cosign(TEXT, Cosignature(Verifier(NAME, ED25519, CLASSIC.public), TIME), CLASSIC)
    with pytest.raises(Unreadable, match="key-name"):
        cosignatures.cosign(TEXT, Cosignature(Verifier("n" * 256, COSIGNATURE_MLDSA44, MODERN.public), TIME), MODERN)


def test_cosignature_on_what_is_no_checkpoint() -> None:
    text, cosignature = b"hello\n", Cosignature(CLASSIC_KEY, TIME)
    signature = TIME.to_bytes(8, "big") + CLASSIC.sign(cosignatures.message(text, cosignature))
    note = notes.encode(notes.Note(text, (Line(NAME, CLASSIC_KEY.key_id, signature),)))
    with pytest.raises(Unreadable, match="checkpoint-malformed"):
        cosignatures.open_cosignatures(note, [CLASSIC_KEY])


def test_more_lines_than_a_note_holds() -> None:
    line = cosignatures.cosign(TEXT, Cosignature(CLASSIC_KEY, TIME), CLASSIC)
    with pytest.raises(Unreadable, match="note-malformed"):
        cosignatures.add_lines(NOTE, [line] * 100)


@given(st.sampled_from([CLASSIC_KEY, MODERN_KEY]), st.binary(min_size=1, max_size=90))
def test_garbage_is_never_a_cosignature(cosigner: Verifier, signature: bytes) -> None:
    with pytest.raises(HoldfastError):
        cosignatures.open_cosignatures(with_line(Line(NAME, cosigner.key_id, signature)), [cosigner])
