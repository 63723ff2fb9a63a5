"""Names of an export never leave the folder that they are restored to, from a hostile zip to the restored files."""

import stat
import struct
import unicodedata
import warnings
import zipfile
from pathlib import Path

import pytest

from helpers import House, files_under, given_back, handed_in, read_export
from holdfast.restore import restore
from holdfast.targets.x import XTarget

HOSTILE = (
    "../outside", "../../outside", "data/../../outside", "/outside", "//outside", "/../outside", "a/./b", "a//b",
    "./c", "..", ".", "...", "C:\\outside", "C:outside", "c:/outside", "\\outside", "..\\outside", "\\\\host\\share",
    "data/..", "a/\x01b", "a/b\r\nc", "a/\x1b[31mred", "a/\u202egpj.exe", "con", "NUL.txt", "aux/x", "com1", "ends.",
    "ends ", " begins", "a:b", "a*b", 'a"b', "a<b", "a|b", "a?b", ".odd/0", ".odd/names.txt", ".hf-0", "-rf", "--",
    "~root/.ssh/authorized_keys", "$HOME/x", "`id`", "x" * 300, "y/" * 120 + "z", "TWICE", "twice", "file",
    "file/inside", "naïve", unicodedata.normalize("NFD", "naïve"), "a.zst", "cut/public/0.zst", "holdfast/pack/x",
    "files/0/a", "data/记忆.js", "data/a\tb.js", "data/a\nb.js", "data/a;b=c.js", "data/a%b.js", "data/\x1b.js",
    "%2e%2e/x", "..%2foutside", "a\tb", "back\\slash",
)  # fmt: skip
LINK = stat.S_IFLNK | 0o777


def hostile_zip(path: Path) -> None:
    """Write a zip of names that lie, among them links, repeats and what is no UTF-8."""
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as out:
        warnings.simplefilter("ignore")
        out.writestr("data/tweets.js", b"window.YTD.tweets.part0 = [ ]")
        out.writestr("data/manifest.js", b"window.__THAR_CONFIG = {}")
        for number, name in enumerate([*HOSTILE, *HOSTILE[:3]]):
            info = zipfile.ZipInfo("placeholder")
            info.filename = name
            out.writestr(info, b"content %d" % number)
        for number, target in enumerate(("/etc/passwd", "../../outside", ".")):
            info = zipfile.ZipInfo(f"link{number}")
            info.create_system, info.external_attr = 3, LINK << 16
            out.writestr(info, target)
        out.writestr("link2/through", b"written through a link")
        out.writestr("XXXX/latin", b"no utf-8")
    path.write_bytes(path.read_bytes().replace(b"XXXX", b"\xff\xfe\xe9\xa0"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("hostile"))
    hostile_zip(house.folder / "export.zip")
    house.keep(read_export(house.folder / "export.zip"))
    return house


def outside(folder: Path) -> set[Path]:
    """Give all that lies around the folder that is restored to."""
    return {path for path in folder.rglob("*") if "out" not in path.relative_to(folder).parts[:1]}


def test_every_byte_of_a_hostile_export_is_kept(house: House) -> None:
    assert given_back(house.snapshot()) == handed_in(read_export(house.folder / "export.zip"))


@pytest.mark.slow
@pytest.mark.parametrize("unpacked", [False, True])
def test_names_never_leave_the_target(house: House, tmp_path: Path, unpacked: bool) -> None:
    around = tmp_path / "a" / "b" / "c"
    around.mkdir(parents=True)
    before, root = outside(tmp_path), set(Path("/").iterdir())
    out = around / "out"
    source = read_export(house.folder / "export.zip")
    for _ in range(2):
        paths = list(restore(house.snapshot(), XTarget(out, unpacked=unpacked)))
    assert set(Path("/").iterdir()) == root
    assert {path for path in outside(tmp_path) if out not in path.parents and path != out} == before
    assert not [
        path for path in out.rglob("*") if path.is_symlink() or not path.resolve().is_relative_to(out.resolve())
    ]
    if unpacked:
        contents = set(files_under(out).values())
        wanted = [b"".join(unit.data for unit in source.units(member)) for member in source.members()]
        assert [data for data in wanted if data not in contents] == []
    else:
        (path,) = paths
        assert given_names(path) == given_names(house.folder / "export.zip")


def given_names(path: Path) -> list[tuple[bytes, int, int]]:
    """Give the raw names, attributes and checksums of a zip's directory."""
    data, found = path.read_bytes(), []
    at = struct.unpack_from("<L", data, data.rindex(b"PK\5\6") + 16)[0]
    while data.startswith(b"PK\1\2", at):
        name, extra, comment = struct.unpack_from("<3H", data, at + 28)
        crc, attributes = struct.unpack_from("<L", data, at + 16)[0], struct.unpack_from("<L", data, at + 38)[0]
        found.append((data[at + 46 : at + 46 + name], crc, attributes))
        at += 46 + name + extra + comment
    return found


def test_a_link_in_the_way_is_not_followed(house: House, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (out / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Exception, match="out-not-ours"):
        list(restore(house.snapshot(), XTarget(out, unpacked=True)))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_no_hostile_name_becomes_a_name_in_the_vault(house: House) -> None:
    """A store's names are hashes and numbers; what an export spells is inside sealed bytes only."""
    for name, _ in house.store.names(""):
        assert not any(part in name for part in ("outside", "link", "twice", ".odd", "tweets"))
