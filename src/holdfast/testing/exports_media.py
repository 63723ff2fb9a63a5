"""Pictures and videos of a made export: what posts say of them, and their bytes in chunks, never whole in memory."""

import zlib
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import NamedTuple, TypeAlias

from holdfast.testing.exports_spec import ExportSpec
from holdfast.testing.exports_text import EPOCH, Json, code, dice, mix, snowflake

CHUNK = 1 << 20
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")
ALBUMS = (1, 1, 2, 1, 4, 1, 1, 3)
PNG = b"\x89PNG\r\n\x1a\n"


Album: TypeAlias = tuple[tuple[str, float], ...]  # kind and share of each medium


class Media(NamedTuple):
    """One picture, GIF or video of a post: the file's name, its size in bytes, and what the post says of it."""

    name: str
    kind: str
    size: int
    record: Mapping[str, Json]


def medium(spec: ExportSpec, ident: str, kind: str, place: int = 0, share: float = 0.5) -> Media:
    """Give one medium of the post `ident`, at its `place` there; `share` goes from the smallest to the largest size."""
    key = mix(spec.seed, int(ident), place)
    number = snowflake((int(ident) >> 22) + EPOCH - 2_000, key)
    base = code(key, 10) + code(mix(key), 5)
    low, high = spec.image_bytes if kind == "photo" else spec.video_bytes
    size = low + round((high - low) * share)
    sort = "photo" if kind == "photo" else "video"
    sizes = {name: {"w": w, "h": h, "resize": fit} for name, w, h, fit in
             (("thumb", "150", "150", "crop"), ("small", "680", "453", "fit"),
              ("medium", "1200", "800", "fit"), ("large", "1200", "800", "fit"))}  # fmt: skip
    record: dict[str, Json] = {
        "expanded_url": f"https://twitter.com/{spec.handle}/status/{ident}/{sort}/1", "indices": [], "url": "",
        "id_str": number, "id": number, "sizes": sizes, "type": kind, "display_url": "",
    }  # fmt: skip
    if kind == "photo":
        image, name = f"media/{base}", base + (".png" if spec.drawn else ".jpg")
        image += name[-4:]
    elif kind == "animated_gif":
        image, name = f"tweet_video_thumb/{base}.jpg", f"{base}.mp4"
        variant: Json = {
            "bitrate": "0",
            "content_type": "video/mp4",
            "url": f"https://video.twimg.com/tweet_video/{name}",
        }
        record["video_info"] = {"aspect_ratio": ["1", "1"], "variants": [variant]}
    else:
        image, name = f"ext_tw_video_thumb/{number}/pu/img/{base}.jpg", f"{code(mix(key, 2176), 10)}.mp4"
        record["video_info"] = {
            "aspect_ratio": ["16", "9"],
            "duration_millis": "9375",
            "variants": _variants(number, key),
        }
    address = f"pbs.twimg.com/{image}"
    record |= {"media_url": f"http://{address}", "media_url_https": f"https://{address}"}
    return Media(f"{ident}-{name}", kind, size, record)


def _variants(number: str, key: int) -> list[Json]:
    root = f"https://video.twimg.com/ext_tw_video/{number}/pu"
    playlist = {"content_type": "application/x-mpegURL", "url": f"{root}/pl/{code(key, 10)}.m3u8?tag=12"}
    films = [
        {
            "bitrate": f"{rate}000",
            "content_type": "video/mp4",
            "url": f"{root}/vid/{code(mix(key, rate), 10)}.mp4?tag=12",
        }
        for rate in (256, 2176, 832)
    ]
    return [films[0], playlist, *films[1:]]


def spread(images: int, videos: int, posts: range) -> dict[int, Album]:
    """Spread albums of one to four pictures, videos and GIFs evenly over the posts."""
    pictures = [("photo", _share(n)) for n in range(images)]
    albums: list[Album] = []
    for size in cycle(ALBUMS):
        if not pictures:
            break
        albums.append(tuple(pictures[:size]))
        del pictures[:size]
    albums += [(("animated_gif" if n % 4 == 3 else "video", _share(n)),) for n in range(videos)]
    dice("albums").shuffle(albums)
    return {posts[(2 * n + 1) * len(posts) // (2 * len(albums))]: album for n, album in enumerate(albums)}


def _share(n: int) -> float:
    """Give where between smallest and largest the n-th size lies: even for any count, by the golden ratio."""
    return (0.5 + n * 0.618034) % 1


def noise(size: int, *key: object) -> Iterator[bytes]:
    """Give `size` bytes that do not compress, in chunks; the same key gives the same bytes."""
    luck = dice("noise", *key)
    for place in range(0, size, CHUNK):
        yield luck.randbytes(min(CHUNK, size - place))


def jpeg(size: int, *key: object) -> Iterator[bytes]:
    """Give `size` bytes that open and close like a JPEG; what is between is noise."""
    yield JPEG
    yield from noise(size - len(JPEG) - 2, "jpeg", *key)
    yield b"\xff\xd9"


def mp4(size: int, *key: object) -> Iterator[bytes]:
    """Give `size` bytes in the boxes of an MP4 (ISO 14496-12 §4.2, 64-bit sizes); what is inside is noise."""
    yield (24).to_bytes(4, "big") + b"ftypisom" + (512).to_bytes(4, "big") + b"isommp42"
    yield (1).to_bytes(4, "big") + b"mdat" + (size - 24).to_bytes(8, "big")
    yield from noise(size - 40, "mp4", *key)


def png(*key: object) -> Iterator[bytes]:
    """Give a small true PNG (RFC 2083): a gradient of 48 by 32 dots whose colours follow the key."""
    red, green, blue = (dice("png", *key).randrange(64, 200) for _ in range(3))
    rows = (b"\0" + b"".join(bytes((red, green + y, blue + x)) for x in range(48)) for y in range(32))
    yield PNG
    yield _png_chunk(b"IHDR", bytes.fromhex("00000030000000200802000000"))
    yield _png_chunk(b"IDAT", zlib.compress(b"".join(rows), 0))
    yield _png_chunk(b"IEND", b"")


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
