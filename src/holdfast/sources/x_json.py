"""Reads the JSON of X's records: bytes -> the few fields that are asked for, whatever state they are in."""

import json
from collections.abc import Callable
from typing import TypeVar

import msgspec

from holdfast.sources.x_posts import Seen

T = TypeVar("T")
Number = str | int | None
"""X writes numbers as strings since 2020, and as numbers before."""

DIGITS = 20


class _Author(msgspec.Struct, frozen=True, gc=False):
    protected: bool | None = None


class _Post(msgspec.Struct, frozen=True, gc=False):
    id_str: Number = None
    id: Number = None
    created_at: str | None = None
    retweet_count: Number = None
    in_reply_to_status_id_str: Number = None
    in_reply_to_status_id: Number = None
    user: _Author | None = None


class _Wrapped(_Post, frozen=True, gc=False):
    tweet: _Post | None = None


class _Header(msgspec.Struct, frozen=True):
    tweet_id: Number = None


class _Headers(msgspec.Struct, frozen=True):
    tweet: _Header | None = None


class _Note(msgspec.Struct, frozen=True):
    note: Number = msgspec.field(default=None, name="noteTweetId")


class _Notes(msgspec.Struct, frozen=True):
    note: _Note | None = msgspec.field(default=None, name="noteTweet")


def reader(view: type[T]) -> Callable[[bytes], T]:
    """Make a function that reads one record as `view`, or raises `ValueError`.

    Lone surrogates and bad UTF-8, which strict readers refuse, are read as U+FFFD.
    """
    strict = msgspec.json.Decoder(view).decode

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
        return msgspec.json.decode(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), type=view)
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
        number(post.id_str) or number(post.id),
        post.created_at or "",
        number(post.retweet_count),
        number(post.in_reply_to_status_id_str) or number(post.in_reply_to_status_id),
        bool(post.user and post.user.protected),
    )


def header_id(data: bytes) -> int:
    """Give the id of the post that a header names, or 0."""
    try:
        header = _headers(data).tweet
    except ValueError:
        return 0
    return number(header.tweet_id) if header else 0


def note_id(data: bytes) -> int:
    """Give a note's own id, or 0."""
    try:
        note = _notes(data).note
    except ValueError:
        return 0
    return number(note.note) if note else 0


def number(value: Number) -> int:
    """Give a number that X wrote either way, or 0."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) <= DIGITS else 0
    return value or 0


def leading_id(name: bytes) -> int:
    """Give the id in front of the dash of a media file's name, or 0."""
    return number(name.partition(b"-")[0].decode("ascii", "replace"))
