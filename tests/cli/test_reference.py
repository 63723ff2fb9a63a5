"""The reference pages say what the program does."""

import importlib.util
import re
from pathlib import Path

import pytest
from running import call
from texts import raises

from holdfast.cli import edge
from holdfast.cli.language import LANGUAGES, catalogue

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def generated() -> dict[Path, str]:
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "tools" / "generate_docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", ["commands.md", "errors.md"])
def test_a_generated_page_is_fresh(name: str) -> None:
    found = (REFERENCE / name).read_text("utf-8")
    assert found == generated()[REFERENCE / name], "run: python tools/generate_docs.py"


def test_every_exit_code_is_explained() -> None:
    page = (REFERENCE / "exit-codes.md").read_text("utf-8")
    explained = [int(number) for number in re.findall(r"^\| (\d+) \|", page, re.M)]
    numbers = {0, *edge.EXIT_CODES.values()}
    numbers |= {value for name, value in vars(edge).items() if name.isupper() and isinstance(value, int)}
    assert explained == sorted(numbers)


def test_every_error_is_listed_with_its_exit_codes() -> None:
    page = (REFERENCE / "errors.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| ([0-9, ]+) \|", page, re.M))
    assert set(rows) == {one.code for one in raises()}
    assert rows["request-waits"] == "9"
    assert rows["kit-missing"] == "6"


def test_the_word_table_is_what_the_catalogues_use() -> None:
    page = (REFERENCE / "words-zh.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", page, re.M)[1:]
    assert len(rows) > 40
    for language, column in zip(LANGUAGES[1:], (1, 2), strict=True):
        text = "".join(catalogue(language).values())
        for row in rows:
            for word in re.split("[、；]", row[column].replace("3 ", "{t} ").replace("{t} 天", "{n} 天")):
                assert word in text, (language, word)


def test_the_page_on_completion_has_lines_that_work() -> None:
    page = (ROOT / "docs" / "how-to" / "shell-completion.md").read_text("utf-8")
    assert '`eval "$(_HOLDFAST_COMPLETE=bash_source holdfast)"`' in page
    assert "docs/how-to/shell-completion.md" in call("--help").out
