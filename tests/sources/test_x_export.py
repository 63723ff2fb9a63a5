"""An X export as a source: recognised, whole, and sorted so that nothing private is called public."""

import json
import zipfile

import pytest

from holdfast.errors import NotFound, Unreadable
from holdfast.model.export import Compartment, Kind
from holdfast.sources.x import recognise
from holdfast.sources.x_posts import EPOCH_MS
from holdfast.sources.x_table import FILES, FOLDERS, PREFIXES, UNKNOWN, By, fold, rule

PUBLIC, PRIVATE, IDENTITY = Compartment


def snowflake(milliseconds, extra=0):
    return ((milliseconds - EPOCH_MS) << 22) + extra


BEFORE, WITHIN, AFTER = 1_600_000_000_000, 1_670_000_000_000, 1_710_000_000_000
WORDS = {BEFORE: "Sun Sep 13 12:26:40 +0000 2020", WITHIN: "Fri Dec 02 16:53:20 +0000 2022",
         AFTER: "Sat Mar 09 16:00:00 +0000 2024"}  # fmt: skip


def post(when, extra=0, *, reposts="0", **more):
    number = str(snowflake(when, extra))
    return {"tweet": {"id_str": number, "id": number, "created_at": WORDS[when], "retweet_count": reposts,
                      "full_text": "x",                       **more}}  # fmt: skip


def js(name, records):
    if not records:
        return f"window.YTD.{name}.part0 = [ ]".encode()
    return f"window.YTD.{name}.part0 = ".encode() + json.dumps(records, indent=2, ensure_ascii=False).encode()


MANIFEST = (
    b'window.__THAR_CONFIG = {\n  "userInfo" : {\n    "accountId" : "12",\n    "userName" : "kelp",\n'
    b'    "displayName" : "\xe6\xb5\xb7\xe5\xb8\xa6"\n  }\n}'
)


def export(tmp_path, members, name="twitter.zip"):
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as out:
        for path, data in {"data/manifest.js": MANIFEST, **members}.items():
            out.writestr(path, data)
    return tmp_path / name


def read(tmp_path, members, **options):
    source = recognise([export(tmp_path, members)], **options)
    return {member.path.decode(): (member, list(source.units(member))) for member in source.members()}


def compartments(found, path):
    member, units = found[path]
    assert b"".join(unit.data for unit in units)
    assert set(member.compartments) == {unit.compartment for unit in units}
    return [unit.compartment for unit in units]


def test_every_byte_once_and_again_the_same(tmp_path):
    members = {
        "data/tweets.js": js("tweets", [post(BEFORE, n) for n in range(500)]),
        "data/like.js": js("like", [{"like": {"tweetId": "1"}}] * 3),
        "data/tweets_media/1-a.mp4": bytes(3_000_000),
        "data/README.txt": b"",
        "Your archive.html": b"<html>",
        "stray.bin": b"\0\1",
    }
    path = export(tmp_path, members)
    source, again = recognise([path]), recognise([path])
    assert list(source.members()) == list(again.members())
    for member in source.members():
        units = list(source.units(member))
        assert units == list(again.units(member))
        data = b"".join(unit.data for unit in units)
        assert data == {"data/manifest.js": MANIFEST, **members}[member.path.decode()]
        assert member.size == len(data)
        assert [unit.place for unit in units] == [sum(len(u.data) for u in units[:n]) for n in range(len(units))]
        assert all(len(unit.data) <= 1 << 20 for unit in units)


def test_kinds_and_families(tmp_path):
    found = read(tmp_path, {"data/tweets-part3.js": b"", "data/tweet_media/1-a.mp4": b"1", "data/x_y.bin": b""})
    assert found["data/tweets-part3.js"][0].family == "tweets"
    assert found["data/tweet_media/1-a.mp4"][0].family == "tweets_media"
    assert [found[path][0].kind for path in found] == [Kind.TEXT, Kind.TEXT, Kind.VIDEO, Kind.OTHER]


@pytest.mark.parametrize("family", [*FILES, *(prefix + "some" for prefix in PREFIXES), "never-heard-of"])
def test_each_file_goes_where_its_rule_says(tmp_path, family):
    path = {"readme": "data/README.txt", "viewer": "Your archive.html", "tweets-csv": "tweets.csv"}.get(
        family, f"data/{family}.js"
    )
    path = f"data/js/{family}.js" if family in ("tweet_index", "user_details", "payload_details") else path
    path = "data/js/tweets/2012_03.js" if family == "grailbird-month" else path
    data = MANIFEST if family == "manifest" else js(family, [{"x": {"y": 1}}])
    found = read(tmp_path, {path: data})
    expected = rule(family).compartment if rule(family).by is By.NOTHING else PRIVATE
    assert set(compartments(found, path)) == {expected}
    assert found[path][0].mixed == rule(family).mixed
    assert found[path][0].family == family


@pytest.mark.parametrize("family", FOLDERS)
def test_each_folder_goes_where_its_rule_says(tmp_path, family):
    path = f"data/{family}/{snowflake(BEFORE)}-a.jpg"
    found = read(tmp_path, {"data/tweets.js": js("tweets", [post(BEFORE)]), path: b"jpg"})
    assert set(compartments(found, path)) == {FOLDERS[family].compartment}
    assert found[path][0].mixed == FOLDERS[family].mixed


def test_the_whitelist_is_what_the_page_lists():
    files = {name: rule.compartment for name, rule in FILES.items()}
    assert {name for name, where in files.items() if where is IDENTITY} == {
        "account", "account-timezone", "ageinfo", "screen-name-change", "email-address-change", "phone-number", "sso",
        "key-registry", "device-token", "ni-devices", "connected-application", "periscope-account-information",
        "professional-data", "verified-organization",
    }  # fmt: skip
    assert {name for name, where in files.items() if where is PUBLIC} == {
        "tweets", "community-tweet", "grailbird-month", "tweet-headers", "note-tweet", "manifest", "readme",
        "tweets-csv",         "profile", "expanded-profile", "verified", "account-label",
        "moment", "tweet_index", "user_details",
        "payload_details", "viewer",
    }  # fmt: skip
    assert all(rule.compartment is PRIVATE for rule in [*PREFIXES.values(), UNKNOWN])
    assert not any(rule.mixed for rule in [*FILES.values(), *FOLDERS.values()] if rule.compartment is PUBLIC)


@pytest.mark.parametrize(
    "path",
    ["account.js", "other/data/profile.js", "data/sub/profile.js", "data/profile.js.bak", "assets/diary.docx", "data/",
     "data/tweets_media/sub/1-a.jpg", "Data/profile.js", "data/../data/profile.js", "data/assets/x.js",
     "profile_media/1-a.jpg"],
)  # fmt: skip
def test_what_lies_elsewhere_is_private(tmp_path, path):
    found = read(tmp_path, {path: b"{}"})
    assert compartments(found, path) == [PRIVATE]


def test_renames():
    assert fold("tweet-part12") == "tweets"
    assert fold("birdwatch-note-rating") == "community-note-rating"
    assert fold("direct-message") == "direct-messages"


def circle(tmp_path, members, **options):
    return compartments(read(tmp_path, {"data/tweets.js": js("tweets", members)}, **options), "data/tweets.js")


def test_circle_posts_are_private(tmp_path):
    posts = [post(BEFORE), post(WITHIN), post(WITHIN, 1, reposts="3"), post(AFTER), post(WITHIN, 2, reposts=None)]
    assert circle(tmp_path, posts) == [PUBLIC, PRIVATE, PUBLIC, PUBLIC, PRIVATE]
    assert circle(tmp_path, posts, never_used_circle=True) == [PUBLIC] * 5


@pytest.mark.parametrize(
    ("milliseconds", "where"),
    [
        (1_651_363_199_999, PUBLIC),
        (1_651_363_200_000, PRIVATE),
        (1_701_388_799_999, PRIVATE),
        (1_701_388_800_000, PUBLIC),
    ],
)
def test_the_bounds_of_the_time_by_id(tmp_path, milliseconds, where):
    made = post(BEFORE)
    made["tweet"]["id_str"] = str(snowflake(milliseconds))
    assert circle(tmp_path, [made]) == [where]


@pytest.mark.parametrize(
    ("date", "where"),
    [("Sat Apr 30 23:59:59 +0000 2022", PUBLIC), ("Sun May 01 00:00:00 +0000 2022", PRIVATE),
     ("Thu Nov 30 23:59:59 +0000 2023", PRIVATE), ("Fri Dec 01 00:00:00 +0000 2023", PUBLIC),
     ("2022-07-01 12:20:23 +0000", PRIVATE), ("2017-04-30 12:20:23 +0000", PUBLIC)],
)  # fmt: skip
def test_the_bounds_of_the_time_by_date(tmp_path, date, where):
    assert circle(tmp_path, [post(BEFORE, created_at=date)]) == [where]


def test_what_answers_a_circle_post_is_private(tmp_path):
    hidden, shown = snowflake(WITHIN), snowflake(BEFORE)
    answer = post(AFTER, 1, in_reply_to_status_id_str=str(hidden))
    deeper = post(AFTER, 2, in_reply_to_status_id_str=answer["tweet"]["id_str"])
    other = post(AFTER, 3, in_reply_to_status_id_str=str(shown))
    reposted = post(AFTER, 4, in_reply_to_status_id_str=str(hidden), reposts="1")
    assert circle(tmp_path, [deeper, answer, other, reposted, post(BEFORE), post(WITHIN)]) == [
        PRIVATE, PRIVATE, PUBLIC, PUBLIC, PUBLIC, PRIVATE,
    ]  # fmt: skip


def test_an_id_in_the_circle_file_is_private_whatever_the_owner_says(tmp_path):
    members = {
        "data/tweets.js": js("tweets", [post(BEFORE), post(WITHIN, reposts="9")]),
        "data/twitter-circle-tweet.js": js("twitter_circle_tweet", [post(WITHIN)]),
    }
    assert compartments(read(tmp_path, members, never_used_circle=True), "data/tweets.js") == [PUBLIC, PRIVATE]


@pytest.mark.parametrize("data", [js("protected_history", [{"protectedHistory": {"action": "Protect"}}]), b"garbage"])
def test_a_protected_account_has_no_public_posts(tmp_path, data):
    members = {"data/tweets.js": js("tweets", [post(BEFORE, reposts="3")]), "data/protected-history.js": data}
    assert compartments(read(tmp_path, members, never_used_circle=True), "data/tweets.js") == [PRIVATE]


def test_an_empty_protected_history_protects_nothing(tmp_path):
    members = {"data/tweets.js": js("tweets", [post(BEFORE)]), "data/protected-history.js": js("protected_history", [])}
    assert compartments(read(tmp_path, members), "data/tweets.js") == [PUBLIC]


def test_a_protected_author_of_a_classic_export(tmp_path):
    assert circle(tmp_path, [post(BEFORE, user={"protected": True}), post(BEFORE, 1)]) == [PRIVATE, PUBLIC]


def test_headers_notes_and_media_go_with_their_post(tmp_path):
    times = [(BEFORE, PUBLIC), (WITHIN, PRIVATE), (AFTER, PUBLIC)]
    posts = [post(when, 30 << 22) for when, _ in times]
    ids = [each["tweet"]["id_str"] for each in posts]
    members = {
        "data/tweets.js": js("tweets", posts),
        "data/tweet-headers.js": js("tweet_headers", [{"tweet": {"tweet_id": n}} for n in [*ids, "77"]]),
        "data/note-tweet.js": js(
            "note_tweet", [{"noteTweet": {"noteTweetId": str(snowflake(when))}} for when, _ in times]
        ),
        **{f"data/tweets_media/{n}-a.jpg": b"jpg" for n in [*ids, "77"]},
        "data/tweets_media/strange.jpg": b"jpg",
    }
    found = read(tmp_path, members)
    expected = [where for _, where in times]
    assert compartments(found, "data/tweet-headers.js") == [*expected, PRIVATE]
    assert compartments(found, "data/note-tweet.js") == expected
    assert [compartments(found, f"data/tweets_media/{n}-a.jpg")[0] for n in [*ids, "77"]] == [*expected, PRIVATE]
    assert compartments(found, "data/tweets_media/strange.jpg") == [PRIVATE]


def test_a_note_near_a_private_post_is_private(tmp_path):
    hidden = post(AFTER, 30 << 22, in_reply_to_status_id_str=str(snowflake(WITHIN)))
    members = {
        "data/tweets.js": js("tweets", [hidden, post(AFTER, 40 << 22), post(WITHIN)]),
        "data/note-tweet.js": js("note_tweet", [{"noteTweet": {"noteTweetId": str(snowflake(AFTER))}}]),
    }
    assert compartments(read(tmp_path, members), "data/note-tweet.js") == [PRIVATE]


def test_the_csv_is_public_only_if_every_post_is(tmp_path):
    for when, where in [(BEFORE, PUBLIC), (WITHIN, PRIVATE)]:
        found = read(tmp_path, {"data/tweets.js": js("tweets", [post(when)]), "tweets.csv": b"1,2"})
        assert compartments(found, "tweets.csv") == [where]


def test_what_stands_between_records_by_hand_is_private(tmp_path):
    data = js("tweets", [post(BEFORE), post(BEFORE, 1), post(BEFORE, 2)])
    edited = data.replace(b"  },\n  {", b"  }, my note, {", 1)
    assert compartments(read(tmp_path, {"data/tweets.js": edited}), "data/tweets.js") == [PRIVATE, PUBLIC, PUBLIC]
    assert compartments(read(tmp_path, {"data/tweets.js": data + b"secret"}), "data/tweets.js") == [
        PUBLIC,
        PUBLIC,
        PRIVATE,
    ]
    assert compartments(read(tmp_path, {"data/tweets.js": data + b";"}), "data/tweets.js") == [PUBLIC] * 3


def test_a_bad_record_is_private_and_leaves_its_neighbours(tmp_path):
    good = js("tweets", [post(BEFORE, n) for n in range(3)])
    number = str(snowflake(BEFORE, 1)).encode()
    bad = good.replace(b'"' + number + b'"', b'["not a number"]')
    assert compartments(read(tmp_path, {"data/tweets.js": bad}), "data/tweets.js") == [PUBLIC, PRIVATE, PUBLIC]


def test_lone_surrogates_and_bad_utf8_hide_nothing(tmp_path):
    data = js("tweets", [post(BEFORE), post(BEFORE, 1), post(WITHIN)])
    data = data.replace(b'"full_text": "x"', b'"full_text": "\\ud83d \xff"')
    assert compartments(read(tmp_path, {"data/tweets.js": data}), "data/tweets.js") == [PUBLIC, PUBLIC, PRIVATE]


def test_a_damaged_member_is_reported_and_the_rest_read(tmp_path):
    path = export(
        tmp_path, {"data/like.js": js("like", [{"like": {"tweetId": str(n)}} for n in range(999)]), "data/z.js": b"1"}
    )
    data = bytearray(path.read_bytes())
    at = data.index(b"data/like.js") + 40
    data[at : at + 8] = b"damaged!"
    path.write_bytes(data)
    source = recognise([path])
    states = {}
    for member in source.members():
        try:
            states[member.path] = b"".join(unit.data for unit in source.units(member))
        except Unreadable as error:
            states[member.path] = error.code
    assert states == {b"data/manifest.js": MANIFEST, b"data/like.js": "member-damaged", b"data/z.js": b"1"}


def test_account(tmp_path):
    account = recognise([export(tmp_path, {})]).account()
    assert (account.account_id, account.handle, account.name) == ("12", "kelp", "海带")
    data = js("account", [{"account": {"accountId": "13", "username": "rock", "accountDisplayName": "R"}}])
    account = recognise([export(tmp_path, {"data/manifest.js": b"edited", "data/account.js": data})]).account()
    assert (account.account_id, account.handle, account.name) == ("13", "rock", "R")
    with pytest.raises(NotFound):
        recognise([export(tmp_path, {"data/manifest.js": b"edited"})]).account()


def test_recognised_by_content(tmp_path):
    parts = [export(tmp_path, {"data/tweets.js": js("tweets", [post(BEFORE)])}, "part1.zip")]
    with zipfile.ZipFile(tmp_path / "part2.zip", "w") as out:
        out.writestr(f"data/tweets_media/{snowflake(BEFORE)}-a.jpg", b"jpg")
    source = recognise([*parts, tmp_path / "part2.zip"])
    assert [container.name for container in source.containers()] == [b"part1.zip", b"part2.zip"]
    assert [(m.container, m.place, m.compartments) for m in source.members()] == [
        (0, 0, (PUBLIC,)), (0, 1, (PUBLIC,)), (1, 0, (PUBLIC,)),
    ]  # fmt: skip
    (tmp_path / "no.zip").write_bytes(b"hello")
    assert recognise([tmp_path / "no.zip"]) is None
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as out:
        out.writestr("outbox.json", b"{}")
    assert recognise([tmp_path / "other.zip"]) is None
    (tmp_path / "half.zip").write_bytes(parts[0].read_bytes()[:-30])
    with pytest.raises(Unreadable, match="zip-cut-off"):
        recognise([tmp_path / "half.zip"])


def test_a_folder_in_a_folder_without_manifest(tmp_path):
    data = tmp_path / "out" / "twitter-2024" / "data"
    (data / "tweets_media").mkdir(parents=True)
    (data / "tweets.js").write_bytes(js("tweets", [post(BEFORE)]))
    (data / "account.js").write_bytes(js("account", []))
    (data / "tweets_media" / f"{snowflake(BEFORE)}-a.jpg").write_bytes(b"jpg")
    source = recognise([tmp_path / "out"])
    assert [(member.path.split(b"/", 2)[2][:8], member.compartments) for member in source.members()] == [
        (b"account.", (IDENTITY,)), (b"tweets.j", (PUBLIC,)), (b"tweets_m", (PUBLIC,)),
    ]  # fmt: skip


@pytest.mark.slow
def test_memory_is_flat(tmp_path):
    import tracemalloc

    one = json.dumps(post(BEFORE, full_text="x" * 1000), indent=2).replace("\n", "\n  ").encode()
    path = tmp_path / "big.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        out.writestr("data/manifest.js", MANIFEST)
        with out.open("data/tweets.js", "w") as member:
            member.write(b"window.YTD.tweets.part0 = [\n  ")
            for _ in range(50):
                member.write((one + b",\n  ") * 1000)
            member.write(one + b"\n]")
    tracemalloc.start()
    source = recognise([path])
    assert sum(1 for unit in source.units(source.members()[1])) == 50_001
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20
