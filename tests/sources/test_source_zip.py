"""The zip reader against zipfile on honest zips, and alone on hostile ones."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.errors import Refused, Unreadable
from holdfast.sources.zip import ZipReader


def written(path, members, comment=b""):
    with zipfile.ZipFile(path, "w") as out:
        out.comment = comment
        for name, data, method in members:
            out.writestr(zipfile.ZipInfo(name, (2024, 11, 9, 12, 14, 18)), data, method)
    return path


def everything(reader):
    return [(reader.entry(n), b"".join(reader.read(n))) for n in range(len(reader))]


names = st.text(st.characters(exclude_characters="\0\\", exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(names, st.binary(max_size=3000), st.sampled_from([0, 8])),
        min_size=1,
        max_size=8,
        unique_by=lambda m: m[0],
    ),
    st.binary(max_size=30),
)
def test_it_reads_what_zipfile_reads(tmp_path_factory, members, before):
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    buffer = io.BytesIO()
    written(buffer, members)
    path.write_bytes(before + buffer.getvalue())
    with zipfile.ZipFile(path) as oracle:
        expected = [(info.orig_filename, info.file_size, oracle.read(info)) for info in oracle.infolist()]
    assert [(entry.path.decode(), entry.size, data) for entry, data in everything(ZipReader(path))] == expected


def one(tmp_path, data=b"hello " * 100, method=8):
    return written(tmp_path / "one.zip", [("a.js", data, method), ("b.js", b"second", 0)])


def damaged(path, at, new):
    data = bytearray(path.read_bytes())
    data[at : at + len(new)] = new
    path.write_bytes(data)
    return ZipReader(path)


def code(call):
    with pytest.raises(Unreadable) as raised:
        call()
    return raised.value.code


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", "file-empty"), (b"hello", "not-a-zip"), (b"PK\3\4" + bytes(80), "zip-cut-off"),
     (b"PK\5\6" + bytes(18), "zip-empty"),
     (b"PK\5\6" + bytes(8) + struct.pack("<LLH", 99, 0, 0), "zip-directory-damaged")],
)  # fmt: skip
def test_what_is_no_whole_zip_says_why(tmp_path, data, expected):
    (tmp_path / "a.zip").write_bytes(data)
    assert code(lambda: ZipReader(tmp_path / "a.zip")) == expected


def test_cut_off_at_any_place_is_unreadable(tmp_path):
    whole = one(tmp_path).read_bytes()
    for size in range(0, len(whole), 7):
        (tmp_path / "cut.zip").write_bytes(whole[:size])
        assert code(lambda: ZipReader(tmp_path / "cut.zip"))


def test_a_damaged_member_leaves_its_neighbour(tmp_path):
    path = one(tmp_path, method=0)
    reader = damaged(path, 40, b"X")
    assert code(lambda: b"".join(reader.read(0))) == "member-damaged"
    assert b"".join(reader.read(1)) == b"second"


def test_damaged_deflate(tmp_path):
    reader = damaged(one(tmp_path), 36, b"\xff\xff\xff")
    assert code(lambda: b"".join(reader.read(0))) == "member-damaged"


@pytest.mark.parametrize("size", [1, 599, 601, 10**9])
def test_a_lie_about_the_size_is_found(tmp_path, size):
    path = one(tmp_path)
    start = path.read_bytes().index(b"PK\1\2")
    reader = damaged(path, start + 24, struct.pack("<L", size))
    assert code(lambda: b"".join(reader.read(0))) == "member-damaged"


def test_a_bomb_stops_at_the_declared_size(tmp_path):
    path = one(tmp_path, bytes(50 << 20))
    start = path.read_bytes().index(b"PK\1\2")
    reader, given = damaged(path, start + 24, struct.pack("<L", 100)), 0
    with pytest.raises(Unreadable):
        for chunk in reader.read(0):
            given += len(chunk)
    assert given == 0


def test_sizes_over_the_limit_are_refused(tmp_path):
    path = one(tmp_path, bytes(10_000))
    with pytest.raises(Refused):
        ZipReader(path, limit=10_000)
    assert len(ZipReader(path, limit=10_006)) == 2


def test_local_name_disagrees(tmp_path):
    reader = damaged(one(tmp_path), 30, b"x")
    assert code(lambda: reader.read(0)) == "member-disagrees"
    assert ("refused", "member-disagrees") in reader.entry(0).fields
    assert b"".join(reader.read(1)) == b"second"


def test_local_method_disagrees(tmp_path):
    assert code(lambda: damaged(one(tmp_path), 8, b"\0").read(0)) == "member-disagrees"


def test_members_that_share_bytes_are_refused(tmp_path):
    """Two lines of the directory for one member: the simplest of the quoting bombs."""
    path = one(tmp_path)
    start = path.read_bytes().index(b"PK\1\2")
    second = path.read_bytes().index(b"PK\1\2", start + 4)
    reader = damaged(path, second + 42, bytes(4))
    assert code(lambda: reader.read(0)) == code(lambda: reader.read(1)) == "member-overlaps"


def test_a_member_that_quotes_the_next_is_refused(tmp_path):
    path = one(tmp_path, method=0)
    start = path.read_bytes().index(b"PK\1\2")
    reader = damaged(path, start + 20, struct.pack("<LL", 640, 640))
    assert code(lambda: reader.read(0)) == "member-overlaps"
    assert b"".join(reader.read(1)) == b"second"


@pytest.mark.parametrize(("at", "value"), [(8, 1), (10, 99)], ids=["encrypted", "unknown method"])
def test_what_nobody_can_unpack_is_given_packed(tmp_path, at, value):
    path = one(tmp_path)
    start = path.read_bytes().index(b"PK\1\2")
    damaged(path, start + at, struct.pack("<H", value))
    reader = damaged(path, at - 2, struct.pack("<H", value))
    packed = zlib.compressobj(wbits=-15)
    expected = packed.compress(b"hello " * 100) + packed.flush()
    assert zlib.decompress(b"".join(reader.read(0)), -15) == zlib.decompress(expected, -15)
    assert reader.entry(0).size == len(b"".join(reader.read(0)))
    assert ("unpacked", "600") in reader.entry(0).fields


def test_forced_zip64(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out, out.open("a.js", "w", force_zip64=True) as member:
        member.write(b"hello")
    assert everything(ZipReader(tmp_path / "a.zip"))[0][1] == b"hello"
    assert "local" not in dict(ZipReader(tmp_path / "a.zip").entry(0).fields)


def test_comment_with_an_end_record_inside(tmp_path):
    path = written(tmp_path / "a.zip", [("a", b"1", 0)], comment=b"PK\5\6 not the end")
    assert len(ZipReader(path)) == 1


def test_directory_is_kept(tmp_path):
    path = one(tmp_path)
    container = ZipReader(path).container()
    assert path.read_bytes().endswith(container.directory)
    assert container.directory.startswith(b"PK\1\2")
    assert (container.form, container.name, container.size) == ("zip", b"one.zip", path.stat().st_size)


@settings(max_examples=150)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_any_damage_gives_bytes_or_unreadable(tmp_path_factory, at, new):
    path = one(tmp_path_factory.mktemp("zip"), b"hello", 8)
    try:
        reader = damaged(path, at % path.stat().st_size, new)
    except (Unreadable, Refused):
        return
    for n in range(len(reader)):
        reader.entry(n)
        try:
            data = b"".join(reader.read(n))
        except Unreadable:
            continue
        assert len(data) == reader.entry(n).size


@pytest.mark.slow
def test_many_members_take_little_memory(tmp_path):
    import tracemalloc

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        for n in range(20_000):
            out.writestr(f"assets/{n:06}.svg", b"")
    tracemalloc.start()
    reader = ZipReader(tmp_path / "a.zip")
    assert sum(1 for _ in reader.paths()) == 20_000
    assert tracemalloc.get_traced_memory()[1] < 20_000 * 200
    tracemalloc.stop()
