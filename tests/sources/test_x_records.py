"""Records out of bytes: any bytes give a record or say why not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.model.records import Account, Media, Post, Profile, Raw, UnreadableRecord
from holdfast.sources.x_records import kind, media, owner, record

TWEET = {
    "id_str": "1855223064432050177", "created_at": "Sat Nov 09 12:14:18 +0000 2024", "full_text": "A &amp; B 🕯️",
    "lang": "zh",
    "favorite_count": "3", "retweet_count": "0", "in_reply_to_status_id_str": "7", "in_reply_to_user_id_str": "8",
    "entities": {"media": [{"media_url_https": "https://pbs.twimg.com/media/a.jpg"}]},
    "extended_entities": {"media": [{"media_url_https": "https://pbs.twimg.com/media/a.jpg"}, {"media_url": "b"}]},
}  # fmt: skip
EXPECTED = Post(
    id="1855223064432050177", created_at="Sat Nov 09 12:14:18 +0000 2024", text="A &amp; B 🕯️", lang="zh", answers="7",
    answers_account="8", likes=3, reposts=0, media=("https://pbs.twimg.com/media/a.jpg", "b"),
)  # fmt: skip


def test_a_post_of_any_generation():
    assert record("tweets", json.dumps({"tweet": TWEET}).encode()) == EXPECTED
    flat = {**TWEET, "text": TWEET["full_text"], "favorite_count": 3, "retweet_count": 0, "full_text": None}
    assert record("tweets", json.dumps(flat).encode()) == EXPECTED
    assert EXPECTED.kind == "post"


def test_profile_account_media():
    profile = {"profile": {"description": {"bio": "b", "website": "w", "location": "l"}, "avatarMediaUrl": "a"}}
    assert record("profile", json.dumps(profile).encode()) == Profile(bio="b", website="w", location="l", avatar="a")
    account = {
        "account": {"accountId": "1", "username": "u", "accountDisplayName": "n", "createdAt": "c", "email": "e"}
    }
    expected = Account(account_id="1", handle="u", name="n", created_at="c")
    assert record("account", json.dumps(account).encode()) == owner("account", json.dumps(account).encode()) == expected
    assert media(b"data/tweets_media/12-a-b.jpg") == Media(post="12", name="a-b.jpg")
    assert media(b"data/tweets_media/a.jpg") is None


@pytest.mark.parametrize(
    ("family", "expected"), [("like", "like"), ("direct-messages", "message"), ("new-thing", "new-thing")]
)
def test_the_rest_is_raw(family, expected):
    assert record(family, b"{}") == Raw(expected, b"{}")
    assert kind(family) == expected


def test_lone_surrogate_and_bad_utf8_are_read():
    text = record("tweets", b'{"tweet":{"id_str":"1","full_text":"a\\ud83d\xff"}}').text
    assert text == "a\ufffd\ufffd"
    text.encode()


@given(st.binary(max_size=200), st.sampled_from(["tweets", "profile", "account", "like", "manifest"]))
def test_garbage_is_a_value(data, family):
    assert isinstance(record(family, data), Raw | UnreadableRecord | Post)
    owner(family, data)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[" * 100_000, b'{"tweet":[]}', b'{"tweet":{"id_str":"x"}}', b'{"tweet":{"id":1.5}}']
)
def test_a_bad_post_says_why(data):
    bad = record("tweets", data)
    assert isinstance(bad, UnreadableRecord)
    assert (bad.kind, bad.data) == ("post", data)
    assert bad.why


def test_the_word_null_is_a_text():
    assert record("tweets", b'{"tweet":{"id_str":"1","full_text":"null","lang":"null"}}').text == "null"
