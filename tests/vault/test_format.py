"""The `format` file: read as it was written, and never guessed at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import Unreadable, Unsupported
from holdfast.vault import format
from holdfast.vault.format import Format

HASH = st.binary(min_size=32, max_size=32)
FEATURES = st.lists(st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True), max_size=3).map(tuple)
GOOD = Format(bytes(32), b"\1" * 32).encode().decode()


@given(st.builds(Format, HASH, HASH, st.just(()), FEATURES))
def test_round_trip(shape: Format) -> None:
    assert format.decode(shape.encode()) == shape


@given(st.builds(Format, HASH, HASH, FEATURES.filter(bool), FEATURES))
def test_a_feature_that_must_be_known_is_unsupported(shape: Format) -> None:
    with pytest.raises(Unsupported, match="vault-newer") as caught:
        format.decode(shape.encode())
    assert caught.value.fields == {"what": shape.must[0]}


def test_a_newer_version_is_unsupported_and_never_corrupt() -> None:
    with pytest.raises(Unsupported, match="vault-newer"):
        format.decode(b"holdfast-vault 1\nwhatever it says\n\xff")


@pytest.mark.parametrize(
    "text", ["", "x", "holdfast-vault", "age-encryption.org/v1\n", "\xffholdfast-vault 0\n", "x" * 70_000]
)
def test_not_a_vault(text: str) -> None:
    with pytest.raises(Unreadable, match="not-a-vault"):
        format.decode(text.encode("latin-1"))


@pytest.mark.parametrize(
    "text",
    [
        GOOD[:-1],
        GOOD + "\n",
        GOOD + "more x\n",
        GOOD + "vault " + "00" * 32 + "\n",
        GOOD.replace("vault 00", "vault AA", 1),
        GOOD.replace("roster", "rooster"),
        GOOD.split("roster")[0],
        GOOD + "may A\n",
        GOOD + "may \n",
        GOOD.replace("\n", "\r\n")[18:],
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(Unreadable):
        format.decode(text.encode())


@given(st.binary(max_size=300))
def test_garbage(data: bytes) -> None:
    with pytest.raises((Unreadable, Unsupported)):
        format.decode(data)


def test_names() -> None:
    assert format.pack_name(b"\xab" * 32) == "packs/" + "ab" * 32
    assert format.message_name(b"\xab" * 32) == "custody/" + "ab" * 32
    assert format.annex_name(b"\xab" * 32) == "annex/" + "ab" * 32
