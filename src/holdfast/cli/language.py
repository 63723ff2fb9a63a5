"""The languages of what a keeper or an owner reads: English in the code, Chinese in catalogues beside it."""

import os
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def choose(wanted: str | None, environment: Mapping[str, str]) -> str:
    """Give the language asked for, else that of the environment, else English."""
    names = [wanted, *(environment.get(n) for n in ("HOLDFAST_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))]
    tag = next((name for name in names if name), "en").partition(".")[0].replace("_", "-").lower()
    if tag.startswith(TRADITIONAL):
        return "zh-Hant"
    return "zh-Hans" if tag.startswith("zh") else "en"


_spoken = choose(None, os.environ)


def speak(language: str) -> None:
    """Say everything from now on in this language."""
    global _spoken  # noqa: PLW0603 - one process speaks to one person
    _spoken = language


def spoken() -> str:
    """Give the language that is spoken now."""
    return _spoken


def say(text: str, /, **fields: object) -> str:
    """Give `text` in the language spoken, with its fields filled in; English where there is no translation."""
    if _spoken != "en":
        text = catalogue(_spoken).get(text, text)
    return text.format(**fields) if fields else text


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Give every translated sentence of a language."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 - only those who need it pay for it

    path = files("holdfast.cli").joinpath("languages", f"{language}.po")
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string and not m.fuzzy}
