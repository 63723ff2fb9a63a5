"""Which posts of an X account anybody could see.  Everything that decides it lives in this file.

X writes posts to a Circle among the others, unmarked.  So a post counts as public only if it is known to have been:
1. an id that stands in `twitter-circle-tweet.js` is private;
2. every post of an account that was ever protected is private;
3. a post of May 2022 to November 2023 by its date or by its id, or with neither, is private, unless it was reposted
   (Circle posts could not be) or the owner said at keeping that they never used a Circle;
4. what answers a private post is private, unless it was reposted;
5. a header or media file is public only if its post is; a note only if a public post, and no private one, was made in
   the same moment, outside the time of Circles.
An id is a snowflake above 29,695,519,727: `(id >> 22) + 1288834974657` is its time in ms.
"""

import re
from array import array
from bisect import bisect_left

import msgspec

FIRST, LAST = (2022, 5), (2023, 11)
FIRST_MS, END_MS = 1_651_363_200_000, 1_701_388_800_000
"""2022-05-01 and 2023-12-01, 00:00 UTC."""

EPOCH_MS = 1_288_834_974_657
OLDEST = 29_695_519_727
CIRCLE_ID = (FIRST_MS - EPOCH_MS) << 22
SECOND = 1000 << 22
LARGEST = (1 << 64) - 1

MONTHS = dict(zip("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), range(1, 13), strict=True))  # noqa: SIM905
SPELLED = re.compile(r"\w{3} (\w{3}) \d\d [\d:]{8} [+-]\d{4} (\d{4})")
NUMBERED = re.compile(r"(\d{4})-(\d\d)-\d\d")


class Seen(msgspec.Struct, frozen=True, gc=False):
    """What decides about a post: `0` and `""` stand for what it does not say, `parent` is the post that it answers."""

    id: int = 0
    created_at: str = ""
    reposts: int = 0
    parent: int = 0
    protected: bool = False


class Posts:
    """All posts of an export; `add` each, then `close`, then ask."""

    def __init__(self, circle: frozenset[int], *, protected: bool, never_used_circle: bool) -> None:
        """Begin with the ids that a Circle file names and with what is known of the account."""
        self._circle, self._protected, self._never = circle, protected, never_used_circle
        self._public = array("Q")
        self._private = set(circle)
        self._answers: list[tuple[int, int]] = []
        self._closed = array("Q")

    def add(self, post: Seen) -> None:
        """Note one post; one without an id counts for nothing, and is private for that."""
        if not 0 < post.id <= LARGEST:
            return
        if self._hidden(post):
            self._private.add(post.id)
            return
        self._public.append(post.id)
        if not post.reposts and (post.parent >= CIRCLE_ID or post.parent in self._circle):
            self._answers.append((post.id, post.parent))

    def close(self) -> None:
        """Follow answers to private posts, which always have larger ids than what they answer."""
        for post, parent in sorted(self._answers):
            if parent in self._private:
                self._private.add(post)
        self._answers = []
        self._public = array("Q", sorted(post for post in self._public if post not in self._private))
        self._closed = array("Q", sorted(post for post in self._private if 0 < post <= LARGEST))

    def public(self, post: int) -> bool:
        """Tell whether this id is a post that anybody could see."""
        return _any(self._public, post, post)

    def note(self, note: int) -> bool:
        """Tell whether this note belongs to a post that anybody could see, by their ids' times."""
        if not self._never and _in_time(_milliseconds(note)):
            return False
        return _any(self._public, note, note + SECOND) and not _any(self._closed, note - SECOND, note + 2 * SECOND)

    def everything(self) -> bool:
        """Tell whether all posts are public, and there are any."""
        return bool(self._public) and not self._private

    def _hidden(self, post: Seen) -> bool:
        if post.id in self._circle or self._protected or post.protected:  # 1. 2.
            return True
        if self._never or post.reposts:
            return False
        return _in_time(_milliseconds(post.id)) or _in_months(post.created_at)  # 3.


def _milliseconds(post: int) -> int:
    return (post >> 22) + EPOCH_MS if post > OLDEST else 0


def _in_time(milliseconds: int) -> bool:
    return FIRST_MS <= milliseconds < END_MS


def _in_months(created_at: str) -> bool:
    """Tell whether a date lies in the time of Circles; one that cannot be read leaves it to the id."""
    if found := SPELLED.fullmatch(created_at):
        return FIRST <= (int(found[2]), MONTHS.get(found[1], 0)) <= LAST
    if found := NUMBERED.match(created_at):
        return FIRST <= (int(found[1]), int(found[2])) <= LAST
    return False


def _any(ids: "array[int]", first: int, last: int) -> bool:
    at = bisect_left(ids, max(first, 0))
    return at < len(ids) and ids[at] <= last
