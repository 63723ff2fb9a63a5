"""Makes records out of the bytes of an X export; a bad one is a value, never an exception."""

from collections.abc import Callable

import msgspec

from holdfast.model.records import Account, Media, Post, Profile, Raw, Record, UnreadableRecord
from holdfast.sources.x_json import leading_id, reader
from holdfast.sources.x_table import rule


class _Medium(msgspec.Struct, frozen=True, gc=False):
    https: str | None = msgspec.field(default=None, name="media_url_https")
    http: str | None = msgspec.field(default=None, name="media_url")


class _Entities(msgspec.Struct, frozen=True):
    media: list[_Medium] | None = None


class _Tweet(msgspec.Struct, frozen=True):
    id_str: int | None = None
    id: int | None = None
    created_at: str | None = None
    full_text: str | None = None
    text: str | None = None
    lang: str | None = None
    in_reply_to_status_id_str: int | None = None
    in_reply_to_user_id_str: int | None = None
    favorite_count: int | None = None
    retweet_count: int | None = None
    possibly_sensitive: bool | None = None
    entities: _Entities | None = None
    extended_entities: _Entities | None = None


class _Tweets(_Tweet, frozen=True):
    tweet: _Tweet | None = None


class _Description(msgspec.Struct, frozen=True):
    bio: str | None = None
    website: str | None = None
    location: str | None = None


class _Profile(msgspec.Struct, frozen=True, rename="camel"):
    description: _Description | None = None
    avatar_media_url: str | None = None
    header_media_url: str | None = None


class _Profiles(msgspec.Struct, frozen=True):
    profile: _Profile


class _Account(msgspec.Struct, frozen=True, rename="camel"):
    account_id: str
    username: str | None = None
    user_name: str | None = None
    account_display_name: str | None = None
    display_name: str | None = None
    created_at: str | None = None


class _Accounts(msgspec.Struct, frozen=True):
    account: _Account


class _Manifest(msgspec.Struct, frozen=True):
    user: _Account = msgspec.field(name="userInfo")


_tweets, _profiles = reader(_Tweets), reader(_Profiles)
_accounts, _manifest = reader(_Accounts), reader(_Manifest)


def kind(family: str) -> str:
    """Give the kind of a family's records."""
    found = rule(family).kind
    return family if found == "unknown" and family else found


def record(family: str, data: bytes) -> Record:
    """Give the view of one record `{…}` of this family; `UnreadableRecord` where its bytes are not that."""
    name = kind(family)
    view = VIEWS.get(name)
    if view is None:
        return Raw(name, data)
    try:
        return view(data)
    except ValueError as error:
        return UnreadableRecord(name, data, str(error))


def media(path: bytes) -> Media | None:
    """Give the media record of a member named `<post id>-<name>`, or None if it is named otherwise."""
    name = path.rpartition(b"/")[2]
    post = leading_id(name)
    if not post:
        return None
    return Media(post=str(post), name=name.partition(b"-")[2].decode("utf-8", "replace"))


def owner(family: str, data: bytes) -> Account | None:
    """Give whose account it is, out of a record of `manifest` or `account`, or None where it does not tell."""
    try:
        return _of(_manifest(data).user) if family == "manifest" else _account(data)
    except ValueError:
        return None


def _post(data: bytes) -> Post:
    wrapped = _tweets(data)
    tweet = wrapped.tweet or wrapped
    post = tweet.id_str or tweet.id or 0
    if post <= 0:
        raise ValueError("no id")
    return Post(
        id=str(post),
        created_at=tweet.created_at or "",
        text=tweet.full_text or tweet.text or "",
        lang=tweet.lang or "",
        answers=_id(tweet.in_reply_to_status_id_str),
        answers_account=_id(tweet.in_reply_to_user_id_str),
        likes=tweet.favorite_count or 0,
        reposts=tweet.retweet_count or 0,
        sensitive=bool(tweet.possibly_sensitive),
        media=_media(tweet.extended_entities or tweet.entities),
    )


def _media(entities: _Entities | None) -> tuple[str, ...]:
    if entities is None or not entities.media:
        return ()
    return tuple(medium.https or medium.http or "" for medium in entities.media)


def _profile(data: bytes) -> Profile:
    profile = _profiles(data).profile
    about = profile.description or _Description()
    return Profile(
        bio=about.bio or "",
        website=about.website or "",
        location=about.location or "",
        avatar=profile.avatar_media_url or "",
        header=profile.header_media_url or "",
    )


def _account(data: bytes) -> Account:
    return _of(_accounts(data).account)


def _of(account: _Account) -> Account:
    return Account(
        account_id=account.account_id,
        handle=account.username or account.user_name or "",
        name=account.account_display_name or account.display_name or "",
        created_at=account.created_at or "",
    )


def _id(value: int | None) -> str:
    return str(value) if value else ""


VIEWS: dict[str, Callable[[bytes], Record]] = {"post": _post, "profile": _profile, "account": _account}
