"""What came in goes out: bytes, order, times, attributes; and nothing ever leaves OUT."""

import io
import os
import struct
import zipfile
import zlib

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.errors import AlreadyExists, Refused, Unreadable
from holdfast.model.export import Compartment, Container, Kind, Member
from holdfast.sources.folder import FolderReader
from holdfast.sources.x import XExport
from holdfast.sources.zip import ZipReader
from holdfast.targets.paths import Names, harmless
from holdfast.targets.x import XTarget
from holdfast.targets.zip import Part, write_zip


def read_from(source):
    return lambda member: (unit.data for unit in source.units(member))


def give_back(source, out, **options):
    target = XTarget(out, **options)
    return [target.apply(step) for step in target.plan(source.containers(), source.members(), read_from(source))]


def seen(path):
    """All that a reader of a zip sees."""
    with zipfile.ZipFile(path) as each:
        return each.comment, [
            (info.orig_filename, info.date_time, info.compress_type, info.comment, info.extra, info.create_system,
             info.create_version, info.external_attr, info.internal_attr, info.flag_bits, info.CRC, info.file_size,
             each.open(info).read())
            for info in each.infolist()
        ]  # fmt: skip


def make(path, members, comment=b"", unseekable=False):
    class Pipe(io.RawIOBase):
        def __init__(self, file):
            self.file = file

        def writable(self):
            return True

        def write(self, data):
            return self.file.write(data)

    with path.open("wb") as file, zipfile.ZipFile(Pipe(file) if unseekable else file, "w") as out:
        out.comment = comment
        for name, data, method, extra in members:
            info = zipfile.ZipInfo(name, (2024, 11, 9, 12, 14, 18))
            info.compress_type, info.external_attr, info.extra = method, 0o100640 << 16, extra
            info.comment = name.encode()[:7]
            out.writestr(info, data)
    return path


TIME = struct.pack("<HHBL", 0x5455, 5, 1, 1_700_000_000)
MEMBERS = [
    ("data/", b"", 0, b""), ("data/tweets.js", b"window.YTD.tweets.part0 = [ ]" * 50, 8, TIME),
    ("data/记忆.js", b"x", 0, b""),
    ("data/empty.js", b"", 8, TIME), ("caf\xe9/\U0001f56f.txt", os.urandom(5000), 8, b""),
    ("big.mp4", bytes(2_500_000), 0, b""),
]  # fmt: skip


@pytest.mark.parametrize("unseekable", [False, True], ids=["sizes in front", "data descriptors"])
def test_zip_round_trip(tmp_path, unseekable):
    path = make(tmp_path / "in.zip", MEMBERS, b"a comment", unseekable)
    assert give_back(XExport([ZipReader(path)]), tmp_path / "out.zip") == [tmp_path / "out.zip"]
    assert seen(tmp_path / "out.zip") == seen(path)
    one, two = XExport([ZipReader(path)]), XExport([ZipReader(tmp_path / "out.zip")])
    assert list(one.members()) == list(two.members())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_names_stay_two(tmp_path):
    path = make(tmp_path / "in.zip", [("a", b"1", 0, b""), ("a", b"2", 8, b"")])
    give_back(XExport([ZipReader(path)]), tmp_path / "out.zip")
    assert seen(tmp_path / "out.zip") == seen(path)
    give_back(XExport([ZipReader(path)]), tmp_path / "files", unpacked=True)
    assert (tmp_path / "files" / "a").read_bytes() == b"1"
    assert (tmp_path / "files" / ".odd" / "0-1").read_bytes() == b"2"


def test_names_that_are_no_utf8(tmp_path):
    path = make(tmp_path / "in.zip", [("aXXb", b"1", 0, b"")])
    path.write_bytes(path.read_bytes().replace(b"aXXb", b"a\xc3\xb7\xff"))
    give_back(XExport([ZipReader(path)]), tmp_path / "out.zip")
    assert seen(tmp_path / "out.zip") == seen(path)
    assert b"a\xc3\xb7\xff" in (tmp_path / "out.zip").read_bytes()


@pytest.mark.parametrize("flags", [1, 9], ids=["encrypted", "encrypted with descriptor"])
def test_a_packed_member_goes_back_packed(tmp_path, flags):
    path = make(tmp_path / "in.zip", [("a", b"secret" * 99, 8, b"")])
    data = bytearray(path.read_bytes())
    data[6] = data[data.index(b"PK\1\2") + 8] = flags
    path.write_bytes(data)
    give_back(XExport([ZipReader(path)]), tmp_path / "out.zip")
    ours, theirs = ZipReader(tmp_path / "out.zip"), ZipReader(path)
    assert ours.entry(0) == theirs.entry(0)
    assert b"".join(ours.read(0)) == b"".join(theirs.read(0))
    with zipfile.ZipFile(tmp_path / "out.zip") as out, zipfile.ZipFile(path) as was:
        assert (out.infolist()[0].CRC, out.infolist()[0].file_size) == (
            was.infolist()[0].CRC,
            was.infolist()[0].file_size,
        )


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.binary(max_size=2000), st.sampled_from([0, 8]), st.booleans()), max_size=6),
    st.integers(0, 3000),
)
def test_zip64_fields_wherever_they_are_needed(members, limit):
    file = io.BytesIO()
    parts = [
        Part(b"%d" % n, len(data), (("method", str(method)), ("flags", str(8 * late)), ("made", "788")), [data])
        for n, (data, method, late) in enumerate(members)
    ]
    write_zip(file, parts, b"c", limit=limit)
    with zipfile.ZipFile(file) as out:
        assert out.testzip() is None
        assert [out.read(info) for info in out.infolist()] == [data for data, _, _ in members]


def test_forced_zip64_is_read_back(tmp_path):
    file = io.BytesIO()
    write_zip(file, [Part(b"a", 5, (("method", "8"),), [b"hello"]), Part(b"b", 1, (), [b"x"])], limit=1)
    (tmp_path / "a.zip").write_bytes(file.getvalue())
    reader = ZipReader(tmp_path / "a.zip")
    assert [b"".join(reader.read(n)) for n in range(2)] == [b"hello", b"x"]


def test_parts_go_back_as_parts(tmp_path):
    for name in ("one.zip", "two.zip"):
        make(tmp_path / name, [(name, name.encode(), 8, b"")])
    source = XExport([ZipReader(tmp_path / "one.zip"), ZipReader(tmp_path / "two.zip")])
    give_back(source, tmp_path / "out.zip")
    for name in ("one.zip", "two.zip"):
        assert seen(tmp_path / "out.zip" / name) == seen(tmp_path / name)


def test_folder_round_trip(tmp_path):
    root = tmp_path / "export"
    (root / "data" / "empty").mkdir(parents=True)
    (root / "data" / "a.js").write_bytes(b"a" * 2_000_000)
    (root / "data" / "a.js").chmod(0o640)
    os.utime(root / "data" / "a.js", ns=(5, 1_700_000_000_123_456_789))
    (root / "link").symlink_to("/etc/passwd")
    give_back(XExport([FolderReader(root)]), tmp_path / "out")
    about = (tmp_path / "out" / "export" / "data" / "a.js").stat()
    assert (about.st_mtime_ns, about.st_mode & 0o7777) == (1_700_000_000_123_456_789, 0o640)
    assert (tmp_path / "out" / "export" / "data" / "a.js").read_bytes() == b"a" * 2_000_000
    assert (tmp_path / "out" / "export" / "data" / "empty").is_dir()
    assert not list((tmp_path / "out").rglob("link"))
    assert (tmp_path / "out" / ".odd" / "0-2").read_bytes() == b"/etc/passwd\n"
    assert (tmp_path / "out" / ".odd" / "names.txt").read_text() == "0-2\tlink\n"


def test_twice_changes_nothing_and_other_bytes_are_never_overwritten(tmp_path):
    source = XExport([ZipReader(make(tmp_path / "in.zip", MEMBERS))])
    for out, options in [(tmp_path / "out.zip", {}), (tmp_path / "out", {"unpacked": True})]:
        paths = give_back(source, out, **options)
        before = [(path, path.stat()) for path in paths if path.is_file()]
        assert give_back(source, out, **options) == paths
        assert [(path, path.stat().st_ino, path.stat().st_mtime_ns) for path, _ in before] == [
            (path, about.st_ino, about.st_mtime_ns) for path, about in before
        ]
    for changed in (tmp_path / "out.zip", tmp_path / "out" / "data" / "tweets.js"):
        changed.write_bytes(b"mine")
        with pytest.raises(AlreadyExists):
            give_back(source, tmp_path / changed.relative_to(tmp_path).parts[0], unpacked=changed.suffix == ".js")
        assert changed.read_bytes() == b"mine"
    assert not list(tmp_path.rglob(".holdfast-*"))


def test_withheld_members_are_absent(tmp_path):
    source = XExport([ZipReader(make(tmp_path / "in.zip", MEMBERS))])
    target = XTarget(tmp_path / "out.zip")
    [step] = target.plan(source.containers(), source.members()[1:3], read_from(source))
    target.apply(step)
    assert [each[0] for each in seen(tmp_path / "out.zip")[1]] == ["data/tweets.js", "data/记忆.js"]


def test_a_member_that_breaks_off_leaves_no_file(tmp_path):
    def read(member):
        yield b"x"
        raise Unreadable("medium-fails")

    source = XExport([ZipReader(make(tmp_path / "in.zip", MEMBERS))])
    for unpacked in (False, True):
        target = XTarget(tmp_path / ("out" if unpacked else "out.zip"), unpacked=unpacked)
        with pytest.raises(Unreadable):
            [target.apply(step) for step in target.plan(source.containers(), source.members()[1:], read)]
    assert {path.name for path in tmp_path.rglob("*")} <= {"in.zip", "out", "data"}


def member(place, path, fields=()):
    return Member(0, place, path, 1, Kind.OTHER, (Compartment.PRIVATE,), fields)


HOSTILE = [
    b"../up", b"a/../../up", b"/etc/cron", b"C:/x", b"c:x", b"a\\..\\b", b"..\\up", b"con", b"data/NUL.txt", b"com1",
    b"a\nb", b"a\0b",
    b"", b"a//b", b"./a", b"a/.", b"x" * 201, b"a/" * 600 + b"a", b"\xff", b"dot.", b"space ", b".odd/1", b".ODD/1",
    b".holdfast-1", "\u202egpj.exe".encode(), b"lpt\xc2\xb9", b"a:stream", b"CONIN$",
    b"aux .txt", b"\x9f".decode("latin-1").encode(),
]  # fmt: skip


def test_hostile_paths_never_leave_out(tmp_path):
    (tmp_path / "room").mkdir()
    out = tmp_path / "room" / "out"
    members = [member(n, path) for n, path in enumerate(HOSTILE)]
    target = XTarget(out, unpacked=True)
    for step in target.plan([Container("zip", b"a.zip", 1, b"")], members, lambda _: iter([b"x"])):
        target.apply(step)
    assert sorted(path.name for path in (tmp_path / "room").iterdir()) == ["out"]
    assert sorted(path.name for path in out.iterdir()) == [".odd"]
    assert {path.name for path in (out / ".odd").iterdir()} == {f"0-{n}" for n in range(len(HOSTILE))} | {"names.txt"}
    lines = (out / ".odd" / "names.txt").read_text().splitlines()
    assert lines[0] == "0-0\t../up"
    assert lines[10] == "0-10\ta%0Ab"
    assert len(lines) == len(HOSTILE)


@pytest.mark.parametrize("name", [b"../evil.zip", b"/evil.zip", b"NUL", b"\xff.zip"])
def test_hostile_container_names(tmp_path, name):
    (tmp_path / "room").mkdir()
    target = XTarget(tmp_path / "room" / "out")
    members = [member(0, b"a"), msgspec.structs.replace(member(0, b"a"), container=1)]
    for step in target.plan(
        [Container(form, name, 1, b"") for form in ("zip", "folder")], members, lambda _: iter([b"x"])
    ):
        assert (tmp_path / "room" / "out") in target.apply(step).parents
    assert [path.name for path in (tmp_path / "room").iterdir()] == ["out"]
    assert [path.name for path in tmp_path.iterdir()] == ["room"]


@pytest.mark.parametrize(
    "paths",
    [(b"a", b"A"), (b"a", b"a/b"), (b"a/b", b"a"), (b"Data/x", b"data/y"), ("é".encode(), "e\u0301".encode()),
     ("ß".encode(), b"SS"),
     ("ﬁ".encode(), b"fi")],
)  # fmt: skip
def test_names_that_a_disk_may_merge(paths):
    names = Names()
    assert names.file(paths[0])
    assert names.file(paths[1]) is None


@given(st.binary(max_size=40))
def test_a_harmless_path_stays_inside(path):
    parts = harmless(path)
    if parts is not None:
        assert "/".join(parts).encode() == path
        assert not {"", ".", ".."} & set(parts)


def test_links_in_out_are_never_followed(tmp_path):
    outside, out = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    out.mkdir()
    (outside / "target").write_bytes(b"x")
    (out / "data").symlink_to(outside)
    (out / "a").symlink_to(outside / "target")
    (out / "b").symlink_to(outside / "new")
    target = XTarget(out, unpacked=True)
    for path in (b"data/x", b"a", b"b"):
        [step] = target.plan([Container("zip", b"a.zip", 1, b"")], [member(0, path)], lambda _: iter([b"x"]))
        with pytest.raises(Refused):
            target.apply(step)
    assert [path.name for path in outside.iterdir()] == ["target"]


def test_a_link_as_out_zip_is_refused(tmp_path):
    source = XExport([ZipReader(make(tmp_path / "in.zip", MEMBERS))])
    (tmp_path / "out.zip").symlink_to(tmp_path / "elsewhere.zip")
    with pytest.raises(Refused):
        give_back(source, tmp_path / "out.zip")
    assert not (tmp_path / "elsewhere.zip").exists()


def test_a_link_inside_a_zip_becomes_text(tmp_path):
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as out:
        out.writestr(info, b"/etc/passwd")
    give_back(XExport([ZipReader(tmp_path / "in.zip")]), tmp_path / "out", unpacked=True)
    assert (tmp_path / "out" / ".odd" / "0-0").read_bytes() == b"/etc/passwd"
    assert not any(path.is_symlink() for path in (tmp_path / "out").rglob("*"))


def test_what_a_killed_run_left_is_taken_over(tmp_path):
    source = XExport([ZipReader(make(tmp_path / "in.zip", MEMBERS[1:2]))])
    [path] = give_back(source, tmp_path / "out", unpacked=True)
    import hashlib

    left = path.parent / (".holdfast-" + hashlib.sha256(path.name.encode()).hexdigest()[:16])
    path.unlink()
    left.write_bytes(b"half")
    assert give_back(source, tmp_path / "out", unpacked=True) == [path]
    assert zlib.crc32(path.read_bytes()) == zlib.crc32(MEMBERS[1][1])
    assert not left.exists()


@pytest.mark.parametrize(
    "fields", [(("method", "x"),), (("extra", "zz"),), (("time", "99999999"),), (("crc", "-1"), ("unpacked", "1"))]
)
def test_fields_that_no_zip_has(fields):
    with pytest.raises(Unreadable, match="member-fields-bad"):
        write_zip(io.BytesIO(), [Part(b"a", 1, fields, [b"x"])])


@pytest.mark.parametrize("fields", [(("mtime", "9" * 30),), (("mtime", "x"),), (("link", "zz"),), (("made", ""),)])
def test_fields_that_no_folder_has(tmp_path, fields):
    target = XTarget(tmp_path / "out", unpacked=True)
    with pytest.raises(Unreadable, match="member-fields-bad"):
        target.plan([Container("folder", b"a", 0, b"")], [member(0, b"a", fields)], lambda _: iter([b"x"]))


def test_a_member_of_another_size_is_refused():
    with pytest.raises(Unreadable, match="member-cut-off"):
        write_zip(io.BytesIO(), [Part(b"a", 2, (), [b"x"])])
