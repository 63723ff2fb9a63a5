"""Writes the reference pages that follow from the code: docs/reference/commands.md and errors.md.

python tools/generate_docs.py            writes them
python tools/generate_docs.py --check    fails where they are stale
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from texts import Raise, context_of, raises, verbs

from holdfast import errors
from holdfast.cli.edge import EXIT_CODES, WAITING, WAITS
from holdfast.cli.language import speak
from holdfast.cli.sentences import SENTENCES

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"

COMMANDS = """# Every verb

This page is what `holdfast VERB --help` shows. After a change: `python tools/generate_docs.py`.

What each verb prints with `--json`: [json.md](json.md). How verbs end: [exit-codes.md](exit-codes.md).
"""

ERRORS = """# Every error

An error has a code, which never changes its meaning, and a sentence in the language of the person who reads it. With
`--json` the code stands in `error.code`. The exit code tells whose fault it is: [exit-codes.md](exit-codes.md). After a
change: `python tools/generate_docs.py`.

Three more codes come from the edge itself: `usage` (exit code 2, the command line is not understood), `stopped` (130,
somebody pressed Ctrl-C) and `unexpected` (1, a mistake in Holdfast).

| code | exit | sentence |
|---|---|---|
"""


def commands() -> str:
    """Give the page of all verbs."""
    speak("en")
    helps = {path: command.get_help(context_of(command, path)).rstrip() for path, command in verbs()}
    return "\n".join([COMMANDS, *(f"## {path}\n\n```text\n{text}\n```\n" for path, text in helps.items())])


def error_table(found: Iterable[Raise], sentences: Mapping[str, str]) -> str:
    """Give the page of all errors."""
    exits: dict[str, set[int]] = {}
    for one in found:
        exits.setdefault(one.code, set()).add(_exit(one))
    rows = [
        f"| `{code}` | {', '.join(map(str, sorted(exits[code])))} | {sentences[code].strip()} |"
        for code in sorted(exits)
    ]
    return ERRORS + "\n".join(rows) + "\n"


def _exit(one: Raise) -> int:
    return WAITING if one.code in WAITS else EXIT_CODES[getattr(errors, one.error)]


def pages() -> dict[Path, str]:
    """Give every generated page."""
    return {
        REFERENCE / "commands.md": commands(),
        REFERENCE / "errors.md": error_table(raises(), SENTENCES),
    }


def main() -> None:
    """Write the pages, or only compare them."""
    found = pages()
    if "--check" not in sys.argv:
        for path, page in found.items():
            path.write_text(page, encoding="utf-8")
    elif stale := [path.name for path, page in found.items() if path.read_text(encoding="utf-8") != page]:
        sys.exit(f"stale: {', '.join(stale)}; run: python tools/generate_docs.py")


if __name__ == "__main__":
    main()
