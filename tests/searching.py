"""Searching bytes for what must not be there: every spelling in which a secret or a word could have been left."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from helpers import House
from holdfast.crypto import sharing
from holdfast.crypto.hashes import derive
from holdfast.crypto.hybrid import HybridIdentity
from holdfast.testing.exports import Made
from holdfast.testing.exports_text import iso, x_date
from holdfast.vault.paths import quote

SHORTEST = 6
"""Bytes below which a pattern may stand in random bytes by chance."""


def spellings(data: bytes) -> Iterator[bytes]:
    """Give bytes as they are and reversed, in hexadecimal, and in base64 at each of three alignments."""
    for one in (data, data[::-1]):
        yield from (one, one.hex().encode(), one.hex().upper().encode())
        for encode in (b64encode, urlsafe_b64encode):
            for before in range(3):
                coded = encode(bytes(before) + one)
                yield coded[(8 * before + 5) // 6 : 8 * (before + len(one)) // 6]


def digits(number: int) -> Iterator[bytes]:
    """Give a number in decimal and hexadecimal, and as CPython holds it: 30 bits in each 4 bytes, the lowest first."""
    yield from (str(number).encode(), f"{number:x}".encode())
    parts = [number >> shift & (1 << 30) - 1 for shift in range(0, number.bit_length(), 30)]
    yield b"".join(part.to_bytes(4, "little") for part in parts)


def words(made: Made) -> set[str]:
    """Give what would tell of an export: marked words, who and what it is of, ids, names of files, dates."""
    spec = made.spec
    found = {mark.word for mark in made.marks} | {mark.text[:40] for mark in made.marks}
    found |= {spec.handle, spec.name, spec.email, spec.phone, spec.account_id, *made.posts}
    found |= {member.path for member in made.members} | {Path(member.path).name for member in made.members}
    for post in made.posts:
        moment = (int(post) >> 22) + 1_288_834_974_657
        found |= {x_date(moment), iso(moment)[:19]}
    return found


def patterns(texts: Iterable[str]) -> set[bytes]:
    """Give each text in the encodings in which it could lie on a disk."""
    found: set[bytes] = set()
    for text in texts:
        plain = text.encode()
        found |= {
            text.encode("utf-16-le"),
            text.encode("utf-16-be"),
            json.dumps(text)[1:-1].encode(),
            quote(plain).encode(),
        }
        found |= set(spellings(plain))
    return {pattern for pattern in found if len(pattern) >= SHORTEST}


def found(wanted: Iterable[bytes], where: Mapping[Path, bytes]) -> list[tuple[str, bytes]]:
    """Give each pattern that stands in a file, and the file's name."""
    return [(path.name, pattern) for path, data in where.items() for pattern in wanted if pattern in data]


def scalars(house: House) -> dict[bytes, int]:
    """Rebuild the secret scalar of each epoch from a quorum of kits."""
    book, rebuilt = house.vault().book, {}
    for mid, message in book.epochs.items():
        quorum = book.active.content.comps[message.content.comp].quorum
        seats = [kit.seat(book) for kit in house.kits[:quorum]]
        rebuilt[mid] = sharing.rebuild([book.share(mid, seat, keys, 0) for keys, seat in seats])
    return rebuilt


def shares(house: House) -> list[int]:
    """Give both scalars of every keeper's share of every epoch."""
    book = house.vault().book
    seats = [kit.seat(book) for kit in house.kits]
    found = [book.share(mid, seat, keys, 0) for mid in book.epochs for keys, seat in seats]
    return list(chain.from_iterable((share.a, share.b) for share in found))


def secrets_of(scalar: int) -> set[bytes]:
    """Give all that an epoch's secret turns into: scalar, seed, and the identity as text."""
    raw = sharing.encode_scalar(scalar)
    seed = derive(raw, "epoch-age-pq")
    return {*digits(scalar), *spellings(raw), *spellings(seed), str(HybridIdentity.from_seed(seed)).encode()}
