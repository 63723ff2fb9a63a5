"""Everything that people read is in English, 简体中文 and 繁體中文."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from texts import helped, said

import holdfast.cli
from holdfast.cli.language import LANGUAGES, catalogue, choose, say, speak, spoken
from holdfast.cli.sentences import SENTENCES

CHINESE = [language for language in LANGUAGES if language != "en"]
SAID = said()
WANTED = {text for text in SAID if not text.startswith("=")} | set(SENTENCES.values()) | set(helped())
COMPUTED = {"=SENTENCES[error.code]", "=part", "=line", "=option.help or ''", "=paragraphs_of(command.help or '')[0]"}
"""What is said without being a literal: sentences of errors and texts of help pages, which are collected apart."""

SIMPLIFIED = set("这们会个时没还请导软认为务设备构访问错误权属书签证应该写读开关号码")
TRADITIONAL = set("這們會個時沒還請導軟認為務設備構訪問錯誤權屬書簽證應該寫讀開關號碼")


def po(language: str) -> Path:
    return Path(holdfast.cli.__file__).parent / "languages" / f"{language}.po"


def test_nothing_is_said_that_no_catalogue_can_know() -> None:
    assert {text for text in SAID if text.startswith("=")} <= COMPUTED


@pytest.mark.parametrize("language", CHINESE)
def test_every_text_is_translated_and_no_translation_is_stale(language: str) -> None:
    found = set(catalogue(language))
    assert WANTED - found == set()
    assert found - WANTED == set()


@pytest.mark.parametrize("language", CHINESE)
def test_a_catalogue_is_whole(language: str) -> None:
    with po(language).open("rb") as file:
        messages = [message for message in read_po(file, abort_invalid=True) if message.id]
    assert not [m.id for m in messages if m.fuzzy or not m.string]
    assert len({m.id for m in messages}) == po(language).read_text("utf-8").count("\nmsgid ") - 1


@pytest.mark.parametrize("language", CHINESE)
def test_a_translation_has_the_same_fields_and_commands(language: str) -> None:
    for text, translated in catalogue(language).items():
        for kept in (r"{\w+}", r"--[a-z-]+", r"`[^`]+`", r"holdfast [a-z]+( [a-z]+)?\b"):
            found = [sorted(m[0] for m in re.finditer(kept, t)) for t in (text, translated)]
            assert found[0] == found[1], text


@pytest.mark.parametrize("language", CHINESE)
def test_a_translation_is_chinese_with_chinese_punctuation(language: str) -> None:
    for text, translated in catalogue(language).items():
        assert re.search("[\u3000-\u9fff\uff00-\uffef]", translated), text
        assert not re.search("[\u4e00-\u9fff][,;:?!]", translated), translated


def test_each_script_stays_itself() -> None:
    assert not set("".join(catalogue("zh-Hans").values())) & (TRADITIONAL - SIMPLIFIED)
    assert not set("".join(catalogue("zh-Hant").values())) & (SIMPLIFIED - TRADITIONAL)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-Hans"),
        ({"LANG": "zh_SG.UTF-8"}, "zh-Hans"),
        ({"LANG": "zh_TW.UTF-8"}, "zh-Hant"),
        ({"LANG": "zh_HK.UTF-8"}, "zh-Hant"),
        ({"LANG": "zh_MO"}, "zh-Hant"),
        ({"LANG": "zh_TW.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "HOLDFAST_LANG": "zh-Hant"}, "zh-Hant"),
    ],
)
def test_the_environment_chooses_the_language(environment: dict[str, str], language: str) -> None:
    assert choose(None, environment) == language


def test_what_is_asked_for_goes_before_the_environment() -> None:
    assert choose("zh-Hans", {"HOLDFAST_LANG": "en"}) == "zh-Hans"


def test_a_text_without_translation_is_said_in_english() -> None:
    speak("zh-Hant")
    assert spoken() == "zh-Hant"
    assert say("Nobody translated {this}.", this="that") == "Nobody translated that."
