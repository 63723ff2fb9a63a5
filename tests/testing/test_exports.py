"""The maker of X exports against what is measured of real ones."""

import hashlib
import html
import json
import re
import tracemalloc
import zipfile
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import NotFound, Refused
from holdfast.testing.exports import ExportSpec, Made, benchmark, demo, make_folder, make_parts, make_zip, of_size
from holdfast.testing.exports_media import jpeg, mp4, noise, png
from holdfast.testing.exports_text import compose, iso, parse, pretty, snowflake, x_date

EPOCH = 1_288_834_974_657
GOLDEN = """\
window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "edit_info" : {
        "initial" : {
          "editTweetIds" : [
            "24085215307909115"
          ],
          "editableUntil" : "2011-01-09T13:48:57.468Z",
          "editsRemaining" : "5",
          "isEditEligible" : true
        }
      },
      "retweeted" : false,
      "source" : "<a href=\\"https://mobile.twitter.com\\" rel=\\"nofollow\\">Twitter Web App</a>",
      "entities" : {
        "hashtags" : [
          {
            "text" : "x",
            "indices" : [
              "37",
              "39"
            ]
          }
        ],
        "symbols" : [ ],
        "user_mentions" : [ ],
        "urls" : [
          {
            "url" : "https://t.co/Dd8YeaMtdA",
            "expanded_url" : "https://example.org/kelp",
            "display_url" : "example.org/kelp",
            "indices" : [
              "13",
              "36"
            ]
          }
        ]
      },
      "display_text_range" : [
        "0",
        "39"
      ],
      "favorite_count" : "5",
      "id_str" : "24085215307909115",
      "truncated" : false,
      "retweet_count" : "1",
      "id" : "24085215307909115",
      "possibly_sensitive" : false,
      "created_at" : "Sun Jan 09 12:48:57 +0000 2011",
      "favorited" : false,
      "full_text" : "A &amp; B 🕯️ https://t.co/Dd8YeaMtdA #x",
      "lang" : "en"
    }
  }
]"""


def read(made: Made) -> dict[str, bytes]:
    """Read all members of a made folder or zip."""
    (place,) = made.containers
    if place.is_dir():
        return {str(file.relative_to(place)): file.read_bytes() for file in place.rglob("*") if file.is_file()}
    with zipfile.ZipFile(place) as opened:
        return {info.filename: opened.read(info) for info in opened.infolist()}


def parsed(data: bytes) -> list[dict[str, Any]]:
    """Read a data file with the standard library's JSON."""
    found: list[dict[str, Any]] = json.loads(data[data.index(b"= ") + 2 :])
    return found


def tweets(members: dict[str, bytes]) -> list[dict[str, Any]]:
    files = sorted(path for path in members if re.fullmatch(r"data/tweets(-part\d+)?\.js", path))
    return [record["tweet"] for path in files for record in parsed(members[path])]


def born(ident: str) -> int:
    return (int(ident) >> 22) + EPOCH


def seconds(date: str) -> float:
    return datetime.strptime(date, "%a %b %d %H:%M:%S %z %Y").timestamp()


def file_of(medium: dict[str, Any]) -> str:
    """Give the name that X gives the file of a medium: the picture's own, or that of the best film."""
    films = [film for film in medium.get("video_info", {"variants": []})["variants"] if "bitrate" in film]
    address: str = max(films, key=lambda film: int(film["bitrate"]))["url"] if films else medium["media_url"]
    return address.split("?", maxsplit=1)[0].rsplit("/", 1)[1]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_zip(ExportSpec(), tmp_path_factory.mktemp("made") / "export.zip")


@pytest.fixture(scope="module")
def members(made: Made) -> dict[str, bytes]:
    return read(made)


def test_truth_is_what_was_written(made: Made, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(made.containers[0]) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == [member.path for member in made.members]
        stored = {info.filename for info in opened.infolist() if info.compress_type == zipfile.ZIP_STORED}
        assert {info.date_time for info in opened.infolist()} == {(2026, 1, 15, 10, 0, 0)}
    assert stored == {path for path in members if "_media/" in path}
    for member in made.members:
        assert member.size == len(members[member.path])
        assert member.sha256 == hashlib.sha256(members[member.path]).hexdigest()
    assert made.size == sum(map(len, members.values()))
    with pytest.raises(NotFound):
        made.member("data/nothing.js")


def test_same_spec_same_bytes_other_seed_other_bytes(made: Made, tmp_path: Path) -> None:
    again = make_folder(ExportSpec(), tmp_path / "again")
    assert again.members == made.members
    assert (again.posts, again.marks) == (made.posts, made.marks)
    assert {path: hashlib.sha256(data).hexdigest() for path, data in read(again).items()} == {
        member.path: member.sha256 for member in made.members
    }
    other = make_folder(ExportSpec(seed=2), tmp_path / "other")
    assert not set(other.posts) & set(made.posts)


def test_manifest_counts_what_is_there(made: Made, members: dict[str, bytes]) -> None:
    manifest = members["data/manifest.js"]
    assert manifest.startswith(b'window.__THAR_CONFIG = {\n  "userInfo" : {\n')
    config = json.loads(manifest.removeprefix(b"window.__THAR_CONFIG = "))
    files = [file for kind in config["dataTypes"].values() for file in kind["files"]]
    assert {file["fileName"] for file in files} == {
        path for path in members if path.endswith(".js") and path.startswith("data/") and path != "data/manifest.js"
    }
    for file in files:
        data = members[file["fileName"]]
        assert data.startswith(f"window.{file['globalName']} = [".encode())
        assert int(file["count"]) == len(parsed(data)) == made.member(file["fileName"]).records
    folders = {kind["mediaDirectory"] for kind in config["dataTypes"].values() if "mediaDirectory" in kind}
    assert {path.rsplit("/", 1)[0] for path in members if "_media/" in path} <= folders
    assert config["userInfo"] == {
        "accountId": ExportSpec().account_id,
        "userName": "kelp_example",
        "displayName": "Kelp Diver",
    }
    assert config["archiveInfo"]["isPartialArchive"] is False
    assert int(config["archiveInfo"]["sizeBytes"]) == made.size - len(manifest)
    assert config["dataTypes"]["directMessagesGroup"]["files"][0]["globalName"] == "YTD.direct_messages_group.part0"


def test_every_file_has_shape_d(members: dict[str, bytes]) -> None:
    empty = 0
    for path, data in members.items():
        if not path.startswith("data/") or not path.endswith(".js") or path == "data/manifest.js":
            continue
        name = path.removeprefix("data/").removesuffix(".js").replace("-", "_")
        records = parsed(data)
        if not records:
            assert data == f"window.YTD.{name}.part0 = [ ]".encode()
            empty += 1
            continue
        prefix, tail = f"window.YTD.{name}.part0 = [\n  {{\n    ".encode(), b"\n  }\n]"
        assert data.startswith(prefix + b'"')
        assert data.endswith(tail)
        cut = data[len(prefix) : -len(tail)].split(b"\n  },\n  {\n    ")
        assert [json.loads(b"{" + part + b"}") for part in cut] == records
        assert b"\t" not in data
        assert b"\r" not in data
    assert empty > 20


def test_tiny_export_is_the_page_to_the_byte(tmp_path: Path) -> None:
    spec = ExportSpec(posts=1, texts=("A & B 🕯️ https://example.org/kelp #x",), images=0, videos=0, notes=0, likes=0)
    members = read(make_folder(spec, tmp_path / "tiny"))
    assert members["data/tweets.js"].decode() == GOLDEN
    assert members["data/like.js"] == b"window.YTD.like.part0 = [ ]"
    assert members["data/verified.js"].decode() == (
        'window.YTD.verified.part0 = [\n  {\n    "verified" : {\n      "accountId" : "9000000000000000001",\n'
        '      "verified" : false\n    }\n  }\n]'
    )


def test_ids_are_snowflakes_of_their_dates(made: Made, members: dict[str, bytes]) -> None:
    assert iso(born("1855223064432050177")) == "2024-11-09T12:17:01.595Z"
    assert x_date(1_731_154_458_000) == "Sat Nov 09 12:14:18 +0000 2024"
    assert snowflake(1_731_154_621_595, 1_855_223_064_432_050_177) == "1855223064432050177"
    found = tweets(members) + [
        record["tweet"]
        for name in ("deleted-tweets", "community-tweet")
        for record in parsed(members[f"data/{name}.js"])
    ]
    assert len({tweet["id"] for tweet in found}) == len(found) == 200 + 3 + 2
    assert all(tweet["id"] == tweet["id_str"] and not tweet["truncated"] for tweet in found)
    assert all(0 <= born(tweet["id"]) / 1000 - seconds(tweet["created_at"]) < 1 for tweet in found)
    created = datetime.fromisoformat(parsed(members["data/account.js"])[0]["account"]["createdAt"]).timestamp()
    assert all(seconds(tweet["created_at"]) > created for tweet in found)
    headers = [record["tweet"] for record in parsed(members["data/tweet-headers.js"])]
    assert [(h["tweet_id"], h["created_at"]) for h in headers] == [(t["id"], t["created_at"]) for t in tweets(members)]
    assert tuple(tweet["id"] for tweet in tweets(members)) == made.posts


def test_indices_count_code_points_of_the_escaped_text(members: dict[str, bytes]) -> None:
    seen = astray = 0
    for tweet in tweets(members):
        text, wide = tweet["full_text"], tweet["full_text"].encode("utf-16-le")
        assert tweet["display_text_range"] == ["0", str(len(text))]
        assert not re.search("&(?!(amp|lt|gt);)|[<>]", text)
        entities = tweet["entities"]
        spelled = [(url["url"], url) for url in entities["urls"] + entities.get("media", [])]
        spelled += [("@" + mention["screen_name"], mention) for mention in entities["user_mentions"]]
        spelled += [("#" + tag["text"], tag) for tag in entities["hashtags"]]
        for value, entity in spelled:
            start, end = map(int, entity["indices"])
            assert text[start:end] == value
            seen += 1
            astray += wide[2 * start : 2 * end].decode("utf-16-le", "replace") != value
            astray += html.unescape(text)[start:end] != value
    assert seen > 100
    assert astray > 5  # else this test could not tell the ways of counting apart


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_composes(text: str) -> None:
    pieces = parse(text)
    spelled, entities = compose(pieces, 1)
    assert "".join({"@": "@", "#": "#"}.get(kind, "") + value for kind, value in pieces) == text
    assert sum(map(len, entities.values())) == sum(kind != "" for kind, _ in pieces)
    if not entities["urls"]:
        assert html.unescape(spelled) == html.unescape(html.escape(text, quote=False))
    assert json.loads(pretty(spelled)) == spelled
    assert "\n" not in pretty(spelled)


def test_replies_reposts_and_edits(members: dict[str, bytes]) -> None:
    found = {tweet["id"]: tweet for tweet in tweets(members)}
    threads = [tweet for tweet in found.values() if tweet.get("in_reply_to_status_id") in found]
    assert threads
    assert all(t["in_reply_to_user_id_str"] == ExportSpec().account_id for t in threads if "✏️" not in t["full_text"])
    assert all(born(tweet["in_reply_to_status_id"]) < born(tweet["id"]) for tweet in threads)
    assert len(threads) < sum("in_reply_to_status_id" in tweet for tweet in found.values())
    assert any(tweet["full_text"].startswith("RT @") and tweet["full_text"].endswith("…") for tweet in found.values())
    edits = [tweet for tweet in found.values() if "edit" in tweet["edit_info"]]
    assert edits
    for tweet in edits:
        edit = tweet["edit_info"]["edit"]
        versions = edit["editControlInitial"]["editTweetIds"]
        assert versions[0] == edit["initialTweetId"]
        assert tweet["id"] in versions[1:]
        assert found[versions[0]]["edit_info"]["initial"]["editTweetIds"] == versions
        assert found[versions[0]]["full_text"].split()[0] == tweet["full_text"].split()[0]
    assert {re.search("[一-鿿]", tweet["full_text"]) is None for tweet in found.values()} == {True, False}


def test_notes_meet_their_posts(members: dict[str, bytes]) -> None:
    notes = [record["noteTweet"] for record in parsed(members["data/note-tweet.js"])]
    assert len(notes) == 3
    for note in notes:
        near = [t for t in tweets(members) if 13 <= born(t["id"]) - born(note["noteTweetId"]) <= 41]
        (tweet,) = (t for t in near if html.unescape(t["full_text"])[:60] == note["core"]["text"][:60])
        assert iso(born(note["noteTweetId"])) == note["createdAt"] > "2023-06"
        assert datetime.fromisoformat(note["createdAt"]).replace(microsecond=0).timestamp() == seconds(
            tweet["created_at"]
        )
        assert re.search(r"…( https://t\.co/\w{10})?$", tweet["full_text"])
        assert tweet["id"] not in json.dumps(note)
        for url in note["core"]["urls"]:
            assert note["core"]["text"][int(url["fromIndex"]) : int(url["toIndex"])] == url["shortUrl"]


def test_each_media_entity_has_its_file(members: dict[str, bytes]) -> None:
    promised = []
    deleted = [record["tweet"] for record in parsed(members["data/deleted-tweets.js"])]
    shown = [("tweets", tweet) for tweet in tweets(members)] + [("deleted_tweets", tweet) for tweet in deleted]
    for folder, tweet in shown:
        media = tweet.get("extended_entities", {"media": []})["media"]
        assert tweet["entities"].get("media", []) == media[:1]
        promised += [f"data/{folder}_media/{tweet['id']}-{file_of(one)}" for one in media]
    assert sorted(promised) == sorted(path for path in members if "tweets_media/" in path)
    assert len(promised) == 20 + 2 + 1
    (talk,) = (
        t["dmConversation"]
        for t in parsed(members["data/direct-messages.js"])
        if b"ton.twitter" in json.dumps(t).encode()
    )
    address = talk["messages"][-1]["messageCreate"]["mediaUrls"][0].split("/")
    assert f"data/direct_messages_media/{address[4]}-{address[6]}" in members
    avatar = parsed(members["data/profile.js"])[0]["profile"]["avatarMediaUrl"].rsplit("/", 1)[1]
    assert f"data/profile_media/{ExportSpec().account_id}-{avatar}" in members


def test_counts_are_those_of_the_spec(members: dict[str, bytes]) -> None:
    spec = ExportSpec()
    counts = {
        "like": 120,
        "follower": 40,
        "following": 30,
        "block": 3,
        "mute": 4,
        "deleted-tweets": 3,
        "ip-audit": 6,
        "contact": 2,
    }
    assert {name: len(parsed(members[f"data/{name}.js"])) for name in counts} == counts
    talks = parsed(members["data/direct-messages.js"]) + parsed(members["data/direct-messages-group.js"])
    events = [event for talk in talks for event in talk["dmConversation"]["messages"]]
    assert len(talks) == spec.conversations
    assert sum("messageCreate" in event for event in events) == spec.messages
    for talk in talks:
        moments = [
            event["messageCreate"]["createdAt"]
            for event in talk["dmConversation"]["messages"]
            if "messageCreate" in event
        ]
        assert moments == sorted(moments, reverse=True)


def test_marks_are_found_where_they_are_said_to_be(made: Made, members: dict[str, bytes]) -> None:
    found = {tweet["id"]: tweet["full_text"] for tweet in tweets(members)}
    for mark in made.marks:
        where = {path for path, data in members.items() if mark.word.encode() in data}
        assert f"data/{mark.file}.js" in where
        if mark.id:
            assert found[mark.id] == mark.text
            assert [ident for ident, text in found.items() if mark.word in text] == [mark.id]
    assert {mark.file for mark in made.marks} >= {"tweets", "direct-messages", "deleted-tweets", "contact", "account"}


@pytest.mark.parametrize("inside", [False, True])
def test_circle_window(inside: bool, tmp_path: Path) -> None:
    spec = ExportSpec(in_circle_window=inside, protected=inside, images=0, videos=0)
    members = read(make_folder(spec, tmp_path / "made"))
    dates = [iso(born(tweet["id"])) for tweet in tweets(members)]
    assert any("2022-05-01" <= date < "2023-12-01" for date in dates) == inside
    assert max(dates) < "2026-01-15"
    assert len(parsed(members["data/protected-history.js"])) == inside


def test_files_are_cut_between_records(made: Made, members: dict[str, bytes], tmp_path: Path) -> None:
    cut = make_folder(ExportSpec(part_bytes=50_000), tmp_path / "cut")
    parts = read(cut)
    names = [member.path for member in cut.members if member.path.startswith("data/tweets")]
    names = [name for name in names if name.endswith(".js")]
    assert names[:3] == ["data/tweets.js", "data/tweets-part1.js", "data/tweets-part2.js"]
    assert all(len(parts[name]) < 50_100 for name in names)
    assert parts[names[1]].startswith(b"window.YTD.tweets.part1 = [\n  {\n")
    assert [record["tweet"] for name in names for record in parsed(parts[name])] == tweets(members)
    config = json.loads(parts["data/manifest.js"].split(b" = ", 1)[1])
    assert [file["fileName"] for file in config["dataTypes"]["tweets"]["files"]] == names
    assert sum(int(file["count"]) for file in config["dataTypes"]["tweets"]["files"]) == len(made.posts)


def test_parts_hold_the_whole_between_them(made: Made, tmp_path: Path) -> None:
    parts = make_parts(ExportSpec(), tmp_path, 300_000)
    assert [path.name for path in parts.containers] == [f"export-{n + 1}.zip" for n in range(len(parts.containers))]
    assert len(parts.containers) > 1
    for n, path in enumerate(parts.containers):
        with zipfile.ZipFile(path) as opened:
            assert opened.namelist() == [member.path for member in parts.members if member.container == n]
            assert b'"isPartialArchive" : true' in opened.read("data/manifest.js")
    whole = {(m.path, m.sha256) for m in made.members if m.path != "data/manifest.js"}
    assert {(m.path, m.sha256) for m in parts.members if m.path != "data/manifest.js"} == whole


@pytest.mark.slow
def test_a_later_export_keeps_all_that_was(made: Made, members: dict[str, bytes], tmp_path: Path) -> None:
    spec = msgspec.structs.replace(ExportSpec(minutes=20), more_posts=30, more_images=4, more_videos=1)
    before = tweets(read(make_folder(ExportSpec(minutes=20), tmp_path / "before")))
    after = read(make_folder(spec, tmp_path / "after"))
    last = tweets(after)[30:]
    changed = [new["id"] for new, old in zip(last, before, strict=True) if new != old]
    assert len(changed) <= 1  # an edit of the newest post adds its own id to it
    assert sum("tweets_media" in path for path in after) == sum("tweets_media" in path for path in members) + 5
    touched = tweets(read(make_folder(ExportSpec(touched=0.2), tmp_path / "touched")))
    differing = [
        {key for key in old if old[key] != new[key]} for old, new in zip(tweets(members), touched, strict=True)
    ]
    assert {frozenset(keys) for keys in differing} == {frozenset(), frozenset({"favorite_count"})}
    assert 20 < sum(map(bool, differing)) < 65


def test_demo_is_small_true_and_bilingual(tmp_path: Path) -> None:
    made = make_zip(demo(), tmp_path / "demo.zip")
    members = read(made)
    found = tweets(members)
    pictures = [
        data for path, data in members.items() if path.startswith("data/tweets_media") and path.endswith(".png")
    ]
    assert (len(found), len(pictures), made.size < 250_000) == (40, 6, True)
    assert len(set(pictures)) == 6
    for picture in pictures:
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        size = int.from_bytes(picture[33:37], "big")
        assert len(zlib.decompress(picture[41 : 41 + size])) == 32 * (1 + 3 * 48)
        assert zlib.crc32(picture[37 : 41 + size]) == int.from_bytes(picture[41 + size : 45 + size], "big")
    assert sum(re.search("[一-鿿]", tweet["full_text"]) is not None for tweet in found) > 15
    oldest = found[::-1]
    assert oldest[0]["full_text"].startswith("First post")
    assert oldest[6]["in_reply_to_status_id"] == oldest[5]["id"]


def test_media_open_like_what_they_say() -> None:
    assert [len(b"".join(make(5_000, 1))) for make in (noise, jpeg, mp4)] == [5_000] * 3
    image, film = b"".join(jpeg(5_000, 1)), b"".join(mp4(5_000, 1))
    assert (image[:4], image[6:11], image[-2:]) == (b"\xff\xd8\xff\xe0", b"JFIF\0", b"\xff\xd9")
    assert film[4:8] == b"ftyp"
    assert int.from_bytes(film[32:40], "big") + 24 == len(film)
    assert len(zlib.compress(image)) > 4_900
    assert b"".join(png("a")) != b"".join(png("b"))


@pytest.mark.slow
def test_large_video_streams(tmp_path: Path) -> None:
    spec = ExportSpec(posts=5, images=0, videos=1, notes=0, likes=0, big_video=24 << 20)
    make_folder(ExportSpec(posts=5, images=0, videos=0, notes=0), tmp_path / "warm")
    tracemalloc.start()
    made = make_zip(spec, tmp_path / "big.zip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert max(member.size for member in made.members) == 24 << 20
    assert peak < 8 << 20


@pytest.mark.slow
def test_size_is_about_what_was_asked(tmp_path: Path) -> None:
    made = make_folder(of_size(20_000_000, seed=3), tmp_path / "made")
    assert 16_000_000 < made.size < 24_000_000


def test_benchmark_set_is_the_one_of_the_page() -> None:
    spec = benchmark()
    assert (spec.posts, spec.images, spec.videos, spec.likes, spec.followers, spec.following) == (
        200_000, 3_000, 60, 100_000, 4_000, 1_500,
    )  # fmt: skip
    assert (spec.minutes, spec.part_bytes, spec.image_bytes) == (35, 0, (50_000, 600_000))


@pytest.mark.parametrize("numbers", [{"posts": 3}, {"more_images": 1}, {"posts": 30, "images": 1, "notes": 9}])
def test_impossible_numbers_are_refused(numbers: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        ExportSpec(**numbers)
