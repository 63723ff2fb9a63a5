"""Paths as text, and which of them a plain tar may lay down."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import Unreadable
from holdfast.vault.paths import MAX_PART, Names, is_harmless, quote, unquote

TRICKY = st.lists(
    st.sampled_from(
        [
            "a",
            "A",
            "é",
            unicodedata.normalize("NFD", "é"),
            "ß",
            "SS",
            "/",
            "/",
            "..",
            ".",
            " ",
            "\\",
            "con",
            "\x00",
            "x",
        ]
    ),
    max_size=6,
).map("".join)
PATHS = st.one_of(TRICKY.map(str.encode), st.binary(max_size=30))


@given(st.binary(max_size=200))
def test_quoting_round_trip(path: bytes) -> None:
    text = quote(path)
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})*", text)
    assert unquote(text) == path


@given(st.text(max_size=40))
def test_only_our_spelling_is_read(text: str) -> None:
    try:
        path = unquote(text)
    except Unreadable as error:
        assert error.code == "table-malformed"
    else:
        assert quote(path) == text


@pytest.mark.parametrize("text", ["%", "%4", "%zz", "%41", "%2f", "%E9%", "a b", "é", "%-1", "% 1", "%+1", "a\tb"])
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="table-malformed"):
        unquote(text)


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"/",
        b"/a",
        b"a//b",
        b"./a",
        b"a/./b",
        b"a/..",
        b"../a",
        b"a/",
        b"...",
        b"a. ",
        b"a.",
        b" a",
        b"-rf",
        b"a\\b",
        b"C:a",
        b"a\0b",
        b"a\nb",
        b"a\x1bb",
        "a\u202eb".encode(),
        b"\xff",
        b"con",
        b"NUL.txt",
        b"lpt1",
        b".odd",
        b".odd/1",
        b"a/.oddity",
        b"x" * (MAX_PART + 1),
        b"a*b",
        b'a"b',
    ],
)
def test_harmful(path: bytes) -> None:
    if path == b"a/":
        assert is_harmless(path)
    else:
        assert not is_harmless(path)


@pytest.mark.parametrize(
    "path",
    ["data/tweets.js", "Your archive.html", "数据/记忆.js", "a/b/c/d", ".hidden", "x" * MAX_PART, "console", "a.b.c"],
)
def test_harmless(path: str) -> None:
    assert is_harmless(path.encode())


@given(st.lists(PATHS, max_size=20))
def test_names_are_harmless_and_taken_once_on_any_disk(paths: list[bytes]) -> None:
    names = Names()
    given_names = [names.give(path, place) for place, path in enumerate(paths)]
    assert given_names == [
        Names_again.give(path, place) for Names_again in [Names()] for place, path in enumerate(paths)
    ]
    files, folders = [], set()
    for place, (path, name) in enumerate(zip(paths, given_names, strict=True)):
        if name == f".odd/{place}":
            continue
        assert unquote(name) == path and is_harmless(path)
        folded = unicodedata.normalize("NFC", path.decode().removesuffix("/").casefold())
        parts = folded.split("/")
        folders |= {"/".join(parts[:k]) for k in range(1, len(parts))} | ({folded} if path.endswith(b"/") else set())
        if not path.endswith(b"/"):
            files.append(folded)
    assert len(files) == len(set(files))
    assert not set(files) & folders
