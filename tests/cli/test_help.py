"""Help pages: complete, with an example, in every language, and no wider than the terminal."""

import re

import click
import pytest
from running import call
from texts import verbs

from holdfast.cli.help import Page, cells, wrap
from holdfast.cli.language import speak
from holdfast.cli.main import KEEPER_VERBS, VERBS

PATHS = [path.split()[1:] for path, _ in verbs()]
LONG = "保存网上说过的话：密封起来，经得起校验（以后）再由足够多的 keepers 一起恢复。" * 4


def test_every_verb_is_there() -> None:
    names = [*([verb] for verb in VERBS), *(["keeper", verb] for verb in KEEPER_VERBS)]
    assert sorted(PATHS) == sorted([[], *names])


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_has_usage_options_and_an_example(path: list[str]) -> None:
    page = call(*path, "--help")
    assert page.code == 0
    assert page.out.startswith(f"Usage: {' '.join(['holdfast', *path])} ")
    assert "\nOptions:\n" in page.out
    assert re.search(r"\nExample:\n  holdfast ", page.out)


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_is_chinese_throughout(path: list[str], language: str) -> None:
    page = call("--lang", language, *path, "--help").out
    body, _, _ = page.partition("holdfast demo\n\n") if not path else (page, "", "")
    typed = re.compile(r"^  holdfast .*$|^用法.*$|\[en\|zh-Hans\|zh-Hant\]|`[^`]*`|^  [a-z-]+(?= {2})", re.M)
    prose = typed.sub("", body)
    assert not re.findall(r"\b[a-z]+ [a-z]+ [a-z]+\b", prose), prose
    assert re.search("[\u4e00-\u9fff]", page)


def test_the_language_of_keeper_check_is_the_one_asked_for() -> None:
    assert (
        "在有人需要之前，把你的每個份額都開啟並驗證一遍。" in call("--lang", "zh-Hant", "keeper", "check", "--help").out
    )
    assert "金鑰" in call("--lang", "zh-Hant", "open", "--help").out
    assert call("--lang", "zh-Hant", "--help").out.startswith("用法：")


@pytest.mark.parametrize(
    ("path", "usage"),
    [
        ("new", "holdfast new VAULT --keeper CARD... [OPTIONS]"),
        ("keep", "holdfast keep EXPORT... --vault VAULT [OPTIONS]"),
        ("copy", "holdfast copy VAULT DEST [OPTIONS]"),
        ("verify", "holdfast verify VAULT [OPTIONS]"),
        ("request", "holdfast request VAULT --kit KIT --why CODE --out DIR [OPTIONS]"),
        ("grant", "holdfast grant --kit KIT --vault VAULT REQUEST --out FILE [OPTIONS]"),
        ("list", "holdfast list VAULT --key KEY --grant FILE... [OPTIONS]"),
        ("restore", "holdfast restore VAULT --key KEY --grant FILE... --to x OUT [OPTIONS]"),
        ("open", "holdfast open VAULT --key KEY --grant FILE... --out FILE [OPTIONS]"),
        ("keeper new", "holdfast keeper new KIT [OPTIONS]"),
        ("keeper admit", "holdfast keeper admit --kit KIT --vault VAULT WRITER [OPTIONS]"),
        ("keeper check", "holdfast keeper check --kit KIT --vault VAULT [OPTIONS]"),
    ],
)
def test_usage_is_spelled_as_promised(path: str, usage: str) -> None:
    assert call(*path.split(), "--help").out.splitlines()[0] == f"Usage: {usage}"


def test_help_tells_of_shell_completion() -> None:
    assert 'eval "$(_HOLDFAST_COMPLETE=bash_source holdfast)"' in call("--help").out


@pytest.mark.parametrize("width", [20, 40, 79])
def test_lines_fit_the_terminal_in_chinese_too(width: int) -> None:
    lines = list(wrap(LONG, width))
    assert all(cells(line) <= width + 2 for line in lines)
    assert all(cells(line) > width - 12 for line in lines[:-1])
    assert not [line for line in lines if line[0] in "，。、；：）" or line[-1] == "（"]
    assert "".join(lines).replace(" ", "") == LONG.replace(" ", "")


def test_english_is_wrapped_at_words() -> None:
    text = "Keep what was said online: sealed, checked, and brought back."
    assert " ".join(wrap(text, 20)) == text
    assert all(cells(line) <= 20 for line in wrap(text, 20))


def test_a_long_name_stands_on_a_line_of_its_own() -> None:
    speak("en")
    page = Page(width=60)
    page.write_dl([("--a", "first"), ("--" + "long" * 10, "second")])
    assert page.getvalue() == f"--a{' ' * 29}first\n--{'long' * 10}\n{' ' * 32}second\n"


def test_examples_parse() -> None:
    for path, command in verbs():
        for line in re.findall(r"holdfast [^\n]*", command.epilog or ""):
            if isinstance(command, click.Group) or "_HOLDFAST" in line:
                continue
            words = line.removeprefix(path).split()
            command.make_context(path, words)
