"""The folder reader: files only, in a stable order."""

import os

import pytest

from holdfast.errors import Unreadable
from holdfast.sources.folder import FolderReader


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "export"
    (root / "data" / "empty").mkdir(parents=True)
    (root / "data" / "b.js").write_bytes(b"b" * 3_000_000)
    (root / "data" / "a.js").write_bytes(b"")
    (root / "z").write_bytes(b"z")
    os.utime(root / "z", ns=(1, 1_700_000_000_123_456_789))
    (root / "z").chmod(0o640)
    return root


def test_order_sizes_and_fields(folder):
    reader = FolderReader(folder)
    assert list(reader.paths()) == [b"data/a.js", b"data/b.js", b"data/empty/", b"z"]
    assert [reader.entry(n).size for n in range(4)] == [0, 3_000_000, 0, 1]
    assert reader.entry(3).fields == (("mtime", "1700000000123456789"), ("mode", "640"))
    assert b"".join(reader.read(1)) == b"b" * 3_000_000
    assert max(map(len, reader.read(1))) <= 1 << 20


def test_links_are_listed_and_never_followed(folder, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "data" / "up").symlink_to(tmp_path)
    reader = FolderReader(folder)
    entries = [reader.entry(n) for n in range(len(reader))]
    links = {entry.path: (n, dict(entry.fields)) for n, entry in enumerate(entries) if "link" in dict(entry.fields)}
    assert set(links) == {b"link", b"data/up"}
    for number, fields in links.values():
        assert b"".join(reader.read(number)) == b""
        assert bytes.fromhex(fields["link"]).startswith(os.fsencode(tmp_path))


def test_a_file_replaced_by_a_link_is_not_followed(folder, tmp_path):
    reader = FolderReader(folder)
    (tmp_path / "secret").write_bytes(b"s")
    (folder / "z").unlink()
    (folder / "z").symlink_to(tmp_path / "secret")
    with pytest.raises(Unreadable):
        b"".join(reader.read(3))


def test_a_pipe_is_reported_and_never_opened(folder):
    os.mkfifo(folder / "pipe")
    reader = FolderReader(folder)
    number = list(reader.paths()).index(b"pipe")
    with pytest.raises(Unreadable, match="not-a-file"):
        reader.read(number)


def test_a_file_that_changed_is_reported(folder):
    reader = FolderReader(folder)
    for data in (b"zz", b""):
        (folder / "z").write_bytes(data)
        with pytest.raises(Unreadable, match="member-changed"):
            b"".join(reader.read(3))


def test_names_in_any_bytes(tmp_path):
    (tmp_path / os.fsdecode(b"\xff\xfe")).write_bytes(b"1")
    assert list(FolderReader(tmp_path).paths()) == [b"\xff\xfe"]
