"""Bech32 against the vectors of BIP 173, then as a round trip, then under attack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.crypto import bech32
from holdfast.errors import Unreadable

# BIP 173, "Test vectors": valid and invalid checksums, without those that only a length limit refuses.
VALID = [
    "A12UEL5L",
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
    "?1ezyfcl",
]
INVALID = [
    "\x201nwldj5",
    "\x7f1axkwrx",
    "\x801eym55h",
    "pzry9x0s0muk",
    "1pzry9x0s0muk",
    "x1b4n0q5v",
    "li1dgmt3",
    "de1lg7wt\xff",
    "A1G7SGD8",
    "10a06t8",
    "1qzzfhee",
    "",
]
PREFIXES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1).map(str.lower)


@pytest.mark.parametrize("text", VALID)
def test_valid(text: str) -> None:
    hrp, data = bech32.decode(text)
    assert bech32.encode(hrp, data) == text.lower()


@pytest.mark.parametrize("text", INVALID)
def test_invalid(text: str) -> None:
    with pytest.raises(Unreadable):
        bech32.decode(text)


def test_known_data() -> None:
    """BIP 173 gives the data of this one: all 32 groups in order."""
    expected = int("".join(f"{i:05b}" for i in range(32)), 2).to_bytes(20, "big")
    assert bech32.decode("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw") == ("abcdef", expected)


@given(PREFIXES, st.binary(max_size=200))
def test_round_trip(hrp: str, data: bytes) -> None:
    text = bech32.encode(hrp, data)
    assert bech32.decode(text) == bech32.decode(text.upper()) == (hrp, data)


@given(st.binary(min_size=1, max_size=60), st.data())
def test_changed_letter(data: bytes, draw: st.DataObject) -> None:
    text = bech32.encode("age", data)
    place = draw.draw(st.integers(4, len(text) - 1))
    letter = draw.draw(st.sampled_from([c for c in bech32.ALPHABET if c != text[place]]))
    with pytest.raises(Unreadable) as caught:
        bech32.decode(text[:place] + letter + text[place + 1 :])
    assert caught.value.fields == {"why": "checksum"}


@given(st.text(st.characters(max_codepoint=255)))
def test_garbage(text: str) -> None:
    """Garbage gives what would be written the same way again, or `Unreadable`, nothing else."""
    try:
        hrp, data = bech32.decode(text)
    except Unreadable:
        return
    assert bech32.encode(hrp, data) == text.lower()


@pytest.mark.parametrize("groups", [[0], [0, 1], [0, 0, 0], [31, 31], [0] * 9])
def test_padding_must_be_short_and_zero(groups: list[int]) -> None:
    with pytest.raises(Unreadable) as caught:
        bech32.decode(seal_groups("age", groups))
    assert caught.value.fields == {"why": "padding"}


def seal_groups(hrp: str, groups: list[int]) -> str:
    """Write groups of 5 bits that no bytes give, under a right checksum."""
    codes = hrp.encode()
    values = [c >> 5 for c in codes] + [0] + [c & 31 for c in codes] + groups + [0] * 6
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i in range(5):
            check ^= bech32.GENERATOR[i] if top >> i & 1 else 0
    check ^= 1
    return f"{hrp}1" + "".join(bech32.ALPHABET[g] for g in groups + [check >> 5 * (5 - i) & 31 for i in range(6)])


def test_mixed_case_and_wrong_prefix() -> None:
    text = bech32.encode("age", b"kelp")
    assert bech32.decode_as("age", text) == b"kelp"
    for wrong in ("age1" + text[4:].upper(), text.upper(), bech32.encode("ag", b"kelp"), "x" + text):
        with pytest.raises(Unreadable):
            bech32.decode_as("age", wrong)
