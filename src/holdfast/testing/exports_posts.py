"""Posts of a made X export: each follows from the seed and its own number, oldest 0, and from no other post."""

import re
from collections.abc import Iterator

from holdfast.testing.exports_media import Media, medium, spread
from holdfast.testing.exports_spec import ExportSpec
from holdfast.testing.exports_text import (
    Json,
    Piece,
    compose,
    dice,
    draw,
    iso,
    mix,
    parse,
    person,
    snowflake,
    words,
    x_date,
)

MINUTE = 60_000
START = 1_293_840_000_000  # 2011-01-01
CIRCLE = (1_651_276_800_000, 1_701_475_200_000)  # 2022-04-30 to 2023-12-02
EXPORTED = 1_768_471_200_000  # 2026-01-15
SOURCES = (
    ("https://mobile.twitter.com", "Twitter Web App"),
    ("http://twitter.com/download/iphone", "Twitter for iPhone"),
)
# Of 100 posts those below the number; 55 open with a mention and 45 are replies.
KINDS = ((10, "repost"), (40, "reply"), (55, "mention"), (70, "thread"), (72, "edit"), (100, "plain"))
CHINESE = re.compile("[一-鿿]")
MARKED = (
    ("bladderwrack", "Found bladderwrack below the pier; tide & wind < forecast > hope #kelp"),
    ("巨藻林", "巨藻林里的光像教堂一样。#潜水 https://example.org/kelp/forest"),
    ("🪸", 'A & B 🕯️ https://example.org/coral #🪸reef of "quotes" and \\ slashes 🪸'),
    ("بحر", "@tern_example كلمة اليوم: بحر"),
    ("昆布", "昆布のスープ、海苔 & ご飯。\n\n@otter_example https://example.org/kelp/昆布"),
)


class Posts:
    """All posts of a spec; every method takes a post's number."""

    def __init__(self, spec: ExportSpec) -> None:
        self.spec = spec
        self.count = spec.posts + spec.more_posts
        self.albums = spread(spec.images, spec.videos, range(spec.posts))
        self.albums |= spread(spec.more_images, spec.more_videos, range(spec.posts, self.count))
        self.notes = {spec.posts - 3 - 7 * n: n for n in range(spec.notes)}
        self.marked = {1 + 2 * n: mark for n, mark in enumerate(MARKED) if 1 + 2 * n < spec.posts and not spec.texts}
        self.kinds = [self._kind(n) for n in range(self.count)]
        self.moments: list[int] = []
        for n in range(self.count):
            self.moments.append(self._moment(n))

    def newest_first(self) -> range:
        """Give the numbers of all posts in the order of the export."""
        return range(self.count - 1, -1, -1)

    def _kind(self, n: int) -> str:
        """Give what kind of post this is; marked ones, long ones and those with media are plain."""
        if self.spec.texts:
            return {">": "thread", "@": "reply"}.get(self.spec.texts[n][:1], "plain")
        if not n or n in self.albums or n in self.notes or n in self.marked:
            return "plain"
        roll = mix(self.spec.seed, n) % 100
        return next(kind for below, kind in KINDS if roll < below)

    def _moment(self, n: int) -> int:
        """Give the time of a post in Unix milliseconds; what follows a post stands minutes behind it."""
        if self.kinds[n] in ("thread", "edit"):
            return self.moments[n - 1] + 2 * MINUTE
        gap = self.spec.minutes * MINUTE
        scatter = mix(self.spec.seed, n, 1)
        moment = START + n * gap + scatter % max(1, gap // 2)
        if moment >= CIRCLE[0] and not self.spec.in_circle_window:
            moment += CIRCLE[1] - CIRCLE[0]
        return moment // 1000 * 1000 + 50 + scatter % 900  # a note stands up to 41 ms earlier, in the same second

    def id(self, n: int) -> str:
        """Give the snowflake of a post."""
        return snowflake(self.moments[n], mix(self.spec.seed, n, 2))

    def pieces(self, n: int) -> list[Piece]:
        """Give the words, mentions, tags and links of a post."""
        if self.spec.texts:
            return parse(self.spec.texts[n].removeprefix("> "))
        if n in self.marked:
            return parse(self.marked[n][1])
        kind = self.kinds[n]
        if kind == "edit":
            return [*self.pieces(n - 1), ("", " ✏️")]
        luck = dice(self.spec.seed, "post", n)
        pieces: list[Piece] = [("", words().sentence(luck))]
        if kind == "repost":
            return [("", "RT "), ("@", luck.choice(words().handles)), ("", f": {pieces[0][1][:110]}…")]
        if kind in ("reply", "mention"):
            pieces = [("@", luck.choice(words().handles)), ("", " "), *pieces]
        if luck.random() < 0.2:
            pieces += [("", " "), ("#", luck.choice(luck.choice((words().english, words().chinese))))]
        if luck.random() < 0.25:
            quoted = f"https://twitter.com/{luck.choice(words().handles)}/status/{self.id(n // 2)}"
            page = f"https://example.org/{luck.choice(words().english)}/{n}"
            pieces += [("", " "), ("url", quoted if luck.random() < 0.1 else page)]
        return pieces

    def record(self, n: int) -> dict[str, Json]:
        """Give a post as X spells it, without its wrapper."""
        if n in self.notes:
            return self._edits(n) | self._short(n)
        return (
            self._edits(n)
            | post(self.spec, self.moments[n], self.id(n), self.pieces(n), self.media(n))
            | self._answers(n)
        )

    def media(self, n: int) -> list[Media]:
        """Give the media of a post."""
        slots = enumerate(self.albums.get(n, ()))
        return [medium(self.spec, self.id(n), kind, place, share) for place, (kind, share) in slots]

    def note(self, n: int) -> dict[str, Json]:
        """Give the long text of a post: 13 to 41 ms older, the same second, and without the post's id."""
        text, found = compose(self._long(n), n)
        moment = self.moments[n] - 13 - mix(n) % 29
        urls = [
            {
                "expandedUrl": url["expanded_url"],
                "toIndex": url["indices"][1],
                "shortUrl": url["url"],
                "displayUrl": url["display_url"],
                "fromIndex": url["indices"][0],
            }
            for url in found["urls"]
        ]
        tags = [
            {"text": tag["text"], "fromIndex": tag["indices"][0], "toIndex": tag["indices"][1]}
            for tag in found["hashtags"]
        ]
        lifecycle: Json = {"value": "2", "name": "Created", "originalName": "Created", "annotations": {}}
        core: Json = {"styletags": [], "urls": urls, "text": text, "mentions": [], "cashtags": [], "hashtags": tags}
        dates: dict[str, Json] = {"updatedAt": iso(moment), "createdAt": iso(moment)}
        return {"noteTweetId": snowflake(moment, mix(n, 3)), "lifecycle": lifecycle, **dates, "core": core}

    def _long(self, n: int) -> list[Piece]:
        luck = dice(self.spec.seed, "note", n)
        chinese, english = "".join(draw(luck, words().chinese, 900)), " ".join(draw(luck, words().english, 120))
        long = [f"{n}. {chinese}。", f"{n}. {english}."]
        luck.shuffle(long)
        return [
            ("", long[0]),
            ("", "\n\n"),
            ("#", "longread"),
            ("", " "),
            ("url", f"https://example.org/{n}"),
            ("", long[1]),
        ]

    def _short(self, n: int) -> dict[str, Json]:
        """Give the post that a note shows as: its first words, cut, at times with a link to the whole."""
        link: list[Piece] = [("", " "), ("url", f"https://twitter.com/i/web/status/{self.id(n)}")]
        pieces: list[Piece] = [("", self._long(n)[0][1][:250] + "…"), *link * (n % 2)]
        return post(self.spec, self.moments[n], self.id(n), pieces, self.media(n))

    def _edits(self, n: int) -> dict[str, Json]:
        first = n
        while self.kinds[first] == "edit":
            first -= 1
        last = n
        while last + 1 < self.count and self.kinds[last + 1] == "edit":
            last += 1
        until = {"editableUntil": iso(self.moments[first] + 60 * MINUTE), "editsRemaining": str(5 - last + first)}
        ids = [self.id(version) for version in range(first, last + 1)]
        control: Json = {
            "editTweetIds": ids,
            **until,
            "isEditEligible": self.kinds[first] in ("plain", "mention", "thread"),
        }
        edit: Json = {"initialTweetId": ids[0], "editControlInitial": control}
        return {"edit_info": {"initial": control} if n == first else {"edit": edit}}

    def _answers(self, n: int) -> dict[str, Json]:
        kind = self.kinds[n]
        if kind == "edit":
            return self._answers(n - 1)
        if kind == "thread":
            answered, (handle, number) = self.id(n - 1), (self.spec.handle, self.spec.account_id)
        elif kind == "reply":
            handle = next(value for sign, value in self.pieces(n) if sign == "@")
            answered, number = snowflake(self.moments[n] - 9 * MINUTE, mix(n, 4)), person(handle)[1]
        else:
            return {}
        ids = {"in_reply_to_status_id_str": answered, "in_reply_to_user_id": number, "in_reply_to_status_id": answered}
        return {**ids, "in_reply_to_screen_name": handle, "in_reply_to_user_id_str": number}


def post(spec: ExportSpec, moment: int, ident: str, pieces: list[Piece], media: list[Media]) -> dict[str, Json]:
    """Give what every post holds, deleted and community ones too; the counters alone may grow later."""
    key = mix(spec.seed, int(ident))
    liked, reposted = (int((1 - (key >> low & 0xFFFFF) / 0x100000) ** -0.9) - 1 for low in (0, 20))  # Pareto
    grown = 1 + key % 9 if mix(key) % 10_000 < 10_000 * spec.touched else 0
    link, client = SOURCES[key >> 40 & 1]
    shown = [("", " ")] * bool(media) + [("url", "media")] * bool(media)
    text, entities = compose([*pieces, *shown], int(ident))
    found: dict[str, Json] = {**entities}
    extended: dict[str, Json] = {}
    if media:
        place = entities["urls"].pop()
        records = [{**one.record, "url": place["url"], "indices": place["indices"]} for one in media]
        display = f"pic.twitter.com/{str(place['url'])[-10:]}"
        records = [{**record, "display_url": display} for record in records]
        found["media"] = records[:1]
        extended = {"extended_entities": {"media": records}}
    return {
        "retweeted": False,
        "source": f'<a href="{link}" rel="nofollow">{client}</a>',
        "entities": found,
        "display_text_range": ["0", str(len(text))],
        "favorite_count": str(liked + grown),
        "id_str": ident,
        "truncated": False,
        "retweet_count": str(reposted),
        "id": ident,
        **({"possibly_sensitive": False} if media or entities["urls"] else {}),
        "created_at": x_date(moment),
        "favorited": False,
        "full_text": text,
        "lang": "zh" if CHINESE.search(text) else "en",
        **extended,
    }


def marked_posts(posts: Posts) -> Iterator[tuple[str, str, str]]:
    """Give id, word and raw text of each post that tests search for."""
    for n, (word, _) in posts.marked.items():
        record = posts.record(n)
        yield str(record["id_str"]), word, str(record["full_text"])
