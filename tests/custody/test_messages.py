"""A message is its signed bytes: nothing in it can be changed, and nothing in it is lost."""

from typing import Any, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.crypto.hashes import sha256
from holdfast.crypto.signing import Signer
from holdfast.custody import messages
from holdfast.custody.contents import KINDS, Erased
from holdfast.custody.encoding import decode, encode
from holdfast.custody.messages import Message, Unknown, armor, read, unarmor, write
from holdfast.errors import Unreadable, Unverified
from holdfast.testing.keepers import a_vault

SIGNER = Signer.from_seed(bytes(31) + b"\x01")
ERASED: dict[str, Any] = {"vault": bytes(32), "nonce": bytes(16), "at": 1, "roster": bytes(32)}


def envelope(kind: str, fields: object, signer: Signer = SIGNER) -> bytes:
    """Sign anything at all, written out as the reference says."""
    body = encode(fields)
    preimage = b"holdfast/keep-1/message\0" + kind.encode() + b"\0" + signer.public + body
    return encode(["keep-1", kind, signer.public, body, signer.sign(preimage)])


def parts(data: bytes) -> tuple[str, str, bytes, bytes, bytes]:
    return cast("tuple[str, str, bytes, bytes, bytes]", tuple(cast("list[object]", decode(data))))


@pytest.fixture(scope="module")
def every() -> list[Message[msgspec.Struct]]:
    """One custody's messages, of every kind."""
    custody = a_vault(3)
    request = custody.request(custody.epochs)
    custody.say(custody.grant(request, 1).content, custody.keepers[1].keys.sig)
    custody.opened(request, custody.open(request, [1, 2]))
    custody.admit(Signer.from_seed(bytes(32)).public)
    roster = custody.succeed(3, [1, 2])
    custody.say(Erased(**custody.head(), roster=roster.mid), custody.keepers[1].keys.sig)
    return [custody.keepers[1].card, *custody.messages]


def test_every_kind_comes_back(every: list[Message[msgspec.Struct]]) -> None:
    assert {message.kind for message in every} == set(KINDS)
    assert [read(message.envelope) for message in every] == every
    assert [unarmor(armor(message).encode()) for message in every] == every
    assert len({message.mid for message in every}) == len(every)


@given(st.data())
def test_no_byte_of_a_message_can_be_changed(every: list[Message[msgspec.Struct]], data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(every)).envelope
    at, flip = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    with pytest.raises((Unverified, Unreadable)):
        read(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])


@given(st.data())
def test_a_field_changed_and_encoded_anew_is_unverified(
    every: list[Message[msgspec.Struct]], data: st.DataObject
) -> None:
    head, kind, key, body, signature = parts(data.draw(st.sampled_from(every)).envelope)
    fields = decode(body)
    assert isinstance(fields, dict)
    name = data.draw(st.sampled_from(sorted(fields)))
    put = data.draw(st.integers(0, 9) | st.binary(max_size=33))
    if put != fields[name]:
        with pytest.raises(Unverified, match="signature-false"):
            read(encode([head, kind, key, encode(fields | {name: put}), signature]))


def test_a_message_cannot_be_relabelled(every: list[Message[msgspec.Struct]]) -> None:
    for message in every:
        head, kind, key, body, signature = parts(message.envelope)
        for other in {*KINDS, "OBJECT"} - {kind}:
            with pytest.raises(Unverified, match="signature-false"):
                read(encode([head, other, key, body, signature]))


def test_a_message_cannot_be_claimed_by_another_key(every: list[Message[msgspec.Struct]]) -> None:
    for message in every:
        head, kind, _, body, signature = parts(message.envelope)
        with pytest.raises(Unverified, match="signature-false"):
            read(encode([head, kind, SIGNER.public, body, signature]))


def test_a_message_id_is_the_hash_of_what_is_signed() -> None:
    message = write(Erased(**ERASED), SIGNER)
    body = encode(ERASED)
    assert message.envelope == envelope("ERASED", ERASED)
    assert message.mid == sha256(b"holdfast/keep-1/message\0ERASED\0" + SIGNER.public + body)


def test_an_unknown_kind_is_kept_whole() -> None:
    whole = envelope("FREEZE", ERASED | {"size": 7, "more": [True, {"a": b"b"}]})
    message = read(whole)
    assert (message.kind, message.envelope) == ("FREEZE", whole)
    assert message.content == Unknown(ERASED | {"size": 7, "more": [True, {"a": b"b"}]})
    assert unarmor(armor(message).encode()) == message


def test_unknown_fields_stay_in_the_stored_bytes() -> None:
    whole = envelope("ERASED", ERASED | {"since": "tomorrow"})
    message = read(whole)
    assert message.content == Erased(**ERASED)
    assert message.envelope == whole
    assert message.mid != write(message.content, SIGNER).mid


@pytest.mark.parametrize(
    "change",
    [
        {"vault": bytes(31)},
        {"vault": "00" * 16},
        {"nonce": bytes(17)},
        {"at": -1},
        {"at": True},
        {"at": 2**63},
        {"at": "1"},
        {"roster": []},
        {"roster": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
    ],
)
def test_a_field_of_another_shape_is_unreadable(change: dict[str, object]) -> None:
    with pytest.raises(Unreadable, match="message-malformed"):
        read(envelope("ERASED", ERASED | change))


@pytest.mark.parametrize("name", sorted(ERASED))
def test_a_missing_field_is_unreadable(name: str) -> None:
    with pytest.raises(Unreadable, match="message-malformed"):
        read(envelope("ERASED", {k: v for k, v in ERASED.items() if k != name}))


@pytest.mark.parametrize("body", [1, [], "text", b"bytes", True, {}])
def test_a_body_that_is_no_map_of_the_kind_is_unreadable(body: object) -> None:
    with pytest.raises(Unreadable, match="message-malformed"):
        read(envelope("ERASED", body))


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        ["keep-1"],
        ["keep-2", "ERASED", bytes(32), b"", bytes(64)],
        ["keep-1", b"ERASED", bytes(32), b"", bytes(64)],
        ["keep-1", "erased", bytes(32), b"", bytes(64)],
        ["keep-1", "ERASED\0", bytes(32), b"", bytes(64)],
        ["keep-1", "ERASED\n", bytes(32), b"", bytes(64)],
        ["keep-1", "E" * 17, bytes(32), b"", bytes(64)],
        ["keep-1", "ERASED", bytes(32), {}, bytes(64)],
        ["keep-1", "ERASED", bytes(32), b"", bytes(64), 0],
    ],
)
def test_another_envelope_is_unreadable(value: object) -> None:
    with pytest.raises(Unreadable, match="message-malformed"):
        read(encode(value))


@pytest.mark.parametrize(("key", "signature"), [(31, 64), (33, 64), (0, 64), (32, 63), (32, 0), (32, 65)])
def test_keys_and_signatures_of_another_size_are_unverified(key: int, signature: int) -> None:
    with pytest.raises(Unverified, match="signature-false"):
        read(encode(["keep-1", "ERASED", b"\x07" * key, encode(ERASED), b"\x07" * signature]))


@given(st.binary(max_size=200))
def test_garbage_gives_errors_of_ours(data: bytes) -> None:
    for kind in (data, b"-----BEGIN KEEP-1 MESSAGE-----" + data, data + b"-----BEGIN KEEP-1 MESSAGE-----" + data):
        with pytest.raises((Unreadable, Unverified)):
            unarmor(kind)


MESSAGE = write(Erased(**ERASED), SIGNER)
TEXT = armor(MESSAGE)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.strip(),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\n    "),
        TEXT.replace("\n", " "),
        f"Dear friend,\n\nhere it is:\n{TEXT}\nyours\n-- \nthe other",
        "\ufeff" + TEXT,
        f"汉字\n{TEXT}汉字",
        TEXT + TEXT,
    ],
)
def test_armor_survives_a_chat(text: str) -> None:
    assert unarmor(text.encode()) == MESSAGE


def test_armor_has_short_lines_of_ascii() -> None:
    assert TEXT.isascii()
    assert max(map(len, TEXT.splitlines())) == 64


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-40],
        TEXT[:100] + TEXT[101:],
        TEXT[:100] + "*" + TEXT[100:],
        TEXT.replace("\n", "\n> "),
        TEXT.lower(),
        messages.BEGIN + messages.END,
        messages.BEGIN + "\n====\n" + messages.END,
        messages.BEGIN + "\nYWFh\n" + messages.END,
    ],
)
def test_damaged_armor_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable, match="message-malformed"):
        unarmor(text.encode())


def test_a_message_inside_a_message_is_not_read_in_its_place() -> None:
    outer = read(envelope("NOTE", {"text": TEXT}))
    assert unarmor(outer.envelope) == outer


def test_much_white_space_in_armor_keeps_nobody_busy() -> None:
    with pytest.raises(Unreadable):
        unarmor((messages.BEGIN + " " * 1_000_000).encode())
