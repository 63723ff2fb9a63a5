"""Words that two people compare by voice, and times and waits as they read them."""

import pytest
from mnemonic import Mnemonic

from holdfast.cli.language import LANGUAGES, speak
from holdfast.cli.rosters import compartments, duration, reason, rule_lines
from holdfast.cli.screen import size
from holdfast.cli.times import moment
from holdfast.cli.words import LISTS, words
from holdfast.crypto.hashes import sha256
from holdfast.custody.contents import CODES, Rule


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_the_first_66_bits_of_the_hash(language: str) -> None:
    found = words(b"key", language).split()
    chosen = Mnemonic(LISTS[language]).wordlist
    number = 0
    for word in found:
        number = number << 11 | chosen.index(word)
    assert len(found) == 6
    assert number == int.from_bytes(sha256(b"key"), "big") >> (256 - 66)


def test_both_scripts_say_the_same_characters() -> None:
    simplified, traditional = (Mnemonic(LISTS[language]).wordlist for language in ("zh-Hans", "zh-Hant"))
    same = [traditional[simplified.index(word)] for word in words(b"key", "zh-Hans").split()]
    assert " ".join(same) == words(b"key", "zh-Hant")


@pytest.mark.parametrize("bit", [0, 1, 32, 65])
def test_one_bit_changes_the_words(bit: int) -> None:
    assert words(b"key", "en") != words(bytes([bit]) + b"key", "en")


def test_a_moment_is_the_same_for_every_keeper() -> None:
    assert moment(1_800_000_000) == "2027-01-15 08:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "no wait", "无需等待"),
        (45, "a wait of 45 s", "等待 45 秒"),
        (1800, "a wait of 30 min", "等待 30 分钟"),
        (7200, "a wait of 2 h", "等待 2 小时"),
        (259_200, "a wait of 3 d", "等待 3 天"),
    ],
)
def test_a_wait_is_said_in_the_largest_unit(seconds: int, english: str, chinese: str) -> None:
    assert duration(seconds) == english
    speak("zh-Hans")
    assert duration(seconds) == chinese


def test_a_rule_is_one_line() -> None:
    assert rule_lines({"private": Rule(3, 0)}, 3600, 5) == [
        "  private: any 3 of 5 keepers open it, no wait",
        "  a new roster: a wait of 1 h",
    ]


def test_every_reason_is_said_in_words() -> None:
    assert all(reason(code) != code for code in CODES)
    assert reason("another") == "another"


def test_compartments_are_listed_as_the_language_lists() -> None:
    assert compartments(["public", "private"]) == "public, private"
    speak("zh-Hant")
    assert compartments(["public", "identity"]) == "公開、身分"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (50_000_000, "50.0 MB"), (4 << 40, "4.4 TB")]
)
def test_a_size_is_said_in_units_of_a_thousand(count: int, text: str) -> None:
    assert size(count) == text
