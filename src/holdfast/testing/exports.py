"""X exports made to order: seeded, quick, streamed, and with the truth of what is in them.

The files are those of generation G4 in byte shape D, as X hands them out since October 2022.  Nobody in them exists.

    made = make_zip(ExportSpec(seed=7, posts=50), folder / "export.zip")
    made.member("data/tweets.js").sha256
"""

import hashlib
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path

import msgspec

from holdfast.errors import NotFound
from holdfast.testing.exports_files import (
    FILES,
    MEDIA,
    PLAIN,
    SECRETS,
    Records,
    avatar,
    deleted_post,
    message_picture,
)
from holdfast.testing.exports_media import jpeg, medium, mp4, png
from holdfast.testing.exports_posts import EXPORTED, Posts, marked_posts
from holdfast.testing.exports_spec import ExportSpec, benchmark, demo, of_size
from holdfast.testing.exports_text import Json, iso, pretty

__all__ = [
    "ExportSpec",
    "Made",
    "MadeMember",
    "Mark",
    "benchmark",
    "demo",
    "make_folder",
    "make_parts",
    "make_zip",
    "of_size",
]

WRITTEN = datetime.fromtimestamp(EXPORTED // 1000, UTC)
STEM = re.compile(r"data/([a-z-]+?)(?:-part(\d+))?\.js")
GIB = 1 << 30


class Mark(msgspec.Struct, frozen=True):
    """A word to search for and the file that holds it; for posts, their id and raw text too."""

    file: str
    id: str
    word: str
    text: str


class MadeMember(msgspec.Struct, frozen=True):
    """One member as written: its container counts from 0, `size` is in bytes, `records` is 0 for what is not cut."""

    container: int
    path: str
    size: int
    sha256: str
    records: int


class Made(msgspec.Struct, frozen=True):
    """The truth about a made export: its containers, its members in order, its posts newest first, its marks."""

    spec: ExportSpec
    containers: tuple[Path, ...]
    members: tuple[MadeMember, ...]
    posts: tuple[str, ...]
    marks: tuple[Mark, ...]

    def member(self, path: str) -> MadeMember:
        """Give the first member at `path`, or raise `NotFound`."""
        for member in self.members:
            if member.path == path:
                return member
        raise NotFound("member-missing", path=path)

    @property
    def size(self) -> int:
        """Count the bytes of all members."""
        return sum(member.size for member in self.members)


class Draft(msgspec.Struct):
    """One member to be written; `records` counts while its chunks are drawn."""

    path: str
    chunks: Iterable[bytes]
    media: bool = False
    large: bool = False
    records: int = 0


Write = Callable[[Draft, int], MadeMember]


def make_zip(spec: ExportSpec, path: Path) -> Made:
    """Write the export as one zip, media stored and text deflated."""
    return _zips(spec, lambda _: path, 0)


def make_parts(spec: ExportSpec, folder: Path, limit: int) -> Made:
    """Write the export as `export-1.zip` and so on, each closed once it holds `limit` bytes, each with the manifest."""
    return _zips(spec, lambda part: folder / f"export-{part + 1}.zip", limit)


def make_folder(spec: ExportSpec, path: Path) -> Made:
    """Write the export as a folder, as if its zip had been unpacked."""

    def write(draft: Draft, part: int) -> MadeMember:
        target = path / draft.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            member = _written(draft, part, out.write)
        os.utime(target, (EXPORTED // 1000, EXPORTED // 1000))
        return member

    return _made(Posts(spec), lambda _: path, write, 0)


def _zips(spec: ExportSpec, name: Callable[[int], Path], limit: int) -> Made:
    with ExitStack() as stack:
        zips: list[zipfile.ZipFile] = []

        def write(draft: Draft, part: int) -> MadeMember:
            if part == len(zips):
                zips.append(stack.enter_context(zipfile.ZipFile(name(part), "x")))
            info = zipfile.ZipInfo(draft.path, WRITTEN.timetuple()[:6])
            info.compress_type = zipfile.ZIP_STORED if draft.media else zipfile.ZIP_DEFLATED
            with zips[part].open(info, "w", force_zip64=draft.large) as out:
                return _written(draft, part, out.write)

        return _made(Posts(spec), name, write, limit)


def _written(draft: Draft, part: int, write: Callable[[bytes], int]) -> MadeMember:
    digest, size = hashlib.sha256(), 0
    for chunk in draft.chunks:
        digest.update(chunk)
        size += len(chunk)
        write(chunk)
    return MadeMember(part, draft.path, size, digest.hexdigest(), draft.records)


def _made(posts: Posts, name: Callable[[int], Path], write: Write, limit: int) -> Made:
    """Write all members, then into each container the manifest that counts them."""
    members: list[MadeMember] = []
    part = held = 0
    for draft in _drafts(posts):
        if limit and held >= limit:
            part, held = part + 1, 0
        members.append(write(draft, part))
        held += members[-1].size
    manifest = _manifest(posts.spec, members, partial=part > 0)
    members += [write(Draft("data/manifest.js", [manifest]), container) for container in range(part + 1)]
    members.sort(key=attrgetter("container"))
    ids = tuple(posts.id(n) for n in posts.newest_first())
    return Made(posts.spec, tuple(map(name, range(part + 1))), tuple(members), ids, tuple(_marks(posts, members)))


def _marks(posts: Posts, members: list[MadeMember]) -> Iterator[Mark]:
    for ident, word, text in marked_posts(posts):
        yield Mark("tweets", ident, word, text)
    full = {member.path for member in members if member.records}
    for file, word in (*SECRETS, ("account", posts.spec.email), ("phone-number", posts.spec.phone)):
        if f"data/{file}.js" in full:
            yield Mark(file, "", word, "")


def _drafts(posts: Posts) -> Iterator[Draft]:
    """Give every member but the manifest; each must be drawn to its end before the next."""
    spec = posts.spec
    for path, spell in PLAIN.items():
        yield Draft(path, [spell(spec).encode()])
    for stem, records in FILES.items():
        yield from _file(stem, records(posts), spec.part_bytes)
    yield _picture(spec, f"data/profile_media/{spec.account_id}-{avatar(spec)}", 3_000)
    if spec.messages:
        yield _picture(spec, f"data/direct_messages_media/{message_picture(spec)[0]}", 3_000)
    if spec.deleted:
        gone = medium(spec, deleted_post(spec, 0)[0], "photo")
        yield _picture(spec, f"data/deleted_tweets_media/{gone.name}", gone.size)
    big = spec.big_video
    for one in (one for n in posts.newest_first() for one in posts.media(n)):
        path = f"data/tweets_media/{one.name}"
        if one.kind == "photo":
            yield _picture(spec, path, one.size)
        else:
            size, big = (big or one.size), 0
            yield Draft(path, mp4(size, spec.seed, path), media=True, large=size > GIB)


def _picture(spec: ExportSpec, path: str, size: int) -> Draft:
    return Draft(path, png(spec.seed, path) if spec.drawn else jpeg(size, spec.seed, path), media=True)


def _file(stem: str, records: Records, limit: int) -> Iterator[Draft]:
    """Give one data file in shape D, cut into `-partN` members of at most `limit` bytes of records (0: never cut)."""
    lines = (f"\n  {pretty(record, '  ')}".encode() for record in records)
    name = f"window.YTD.{stem.replace('-', '_')}.part"
    part = -1
    for part, group in groupby(_numbered(lines, limit), key=itemgetter(0)):
        draft = Draft(f"data/{stem}-part{part}.js" if part else f"data/{stem}.js", ())
        draft.chunks = _wrapped(draft, f"{name}{part} = [", map(itemgetter(1), group))
        yield draft
    if part < 0:
        yield Draft(f"data/{stem}.js", [f"{name}0 = [ ]".encode()])


def _numbered(lines: Iterable[bytes], limit: int) -> Iterator[tuple[int, bytes]]:
    part = held = 0
    for line in lines:
        if limit and held and held + len(line) > limit:
            part, held = part + 1, 0
        held += len(line)
        yield part, line


def _wrapped(draft: Draft, opening: str, lines: Iterable[bytes]) -> Iterator[bytes]:
    yield opening.encode()
    for line in lines:
        yield b"," + line if draft.records else line
        draft.records += 1
    yield b"\n]"


def _manifest(spec: ExportSpec, members: list[MadeMember], partial: bool) -> bytes:
    """Spell `data/manifest.js`: who, when, how large, and each file with the count of its records."""
    user: Json = {"accountId": spec.account_id, "userName": spec.handle, "displayName": spec.name}
    size = str(sum(member.size for member in members))
    archive: Json = {
        "sizeBytes": size,
        "generationDate": iso(EXPORTED),
        "isPartialArchive": partial,
        "maxPartSizeBytes": str(50 * GIB),
    }
    types: dict[str, dict[str, Json]] = {}
    for stem, found in groupby(_parts(members), key=itemgetter(0)):
        files = [
            {
                "fileName": member.path,
                "globalName": f"YTD.{stem.replace('-', '_')}.part{part}",
                "count": str(member.records),
            }
            for _, part, member in found
        ]
        folder: dict[str, Json] = {"mediaDirectory": f"data/{MEDIA[stem]}"} if stem in MEDIA else {}
        types[stem[0] + stem.title().replace("-", "")[1:]] = {**folder, "files": files}
    readme: Json = {"fileName": "data/README.txt", "directory": "data/", "name": "README.txt"}
    whole: Json = {"userInfo": user, "archiveInfo": archive, "readmeInfo": readme, "dataTypes": types}
    return f"window.__THAR_CONFIG = {pretty(whole)}".encode()


def _parts(members: list[MadeMember]) -> Iterator[tuple[str, str, MadeMember]]:
    for member in members:
        if found := STEM.fullmatch(member.path):
            yield found[1], found[2] or "0", member
