"""From the keys of t keepers to the age identities of a vault's epochs, with nothing of Holdfast's.

1. each keeper    age -d keyring.age > keeper-1.txt       gives lines `key <64 hex digits>`; bare hex digits do too
2. t of them      python3 identities.py VAULT keeper-1.txt keeper-2.txt ... > identities.txt
3. then           sh open-without-us.sh identities.txt VAULT OUT
It needs Python 3.11 or later and the package `cryptography` 50 (pip install cryptography==50.0.2).

Any t shares give an epoch's secret, and so its age identity, which is right if its recipient is the epoch's.  After
resharing, t' new keepers hold parts of each old share.  What does not fit is tried in other subsets.  It ends with 1 if
an epoch stays closed.  In the end destroy the files of steps 1 and 2: they open everything.
"""

import re
import sys
from contextlib import suppress
from hashlib import sha256, shake_256
from hmac import digest
from itertools import combinations, islice
from math import prod
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, x25519

# fmt: off
SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
L = 2**252 + 27742317777372353535851937790883648493  # the order of edwards25519's group: shares are below it

def cbor(data: Any) -> Any:  # RFC 8949, as far as messages use it
    kind, n = divmod(next(data), 32)
    n = n if n < 24 else int.from_bytes(islice(data, 1 << n - 24), "big")
    if kind in (2, 3):
        return bytes(islice(data, n)) if kind == 2 else bytes(islice(data, n)).decode()
    if kind == 4:
        return [cbor(data) for _ in range(n)]
    return {cbor(data): cbor(data) for _ in range(n)} if kind == 5 else n

def messages(folder: Path) -> Any:  # kind, id, signer's key and fields of each file that is a true message
    for path in sorted(folder.iterdir()):
        with suppress(Exception):
            _, kind, key, body, signature = cbor(iter(path.read_bytes()))
            signed = b"holdfast/keep-1/message\0" + kind.encode() + b"\0" + key + body
            ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
            yield kind, sha256(signed).digest(), key, cbor(iter(body))

def identity(secret: bytes, label: bytes) -> Any:  # seed, private key, recipient
    seed = digest(digest(bytes(32), secret, "sha256"), b"holdfast/keep-1/" + label + b"\1", "sha256")
    e = shake_256(seed).digest(96)
    m, x = mlkem.MLKEM768PrivateKey.from_seed_bytes(e[:64]), x25519.X25519PrivateKey.from_private_bytes(e[64:])
    recipient = m.public_key().public_bytes_raw() + x.public_key().public_bytes_raw()
    return seed, hpke.MLKEM768X25519PrivateKey(m, x), recipient

def shares(roster: Any, sealed: Any, info: bytes, after: bytes = b"", at: int = 0) -> Any:  # (x, scalar) of our seats
    for x, enc, *_ in roster["keepers"]:
        with suppress(Exception):
            plain = SUITE.decrypt(dict(sealed)[x], KEYS[enc], info=info + bytes([x]) + after)
            yield x, int.from_bytes(plain[64 * at : 64 * at + 32], "little")

def at_zero(points: Any, t: int) -> Any:  # what each t points give, by Lagrange
    for some in combinations(sorted(set(points)), t):
        xs = {x for x, _ in some}
        yield sum(y * prod(j * pow(j - i, -1, L) for j in xs - {i}) for i, y in some) % L

def secrets(mid: bytes, writer: bytes, epoch: Any) -> Any:  # every candidate
    first, comp, dealt = ROSTERS[epoch["roster"]], epoch["comp"], list[Any]()
    info = b"holdfast/keep-1/share\0" + epoch["vault"] + epoch["roster"] + writer + epoch["no"].to_bytes(4, "big")
    yield from at_zero(shares(first, epoch["sealed"], info, comp.encode()), first["comps"][comp][0])
    for _, _, dealer, fields in (m for m in BOOK if m[0] == "RESHARE"):
        with suppress(Exception):
            new, at = ROSTERS[fields["roster"]], fields["epochs"].index(mid)
            (i,) = [x for x, _, sig, *_ in ROSTERS[new["prev"]]["keepers"] if sig == dealer]
            info = b"holdfast/keep-1/reshare\0" + fields["roster"] + sha256(b"".join(fields["epochs"])).digest()
            parts = shares(new, fields["sealed"], info + bytes([i]), at=at)
            dealt.extend((new["prev"], i, y) for y in at_zero(parts, new["comps"][comp][0]))
    for roster in {old for old, _, _ in dealt}:
        yield from at_zero([(i, y) for old, i, y in dealt if old == roster], ROSTERS[roster]["comps"][comp][0])

def bech32(data: bytes, prefix: str = "age-secret-key-pq-") -> str:  # BIP 173, for 32 bytes
    digits, check = [int.from_bytes(data, "big") << 4 >> 5 * k & 31 for k in reversed(range(52))], 1
    for digit in [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix), *digits, *bytes(6)]:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ digit
        for k, term in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= term * (top >> k & 1)
    digits += [(check ^ 1) >> 5 * k & 31 for k in reversed(range(6))]
    return prefix + "1" + "".join("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[digit] for digit in digits)

FOLDER = Path(sys.argv[1], "custody")
BOOK = list(messages(FOLDER))
ROSTERS = {mid: fields for kind, mid, _, fields in BOOK if kind == "ROSTER"}
DIGITS = re.findall(r"\b[0-9a-fA-F]{64}\b", " ".join(Path(name).read_text() for name in sys.argv[2:]))
KEYS = {enc: key for _, key, enc in (identity(bytes.fromhex(k), b"keeper-age-pq") for k in DIGITS)}
closed = {path.name for path in FOLDER.iterdir()} - {mid.hex() for kind, mid, _, _ in BOOK if kind != "EPOCH"}
for _, mid, writer, epoch in (m for m in BOOK if m[0] == "EPOCH"):
    with suppress(Exception):
        tried = (identity(s.to_bytes(32, "little"), b"epoch-age-pq") for s in secrets(mid, writer, epoch))
        seed = next(seed for seed, _, enc in tried if enc == epoch["recipient"])
        sys.stdout.write(f"# {epoch['no']}-{writer.hex()[:8]} {epoch['comp']}\n{bech32(seed).upper()}\n")
        closed.discard(mid.hex())
sys.exit("\n".join(["closed epochs, or files that are no true message:", *sorted(closed)]) if closed else 0)
