"""Where each part of an X export goes.  Everything that decides it lives in this file and in `x_posts`.

A whitelist: `public` and `identity` hold only what stands here; everything else, also the unknown, is `private`.
"""

import re
from enum import Enum
from typing import NamedTuple

from holdfast.model.export import Compartment, Kind

PUBLIC, PRIVATE, IDENTITY = Compartment.PUBLIC, Compartment.PRIVATE, Compartment.IDENTITY


class By(Enum):
    """What decides, inside a public part, which records are public after all."""

    NOTHING = "all of it is public"
    POST = "each post by itself"
    HEADER = "the post that it names"
    NOTE = "the post of the same moment"
    MEDIA = "the post in the file's name"
    EVERY_POST = "all of it, if every post is public"


class Rule(NamedTuple):
    """Compartment and kind of record; `mixed` where others write beside the owner; `by` where records differ."""

    compartment: Compartment
    kind: str
    mixed: bool = False
    by: By = By.NOTHING


UNKNOWN = Rule(PRIVATE, "unknown", mixed=True)

FILES: dict[str, Rule] = {
    # public, by record
    "tweets": Rule(PUBLIC, "post", by=By.POST),
    "community-tweet": Rule(PUBLIC, "post", by=By.POST),
    "grailbird-month": Rule(PUBLIC, "post", by=By.POST),
    "tweet-headers": Rule(PUBLIC, "header", by=By.HEADER),
    "note-tweet": Rule(PUBLIC, "note", by=By.NOTE),
    # articles would be public once published; only empty files were met, so nothing says which are: private
    "article": Rule(PRIVATE, "article"),
    "article-metadata": Rule(PRIVATE, "article-metadata"),
    # public, whole
    "manifest": Rule(PUBLIC, "manifest"),
    "readme": Rule(PUBLIC, "readme"),
    "tweets-csv": Rule(PUBLIC, "posts-csv", by=By.EVERY_POST),
    "profile": Rule(PUBLIC, "profile"),
    "expanded-profile": Rule(PUBLIC, "expanded-profile"),
    "verified": Rule(PUBLIC, "verified"),
    "account-label": Rule(PUBLIC, "account-label"),
    "moment": Rule(PUBLIC, "moment"),
    "tweet_index": Rule(PUBLIC, "index"),
    "user_details": Rule(PUBLIC, "index"),
    "payload_details": Rule(PUBLIC, "index"),
    "viewer": Rule(PUBLIC, "viewer"),
    # identity
    "account": Rule(IDENTITY, "account"),
    "account-timezone": Rule(IDENTITY, "account-timezone"),
    "ageinfo": Rule(IDENTITY, "age"),
    "screen-name-change": Rule(IDENTITY, "handle-change"),
    "email-address-change": Rule(IDENTITY, "email-change"),
    "phone-number": Rule(IDENTITY, "phone-number"),
    "sso": Rule(IDENTITY, "sign-on"),
    "key-registry": Rule(IDENTITY, "key"),
    "device-token": Rule(IDENTITY, "device-token"),
    "ni-devices": Rule(IDENTITY, "device"),
    "connected-application": Rule(IDENTITY, "application"),
    "periscope-account-information": Rule(IDENTITY, "periscope-account"),
    "professional-data": Rule(IDENTITY, "professional"),
    "verified-organization": Rule(IDENTITY, "organization"),
    # private: messages
    "direct-messages": Rule(PRIVATE, "message", mixed=True),
    "direct-messages-group": Rule(PRIVATE, "message", mixed=True),
    "direct-message-headers": Rule(PRIVATE, "message-header", mixed=True),
    "direct-message-group-headers": Rule(PRIVATE, "message-header", mixed=True),
    "direct-message-mute": Rule(PRIVATE, "message-mute", mixed=True),
    "message-event": Rule(PRIVATE, "message-event", mixed=True),
    "audio-video-calls-in-dm": Rule(PRIVATE, "call", mixed=True),
    "grok-chat-item": Rule(PRIVATE, "grok", mixed=True),
    # private: people
    "follower": Rule(PRIVATE, "follower"),
    "following": Rule(PRIVATE, "following"),
    "block": Rule(PRIVATE, "block"),
    "mute": Rule(PRIVATE, "mute"),
    "smartblock": Rule(PRIVATE, "smartblock"),
    "contact": Rule(PRIVATE, "contact", mixed=True),
    "like": Rule(PRIVATE, "like", mixed=True),
    "periscope-followers": Rule(PRIVATE, "follower", mixed=True),
    "spaces-metadata": Rule(PRIVATE, "space", mixed=True),
    "twitter-circle": Rule(PRIVATE, "circle"),
    "twitter-circle-member": Rule(PRIVATE, "circle-member"),
    "twitter-circle-tweet": Rule(PRIVATE, "circle-post"),
    # private: withdrawn
    "deleted-tweets": Rule(PRIVATE, "deleted-post"),
    "deleted-tweet-headers": Rule(PRIVATE, "deleted-header"),
    "deleted-note-tweet": Rule(PRIVATE, "deleted-note"),
    "fleet": Rule(PRIVATE, "fleet"),
    # private: evidence
    "ip-audit": Rule(PRIVATE, "login"),
    "account-creation-ip": Rule(PRIVATE, "creation-ip"),
    "account-suspension": Rule(PRIVATE, "suspension"),
    "protected-history": Rule(PRIVATE, "protection"),
    # private: rest
    "personalization": Rule(PRIVATE, "personalization"),
    "app": Rule(PRIVATE, "app"),
    "branch-links": Rule(PRIVATE, "branch-link"),
    "user-link-clicks": Rule(PRIVATE, "link-click"),
    "saved-search": Rule(PRIVATE, "saved-search"),
    "reply-prompt": Rule(PRIVATE, "reply-prompt"),
    "tweetdeck": Rule(PRIVATE, "tweetdeck"),
}
"""A file's family -> its rule."""

PREFIXES: dict[str, Rule] = {
    "ad-": Rule(PRIVATE, "ad"),
    "lists-": Rule(PRIVATE, "list", mixed=True),
    "community-note": Rule(PRIVATE, "community-note", mixed=True),
    "audio-video-calls-in-dm": Rule(PRIVATE, "call", mixed=True),
    "twitter-circle": Rule(PRIVATE, "circle", mixed=True),
    "periscope-": Rule(PRIVATE, "periscope", mixed=True),
    "shop": Rule(PRIVATE, "shop", mixed=True),
}
"""How a family's name begins -> its rule; all of them private."""

FOLDERS: dict[str, Rule] = {
    "tweets_media": Rule(PUBLIC, "media", by=By.MEDIA),
    "community_tweet_media": Rule(PUBLIC, "media", by=By.MEDIA),
    "profile_media": Rule(PUBLIC, "profile-media"),
    "moments_media": Rule(PUBLIC, "moment-media"),
    "moments_tweets_media": Rule(PUBLIC, "moment-media"),
    "article_media": Rule(PRIVATE, "article-media"),
    "deleted_tweets_media": Rule(PRIVATE, "deleted-media"),
    "direct_messages_media": Rule(PRIVATE, "message-media", mixed=True),
    "direct_messages_group_media": Rule(PRIVATE, "message-media", mixed=True),
    "grok_chat_media": Rule(PRIVATE, "grok-media", mixed=True),
    "fleets_media": Rule(PRIVATE, "fleet-media"),
    "spaces_media": Rule(PRIVATE, "space-media", mixed=True),
    "twitter_circle_tweet_media": Rule(PRIVATE, "circle-media"),
}
"""A media folder's family -> its rule."""

RENAMED = {
    "tweet": "tweets",
    "direct-message": "direct-messages",
    "direct-message-group": "direct-messages-group",
    "tweet_media": "tweets_media",
    "direct_message_media": "direct_messages_media",
    "direct_message_group_media": "direct_messages_group_media",
    "profile-media": "profile_media",
    "twitter-article": "article",
    "twitter-article-metadata": "article-metadata",
    "twitter_article_media": "article_media",
}
PART = re.compile(r"-part\d+$")

KINDS: dict[str, Kind] = {
    **dict.fromkeys((".js", ".json", ".txt", ".csv", ".html", ".htm", ".css", ".md"), Kind.TEXT),
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".bmp", ".heic", ".avif", ".ico"), Kind.IMAGE),
    **dict.fromkeys((".mp4", ".m4v", ".mov", ".webm", ".ts", ".m3u8", ".mkv"), Kind.VIDEO),
}


def fold(name: str) -> str:
    """Give the family of a file or folder name: without its part number, under its newest name."""
    name = PART.sub("", name)
    if name.startswith("birdwatch-note"):
        name = "community-note" + name.removeprefix("birdwatch-note")
    return RENAMED.get(name, name)


def rule(family: str, *, folder: bool = False) -> Rule:
    """Give the rule of a family; what nobody listed is private, and others may have written in it."""
    if folder:
        return FOLDERS.get(family, UNKNOWN)
    found = FILES.get(family)
    return found or next((rule for prefix, rule in PREFIXES.items() if family.startswith(prefix)), UNKNOWN)
