"""Cuts a member at its records: each byte once, in order, a record with what stands behind it.

What opens the member goes to the first unit and what closes it to the last, so that units joined are the member.
Two ways lead to the same cuts.  X writes one record after another with a separator that JSON cannot hold elsewhere, so
whole windows go through a JSON parser, whose records must meet the separators; where they do not (minified, edited, a
lone surrogate) strings and depth are followed byte by byte.  What is no JSON at all is given in plain stretches.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

Slice = tuple[int, bytes, int, int]
"""Place in the member, bytes, and where the record lies in these bytes; a plain stretch has 0 and 0."""

STRETCH = 1 << 20
"""The most bytes of a plain stretch."""

LONGEST = 8 << 20
"""The most bytes of a unit that holds a record; a longer one is given in stretches, so that memory stays small."""

WINDOW = 1 << 17
HEAD = 1024
OPENING = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,64}(?:[\w.$ ]{1,200}=\s{0,64})?([\[{])")

SHAPES = {
    b"[\n  {\n": (b"\n  }", b",\n  "),
    b"[ {\n": (b"\n}", b", "),
    b"[\n\t{\n": (b"\n\t}", b",\n\t"),
}
"""How an array opens -> how a record ends and what stands between two (shapes D; A and C; B of X's exports)."""

BRACKET = re.compile(rb'[^"\[\]{}]*+(?:"(?:[^"\\]++|\\.)*+"[^"\[\]{}]*+)*+(["\[\]{}])', re.S)
STRING = re.compile(rb"(?:[^\"\\]++|\\.)*+", re.S)
QUOTE, BACKSLASH, OBJECT, END = b'"\\{}'
OPENS = frozenset(b"[{")

_records = msgspec.json.Decoder(list[msgspec.Raw]).decode


def cut(chunks: Iterable[bytes], longest: int = LONGEST) -> Iterator[Slice]:
    """Give all bytes of a member, cut at its records wherever it has any."""
    windows = _windows(chunks)
    head = b""
    for window in windows:
        head += window
        if len(head) >= HEAD:
            break
    opening = OPENING.match(head, 0, HEAD)
    if opening is None:
        return stretches(chain([head], windows))
    first = opening.end() + 7
    return _Cutter(head[:first], opening.end() - 1, longest).cut(chain([head[first:]], windows))


def stretches(chunks: Iterable[bytes], place: int = 0) -> Iterator[Slice]:
    """Give all bytes in runs of 1 MiB, the last one shorter."""
    kept = b""
    for chunk in chunks:
        kept = kept + chunk if kept else chunk
        whole = len(kept) - len(kept) % STRETCH
        for at in range(0, whole, STRETCH):
            yield place + at, kept[at : at + STRETCH], 0, 0
        place, kept = place + whole, kept[whole:]
    if kept:
        yield place, kept, 0, 0


def _windows(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for at in range(0, len(chunk), WINDOW):
            yield chunk[at : at + WINDOW]


class _Cutter:
    """The unit under way: `buffer` begins with it, `place` is its offset, `seen` is how far its tokens were read."""

    def __init__(self, head: bytes, opening: int, longest: int) -> None:
        self.buffer = head
        self.place = 0
        self.seen = opening
        self.longest = longest
        self.level = 1 if head[opening : opening + 1] == b"[" else 0
        self.shape = next((shape for opens, shape in SHAPES.items() if head.startswith(opens, opening)), None)
        self.depth = 0
        self.start = self.end = -1
        self.quoted = self.closed = self.flowing = False

    def cut(self, windows: Iterable[bytes]) -> Iterator[Slice]:
        yield from self._take()
        for window in windows:
            self.buffer += window
            yield from self._split()
            yield from self._take()
        yield from self._unit(self.buffer, self.place)

    def _take(self) -> Iterator[Slice]:
        yield from self._scan()
        if self.flowing or len(self.buffer) > self.longest:
            yield from self._flow()

    def _split(self) -> Iterator[Slice]:
        """Give the whole records of the buffer if its separators and a JSON parser agree on where they lie."""
        if self.shape is None or self.start < 0 or self.end >= 0 or self.flowing or self.closed:
            return
        end, between = self.shape
        last = self.buffer.rfind(end + between + b"{", self.start)
        if last < 0 or len(self.buffer) > self.longest:
            return
        last += len(end)
        units = _units(self.buffer[self.start : last], between, self.place + self.start)
        if not units:
            return
        before, (_, first, _, size) = self.buffer[: self.start], units[0]
        units[0] = self.place, before + first, len(before), len(before) + size
        self.place += last + len(between)
        self.buffer = self.buffer[last + len(between) :]
        self.start, self.seen, self.depth, self.quoted = 0, 1, 2, False
        yield from units

    def _scan(self) -> Iterator[Slice]:
        """Follow strings and depth through the buffer, and give each unit that the next record's start completes."""
        base = 0
        while (at := self._bracket()) >= 0:
            if self._opens(at):
                if self.start >= 0 or self.flowing:
                    yield from self._unit(self.buffer[base:at], self.place + base, base)
                    base = at
                self.start, self.end, self.flowing = at, -1, False
        self._drop(base)

    def _bracket(self) -> int:
        """Give the index of the next bracket outside a string, or -1 if the buffer holds no more."""
        if self.quoted and not self._unquote():
            return -1
        match = None if self.closed else BRACKET.match(self.buffer, self.seen)
        if match is None:
            self.seen = len(self.buffer)
            return -1
        self.seen = match.end()
        if self.buffer[self.seen - 1] == QUOTE:
            self.quoted = True
            return self._bracket()
        return self.seen - 1

    def _unquote(self) -> bool:
        match = STRING.match(self.buffer, self.seen)
        self.seen = match.end() if match else self.seen
        self.quoted = self.buffer[self.seen : self.seen + 1] != b'"'
        self.seen += not self.quoted
        return not self.quoted

    def _opens(self, at: int) -> bool:
        """Count this bracket, and tell whether a record begins with it."""
        byte = self.buffer[at]
        if byte in OPENS:
            self.depth += 1
            return byte == OBJECT and self.depth == self.level + 1
        self.depth -= 1
        if self.depth == self.level and self.start >= 0 and self.end < 0:
            self.closed = byte != END
            self.end = at + 1 if byte == END else -1
        self.closed = self.closed or self.depth < max(self.level, 1)
        return False

    def _flow(self) -> Iterator[Slice]:
        """Give the beginning of a unit that is too long to be held."""
        self.flowing = True
        whole = self.seen - self.seen % STRETCH
        yield from stretches([self.buffer[:whole]], self.place)
        self._drop(whole)

    def _unit(self, data: bytes, place: int, base: int = 0) -> Iterator[Slice]:
        if self.flowing or self.end < 0 or len(data) > self.longest:
            yield from stretches([data], place)
        else:
            yield place, data, self.start - base, self.end - base

    def _drop(self, count: int) -> None:
        if count:
            self.buffer = self.buffer[count:]
            self.place += count
            self.seen -= count
            self.start = max(0, self.start - count) if self.start >= 0 else -1
            self.end = max(0, self.end - count) if self.end >= 0 else -1


def _units(text: bytes, between: bytes, place: int) -> list[Slice]:
    """Give each record with the separator behind it; nothing where a JSON parser sees other records."""
    try:
        records = _records(b"[%b]" % text)
    except (ValueError, RecursionError):
        return []
    text += between + b"{"
    joint, width, at, units = between + b"{", len(between), 0, []
    for record in records:
        size = len(memoryview(record))
        if not text.startswith(joint, at + size):
            return []
        units.append((place + at, text[at : at + size + width], 0, size))
        at += size + width
    return units if at == len(text) - 1 else []
