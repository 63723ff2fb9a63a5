"""The other files of a made X export: one table of file -> records."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from holdfast.testing.exports_media import medium
from holdfast.testing.exports_posts import EXPORTED, MINUTE, Posts, post
from holdfast.testing.exports_spec import ExportSpec
from holdfast.testing.exports_text import Json, dice, iso, mix, snowflake, words, x_date

Record: TypeAlias = dict[str, Json]
Records: TypeAlias = Iterator[Record]

HOUR = 60 * MINUTE
CREATED = 1_292_400_000_000  # 2010-12-15
SECRETS = (
    ("direct-messages", "sargassum-at-midnight"),
    ("deleted-tweets", "withdrawn-thallus"),
    ("contact", "contact0@example.net"),
    ("ip-audit", "203.0.113.7"),
)
EMPTY = (
    "ad-impressions", "ad-mobile-conversions-attributed", "ad-online-conversions-unattributed", "app", "article",
    "article-metadata", "audio-video-calls-in-dm", "branch-links", "catalog-item", "community-note",
    "deleted-note-tweet", "direct-message-mute", "grok-chat-item", "lists-member", "moment", "periscope-followers",
    "professional-data", "reply-prompt", "saved-search", "smartblock", "spaces-metadata", "sso", "tweetdeck",
    "twitter-circle", "user-link-clicks", "verified-organization",
)  # fmt: skip
MEDIA = {
    "tweets": "tweets_media", "deleted-tweets": "deleted_tweets_media", "community-tweet": "community_tweet_media",
    "direct-messages": "direct_messages_media", "direct-messages-group": "direct_messages_group_media",
    "profile": "profile_media", "moment": "moments_media",
}  # fmt: skip


def _tweets(posts: Posts) -> Records:
    for n in posts.newest_first():
        yield {"tweet": posts.record(n)}


def _headers(posts: Posts) -> Records:
    for n in posts.newest_first():
        yield {"tweet": _header(posts.spec, posts.id(n), posts.moments[n])}


def _header(spec: ExportSpec, ident: str, moment: int) -> Record:
    return {"tweet_id": ident, "user_id": spec.account_id, "created_at": x_date(moment)}


def deleted_post(spec: ExportSpec, n: int) -> tuple[str, int]:
    """Give id and time of the n-th deleted post: one an hour before the export."""
    moment = EXPORTED - (n + 1) * HOUR + 700
    return snowflake(moment, mix(spec.seed, n, 5)), moment


def _deleted(posts: Posts) -> Records:
    spec = posts.spec
    for n in range(spec.deleted):
        ident, moment = deleted_post(spec, n)
        text = words().sentence(dice(spec.seed, "deleted", n)) if n else f"This one is gone: {SECRETS[1][1]}"
        media = [] if n else [medium(spec, ident, "photo")]
        deleted = x_date(moment + 10 * MINUTE)
        yield {"tweet": {**post(spec, moment, ident, [("", text)], media), "deleted_at": deleted}}


def _deleted_headers(posts: Posts) -> Records:
    for n in range(posts.spec.deleted):
        ident, moment = deleted_post(posts.spec, n)
        yield {"tweet": {**_header(posts.spec, ident, moment), "deleted_at": x_date(moment + 10 * MINUTE)}}


def _community(posts: Posts) -> Records:
    spec = posts.spec
    group = snowflake(CREATED + 400_000 * HOUR // 4, 7)
    for n in range(spec.community):
        moment = EXPORTED - (20 + n) * 24 * HOUR + 300
        pieces = [("", words().sentence(dice(spec.seed, "community", n)))]
        record = post(spec, moment, snowflake(moment, mix(spec.seed, n, 6)), pieces, [])
        yield {"tweet": {**record, "community_id": group, "community_id_str": group, "scopes": {"followers": False}}}


def _likes(posts: Posts) -> Records:
    for n in range(posts.spec.likes):
        ident = snowflake(EXPORTED - n * 77 * MINUTE, mix(posts.spec.seed, n, 8))
        text: Record = {"fullText": words().sentence(dice(posts.spec.seed, "like", n))} if n % 97 != 96 else {}
        yield {"like": {"tweetId": ident, **text, "expandedUrl": f"https://twitter.com/i/web/status/{ident}"}}


def _people(key: str, salt: int, count: Callable[[ExportSpec], int]) -> Callable[[Posts], Records]:
    def records(posts: Posts) -> Records:
        for n in range(count(posts.spec)):
            ident = stranger(posts.spec, salt, n)
            yield {key: {"accountId": ident, "userLink": f"https://twitter.com/intent/user?user_id={ident}"}}

    return records


def stranger(spec: ExportSpec, salt: int, n: int) -> str:
    """Give the number of somebody else."""
    return str(9 * 10**18 + mix(spec.seed, salt, n) % 10**14)


def _lists(word: str) -> Callable[[Posts], Records]:
    def records(posts: Posts) -> Records:
        urls = [f"https://twitter.com/{posts.spec.handle}/lists/{word}-{n}" for n in range(posts.spec.lists)]
        if urls:
            yield {"userListInfo": {"urls": urls}}

    return records


def _conversations(group: bool, brief: bool) -> Callable[[Posts], Records]:
    """Give the talks, every third of them a group; `brief` gives headers only."""

    def records(posts: Posts) -> Records:
        spec = posts.spec
        for talk in range(spec.conversations):
            if (talk % 3 == 2) == group:
                other = stranger(spec, 9, talk)
                ident = snowflake(CREATED + 300_000 * HOUR // 4, talk) if group else f"{spec.account_id}-{other}"
                said = [_message(spec, n, other, group) for n in range(talk, spec.messages, spec.conversations)]
                events = [{"messageCreate": _brief(one) if brief else one} for one in reversed(said)]
                more = [{"joinConversation": _joined(spec, other, talk)}] if group and not brief else []
                yield {"dmConversation": {"conversationId": ident, "messages": [*events, *more]}}

    return records


def _message(spec: ExportSpec, n: int, other: str, group: bool) -> Record:
    moment = EXPORTED - (spec.messages - n) * HOUR
    ident = snowflake(moment, mix(spec.seed, n, 10))
    ends = (spec.account_id, other) if mix(n) % 2 else (other, spec.account_id)
    mine = n % 5 == 4
    text = words().sentence(dice(spec.seed, "message", n)) if n else f"Meet me: {SECRETS[0][1]} https://t.co/abcdefghij"
    media = [message_picture(spec)[1]] if not n else []
    reaction: Json = {
        "senderId": ends[1],
        "reactionKey": "like",
        "eventId": str(int(ident) + 1),
        "createdAt": iso(moment),
    }
    record: Record = {"recipientId": ends[1]} if not group else {}
    return {
        **record, "reactions": [reaction] if mine else [], "urls": [], "text": text, "mediaUrls": media,
        "senderId": ends[0], "id": ident, "createdAt": iso(moment), "editHistory": [],
    }  # fmt: skip


def message_picture(spec: ExportSpec) -> tuple[str, str]:
    """Give the picture of the first message: its member's name, and the address that the message spells."""
    ident = snowflake(EXPORTED - spec.messages * HOUR, mix(spec.seed, 0, 10))
    name = "Kelp01.png" if spec.drawn else "Kelp01.jpg"
    return f"{ident}-{name}", f"https://ton.twitter.com/dm/{ident}/{int(ident) - 4096}/{name}"


def _brief(message: Record) -> Record:
    return {name: message[name] for name in ("id", "senderId", "recipientId", "createdAt") if name in message}


def _joined(spec: ExportSpec, other: str, talk: int) -> Record:
    here: Json = [spec.account_id, other, stranger(spec, 11, talk)]
    return {"initiatingUserId": other, "participantsSnapshot": here, "createdAt": iso(CREATED + 200_000 * HOUR // 4)}


def _logins(posts: Posts) -> Records:
    for n in range(posts.spec.logins):
        where: Record = {"loginIp": f"203.0.113.{7 + n % 200}", "loginPortNumber": "0"}
        yield {
            "ipAudit": {"accountId": posts.spec.account_id, "createdAt": iso(EXPORTED - (n + 1) * 31 * HOUR), **where}
        }


def _contacts(posts: Posts) -> Records:
    for n in range(posts.spec.contacts):
        yield {
            "contact": {
                "id": str(n + 1),
                "emails": [f"contact{n}@example.net"],
                "phoneNumbers": [f"+1202555014{n % 10}"],
            }
        }


def _protected(posts: Posts) -> Records:
    if posts.spec.protected:
        change = {"protectedAt": iso(EXPORTED - 700 * HOUR), "action": "Protect"}
        yield {"protectedHistory": {"userId": posts.spec.account_id, **change}}


def avatar(spec: ExportSpec) -> str:
    """Give the file name of the profile picture."""
    return "kelpdiver." + ("png" if spec.drawn else "jpg")


def _profile(posts: Posts) -> Records:
    place = {
        "bio": "Counting urchins & kelp. 数海胆的人。",
        "website": "https://t.co/kelpkelpke",
        "location": "Under the pier",
    }
    url = f"https://pbs.twimg.com/profile_images/{snowflake(CREATED, 12)}/{avatar(posts.spec)}"
    yield {"profile": {"description": place, "avatarMediaUrl": url}}


def _notes(posts: Posts) -> Records:
    for n in sorted(posts.notes, reverse=True):
        yield {"noteTweet": posts.note(n)}


def _one(key: str, fill: Callable[[ExportSpec], Json]) -> Callable[[Posts], Records]:
    """Give the reader-to-be of a file that holds one record."""
    return lambda posts: iter([{key: fill(posts.spec)}])


def _account(spec: ExportSpec) -> Json:
    names = {"username": spec.handle, "accountId": spec.account_id, "accountDisplayName": spec.name}
    return {"email": spec.email, "createdVia": "web", **names, "createdAt": iso(CREATED)}


def _phone(spec: ExportSpec) -> Json:
    dates = {"updatedDate": "2019.05.04", "createdDate": "2019.05.04"}
    return {"messagingDevice": {"phoneNumber": spec.phone, "carrier": "us.example", "deviceType": "Auth", **dates}}


def _interests(_: ExportSpec) -> Json:
    topics: Json = [{"name": name, "isDisabled": False} for name in ("Diving", "Seaweed", "海洋")]
    spoken: Json = {"languages": [{"language": "Chinese", "isDisabled": False}], "genderInfo": {"gender": "unknown"}}
    return {"demographics": spoken, "interests": {"interests": topics, "partnerInterests": [], "shows": []}}


def _adverts(_: ExportSpec) -> Json:
    seen = {"advertiserName": "Example Fins", "screenName": "@fins_example"}
    shown: Record = {"impressionAttributes": {"advertiserInfo": seen, "impressionTime": "2026-01-10 08:09:10"}}
    event: Json = {"engagementType": "VideoContentPlaybackStart", "engagementTime": "2026-01-10 08:09:12"}
    return {"adsUserData": {"adEngagements": {"engagements": [{**shown, "engagementAttributes": [event]}]}}}


def _renamed(spec: ExportSpec) -> Json:
    change = {"changedAt": iso(CREATED + 9_000 * HOUR), "changedFrom": "alga_example", "changedTo": spec.handle}
    return {"accountId": spec.account_id, "screenNameChange": change}


FILES: dict[str, Callable[[Posts], Records]] = {
    "account": _one("account", _account),
    "account-creation-ip": _one(
        "accountCreationIp", lambda s: {"accountId": s.account_id, "userCreationIp": "203.0.113.7"}
    ),
    "account-timezone": _one("accountTimezone", lambda s: {"accountId": s.account_id, "timeZone": "Pacific Time (US)"}),
    "ageinfo": _one("ageMeta", lambda _: {"ageInfo": {"age": ["46"], "birthDate": "1980-01-01"}}),
    "profile": _profile,
    "verified": _one("verified", lambda s: {"accountId": s.account_id, "verified": False}),
    "phone-number": _one("device", lambda s: {"phoneNumber": s.phone}),
    "ni-devices": _one("niDeviceResponse", _phone),
    "email-address-change": _one(
        "emailAddressChange",
        lambda s: {"accountId": s.account_id, "emailChange": {"changedAt": iso(CREATED), "changedTo": s.email}},
    ),
    "screen-name-change": _one("screenNameChange", _renamed),
    "tweets": _tweets,
    "tweet-headers": _headers,
    "note-tweet": _notes,
    "community-tweet": _community,
    "deleted-tweets": _deleted,
    "deleted-tweet-headers": _deleted_headers,
    "like": _likes,
    "follower": _people("follower", 21, lambda s: s.followers),
    "following": _people("following", 22, lambda s: s.following),
    "block": _people("blocking", 23, lambda s: s.blocks),
    "mute": _people("muting", 24, lambda s: s.mutes),
    "lists-created": _lists("mine"),
    "lists-subscribed": _lists("read"),
    "contact": _contacts,
    "direct-messages": _conversations(group=False, brief=False),
    "direct-messages-group": _conversations(group=True, brief=False),
    "direct-message-headers": _conversations(group=False, brief=True),
    "direct-message-group-headers": _conversations(group=True, brief=True),
    "ip-audit": _logins,
    "protected-history": _protected,
    "personalization": _one("p13nData", _interests),
    "ad-engagements": _one("ad", _adverts),
    **dict.fromkeys(EMPTY, lambda _: iter(())),
}
VIEWER = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Your archive</title>\n'
PLAIN: dict[str, Callable[[ExportSpec], str]] = {
    "Your archive.html": lambda s: (
        f'{VIEWER}<script src="data/manifest.js"></script></head><body data-user="{s.handle}"></body></html>\n'
    ),
    "assets/css/main.css": lambda _: "body{margin:0;font-family:sans-serif}\n",
    "assets/images/groupAvatar.svg": lambda _: '<svg xmlns="http://www.w3.org/2000/svg"><circle r="9"/></svg>\n',
    "assets/js/main.js": lambda _: "window.YTD = window.YTD || {};\n",
    "data/README.txt": lambda s: (
        f"# Your archive\n\nMade for @{s.handle}.\n\n"
        + "".join(f"## {name}.js\n\n- what {name} holds\n\n" for name in FILES)
    ),
}
