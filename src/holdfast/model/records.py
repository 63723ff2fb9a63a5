"""Records: typed views of items, made when reading.  The item's own bytes stay what is kept.

Text is as the platform spells it (X escapes `& < >` for HTML); times are the platform's own words.  Each record has a
`kind`: `post`, `profile`, `account`, `media`, or for a `Raw` or `UnreadableRecord` what its family is called.
"""

from typing import ClassVar

import msgspec


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """One post; `media` holds the addresses of its media, `answers` and `answers_account` are ids, or empty."""

    kind: ClassVar[str] = "post"

    id: str
    created_at: str = ""
    text: str = ""
    lang: str = ""
    answers: str = ""
    answers_account: str = ""
    likes: int = 0
    reposts: int = 0
    sensitive: bool = False
    media: tuple[str, ...] = ()


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What an account says of itself."""

    kind: ClassVar[str] = "profile"

    bio: str = ""
    website: str = ""
    location: str = ""
    avatar: str = ""
    header: str = ""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Whose account it is, for sealed places only."""

    kind: ClassVar[str] = "account"

    account_id: str
    handle: str = ""
    name: str = ""
    created_at: str = ""


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """One media file: the post that it belongs to and its own name."""

    kind: ClassVar[str] = "media"

    post: str
    name: str


class Raw(msgspec.Struct, frozen=True):
    """A record that has no view of its own: its bytes."""

    kind: str
    data: bytes


class UnreadableRecord(msgspec.Struct, frozen=True):
    """A record that is not what its kind should be: why, and its bytes.  A value, so that its neighbours are read."""

    kind: str
    data: bytes
    why: str


Record = Post | Profile | Account | Media | Raw | UnreadableRecord
