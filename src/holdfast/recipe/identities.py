"""From the keys of t keepers to the age identities of a vault's epochs, with nothing of Holdfast's.

It needs Python 3.11 or later and the package `cryptography` 50 (pip install cryptography==50.0.2).
1. each keeper    age -d keyring.age > keeper-1.txt       gives lines `key <64 hex digits>`; bare hex digits do too
2. t of them      python3 identities.py VAULT keeper-1.txt keeper-2.txt ... > identities.txt
3. then           sh open-without-us.sh identities.txt VAULT OUT

A keeper's key opens its share of each epoch.  Any t shares give the epoch's secret s (Shamir, modulo L), and s gives an
age identity; it is the right one if its recipient is the epoch's.  After resharing, t' new keepers hold parts of each
old keeper's share: the parts give t old shares, and these give s.  What does not fit is tried in other subsets.
It ends with 1 if an epoch stays closed.  Destroy the files of steps 1 and 2 in the end: they open everything.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from hashlib import sha256, shake_256
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, x25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
L = 2**252 + 27742317777372353535851937790883648493  # the order of the group
BAD = (ValueError, TypeError, AttributeError, LookupError, RecursionError, OverflowError, InvalidSignature, InvalidTag)
# fmt: off - it is printed: at most 100 lines

def cbor(file: BytesIO) -> Any:  # RFC 8949, as far as KEEP-1 uses it
    kind, n = divmod(file.read(1)[0], 32)
    n = n if n < 24 else int.from_bytes(file.read(1 << n - 24), "big")
    match kind:
        case 2 | 3: return file.read(n) if kind == 2 else file.read(n).decode()
        case 4: return [cbor(file) for _ in range(n)]
        case 5: return {cbor(file): cbor(file) for _ in range(n)}
    return n

def messages(folder: Path) -> Iterator[tuple[str, bytes, bytes, Any]]:  # kind, id, signer's key, fields
    for path in sorted(folder.iterdir()):
        try:
            _, kind, key, body, signature = cbor(BytesIO(path.read_bytes()))
            signed = b"holdfast/keep-1/message\0" + kind.encode() + b"\0" + key + body
            ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
            yield kind, sha256(signed).digest(), key, cbor(BytesIO(body))
        except BAD:
            sys.stderr.write(f"left out, no true message: {path.name}\n")

def identity(secret: bytes, label: str) -> tuple[bytes, Any, bytes]:  # seed, private key, recipient
    seed = HKDF(hashes.SHA256(), 32, None, b"holdfast/keep-1/" + label.encode()).derive(secret)
    e = shake_256(seed).digest(96)
    m, x = mlkem.MLKEM768PrivateKey.from_seed_bytes(e[:64]), x25519.X25519PrivateKey.from_private_bytes(e[64:])
    return seed, hpke.MLKEM768X25519PrivateKey(m, x), m.public_key().public_bytes_raw() + x.public_key().public_bytes_raw()

def shares(roster: Any, sealed: Any, before: bytes, after: bytes, k: int = 0) -> Iterator[tuple[int, int]]:
    for x, enc, *_ in roster["keepers"]:  # (x, scalar) of each seat that we have the key of
        try:
            plain = SUITE.decrypt(dict(sealed)[x], KEYS[enc], info=before + bytes([x]) + after)
            yield x, int.from_bytes(plain[64 * k : 64 * k + 32], "little")
        except BAD:
            continue

def at_zero(points: Iterable[tuple[int, int]], t: int) -> Iterator[int]:  # what any t points of different x give
    for some in combinations(sorted(set(points)), t):
        xs, total = {x for x, _ in some}, 0
        for i, value in some:
            for j in xs - {i}:
                value = value * j * pow(j - i, -1, L) % L
            total += value
        yield from [total % L] if len(xs) == t else []

def secrets(mid: bytes, writer: bytes, epoch: Any) -> Iterator[int]:
    first, comp = ROSTERS[epoch["roster"]], epoch["comp"]
    info = b"holdfast/keep-1/share\0" + epoch["vault"] + epoch["roster"] + writer + epoch["no"].to_bytes(4, "big")
    yield from at_zero(shares(first, epoch["sealed"], info, comp.encode()), first["comps"][comp][0])
    for to, old, new in [(m, ROSTERS[r["prev"]], r) for m, r in ROSTERS.items() if r.get("prev") in ROSTERS]:
        dealers, dealt = {sig: i for i, _, sig, *_ in old["keepers"]}, set()
        for kind, _, key, r in BOOK:
            if kind == "RESHARE" and key in dealers and r["roster"] == to and mid in r["epochs"]:
                info = b"holdfast/keep-1/reshare\0" + to + sha256(b"".join(r["epochs"])).digest() + bytes([dealers[key]])
                parts = shares(new, r["sealed"], info, b"", r["epochs"].index(mid))
                dealt |= {(dealers[key], a) for a in at_zero(parts, new["comps"][comp][0])}
        yield from at_zero(dealt, old["comps"][comp][0])

def bech32(prefix: str, data: bytes) -> str:  # BIP 173
