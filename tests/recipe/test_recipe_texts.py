"""What lies beside every vault: three files that say the same in three languages and run anywhere."""

import re
import subprocess
from pathlib import Path

from recipe_run import RECIPE
from recipe_vault import Home

from holdfast.vault.names import CONTAINER_NAME

NAMES = ["OPEN-WITHOUT-US.txt", "identities.py", "open-without-us.sh"]


def test_every_vault_has_them(tmp_path: Path) -> None:
    Home(tmp_path / "vault")
    files = sorted(p.name for p in (tmp_path / "vault").iterdir() if p.is_file())
    assert files == sorted([*NAMES, "format"])
    assert all((tmp_path / "vault" / name).read_bytes() == (RECIPE / name).read_bytes() for name in NAMES)


def test_three_languages_give_the_same_commands() -> None:
    parts = (RECIPE / NAMES[0]).read_text(encoding="utf-8").split("─" * 120)
    assert [("以" in p, "帳號" in p) for p in parts] == [(False, False), (True, False), (True, True)]
    commands = [[line.strip() for line in p.splitlines() if re.match(r" {9}\S", line)] for p in parts]
    assert commands[0] == commands[1] == commands[2]
    assert [command.split()[0] for command in commands[0]] == ["age", "python3", "sh"]
    for word in (
        *NAMES[1:],
        CONTAINER_NAME,
        "2^252 + 27742317777372353535851937790883648493",
        "holdfast/keep-1/epoch-age-pq",
    ):
        assert all(word in p for p in parts), word


def test_scripts_are_plain_and_portable() -> None:
    """Text in ASCII with short lines, and a shell script that a strict shell can read."""
    for name in NAMES[1:]:
        assert max(map(len, (RECIPE / name).read_text(encoding="ascii").splitlines())) <= 120
    script = (RECIPE / "open-without-us.sh").read_text()
    assert script.startswith("#!/bin/sh\n")
    assert not re.search(r"\[\[|\blocal\b|\bfunction \w+ *\{|<\(|\$'|age[^\n]*\| *tar", script)
    subprocess.run(["sh", "-n", str(RECIPE / "open-without-us.sh")], check=True)
