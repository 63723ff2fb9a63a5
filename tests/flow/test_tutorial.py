"""The tutorial is true: its commands are run as they stand, and print what the page says."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial.md"


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tutorial", ROOT / "tools" / "tutorial.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_tutorial_runs_as_written(tmp_path: Path) -> None:
    assert tool().differs(PAGE, tmp_path) == ""


@pytest.mark.long
def test_the_tutorial_runs_with_an_export_of_500_megabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTORIAL_SIZE", "500000000")
    assert tool().differs(PAGE, tmp_path) == ""


def test_a_page_that_says_something_else_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo one\ntwo\n```\n")
    assert "the run gave:  one" in tool().differs(page, tmp_path)
