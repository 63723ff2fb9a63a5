"""The cutter against a byte tokenizer that reads the whole member at once."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.sources.cut import STRETCH, cut

TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|"|[\[\]{}]', re.S)
SHAPES = {
    "A": (b"Grailbird.data.tweets_2012_03 = \n [ {\n", b"\n}, {\n", b"\n} ]"),
    "B": (b"Grailbird.data.tweets_2012_03 = \n[\n\t{\n\t\t", b"\n\t},\n\t{\n\t\t", b"\n\t}\n]"),
    "C": (b"window.YTD.tweet.part0 = [ {\n", b"\n}, {\n", b"\n} ]"),
    "D": (b"window.YTD.tweets.part0 = [\n  {\n", b"\n  },\n  {\n", b"\n  }\n]"),
}


def oracle(data: bytes) -> list[tuple[int, int]]:
    """Where the records lie, by strings and depth alone."""
    opening = re.match(rb"(?:\xef\xbb\xbf)?\s{0,64}(?:[\w.$ ]{1,200}=\s{0,64})?([\[{])", data)
    if opening is None:
        return []
    level, depth, start, found = int(opening[1] == b"["), 0, -1, []
    for token in TOKEN.finditer(data, opening.end() - 1):
        if token[0] == b'"':
            break
        if token[0] in (b"{", b"["):
            depth += 1
            if token[0] == b"{" and depth == level + 1:
                start = token.start()
        elif token[0] in (b"}", b"]"):
            depth -= 1
            if depth == level and start >= 0:
                if token[0] == b"]":
                    break
                found.append((start, token.end()))
                start = -1
            if depth < max(level, 1):
                break
    return found


def chunked(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def records(data: bytes, size: int = STRETCH, longest: int = 8 << 20) -> list[tuple[int, int]]:
    """Cut, hold the promise that every cut keeps, and give where the records lie."""
    slices = list(cut(chunked(data, size), longest))
    assert b"".join(piece for _, piece, _, _ in slices) == data
    place = 0
    for at, piece, start, end in slices:
        assert at == place
        assert piece
        assert (start, end) == (0, 0) or (piece[start:end].startswith(b"{") and piece[start:end].endswith(b"}"))
        assert len(piece) <= (longest if end else STRETCH)
        place += len(piece)
    return [(at + start, at + end) for at, _, start, end in slices if end]


def member(shape: str, bodies: list[bytes]) -> bytes:
    opens, between, closes = SHAPES[shape]
    return opens + between.join(bodies) + closes


texts = st.text(alphabet=st.sampled_from('ab"\\{}[],:\n\t 记忆\U0001f56f'), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, values, max_size=4)


def printed(value: object, indent: str, *, ascii_only: bool) -> bytes:
    text = json.dumps(value, indent=2, ensure_ascii=ascii_only)
    return text[1:-1].strip("\n").replace("\n", "\n" + indent).encode()


@pytest.mark.parametrize("shape", SHAPES)
@given(st.lists(objects, min_size=1, max_size=6), st.integers(1, 400), st.booleans())
def test_every_shape_is_cut_where_the_tokenizer_cuts(shape, values, size, ascii_only):
    indent = {"B": "\t\t", "D": "  "}.get(shape, "")
    data = member(shape, [printed(value, indent, ascii_only=ascii_only) for value in values])
    assert records(data, size) == oracle(data)
    assert [json.loads(data[start:end]) for start, end in records(data, size)] == values


@given(st.lists(objects, max_size=6), st.integers(1, 300))
def test_minified_is_cut_where_the_tokenizer_cuts(values, size):
    data = b"window.YTD.like.part0 = " + json.dumps(values, separators=(",", ":")).encode()
    assert records(data, size) == oracle(data)
    assert len(records(data, size)) == len(values)


pieces = st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"', b"\\", b",", b"\n  },\n  {", b"\n}, {\n", b"\n\t},\n\t{", b"[\n  {\n", b'"a": 1',
     b" ",
     b"x",      b'"\\ud83d"', b"\xff"]
)  # fmt: skip


@settings(max_examples=400)
@given(st.sampled_from([opens for opens, _, _ in SHAPES.values()]), st.lists(pieces, max_size=60), st.integers(1, 50))
def test_garbage_is_cut_where_the_tokenizer_cuts(opens, parts, size):
    data = opens + b"".join(parts)
    assert records(data, size) == oracle(data)


@given(st.binary(max_size=300), st.integers(1, 50))
def test_what_is_no_json_is_given_in_stretches(data, size):
    assert records(data, size) == oracle(data)


def test_first_unit_has_the_opening_and_last_the_tail():
    data = member("D", [b'    "a": 1', b'    "b": 2', b'    "c": 3']) + b";"
    assert [piece for _, piece, _, _ in cut([data])] == [
        b'window.YTD.tweets.part0 = [\n  {\n    "a": 1\n  },\n  ',
        b'{\n    "b": 2\n  },\n  ',
        b'{\n    "c": 3\n  }\n];',
    ]


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"window.YTD.like.part0 = [ ]", 0),
        (b"window.YTD.like.part0 = [];", 0),
        (b'window.YTD.like.part0 = [\n  {\n    "a": 1\n  },\n];', 1),
        (b'window.__THAR_CONFIG = {\n  "userInfo" : { "a": [ { } ] }\n}', 1),
        (b'\xef\xbb\xbf[{"a":1},{"b":2}]', 2),
        (b'window.YTD.tweets.part0 = [\n  {\n    "a": "\n  },\n  {\n"\n  },\n  {\n    "b": 1\n  }\n]', 2),
        (b'window.YTD.tweets.part0 = [\n  {\n    "a": [\n  {\n  },\n  {\n  }\n]\n  },\n  {\n    "b": 1\n  }\n]', 2),
        (b'window.YTD.tweets.part0 = [\n  {\n    "a": "cut of', 0),
        (b"", 0),
    ],
)
def test_edited_by_hand(data, count):
    assert len(records(data)) == count
    assert records(data, 1) == records(data, 7) == records(data) == oracle(data)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=5), st.integers(1, 90))
def test_a_record_too_long_to_hold_is_given_in_stretches(lengths, size):
    data = b"[" + b",".join(b'{"a":"%b"}' % (b"x" * length) for length in lengths) + b"]"
    kept = records(data, size, longest=40)
    assert kept == records(data, 1, longest=40)
    assert set(kept) <= set(oracle(data))
    units = [*(start for start, _ in oracle(data)[1:]), len(data)]
    begins = [0, *units[:-1]]
    assert len(kept) == sum(end - begin <= 40 for begin, end in zip(begins, units, strict=True))


@pytest.mark.slow
def test_one_long_string_is_not_read_twice():
    data = b'[{"a":"' + b"\\\\" * (10 << 20) + b'"},{"b":1}]'
    assert records(data) == [(len(data) - 8, len(data) - 1)]
