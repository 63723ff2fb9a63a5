"""What a made export is to hold: numbers only, and the words of the demo."""

import msgspec

from holdfast.errors import Refused
from holdfast.testing.exports_demo import TEXTS

DAY = 24 * 60
BENCHMARK_BYTES = 1_798_000_000  # what `benchmark` comes to
SPREAD = 6_700_000  # minutes from 2011 to late 2025, without the months of the Circle


class ExportSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Say what a made X export holds; the same spec gives the same bytes in every member.

    Posts stand `minutes` apart from 2011 on, and skip the months of the Circle unless `in_circle_window`.  `*_bytes`
    of media are the smallest and the largest size.  `part_bytes` is where a file is cut into `-partN` (0: never).
    The first deleted post and the first message carry one picture each, which `images` does not count.

    A later export of the same account is the same spec with `more_*`, which add at the head, and `touched`, the share
    of posts whose counters have grown; all other records stay as they were, byte for byte.
    """

    seed: int = 1
    handle: str = "kelp_example"
    name: str = "Kelp Diver"
    account_id: str = "9000000000000000001"
    email: str = "kelp.diver@example.org"
    phone: str = "+12025550143"
    posts: int = 200
    minutes: int = 24 * DAY
    in_circle_window: bool = False
    protected: bool = False
    notes: int = 3
    community: int = 2
    deleted: int = 3
    likes: int = 120
    followers: int = 40
    following: int = 30
    blocks: int = 3
    mutes: int = 4
    lists: int = 2
    contacts: int = 2
    conversations: int = 4
    messages: int = 40
    logins: int = 6
    images: int = 20
    image_bytes: tuple[int, int] = (2_000, 20_000)
    videos: int = 2
    video_bytes: tuple[int, int] = (20_000, 60_000)
    big_video: int = 0
    part_bytes: int = 104_874_200
    more_posts: int = 0
    more_images: int = 0
    more_videos: int = 0
    touched: float = 0.0
    drawn: bool = False
    texts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse numbers that no export can meet."""
        for posts, images, videos in (
            (self.posts, self.images, self.videos),
            (self.more_posts, self.more_images, self.more_videos),
        ):
            if posts < images + videos:
                raise Refused("export-too-few-posts", posts=posts, images=images, videos=videos)
        if self.notes and self.posts < 20 + 7 * self.notes:
            raise Refused("export-too-few-posts", posts=self.posts, notes=self.notes)


def of_size(total_bytes: int, seed: int = 1) -> ExportSpec:
    """Give a spec of about `total_bytes` bytes, in the proportions of the benchmark set."""
    share = total_bytes / BENCHMARK_BYTES
    videos = round(60 * share)
    images = max(0, round((1_425_000_000 * share - 7_500_000 * videos) / 325_000))
    posts = max(30, round(200_000 * share))
    return ExportSpec(
        seed=seed,
        posts=posts,
        minutes=max(1, min(30 * DAY, SPREAD // posts)),
        notes=min(40, (posts - 20) // 7),
        likes=round(100_000 * share),
        followers=round(4_000 * share),
        following=round(1_500 * share),
        messages=max(8, round(10_000 * share)),
        conversations=max(4, round(100 * share)),
        images=images,
        image_bytes=(50_000, 600_000),
        videos=videos,
        video_bytes=(3_000_000, 12_000_000),
    )


def benchmark(seed: int = 1) -> ExportSpec:
    """Give the benchmark set: 200,000 posts 35 minutes apart in one file, 3,000 images and 60 videos."""
    whole = of_size(BENCHMARK_BYTES, seed)
    return msgspec.structs.replace(whole, minutes=35, in_circle_window=True, part_bytes=0)


def demo() -> ExportSpec:
    """Give the small made-up account that `holdfast demo` keeps: words in English and Chinese, pictures that show."""
    return ExportSpec(
        posts=len(TEXTS), texts=TEXTS, minutes=118 * DAY, notes=0, images=6, videos=1, video_bytes=(9_000, 9_000),
        likes=12, followers=9, following=7, messages=12, drawn=True,
    )  # fmt: skip
