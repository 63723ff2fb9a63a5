"""Words, moments and JSON as X spells them.

Handles end in `_example`, accounts have numbers that X reaches in 2079, and links lead to example.org, so that nothing
here is anybody's.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from json.encoder import encode_basestring
from random import Random
from struct import unpack
from typing import Any, TypeAlias

Json: TypeAlias = "str | bool | Mapping[str, Json] | Sequence[Json]"
Piece: TypeAlias = tuple[str, str]  # ("", words) | ("@", handle) | ("#", tag) | ("url", address)

EPOCH = 1_288_834_974_657  # X's own zero, in Unix milliseconds
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EMOJI = ("😀", "🌊", "👩🏽‍🚀", "🇨🇳", "1️⃣", "🕯️", "❤️", "👨‍👩‍👧‍👦")
SPICE = ("سلام من الشاطئ", "海の底はとても静かです", "صباح الخير", "さようなら、夏", "नमस्ते", "cafe\u0301")
MARKS = ("&", "<", ">", "A&B", "1 < 2", "\n", "\n\n")
MARKUP = re.compile(r"@(\w+)|#(\w+)|(https://(?!t\.co/)\S+)")


def dice(*key: object) -> Random:
    """Give the dice that belong to `key`: the same key throws the same."""
    return Random("/".join(map(str, key)))  # noqa: S311 - made data, not secrets


def mix(*numbers: int) -> int:
    """Scatter whole numbers over 64 bits, the same everywhere (the finaliser of splitmix64)."""
    state = 0
    for number in numbers:
        state = (state + number + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        state = (state ^ state >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 31
    return state


def code(number: int, length: int) -> str:
    """Spell `number` in `length` letters and figures, as in t.co links and names of media."""
    return "".join(ALPHABET[(number >> 6 * place) % 62] for place in range(length))


def snowflake(moment: int, low: int) -> str:
    """Give the id that X makes at `moment`, in Unix milliseconds; `low` fills the lower 22 bits."""
    return str(moment - EPOCH << 22 | low & 0x3FFFFF)


def x_date(moment: int) -> str:
    """Spell a moment, in Unix milliseconds, as posts do: `Sat Nov 09 12:14:18 +0000 2024`."""
    at = datetime.fromtimestamp(moment // 1000, UTC)
    return f"{DAYS[at.weekday()]} {MONTHS[at.month - 1]} {at:%d %H:%M:%S} +0000 {at.year}"


def iso(moment: int) -> str:
    """Spell a moment, in Unix milliseconds, as ISO 8601: `2024-11-09T12:17:01.595Z`."""
    return f"{datetime.fromtimestamp(moment // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{moment % 1000:03}Z"


def pretty(value: Json, deep: str = "") -> str:
    """Spell JSON as X does: two spaces a level, ` : ` behind a name, `[ ]` for nothing."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    inner = deep + "  "
    if isinstance(value, dict):
        ends, rows = "{}", [f'"{name}" : {pretty(part, inner)}' for name, part in value.items()]
    else:
        ends, rows = "[]", [pretty(part, inner) for part in value]
    if not rows:
        return f"{ends[0]} {ends[1]}"
    return f"{ends[0]}\n{inner}" + f",\n{inner}".join(rows) + f"\n{deep}{ends[1]}"


def person(handle: str) -> tuple[str, str]:
    """Give the name and the number of whoever has this handle."""
    return handle.removesuffix("_example").title(), str(9 * 10**18 + mix(*handle.encode()) % 10**14)


def parse(text: str) -> list[Piece]:
    """Cut plain text into pieces: words, `@handle`, `#tag`, link."""
    pieces: list[Piece] = []
    end = 0
    for found in MARKUP.finditer(text):
        pieces.append(("", text[end : found.start()]))
        pieces.append((("@", "#", "url")[(found.lastindex or 1) - 1], found[found.lastindex or 1]))
        end = found.end()
    return [piece for piece in (*pieces, ("", text[end:])) if piece[1]]


def compose(pieces: Iterable[Piece], key: int) -> tuple[str, dict[str, list[dict[str, Any]]]]:
    """Give the HTML-escaped text and its entities, whose indices count code points of that text."""
    text = ""
    entities: dict[str, list[dict[str, Any]]] = {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []}
    for place, (kind, value) in enumerate(pieces):
        shown = f"https://t.co/{code(mix(key, place), 10)}" if kind == "url" else html.escape(kind + value, quote=False)
        indices = [str(len(text)), str(len(text) + len(shown))]
        text += shown
        if kind == "@":
            name, number = person(value)
            found = {"name": name, "screen_name": value, "indices": indices, "id_str": number, "id": number}
            entities["user_mentions"].append(found)
        elif kind == "#":
            entities["hashtags"].append({"text": value, "indices": indices})
        elif kind == "url":
            brief = value.removeprefix("https://")
            display = brief if len(brief) < 27 else brief[:26] + "…"
            entities["urls"].append({"url": shown, "expanded_url": value, "display_url": display, "indices": indices})
    return text, entities


class Words:
    """Chinese signs, English words and handles that nobody owns, each as often as its rank says (Zipf)."""

    def __init__(self) -> None:
        luck = dice("words")
        syllables = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
        english = list(dict.fromkeys("".join(luck.choices(syllables, k=1 + n % 4)) for n in range(12_000)))
        chinese = [chr(0x4E00 + 5 * n) for n in range(3_500)]
        luck.shuffle(chinese)
        self.english = zipf(english[:6_000])
        self.chinese = zipf(chinese)
        self.handles = zipf([f"{word}_example" for word in english if 4 <= len(word) < 8][:3_000])

    def sentence(self, luck: Random) -> str:
        """Draw a text in Chinese or English, at times with emoji, other scripts and signs that HTML escapes."""
        if luck.random() < 0.5:
            words, gap = draw(luck, self.chinese, luck.randint(6, 120)), ""
        else:
            words, gap = draw(luck, self.english, luck.randint(5, 40)), " "
        for share, strange in ((0.08, EMOJI), (0.03, SPICE), (0.1, MARKS)):
            if luck.random() < share:
                words.insert(luck.randint(1, len(words)), luck.choice(strange))
        return gap.join(words)


def zipf(things: list[str]) -> list[str]:
    """Repeat things so that, drawn evenly, the n-th comes up 1/n as often as the first."""
    whole = sum(1 / rank for rank in range(1, len(things) + 1))
    return [thing for rank, thing in enumerate(things, 1) for _ in range(max(1, round(60_000 / whole / rank)))]


def draw(luck: Random, things: list[str], count: int) -> list[str]:
    """Draw `count` of the things, evenly; much quicker than `choices`."""
    return [things[place % len(things)] for place in unpack(f"<{count}H", luck.randbytes(2 * count))]


@cache
def words() -> Words:
    """Give the words, which are made once."""
    return Words()
