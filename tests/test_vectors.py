"""Every vector of our own is read by the code and has its one outcome (vectors/README.md)."""

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nacl.bindings import crypto_core_ed25519_add, crypto_core_ed25519_is_valid_point

from holdfast.crypto import age, commitments, sharing
from holdfast.crypto.hashes import sha256
from holdfast.crypto.sharing import Share, decode_share
from holdfast.custody import messages, rosters
from holdfast.custody.book import Book
from holdfast.custody.contents import KINDS, Roster
from holdfast.custody.dealing import epoch_identity
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.errors import HoldfastError
from holdfast.log import checkpoints, commits, cosignatures, merkle, notes
from holdfast.log.notes import Verifier
from holdfast.open import open_vault
from holdfast.restore import choose
from holdfast.store.directory import DirectoryStore
from holdfast.store.names import check_name
from holdfast.testing.keepers import NOW, seeded
from holdfast.vault import entries, format, packs, tables, tar, view
from holdfast.vault.paths import Names, is_harmless, quote, unquote
from holdfast.vault.reader import Snapshot
from holdfast.verify import verify

VECTORS = Path(__file__).parents[1] / "vectors"
Given = dict[str, Any]

LINES: dict[str, tuple[Callable[[list[str]], Any], Callable[[Any], str]]] = {
    "snapshot": (tables.parse_slice, tables.slice_line),
    "members": (tables.parse_member, tables.member_line),
    "pieces": (tables.parse_piece, tables.piece_line),
    "items": (tables.parse_item, tables.item_line),
}


def unhex(text: str) -> bytes:
    return bytes.fromhex(text)


def plain(value: object) -> object:
    """Spell a content as the vectors do: bytes as hex, long ones by their SHA-256."""
    match value:
        case bytes():
            return value.hex() if len(value) <= 64 else f"sha256:{sha256(value).hex()}"
        case list() | tuple():
            return [plain(part) for part in value]
        case dict():
            return {key: plain(part) for key, part in value.items()}
        case _:
            return value


# -- vault and log --


def read_format(given: Given) -> object:
    found = format.decode(given["text"].encode())
    assert not found.must
    assert found.encode() == given["text"].encode()
    return {"vault": found.vault.hex(), "roster": found.roster.hex(), "must": [], "may": list(found.may)}


def read_entry(given: Given) -> object:
    found = entries.decode(given["text"].encode())
    if isinstance(found, entries.UnknownEntry):
        return "unknown"
    assert found.encode() == given["text"].encode()
    return type(found).__name__.removesuffix("Entry").lower()


def replay(given: Given) -> tuple[commits.LogState, tuple[bytes, ...]]:
    return commits.replay(unhex(given["writer"]), ((name, b64decode(data)) for name, data in given["objects64"]))


def read_log(given: Given) -> object:
    state, raw = replay(given)
    return {"size": state.size, "root": state.checkpoint.root.hex(), "entries": [entry.hex() for entry in raw]}


def read_against(given: Given) -> object:
    _, raw = replay(given)
    seen = checkpoints.open_checkpoint(given["note"].encode(), commits.verifier_of(unhex(given["writer"])))
    return checkpoints.check_extends([merkle.leaf_hash(entry) for entry in raw], seen).size


# -- messages --


def read_message(given: Given) -> object:
    message = messages.read(b64decode(given["envelope64"]))
    known = not isinstance(message.content, messages.Unknown)
    fields = msgspec.to_builtins(message.content, builtin_types=(bytes,))
    assert known or message.kind not in KINDS
    return {"kind": message.kind, "key": message.key.hex(), "mid": message.mid.hex(), "says": plain(fields)}


def read_roster(given: Given) -> object:
    roster = messages.read(b64decode(given["envelope64"])).content
    assert isinstance(roster, Roster)
    return [seat.x for seat in rosters.check_roster(roster, []).keepers]


def book_of(given: Given) -> Book:
    read = [messages.read(b64decode(envelope)) for envelope in given["envelopes64"]]
    return Book(unhex(given["vault"]), unhex(given["first"]), read)


def read_custody(given: Given) -> object:
    book = book_of(given)
    return {
        "rosters": [roster.mid.hex() for roster in book.rosters],
        "epochs": sorted(mid.hex() for mid in book.epochs),
        "writers": sorted(key.hex() for key in book.writers),
        "refused": {mid.hex(): error.code for mid, error in book.refused.items()},
    }


def read_share(given: Given) -> object:
    book = book_of(load(VECTORS / given["custody"])["given"])
    at, seat = next((n, s) for n, m in enumerate(book.rosters) for s in m.content.keepers if s.x == given["x"])
    return book.share(unhex(given["epoch"]), seat, Keys(unhex(given["secret"])), at).encode().hex()


def read_opening(given: Given) -> object:
    """Open the little vault of these pages with some grants, in a copy of its custody, and read it to the last byte."""
    vault = view.read(Overlaid(VECTORS / given["vault"]))
    assert verify(vault.store, deep=True).faults == ()
    grants: list[Message[Any]] = [messages.read(b64decode(envelope)) for envelope in given["grants64"]]
    opening = open_vault(vault, Keys(unhex(given["restorer"])), grants, NOW, seeded("opening"))
    snapshot = Snapshot(vault, choose(vault, opening.identities), opening.identities)
    assert (snapshot.withheld, snapshot.partial) == ({"identity": 1}, 0)
    return {
        "identities": {mid.hex(): str(identity) for mid, identity in opening.identities.items()},
        "used": list(opening.used),
        "liars": list(opening.liars),
        "members": {m.path.decode(): sha256(b"".join(snapshot.read(m))).hex() for m in snapshot.members},
    }


class Overlaid(DirectoryStore):
    """A folder to read, whose new objects (OPENED) stay in memory."""

    def put(self, name: str, data: bytes) -> None:
        check_name(name)


# -- kits --


def read_keys(given: Given) -> object:
    keys = Keys(unhex(given["secret"]))
    return {
        "sig": keys.sig.public.hex(),
        "log": keys.log.public.hex(),
        "enc": plain(keys.enc.recipient.raw),
        "seen": plain(keys.cosigner("seen")),
        "held": plain(keys.cosigner("held")),
    }


def read_keyring(given: Given) -> object:
    text = age.unseal(b64decode(given["keyring64"]), [age.scrypt.Identity(given["passphrase"])]).decode()
    first, *lines = text.splitlines()
    assert first == "holdfast-keyring 0"
    return [line.removeprefix("key ") for line in lines]


def read_sight(given: Given) -> object:
    keys, note = Keys(unhex(given["secret"])), given["note"].encode()
    checkpoints.open_checkpoint(note, commits.verifier_of(keys.log.public))
    key = keys.ed25519("seen").public
    (found,) = cosignatures.open_cosignatures(note, [Verifier(f"holdfast/seen/{key.hex()}", 4, key)])
    assert notes.parse(note).lines[1].name == f"holdfast/seen/{key.hex()}"
    return found.time


# -- packs --


def read_pack(given: Given) -> object:
    sealed = bytearray((VECTORS / given["file"]).read_bytes())
    assert sha256(sealed).hex() == given["file"].rpartition("/")[2]
    assert len(sealed) in packs.SEALED_SIZES
    if "flip" in given:
        sealed[given["flip"]] ^= 1
    identity = age.hybrid.Identity.from_text(given["identity"])
    opened = age.unseal(sealed[: given.get("cut", len(sealed))], [identity])
    return [[m.name.decode(), m.offset, m.size] for m in tar.walk(memoryview(opened))]


def read_path(given: Given) -> object:
    path = unhex(given["path"])
    assert unquote(quote(path)) == path
    return {"text": quote(path), "harmless": is_harmless(path), "name": Names().give(path, 9)}


def read_line(given: Given) -> object:
    parse, write = LINES[given["table"]]
    (found,) = tables.decode(tables.encode([given["line"]]), parse)
    return write(found)


def read_item(given: Given) -> object:
    return commitments.item_leaf(unhex(given["salt"]), unhex(given["name"]), unhex(given["data"])).hex()


# -- sharing --


def read_base(given: Given) -> object:
    for i in range(256):
        point = sha256(b"holdfast/keep-1/pedersen-h" + bytes([i]))
        try:
            for _ in range(3):
                point = crypto_core_ed25519_add(point, point)
        except RuntimeError:
            continue
        if crypto_core_ed25519_is_valid_point(point):
            return point.hex()
    raise AssertionError


def read_verify(given: Given) -> object:
    points = sharing.check_points([unhex(p) for p in given["points"]], 3)
    return sharing.verify(decode_share(given["x"], unhex(given["share"])), points).x


def read_rebuild(given: Given) -> object:
    shares = [decode_share(x, unhex(data)) for x, data in given["shares"]]
    return sharing.encode_scalar(sharing.rebuild(shares)).hex()


def read_reshare(given: Given) -> object:
    points = [unhex(p) for p in given["points"]]
    dealt = {i: [unhex(p) for p in ps] for i, ps in given["dealt"]}
    parts: list[tuple[int, Share]] = []
    for i, data in given["subshares"]:
        sharing.check_resharing(i, dealt[i], points)
        parts.append((i, sharing.verify(decode_share(given["x"], unhex(data)), dealt[i])))
    combined = sharing.combine_commitments(list(dealt.items()))
    share = sharing.verify(sharing.combine(parts), combined)
    return {"share": share.encode().hex(), "points": [p.hex() for p in combined]}


def read_identity(given: Given) -> object:
    found = epoch_identity(int.from_bytes(unhex(given["secret"]), "little"))
    return {"identity": str(found), "recipient": sha256(str(found.recipient).encode()).hex()}


READ: dict[str, Callable[[Given], object]] = {
    "format": read_format,
    "name": lambda given: check_name(given["text"]),
    "entry": read_entry,
    "log": read_log,
    "against": read_against,
    "message": read_message,
    "armor": lambda given: messages.unarmor(given["text"].encode()).mid.hex(),
    "roster": read_roster,
    "custody": read_custody,
    "share": read_share,
    "opening": read_opening,
    "keys": read_keys,
    "keyring": read_keyring,
    "sight": read_sight,
    "pack": read_pack,
    "size": lambda given: [packs.padme(given["size"]), packs.sealed_size(packs.padme(given["size"]))],
    "path": read_path,
    "unquote": lambda given: unquote(given["text"]).hex(),
    "line": read_line,
    "item-leaf": read_item,
    "blinded": lambda given: commitments.blinded(unhex(given["salt"]), given["size"], unhex(given["root"])).hex(),
    "base-h": read_base,
    "verify": read_verify,
    "rebuild": read_rebuild,
    "reshare": read_reshare,
    "identity": read_identity,
}

FILES = sorted(VECTORS.rglob("*.json"))


def load(path: Path) -> Given:
    found: Given = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(VECTORS).with_suffix("").as_posix())
def test_a_vector_has_its_outcome(path: Path) -> None:
    vector = load(path)
    assert {"says", "page", "made", "read", "given"} < set(vector)
    assert ("gives" in vector) != ("raises" in vector), "one outcome each"
    if "gives" in vector:
        assert READ[vector["read"]](vector["given"]) == vector["gives"]
        return
    with pytest.raises(HoldfastError) as caught:
        READ[vector["read"]](vector["given"])
    assert [type(caught.value).__name__, caught.value.code] == vector["raises"]


def test_every_reader_has_vectors_and_nothing_else_lies_there() -> None:
    assert {load(path)["read"] for path in FILES} == set(READ)
    others = {p.relative_to(VECTORS).parts[0] for p in VECTORS.rglob("*") if p.is_file() and p.suffix != ".json"}
    assert others <= {"vault", "make.py", "README.md", "__pycache__"}


@pytest.mark.parametrize("page", ["vault", "pack", "log", "keep-1", "kit"])
def test_every_page_of_the_spec_has_vectors_that_pass_and_that_fail(page: str) -> None:
    mine = [load(path) for path in FILES if load(path)["page"] == f"spec/{page}.md"]
    assert any("gives" in vector for vector in mine)
    assert any("raises" in vector for vector in mine)
