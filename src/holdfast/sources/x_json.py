"""Reads the JSON of X's records: bytes -> the few fields that are asked for, whatever state they are in."""

import json
from collections.abc import Callable
from typing import TypeVar

import msgspec

from holdfast.sources.x_posts import Seen

T = TypeVar("T")
DIGITS = 20


class _Author(msgspec.Struct, frozen=True, gc=False):
    protected: bool | None = None


class _Post(msgspec.Struct, frozen=True, gc=False):
    id_str: int | None = None
    id: int | None = None
    created_at: str | None = None
    retweet_count: int | None = None
    in_reply_to_status_id_str: int | None = None
    in_reply_to_status_id: int | None = None
    user: _Author | None = None


class _Wrapped(_Post, frozen=True, gc=False):
    tweet: _Post | None = None


class _Header(msgspec.Struct, frozen=True):
    tweet_id: int | None = None


class _Headers(msgspec.Struct, frozen=True):
    tweet: _Header | None = None


class _Note(msgspec.Struct, frozen=True):
    note: int | None = msgspec.field(default=None, name="noteTweetId")


class _Notes(msgspec.Struct, frozen=True):
    note: _Note | None = msgspec.field(default=None, name="noteTweet")


def reader(view: type[T]) -> Callable[[bytes], T]:
    """Make a function that reads one record as `view`, or raises `ValueError`.

    X writes numbers as strings since 2020, as numbers before: an `int` takes both.  Lone surrogates and bad UTF-8,
    which strict readers refuse, are read as U+FFFD.
    """
    strict = msgspec.json.Decoder(view, strict=False).decode

    def read(data: bytes) -> T:
        try:
            return strict(data)
        except (msgspec.ValidationError, RecursionError) as error:
            raise ValueError(str(error)) from error
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _lenient(data, view)

    return read


def _lenient(data: bytes, view: type[T]) -> T:
    try:
        value = json.loads(data.decode("utf-8", "replace"))
        text = json.dumps(value, ensure_ascii=False)
        return msgspec.json.decode(
            text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), type=view, strict=False
        )
    except (ValueError, RecursionError) as error:
        raise ValueError(str(error)) from error


_post, _headers, _notes = reader(_Wrapped), reader(_Headers), reader(_Notes)


def seen(data: bytes) -> Seen:
    """Give what decides about a post; all of it empty where the bytes cannot be read."""
    try:
        wrapped = _post(data)
    except ValueError:
        return Seen()
    post = wrapped.tweet or wrapped
    return Seen(
        post.id_str or post.id or 0,
        post.created_at or "",
        post.retweet_count or 0,
        post.in_reply_to_status_id_str or post.in_reply_to_status_id or 0,
        bool(post.user and post.user.protected),
    )


def header_id(data: bytes) -> int:
    """Give the id of the post that a header names, or 0."""
    try:
        header = _headers(data).tweet
    except ValueError:
        return 0
    return (header.tweet_id or 0) if header else 0


def note_id(data: bytes) -> int:
    """Give a note's own id, or 0."""
    try:
        note = _notes(data).note
    except ValueError:
        return 0
    return (note.note or 0) if note else 0


def leading_id(name: bytes) -> int:
    """Give the id in front of the dash of a media file's name, or 0."""
    digits = name.partition(b"-")[0]
    return int(digits) if digits.isdigit() and len(digits) <= DIGITS else 0
