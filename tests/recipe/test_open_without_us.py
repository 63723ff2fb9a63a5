"""The recipe beside every vault: an age of other people, tar, zstd and a shell give every member back."""

import io
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recipe_run import Opened, Recipe, missing
from recipe_vault import IDENTITY, PRIVATE, PUBLIC, Home, Liar, Listed, Put, noise

from holdfast.crypto.hashes import sha256
from holdfast.model.export import Kind
from holdfast.state.journal import Journal
from holdfast.vault import tables
from holdfast.vault.format import pack_name
from holdfast.vault.paths import quote

pytestmark = [pytest.mark.service, pytest.mark.slow]

ODD = [
    b"../x", b"/etc/x", b"a/../../x", b"a//b", b"./a", b"", b".", b"..", b"a\\b", b"..\\x", b"C:", b"c:\\x", b"con",
    b"AUX.txt", b"tab\there", b"line\nbreak", b"end\n", b"quote\"'`", b"a;b|c>d<e", b"*?", b"-rf", b"a/-x", b"dots...",
    b"space ", b" space", b"\xff\xfe", b"a\x00b", b"\xe2\x80\xaeexe", b"\x1b[2J", b"p" * 300, b"q/" * 600 + b"q",
    b".odd/1", b".ODD/container", b"x/.odd/y",
]  # fmt: skip
PLAIN = [
    b"data/a.js", b"100%", b"%2e%2e/x", b"%41", b"$HOME", b"$(touch pwned)", b"a b  c", b"a'b", b"~", b"#x", b"x=y",
    "中文/推文 😀.txt".encode(), b"n" * 200, b"d/" * 100 + b"deep", b"x.tar", b"holdfast/padding", b"cut/public/0.zst",
    b"report.txt", b"work",
]  # fmt: skip
CLASHES = [
    b"Case", b"case", b"same", b"same", b"file", b"file/below", b"dir/below", b"dir", "Å".encode(), "A\u030a".encode(),
]  # fmt: skip


def hostile() -> Listed:
    """Give an export with every odd name, each in turn a picture or text, and what a naive recipe would spoil."""
    kinds, sides = (Kind.TEXT, Kind.OTHER, Kind.IMAGE), (PUBLIC, PRIVATE, IDENTITY, PUBLIC)
    puts = [
        Put(name, b"%d " % k + name * 3 + b"\n", kinds[k % 3], (sides[k % 4],))
        for k, name in enumerate([*ODD, *PLAIN, *CLASHES])
    ]
    frame = tables.compress(b"a frame of the export's own " * 99)
    text = b"".join(b"line %d of two compartments\n" % k for k in range(600))
    puts += [
        Put(b"raw.zst", frame), Put(b"cut/public/1.zst", frame), Put(b"text.zst", frame, Kind.TEXT, (PRIVATE,)),
        Put(b"empty", b""), Put(b"empty.js", b"", Kind.TEXT, (PRIVATE,)), Put(b"folder/", b""), Put(b"folder/", b""),
        Put(b"deep/er/", b""), Put(b"folder-with-bytes/", b"bytes"), Put(b"../folder/", b""),
        Put(b"split.js", text, Kind.TEXT, (PUBLIC, PRIVATE)), Put(b"mixed.js", text, Kind.TEXT, (PRIVATE,), mixed=True),
        Put(b"split.bin", noise(3 << 20, "split"), Kind.OTHER, (PUBLIC, PRIVATE)),
        Put(b"split-small.bin", noise(1 << 20, "small"), Kind.OTHER, (PUBLIC, PRIVATE)),
        Put(b"nothing.but\nlines", b"\n" * 300, Kind.TEXT, (PUBLIC, IDENTITY)),
    ]  # fmt: skip
    return Listed(puts, [Put(b"data/a.js", b"another container's", Kind.TEXT), Put(b"../x", b"again")])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A vault with one keeping of the hostile export; nobody writes to it."""
    home = Home(tmp_path_factory.mktemp("hostile") / "vault")
    home.keep(hostile())
    return home


SMALL = Listed(
    [Put(b"a b  c", b"picture", Kind.IMAGE), Put(b"data/a.js", b"1\n2\n3\n", Kind.TEXT), Put(b"x.zst", b"x")]
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A vault with one keeping of three members; nobody writes to it."""
    home = Home(tmp_path_factory.mktemp("small") / "vault", seed="small")
    home.keep(SMALL)
    return home


def name_of(home: Home) -> str:
    """Give the name of a vault's first keeping."""
    return next(iter(home.identities())).split()[0]


def check_whole(opened: Opened, keeping: str, source: Listed) -> None:
    """Fail unless every member of the export is there, and no other file."""
    expected = source.expected()
    found = opened.files(keeping)
    assert found.keys() == {name for name in expected if not name.endswith("/")}
    assert not [name for name, data in found.items() if data != expected[name]]
    assert all((opened.out / keeping / name).is_dir() for name in expected if name.endswith("/"))


def everything(top: Path) -> dict[str, bytes | None]:
    """Give every path below a folder and what it holds, links not followed."""
    return {str(p): p.read_bytes() if p.is_file() and not p.is_symlink() else None for p in sorted(top.rglob("*"))}


# -- everything comes back --


def test_every_member_byte_for_byte(recipe: Recipe, home: Home) -> None:
    before = everything(home.folder)
    opened = recipe(home.folder, home.identities().values())
    keeping = name_of(home)
    check_whole(opened, keeping, hostile())
    assert (opened.code, opened.report) == (0, ""), opened.text
    assert f"members: {len(opened.files(keeping))} whole, 0 incomplete, 0 refused" in opened.text
    assert sorted(p.name for p in opened.out.iterdir()) == [keeping, f"{keeping}.members.tsv"]
    assert everything(home.folder) == before
    rows = [line.split("\t") for line in (opened.out / f"{keeping}.members.tsv").read_text().splitlines()]
    listed = {(int(row[0]), int(row[1])): row[2] for row in rows}
    for member in hostile().members():
        assert listed[member.container, member.place] == quote(member.path)


APPLETS = "tar awk sed sort head tail cut uniq tr grep find mkdir mv wc ls cat rm xargs sha256sum"


@pytest.mark.parametrize("program", ["bsdtar", "busybox"])
def test_with_other_tars(recipe: Recipe, home: Home, tmp_path: Path, program: str) -> None:
    """Not only GNU's tar: BSD's (macOS, Windows) and busybox's, there with its own shell, awk and the rest."""
    for language in ("C", "C.UTF-8"):
        opened = recipe(home.folder, home.identities().values(), LC_ALL=language, **with_tar(program, tmp_path))
        check_whole(opened, name_of(home), hostile())
        assert (opened.code, opened.report) == (0, ""), opened.text


def with_tar(program: str, folder: Path) -> dict[str, str]:
    """Give the surroundings in which `tar` is this program, and with busybox everything else too."""
    found = shutil.which(program)
    if found is None:
        missing(f"needs {program}")
    names = APPLETS.split() if program == "busybox" else ["tar"]
    (folder / "bin").mkdir(exist_ok=True)
    for name in names:
        if not (folder / "bin" / name).exists():
            (folder / "bin" / name).symlink_to(str(found))
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return {"PATH": path, "shell": f"{found} sh" if program == "busybox" else "sh"}


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_with_other_shells(recipe: Recipe, small: Home, shell: str) -> None:
    if shutil.which(shell) is None:
        missing(f"needs {shell}")
    opened = recipe(small.folder, small.identities().values(), shell=shell)
    check_whole(opened, name_of(small), SMALL)
    assert opened.code == 0, opened.text


def test_large_member_over_packs(recipe: Recipe, tmp_path: Path) -> None:
    """40 MB lie in several packs; text beside it in pieces of about 1 MiB."""
    home = Home(tmp_path / "vault")
    words = b"".join(b'{"n": %d, "text": "%s"},\n' % (k, noise(40, str(k)).hex().encode()) for k in range(30_000))
    source = Listed(
        [Put(b"video/large.mp4", noise(40_000_001, "v"), Kind.VIDEO), Put(b"data/tweets.js", words, Kind.TEXT)]
    )
    keeping = home.keep(source).keeping
    opened = recipe(home.folder, home.identities().values())
    check_whole(opened, keeping, source)
    assert opened.code == 0, opened.text


def test_later_keeping_draws_on_earlier(recipe: Recipe, tmp_path: Path) -> None:
    """With memory a keeping stores only what is new; its slices lie in pieces of both keepings."""
    home = Home(tmp_path / "vault")
    lines = [b"post %d %s\n" % (k, noise(20, str(k)).hex().encode()) for k in range(400)]
    picture = Put(b"media/a b.jpg", noise(1500, "p"), Kind.IMAGE)
    first = Listed([Put(b"data/tweets.js", b"".join(lines), Kind.TEXT), picture])
    lines[200:203] = [b"changed\n"]
    second = Listed([Put(b"data/tweets.js", b"new\n" + b"".join(lines), Kind.TEXT), picture])
    kept = [home.keep(source, Journal.open(tmp_path / "journal")).keeping for source in (first, second)]
    opened = recipe(home.folder, home.identities().values())
    check_whole(opened, kept[0], first)
    check_whole(opened, kept[1], second)
    assert opened.code == 0, opened.text
    alone = [text for name, text in home.identities().items() if name.startswith(kept[1])]
    opened = recipe(home.folder, alone)
    assert "data/tweets.js: incomplete" in opened.report
    assert not (opened.out / kept[1] / "0/data/tweets.js").exists()
    assert (opened.out / "incomplete" / kept[1] / "0/data/tweets.js").read_bytes() == b"new\nchanged\n"


def test_without_the_private_epoch(recipe: Recipe, home: Home) -> None:
    """What is private stays closed; of a member in two compartments the public half is given apart, and named so."""
    opened = recipe(home.folder, home.identities(PUBLIC).values())
    keeping = name_of(home)
    expected = hostile().expected()
    found = opened.files(keeping)
    assert found and all(expected[name] == data for name, data in found.items())
    lines = expected["0/split.js"].splitlines(keepends=True)
    assert "0/split.js" not in found
    assert (opened.out / "incomplete" / keeping / "0/split.js").read_bytes() == b"".join(lines[::2])
    assert "0/text.zst" not in found
    assert (opened.code, "0/split.js: incomplete" in opened.report) == (0, True)
    assert "0 of other epochs" not in opened.text


# -- what lies in the folder is believed of nobody --


def test_stranger_opens_nothing(recipe: Recipe, small: Home) -> None:
    opened = recipe(small.folder, ["AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"])
    assert opened.code == 1
    assert "0 opened" in opened.text and "none of these identities opens anything here" in opened.text
    assert [p.name for p in opened.out.iterdir()] == []


def test_damaged_and_missing_packs(recipe: Recipe, home: Home, tmp_path: Path) -> None:
    """A pack that is gone, cut off or exchanged for another is named; all that the others hold comes back."""
    vault = home.copy(tmp_path / "vault")
    packs = sorted((vault.folder / "packs").iterdir(), key=lambda p: p.stat().st_size)
    packs[0].unlink()
    packs[1].write_bytes(packs[1].read_bytes()[:-70_000])
    packs[2].write_bytes(packs[3].read_bytes())
    opened = recipe(vault.folder, home.identities().values())
    assert opened.code == 1
    assert f"pack {packs[0].name}: it is missing" in opened.report
    assert f"pack {packs[1].name}: age: error" in opened.report
    assert f"pack {packs[2].name}: its bytes are not those that its name tells" in opened.report
    assert "3 damaged, missing or refused" in opened.text
    keeping = name_of(home)
    expected = hostile().expected()
    assert all(expected[name] == data for name, data in opened.files(keeping).items())


def test_only_what_the_log_names(recipe: Recipe, small: Home, tmp_path: Path) -> None:
    """A pack that no log names is left alone unless it is asked for, or the log is lost."""
    vault = small.copy(tmp_path / "vault")
    liar = Liar(vault, bytes(32), 9)
    row = f"0/x\t{liar.keeping}/cut/public/0\t0\t2\t0\t0\t0"
    of = f"{liar.keeping}.public.0.tsv.zst"
    size = tables.encode(["0\t0\tx\t2"])
    liar.pack([(f"holdfast/snapshot/{of}", tables.encode([row])), (f"holdfast/members/{of}", size),
               (f"{liar.keeping}/cut/public/0", b"hi")])  # fmt: skip
    identities = list(vault.identities().values())
    keeping = name_of(small)
    opened = recipe(vault.folder, identities)
    check_whole(opened, keeping, SMALL)
    assert not (opened.out / liar.keeping).exists()
    opened = recipe(vault.folder, identities, "-a")
    assert opened.files(liar.keeping) == {"0/x": b"hi"}
    shutil.rmtree(vault.folder / "log")
    opened = recipe(vault.folder, identities)
    check_whole(opened, keeping, SMALL)
    assert opened.files(liar.keeping) == {"0/x": b"hi"}
    assert "no log names a pack" in opened.report


BAD_NAMES = {
    "absolute": "/etc/x", "absolute-spelled": "%2Fetc/x", "climbing": "0/../../x", "up-front": "../0/x", "dot": "0/./x",
    "climbing-spelled": "0/%2E%2E/%2E%2E/x", "double": "0//x", "end": "0/x/..", "slash-spelled": "0/..%2F..%2Fx",
    "backslash": "0/..%5C..%5Cx", "drive": "0/C%3Ax", "nul": "0/a%00b", "no-container": "x", "other": "1/x",
    "empty": "", "raw-space": "0/a b", "raw-backslash": "0/a\\0057b", "small-hex": "0/%c3", "half": "0/%",
    "shell": "0/$(x)", "escape": "0/\x1b[2J", "climbing-folder": "0/../../f/",
}  # fmt: skip


def test_bad_names_in_a_table(recipe: Recipe, tmp_path: Path) -> None:
    """A table that names a place outside is refused row by row, and nothing is written but below the folder."""
    home = Home(tmp_path / "vault")
    liar = Liar(home, bytes(32))
    piece = f"{liar.keeping}/cut/public/0"
    rows = [f"{name}\t{piece}\t0\t5\t0\t0\t{k}" for k, name in enumerate(BAD_NAMES.values())]
    empty = [f"{name}\t-\t0\t0\t0\t0\t{k}" for k, name in enumerate(BAD_NAMES.values())]
    good, sizes = f"0/good\t{piece}\t0\t5\t0\t0\t999", [f"0\t{k}\tx\t{5 * (k % 2)}" for k in range(1000)]
    below = tmp_path / "a" / "b" / "c"
    below.mkdir(parents=True)
    liar.say([*rows[1::2], *empty[::2], good], (piece, b"bytes"), sizes=sizes)
    before = everything(tmp_path)
    opened = recipe(home.folder, home.identities().values(), out=below / "out")
    assert opened.files(liar.keeping) == {"0/good": b"bytes"}
    assert (opened.code, f"{len(BAD_NAMES)} refused" in opened.text) == (1, True), opened.text + opened.report
    assert opened.report.isascii()
    assert "\x1b" not in opened.report + opened.text
    check_nothing_else(tmp_path, before)
    assert not Path("/etc/x").exists()


def check_nothing_else(top: Path, before: dict[str, bytes | None]) -> None:
    """Fail if anything but the recipe's own folder is new or changed."""
    after = {p: d for p, d in everything(top).items() if "/a/b/c/out" not in p and "/identities " not in p}
    assert after == before


BAD_PIECES = [
    "/etc/passwd", "../secret", "{k}/cut/public/../../../secret", "{k}/files/0/../../../../secret", "{k}/../../secret",
    "{k}/files/0/%2E%2E/x", "{k}/cut/public/x", "{k}/cut/public/", "{k}/files/0/", "{k}/other/0",
    "holdfast/pack/{k}.public.0", "9-00000000/cut/public/0", "{k}", "{k}/cut/x/9x", "-",
    "{k}/cut/public/0 ", "packs.txt", "{k}/cut/public/7",
]  # fmt: skip


def test_bad_pieces_in_a_table(recipe: Recipe, tmp_path: Path) -> None:
    """A slice gives bytes of this writer's pieces only: no file of the reader's, and no other writer's."""
    home = Home(tmp_path / "vault")
    liar = Liar(home, bytes(32))
    (tmp_path / "secret").write_bytes(b"secret")
    rows = [f"0/{k}\t{p.format(k=liar.keeping)}\t0\t5\t0\t0\t{k}" for k, p in enumerate(BAD_PIECES)]
    liar.say(rows, (f"{liar.keeping}/cut/public/0", b"bytes"), sizes=[f"0\t{k}\tx\t5" for k in range(len(rows))])
    opened = recipe(home.folder, home.identities().values())
    assert opened.code == 1
    assert opened.files(liar.keeping) == {} and not (opened.out / "incomplete").exists()
    assert f"0 whole, 1 incomplete, {len(rows) - 1} refused" in opened.text, opened.text + opened.report


BAD_SLICES: dict[str, list[tuple[object, object, object]]] = {
    "overlap": [(0, 3, 0), (1, 3, 2)], "twice": [(0, 3, 0), (0, 3, 0)], "gap": [(0, 3, 0), (3, 2, 4)],
    "short": [(0, 3, 0)], "late": [(0, 5, 1)], "beyond": [(0, 6, 0)], "past-the-end": [(9, 5, 0)],
    "negative": [("-1", 5, 0)], "hex": [("0x1", 5, 0)], "padded": [("00", 5, 0)], "huge": [("9" * 30, 5, 0)],
    "word": [(0, "five", 0)], "nothing": [(0, "", 0)], "zero": [(0, 0, 0), (0, 5, 0)], "more": [(0, 5, 0), (0, 1, 5)],
}  # fmt: skip


def test_bad_slices_in_a_table(recipe: Recipe, tmp_path: Path) -> None:
    """Slices that do not add up to the member, which has 5 bytes, give no whole member."""
    home = Home(tmp_path / "vault")
    liar = Liar(home, bytes(32))
    piece = f"{liar.keeping}/cut/public/0"
    members = enumerate([*BAD_SLICES.items(), ("good", list[Any]([(0, 2, 0), (2, 3, 2)]))])
    table = [f"0/{name}\t{piece}\t{o}\t{n}\t{at}\t0\t{k}" for k, (name, rows) in members for o, n, at in rows]
    liar.say(table, (piece, b"bytes"), sizes=[f"0\t{k}\tx\t5" for k in range(len(BAD_SLICES) + 1)])
    opened = recipe(home.folder, home.identities().values())
    assert (opened.code, opened.files(liar.keeping)) == (1, {"0/good": b"bytes"})
    assert all(f"/0/{name}: " in opened.report for name in BAD_SLICES), opened.report
    refused = {name for name in BAD_SLICES if f"/0/{name}: refused" in opened.report}
    assert refused == {"overlap", "twice", "negative", "hex", "padded", "huge", "word", "nothing", "zero"}


def test_names_that_clash(recipe: Recipe, tmp_path: Path) -> None:
    """A file where a folder must be, a name twice, a folder with bytes: refused, and what stands there stays."""
    home = Home(tmp_path / "vault")
    liar = Liar(home, bytes(32))
    names = ["0/a", "0/a/b", "0/d/", "0/d/e", "0/f/g", "0/f", "0/bytes/"]
    piece = f"{liar.keeping}/cut/public/0"
    rows = [f"{name}\t{piece}\t{k}\t1\t0\t0\t{k}" for k, name in enumerate(names) if name != "0/d/"]
    rows += ["0/d/\t-\t0\t0\t0\t0\t2", f"0/twice\t{piece}\t0\t1\t0\t0\t8", f"0/twice\t{piece}\t1\t1\t1\t0\t9"]
    liar.say(rows, (piece, b"abcdefgh"), sizes=[f"0\t{k}\tx\t{int(k != 2)}" for k in range(10)])
    opened = recipe(home.folder, home.identities().values())
    assert opened.code == 1
    assert opened.files(liar.keeping) == {"0/a": b"a", "0/d/e": b"d", "0/f": b"f"}
    assert "4 refused" in opened.text, opened.report


EXACT = [
    b"tab\there", b"a\nb", b"end\n", b"end\n\n", b"100%", b"%41", b" x ", b"-rf", b"--", b"\xff\xfe", b"'\"`$(x)", b"*",
    b"\x7f\x01", b"~",
]  # fmt: skip


def test_names_are_decoded_exactly(recipe: Recipe, tmp_path: Path) -> None:
    """Whatever percent signs spell comes back as those very bytes."""
    home = Home(tmp_path / "vault")
    liar = Liar(home, bytes(32))
    piece = f"{liar.keeping}/cut/public/0"
    rows = [f"0/{quote(name)}\t{piece}\t{k}\t1\t0\t0\t{k}" for k, name in enumerate(EXACT)]
    liar.say(rows, (piece, bytes(range(65, 91))), sizes=[f"0\t{k}\tx\t1" for k in range(len(EXACT))])
    opened = recipe(home.folder, home.identities().values())
    assert opened.code == 0, opened.text + opened.report
    assert opened.files(liar.keeping) == {os.fsdecode(b"0/" + name): b"%c" % (65 + k) for k, name in enumerate(EXACT)}


def tar_of(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    """Give one member of a tar that is no plain file, or has a bad name."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info.tobuf(tarfile.PAX_FORMAT)


BAD_MEMBERS: dict[str, Callable[[str], bytes]] = {
    "link": lambda k: tar_of(f"{k}/cut/public/0", tarfile.SYMTYPE, "../../../../../secret"),
    "link-then-file": lambda k: tar_of(f"{k}/cut", tarfile.SYMTYPE, "../../..") + tar_of(f"{k}/cut/new"),
    "hard-link": lambda k: tar_of(f"{k}/cut/public/0", tarfile.LNKTYPE, "packs.txt"),
    "pipe": lambda k: tar_of(f"{k}/cut/public/0", tarfile.FIFOTYPE),
    "device": lambda k: tar_of(f"{k}/cut/public/0", tarfile.CHRTYPE),
    "folder": lambda k: tar_of(f"{k}/cut/public", tarfile.DIRTYPE),
    "climbing": lambda k: tar_of(f"{k}/cut/../../../../new"),
    "up-front": lambda k: tar_of("../../new"),
    "absolute": lambda k: tar_of("/tmp/holdfast-new"),
    "beside": lambda k: tar_of("packs.txt"),
    "another-keeping": lambda k: tar_of(f"7{k}/cut/public/0"),
    "another's-table": lambda k: tar_of("holdfast/snapshot/1-00000000.public.0.tsv.zst"),
}


@pytest.mark.parametrize("program", ["tar", "bsdtar", "busybox"])
def test_bad_members_in_a_pack(recipe: Recipe, tmp_path: Path, program: str) -> None:
    """A pack that holds anything but plain files of its own keeping is not unpacked at all."""
    home = Home(tmp_path / "vault")
    liar = Liar(home, bytes(32))
    (tmp_path / "secret").write_bytes(b"secret")
    for number, extra in enumerate(BAD_MEMBERS.values()):
        row = f"0/{number}\t{liar.keeping}/cut/public/0\t0\t6\t0\t0\t{number}"
        of = f"{liar.keeping}.public.{number}.tsv.zst"
        sizes = (f"holdfast/members/{of}", tables.encode([f"0\t{number}\tx\t6"]))
        members = [(f"holdfast/snapshot/{of}", tables.encode([row])), sizes]
        heading = f"holdfast/pack/{liar.keeping}.public.{number}"
        liar.commit(liar.pack(members, heading, extra(liar.keeping)))
    below = tmp_path / "a" / "b" / "c"
    below.mkdir(parents=True)
    surroundings = with_tar(program, tmp_path)
    before = everything(tmp_path)
    opened = recipe(home.folder, home.identities().values(), out=below / "out", **surroundings)
    assert (opened.code, opened.report.count("refused, it holds")) == (1, len(BAD_MEMBERS)), opened.report
    assert [p.name for p in opened.out.iterdir()] == ["report.txt"]
    check_nothing_else(tmp_path, before)
    assert not Path("/tmp/holdfast-new").exists()


def test_writer_cannot_speak_for_another(recipe: Recipe, small: Home, tmp_path: Path) -> None:
    """Neither a pack under another writer's name nor a log that begins like another's changes what that one kept."""
    vault = small.copy(tmp_path / "vault")
    keeping = name_of(small)
    liar = Liar(vault, bytes(32))
    liar.commit(liar.pack([(f"{keeping}/cut/public/0.zst", b"")], heading=f"holdfast/pack/{keeping}.public.0"))
    identities = list(vault.identities().values())
    opened = recipe(vault.folder, identities)
    assert (opened.code, "1 damaged, missing or refused" in opened.text) == (1, True)
    assert "does not belong there" in opened.report
    check_whole(opened, keeping, SMALL)
    twin = vault.folder / "log" / (vault.writer.public.hex()[:8] + "0" * 56)
    twin.mkdir()
    opened = recipe(vault.folder, identities)
    assert (opened.code, opened.text) == (2, "log/ has two writers that begin alike\n")


def test_stolen_key_replaces_nothing(recipe: Recipe, small: Home, tmp_path: Path) -> None:
    """Who holds the writer's key can add packs; what an earlier pack brought stays as it was."""
    vault = small.copy(tmp_path / "vault")
    thief = Liar(vault, small.seed, 1, "private")
    keeping = name_of(small)
    assert thief.keeping == keeping
    forged = [(f"{keeping}/cut/public/{n}{end}", b"forged") for n in range(3) for end in ("", ".zst")]
    table = (f"holdfast/snapshot/{keeping}.public.0.tsv.zst", tables.encode([]))
    for number, member in enumerate([*forged, (f"{keeping}/files/0/a b  c", b"forged"), table]):
        thief.commit(thief.pack([member], heading=f"holdfast/pack/{keeping}.private.{100 + number}"))
    opened = recipe(vault.folder, vault.identities().values())
    found, expected = opened.files(keeping), SMALL.expected()
    assert found.items() >= {name: data for name, data in expected.items() if not name.endswith("/")}.items()
    assert "File exists" in opened.report and "not overwritten" in opened.report


def test_exchanged_pack(recipe: Recipe, small: Home, tmp_path: Path) -> None:
    """A host who knows the public recipient can seal something else, but not under the same name."""
    vault = small.copy(tmp_path / "vault")
    liar = Liar(vault, bytes(32), 5)
    liar.say([], (f"{liar.keeping}/cut/public/0", b"true"))
    (named,) = [entry for entry in vault_packs(vault) if entry not in set(vault_packs(small))]
    other = liar.pack([(f"{liar.keeping}/cut/public/0", b"false")])
    assert sha256(vault.store.get(pack_name(other.digest))) == other.digest
    (vault.folder / "packs" / named).write_bytes(vault.store.get(pack_name(other.digest)))
    opened = recipe(vault.folder, vault.identities().values())
    assert f"pack {named}: its bytes are not those that its name tells" in opened.report
    assert (opened.code, "1 damaged, missing or refused" in opened.text) == (1, True)


def vault_packs(home: Home) -> list[str]:
    return sorted(p.name for p in (home.folder / "packs").iterdir())


@pytest.mark.parametrize("what", ["link", "full", "file", "link-to-empty"])
def test_folder_must_be_new(recipe: Recipe, small: Home, tmp_path: Path, what: str) -> None:
    """A link in the folder, or the folder being one, would lead members elsewhere: it is refused before anything."""
    out, elsewhere = tmp_path / "mine", tmp_path / "elsewhere"
    elsewhere.mkdir()
    keeping = name_of(small)
    if what == "link-to-empty":
        out.symlink_to(elsewhere)
    elif what == "file":
        out.write_bytes(b"mine")
    else:
        out.mkdir()
        (out / keeping).symlink_to(elsewhere) if what == "link" else (out / "x").write_bytes(b"mine")
    before = everything(tmp_path)
    opened = recipe(small.folder, small.identities().values(), out=out)
    assert (opened.code, "must be a new or empty folder" in opened.text) == (2, True)
    assert {p: d for p, d in everything(tmp_path).items() if "/identities " not in p} == before


def test_odd_folders_of_the_reader(recipe: Recipe, tmp_path: Path) -> None:
    """Spaces, quotes, a leading dash and a line break in the reader's own paths do no harm."""
    home = Home(tmp_path / "-a vault's $(x)\n*")
    source = Listed([Put(b"-x", b"1"), Put(b"y", b"2", Kind.TEXT)])
    keeping = home.keep(source).keeping
    opened = recipe(home.folder, home.identities().values(), out=tmp_path / "out *\n'x")
    check_whole(opened, keeping, source)
    assert opened.code == 0, opened.text


def test_wrong_use(recipe: Recipe, tmp_path: Path) -> None:
    opened = recipe(tmp_path / "nothing", [])
    assert (opened.code, "holds no folder packs" in opened.text, opened.out.exists()) == (2, True, False)
    (tmp_path / "nothing" / "packs").mkdir(parents=True)
    opened = recipe(tmp_path / "nothing", [], AGE="no-such-age")
    assert (opened.code, opened.text) == (2, "this needs the program no-such-age\n")
    assert io.StringIO(recipe(tmp_path / "nothing", []).text).readline().startswith("members: 0 whole")
