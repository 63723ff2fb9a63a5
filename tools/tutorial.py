"""Run the commands of a Markdown page in one shell and compare what they print with what the page says.

    python tools/tutorial.py docs/tutorial.md            fails where they differ
    python tools/tutorial.py docs/tutorial.md --write    puts what they print into the page

Commands are the lines after `$ ` in ```console blocks.  What differs from run to run (keys, ids, sizes, times, words to
compare, what a kill left behind) is folded on both sides before comparing.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"```console\n(.*?)```", re.S)
MARK = "=-=-= end of a command"
BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[1]
FOLDED = (
    (r"\b[0-9]+-[0-9a-f]{8}\b", "…"),
    (r"\b[0-9a-f]{16,64}\b", "…"),
    (r"\b[0-9.]+ (B|kB|MB|GB)\b", "…"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d UTC\b", "…"),
    (r"^  ([a-z]+ ){5}[a-z]+$", "  …"),
    (r"\b[0-9]+ (packs|files|posts|keys|entries|digests|objects)\b", r"… \1"),
    (r"^  [a-z-]+: [0-9]+$", "  …"),
    (r"\b[0-9]+ of [0-9]+ shares\b", "… shares"),
    (r"^(Packs that stand in no log|A keeping that was killed leaves).*\n", ""),
    (r"^(.*\n)\1+", r"\1"),
)


def commands(page: str) -> list[str]:
    """Give the page's commands in order."""
    return [line[2:] for block in BLOCK.findall(page) for line in block.splitlines() if line.startswith("$ ")]


def run(found: list[str], folder: Path) -> list[str]:
    """Run commands in one shell in `folder` and give what each prints, errors too."""
    script = "set -u\n" + "".join(f"{command}\necho '{MARK}' $?\n" for command in found)
    environment = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(folder),
        "HOLDFAST_STATE": str(folder / "state"),
        "HOLDFAST_SOURCE": str(ROOT),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
    }
    for name in ("TUTORIAL_SIZE",):
        if name in os.environ:
            environment[name] = os.environ[name]
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    outputs = re.split(f"{MARK} [0-9]+\n", done.stdout.decode())
    if len(outputs) != len(found) + 1:
        raise SystemExit(f"the shell stopped early:\n{done.stdout.decode()}")
    return outputs[:-1]


def rewritten(page: str, outputs: list[str]) -> str:
    """Give the page with these outputs in place of its own."""
    left = iter(outputs)

    def block(match: re.Match[str]) -> str:
        lines = [line for line in match[1].splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"{line}\n{next(left)}" for line in lines) + "```"

    return BLOCK.sub(block, page)


def folded(text: str) -> str:
    """Give a page with everything folded that differs from run to run."""
    for pattern, sign in FOLDED:
        text = re.sub(pattern, sign, text, flags=re.M)
    return text


def differs(page: Path, folder: Path) -> str:
    """Give the first line where the page and what its commands print differ, or nothing."""
    text = page.read_text()
    fresh = rewritten(text, run(commands(text), folder))
    for said, got in zip(folded(text).splitlines(), folded(fresh).splitlines(), strict=False):
        if said != got:
            return f"the page says: {said}\nthe run gave:  {got}"
    same = len(folded(text).splitlines()) == len(folded(fresh).splitlines())
    return "" if same else "the page and the run differ in length"


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.write:
            text = given.page.read_text()
            given.page.write_text(rewritten(text, run(commands(text), Path(folder))))
        elif problem := differs(given.page, Path(folder)):
            raise SystemExit(problem)


if __name__ == "__main__":
    _main()
