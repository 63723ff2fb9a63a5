"""The device is taken: no secret but the writer key, and no word of the export, lies on it or in the vault."""

import os
import shutil
import subprocess
import sys
from importlib.resources import files
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from helpers import ALL, NOW, House, an_export, deal_here, files_under
from holdfast.admit import admit
from holdfast.keep import World, keep
from holdfast.testing.exports import ExportSpec
from holdfast.vault.paths import quote
from searching import digits, found, patterns, scalars, secrets_of, shares, spellings, words

RECIPE = {file.name for file in files("holdfast").joinpath("recipe").iterdir()}
SPEC = ExportSpec(posts=60, notes=1, images=4, videos=1, likes=20, messages=12)


class Seized:
    """A device on which the command was run: its folders, and the vault beside it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.house = House(folder / "house")
        self.folder, self.vault = folder, folder / "house" / "vault"
        (folder / "export").mkdir()
        self.made, _ = an_export(folder / "export", SPEC, "twitter-2026-kelp.zip")
        for name in ("state", "tmp", "home"):
            (folder / name).mkdir()
        if "--leave-no-trace" not in options:
            shutil.copytree(folder / "house" / "state", folder / "state", dirs_exist_ok=True)
        self.run("keep", str(self.made.containers[0]), "--vault", str(self.vault), *options)
        self.image = self._image()
        vault = self.house.vault()
        for writer in set(vault.logs) - set(vault.book.writers):
            admit(vault, self.house.kits[0], writer, NOW, os.urandom)

    def run(self, *arguments: str) -> None:
        places = {"HOME": "home", "TMPDIR": "tmp", "HOLDFAST_STATE": "state"}
        env = {"PATH": os.environ["PATH"], **{name: str(self.folder / place) for name, place in places.items()}}
        subprocess.run([sys.executable, "-m", "holdfast", *arguments], env=env, check=True, capture_output=True)

    def _image(self) -> dict[Path, bytes]:
        """Give every file but the export, the keepers' kits and the recipe that lies in every vault."""
        places = [self.vault, *(self.folder / name for name in ("state", "tmp", "home"))]
        return {path: data for path, data in files_under(*places).items() if path.name not in RECIPE}

    def left(self) -> list[str]:
        """Give what lies outside the vault."""
        return sorted(
            path.name for name in ("state", "tmp", "home") for path in (self.folder / name).rglob("*") if path.is_file()
        )


@pytest.fixture(scope="module", params=["--remember", "--leave-no-trace"])
def seized(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Seized:
    return Seized(tmp_path_factory.mktemp("seized"), request.param)


@pytest.mark.slow
def test_no_word_of_the_export_is_left(seized: Seized) -> None:
    image = seized.image
    names = {seized.made.containers[0].name, seized.made.containers[0].stem}
    assert len(image) > 10
    assert found(patterns(words(seized.made) | names), image) == []


@pytest.mark.slow
def test_the_search_finds_what_is_there(seized: Seized, tmp_path: Path) -> None:
    """The control: the export itself, unpacked, tells every word, and each spelling of one is found."""
    shutil.unpack_archive(seized.made.containers[0], tmp_path / "open")
    plain = files_under(tmp_path / "open")
    for mark in seized.made.marks:
        assert found(patterns([mark.word]), plain) or len(mark.word.encode()) < 6
    for spelling in patterns(["sargassum-at-midnight", "data/记忆.js"]):
        assert found(patterns(["sargassum-at-midnight", "data/记忆.js"]), {tmp_path: b"\xff" + spelling + b"\xff"})


@pytest.mark.slow
def test_no_epoch_secret_identity_or_share_is_left(seized: Seized) -> None:
    image = seized.image
    secrets = scalars(seized.house)
    assert len(secrets) == 3
    for scalar in secrets.values():
        assert found(secrets_of(scalar), image) == []
    for scalar in shares(seized.house):
        assert found({*digits(scalar), *spellings(scalar.to_bytes(32, "little"))}, image) == []


@pytest.mark.slow
def test_no_keepers_secret_is_left(seized: Seized) -> None:
    image = seized.image
    for kit in seized.house.kits:
        for keys in kit.keys:
            assert found(spellings(keys.secret), image) == []


@pytest.mark.slow
def test_the_writer_key_is_the_only_secret_that_stays(tmp_path: Path) -> None:
    seized = Seized(tmp_path)
    image = seized.image
    inside = [path for path, data in image.items() if seized.house.seed in data]
    assert [path.name for path in inside] == ["journal.sqlite"]
    assert seized.left() == ["journal.sqlite", "lock"]
    assert found(spellings(seized.house.seed), {path: data for path, data in image.items() if path not in inside}) == []


@pytest.mark.slow
def test_leave_no_trace_leaves_no_file(tmp_path: Path) -> None:
    seized = Seized(tmp_path, "--leave-no-trace")
    assert seized.left() == []
    assert list((tmp_path / "state").rglob("*")) == []


@pytest.mark.slow
def test_nothing_is_left_while_a_keeping_runs(tmp_path: Path) -> None:
    """The device is taken at any moment: with the write-ahead log of its memory, and with temporary files."""
    house = House(tmp_path / "house")
    made, source = an_export(tmp_path, SPEC)
    turns, images, seen = count(), [], {}

    def progress(done: int) -> None:
        if next(turns) % 120 == 0:
            images.append(files_under(tmp_path / "house"))

    world = World(lambda: NOW, os.urandom, deal_here, progress)
    for _ in range(2):
        with house.journal() as journal:
            keep(source, house.store, journal, ALL, world)
    for image in images:
        seen |= {data: path for path, data in image.items() if path.name not in RECIPE}
    assert len(images) > 3
    assert any(path.name.endswith("-wal") and data for data, path in seen.items())
    assert found(patterns(words(made)), {Path(str(n)): data for n, data in enumerate(seen)}) == []


@pytest.mark.slow
def test_names_of_single_files_do_not_stay(tmp_path: Path) -> None:
    """A file that is stored whole is a piece under its own name: the memory of where it lies must not tell it."""
    house = House(tmp_path / "house")
    made, source = an_export(tmp_path, replace(SPEC, images=30))
    house.keep(source)
    names = {member.path for member in made.members if member.path.endswith((".jpg", ".mp4"))}
    wanted = patterns(names | {quote(name.encode()) for name in names} | {Path(name).name for name in names})
    assert found(wanted, files_under(house.folder / "state")) == []
