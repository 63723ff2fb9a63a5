"""Documents are complete, link to what is there, and speak as they should."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.cli.main import KEEPER_VERBS, VERBS

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "spec/*.md", "vectors/*.md", "changes/*.md", "tests/*/*.md")
    for path in ROOT.glob(pattern)
)
ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))

PLAIN = frozenset(
    re.findall(
        "[a-z]+",
        """already asked builder by central context copied cut deaf directory disk draft duration dying error event
        exists failing failure found holdfast kept known line located made mark named names not numbers only
        outside page part pending plan power read reader refused several sink sorter spec stored story
        tables unfinished unknown unreadable unsupported unverified verb verbs world x zip""",
    )
)
"""Words of class names that mean no more here than anywhere."""

NEVER = re.compile(r"deniab|untraceable|military-grade|unbreakable|100\s?% secure", re.I)
FUTURE = re.compile(r"\bwill be\b|\bwill soon\b|\bTODO\b|\bFIXME\b|\bcoming soon\b|\bin the future\b", re.I)
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
EXAMPLE = re.compile(r"^```text vector=(\S+)\n(.*?)^```$", re.M | re.S)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(page: str) -> str:
    """Give a page without its code, in which brackets are no links."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^\s*```.*?^\s*```", "", page, flags=re.M | re.S))


# -- words --


def class_words() -> Iterator[tuple[str, str]]:
    """Give every word of every public class's name, with the class."""
    for path in sorted((ROOT / "src" / "holdfast").rglob("*.py")):
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", node.name):
                    yield word.lower(), node.name


def glossary() -> set[str]:
    """Give every word that the glossary's first column explains, in the singular."""
    cells = re.findall(r"^\| ([^|]+) \|", text(ROOT / "GLOSSARY.md"), re.M)
    return {word.removesuffix("s") for cell in cells for word in re.findall(r"[a-z-]+", cell.lower())}


def test_the_glossary_has_every_public_noun() -> None:
    words = glossary()
    missing = {cls for word, cls in class_words() if word not in PLAIN and not known(word, words)}
    assert not missing, f"explain in GLOSSARY.md, or call the class by a word that is there: {sorted(missing)}"


def known(word: str, words: set[str]) -> bool:
    """Tell whether the glossary has a word, or the verb or noun that it is made of."""
    stems = (word, word.removesuffix("s"), word.removesuffix("ed"), word.removesuffix("d"), word.removesuffix("ing"))
    return any(stem in words for stem in (*stems, word.removesuffix("er"), word.removesuffix("r")))


@pytest.mark.parametrize("word", ["account", "export", "compartment", "keeper", "quorum", "roster", "grant", "item"])
def test_the_glossary_explains_the_words_of_the_design(word: str) -> None:
    assert word in glossary()


def test_a_word_is_explained_once() -> None:
    heads = re.findall(r"^\| ([^|]+) \| (?!meaning|---)", text(ROOT / "GLOSSARY.md"), re.M)
    assert len(heads) > 100
    assert sorted(heads) == sorted(set(heads))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_promises_nothing_that_no_software_holds(path: Path) -> None:
    allowed = path.name in ("threat-model.md", "CONTRIBUTING.md")
    for paragraph in text(path).split("\n\n"):
        if not (allowed and "<!-- forbidden -->" in paragraph):
            assert not NEVER.search(paragraph), paragraph


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_speaks_of_the_present_and_of_no_machine(path: Path) -> None:
    for number, line in enumerate(text(path).split("\n"), 1):
        assert not FUTURE.search(line), f"{name(path)}:{number}: {line}"
        assert not MACHINE.search(line), f"{name(path)}:{number}: {line}"


# -- links --


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    targets = [target.partition("#")[0] for target in LINK.findall(prose(text(path)))]
    lost = [t for t in targets if t and "://" not in t and not (path.parent / t).exists()]
    assert not lost, f"{name(path)}: {lost}"


# -- completeness --


@pytest.mark.parametrize("verb", [*VERBS, *(f"keeper {verb}" for verb in KEEPER_VERBS)])
def test_every_verb_is_in_the_documents(verb: str) -> None:
    docs = "\n".join(text(path) for path in PAGES if path.parts[-2] != "adr")
    assert re.search(rf"holdfast {verb}\b", docs)


@pytest.mark.parametrize("marker", [m.partition(":")[0] for m in PROJECT["tool"]["pytest"]["ini_options"]["markers"]])
def test_every_marker_is_documented(marker: str) -> None:
    for page in ("CONTRIBUTING.md", "docs/explanation/testing.md"):
        assert f"`{marker}`" in text(ROOT / page)


def test_every_decision_has_the_next_number_and_is_listed() -> None:
    listed = dict(re.findall(r"^\| \[(\d{4})\]\(([^)]+)\)", text(ROOT / "docs/adr/README.md"), re.M))
    assert listed == {path.name[:4]: path.name for path in ADRS}
    assert [int(number) for number in listed] == list(range(1, len(ADRS) + 1))


@pytest.mark.parametrize("path", ADRS, ids=name)
def test_a_decision_says_what_was_rejected(path: Path) -> None:
    page = text(path)
    title = page.split("\n")[0].removeprefix(f"# {path.name[:4]}: ")
    assert f"| {title} |" in text(ROOT / "docs/adr/README.md")
    for part in ("Context", "Decision", "Rejected", "Consequence"):
        assert f"\n**{part}.** " in page


def test_fragments_are_named_by_their_section() -> None:
    for path in (ROOT / "changes").iterdir():
        assert path.name == "README.md" or re.fullmatch(r"[a-z0-9-]+\.(security|added|changed|fixed)\.md", path.name)


# -- dependencies --


def packages(lines: list[str]) -> set[str]:
    return {re.sub(r"[-_.]+", "-", re.split(r"[=<>!~\[; ]", line, maxsplit=1)[0]).lower() for line in lines}


@pytest.mark.parametrize(
    ("heading", "lines"),
    [
        ("At run time", PROJECT["project"]["dependencies"]),
        ("For developers", PROJECT["dependency-groups"]["dev"]),
    ],
    ids=["run time", "developers"],
)
def test_every_dependency_has_a_line(heading: str, lines: list[str]) -> None:
    section = text(ROOT / "docs/dependencies.md").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in row.split("|")[1:5]] for row in re.findall(r"^\| .*\|$", section, re.M)[1:]]
    assert packages([row[0] for row in rows]) == packages(lines)
    assert all(field and licence for _, field, licence, _ in rows)


# -- the specification --


@pytest.mark.parametrize("path", sorted((ROOT / "spec").glob("*.md")), ids=name)
def test_examples_of_the_specification_are_vectors(path: Path) -> None:
    for vector, example in EXAMPLE.findall(text(path)):
        given = json.loads(text(ROOT / "vectors" / f"{vector}.json"))["given"]
        assert example == (given["text"] if "text" in given else given["line"] + "\n"), vector


@pytest.mark.parametrize("path", sorted((ROOT / "spec").glob("*.md")), ids=name)
def test_every_hash_in_the_specification_is_from_a_vector(path: Path) -> None:
    files = [path for path in (ROOT / "vectors").rglob("*") if path.is_file()]
    shown = "".join([*map(name, files), *(file.read_bytes().decode("latin-1") for file in files)])
    hashes = re.findall(r"\b[0-9a-f]{64}\b|(?<![\w+/])[\w+/]{43}=|[\w+/]{16,}(?=…)", text(path))
    assert not [spelled for spelled in hashes if spelled not in shown]


@pytest.mark.parametrize("page", ["vault", "pack", "log", "keep-1", "kit"])
def test_every_page_of_the_specification_has_status_example_and_checks(page: str) -> None:
    spec = text(ROOT / "spec" / f"{page}.md")
    assert "Status: draft 0." in spec
    assert "```" in spec
    assert re.search(r"^##+ .*[Cc]hecks", spec, re.M)
    assert f"({page}.md)" in text(ROOT / "spec/README.md")
