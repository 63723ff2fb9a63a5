"""Make the project's own test vectors: PYTHONPATH=src python vectors/make.py

Seeds fix every key, nonce and salt, so running it again gives the same bytes, except where a box is sealed (EPOCH,
GRANT, RESHARE, packs, keyrings) and in what names such a box by its hash: HPKE and age draw their own randomness.
"""

import hashlib
import json
import os
import shutil
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

import msgspec

from holdfast.crypto import age, commitments, sharing
from holdfast.crypto.hashes import sha256
from holdfast.crypto.signing import Signer
from holdfast.custody import encoding, messages
from holdfast.custody.contents import HYBRID_SUITE, Card, Erased, Roster, Rule
from holdfast.custody.dealing import deal, epoch_identity
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.custody.rosters import DAY
from holdfast.grant import consider, grant
from holdfast.keep import World, keep
from holdfast.keeper.kits import Kit
from holdfast.log import checkpoints, commits, merkle
from holdfast.model.export import Compartment
from holdfast.new import Terms, new
from holdfast.open import open_vault
from holdfast.request import Wish, request
from holdfast.sources.x import recognise
from holdfast.state.journal import Journal
from holdfast.store.directory import DirectoryStore
from holdfast.testing.keepers import NOW, Custody, forged_grant, seeded
from holdfast.vault import packs, tar, view
from holdfast.vault.paths import Names, is_harmless, quote

HERE = Path(__file__).parent
MADE = "vectors/make.py, draft 0"
PASSPHRASE = "kelp on a winter rock"  # noqa: S105 - a vector says it to everybody
POSTS = b"""window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "id_str" : "1212092628029698048",
      "created_at" : "Wed Jan 01 12:00:00 +0000 2020",
      "full_text" : "First light."
    }
  },
  {
    "tweet" : {
      "id_str" : "1212455015836176385",
      "created_at" : "Thu Jan 02 12:00:00 +0000 2020",
      "full_text" : "\xe6\xb5\xb7\xe8\x8d\x89 holds."
    }
  }
]"""
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
ACCOUNT = b'window.YTD.account.part0 = [\n  {\n    "account" : {\n      "accountId" : "7"\n    }\n  }\n]'


def write(name: str, says: str, page: str, read: str, given: object, **outcome: object) -> None:
    """Write one vector: what it says, the page that it belongs to, how it is read, and its one outcome."""
    value = {"says": says, "page": f"spec/{page}.md", "made": MADE, "read": read, "given": given, **outcome}
    path = HERE / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def b64(data: bytes) -> str:
    """Spell bytes as base64."""
    return b64encode(data).decode()


def plain(value: object) -> object:
    """Spell a content for JSON: bytes as hex, long ones by their SHA-256."""
    match value:
        case bytes() if len(value) > 64:
            return f"sha256:{sha256(value).hex()}"
        case bytes():
            return value.hex()
        case list() | tuple():
            return [plain(part) for part in value]
        case dict():
            return {key: plain(part) for key, part in value.items()}
        case _:
            return value


def said(message: Message[msgspec.Struct]) -> dict[str, object]:
    """Spell what a message says."""
    fields = msgspec.to_builtins(message.content, builtin_types=(bytes,))
    return {"kind": message.kind, "key": message.key.hex(), "mid": message.mid.hex(), "says": plain(fields)}


# -- one small vault --


def make_vault() -> None:
    """Make a vault of two posts and a picture, kept by three keepers of whom two open it."""
    random = seeded("vectors vault")
    shutil.rmtree(HERE / "vault", ignore_errors=True)
    store = DirectoryStore(HERE / "vault")
    with tempfile.TemporaryDirectory() as folder:
        kits = [Kit.create(Path(folder, f"kit{k}"), PASSPHRASE, work=4) for k in (1, 2, 3)]
        cards = [kit.card(f"keeper {k}", NOW, random) for k, kit in enumerate(kits, 1)]
        rules = {"public": Rule(2, 0), "private": Rule(2, 3 * DAY), "identity": Rule(2, 3 * DAY)}
        seed = random(32)
        shape = new(store, Terms(cards, rules, 7 * DAY), Signer.from_seed(seed), NOW, random)
        for path in (HERE / "vault").iterdir():
            if path.is_file() and path.name != "format":
                path.unlink()  # the recipe, which has tests of its own
        with Journal.nowhere() as journal:
            journal.set_writer(seed)
            world = World(lambda: NOW, random, lambda plans: [deal(plan, random) for plan in plans])
            source = recognise([an_export(Path(folder))])
            assert source is not None
            keep(source, store, journal, frozenset([Compartment.PUBLIC]), world)
        restorer, asked = request(view.read(store), kits[0], Wish("restore", ["public"]), NOW, random)
        vault = view.read(store)
        answers = [grant(vault, kit, consider(vault, kit, asked, NOW), NOW, random) for kit in kits]
        secrets = [kit.keys[0].secret.hex() for kit in kits]
        opening = open_vault(vault, restorer, answers[:2], NOW, random)
        (epoch,) = opening.identities
        forged = forged_grant(
            asked, [vault.book.share(epoch, *kits[2].seat(vault.book)[::-1], 0)], kits[2].keys[0], NOW, random
        )
        make_kit(Path(folder, "kit1"), kits[0].keys[0], asked.mid)
    given = {"vault": "vault", "keepers": secrets, "restorer": restorer.secret.hex()}
    members = {
        "data/tweets.js": sha256(POSTS).hex(),
        "data/tweets_media/1212092628029698048-light.png": sha256(PICTURE).hex(),
    }
    identities = {epoch.hex(): str(opening.identities[epoch])}
    gives = {"identities": identities, "used": [1, 2], "liars": [], "members": members}
    make_opening(given, answers, forged, gives)
    make_messages(cards[0], view.read(store), answers[0])
    make_logs(store, shape.encode(), seed)
    make_pack(view.read(store), str(opening.identities[epoch]))


def an_export(folder: Path) -> Path:
    """Lay down a tiny export as a folder."""
    export = folder / "export"
    media = export / "data" / "tweets_media"
    media.mkdir(parents=True)
    (export / "data" / "tweets.js").write_bytes(POSTS)
    (export / "data" / "account.js").write_bytes(ACCOUNT)
    (media / "1212092628029698048-light.png").write_bytes(PICTURE)
    for path in export.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (NOW, NOW))
    return export


def make_kit(folder: Path, keys: Keys, mid: bytes) -> None:
    sealed = (folder / "keyring.age").read_bytes()
    says = "A keyring opens with its passphrase and lists secrets."
    write(
        "kit/keyring",
        says,
        "kit",
        "keyring",
        {"keyring64": b64(sealed), "passphrase": PASSPHRASE},
        gives=[keys.secret.hex()],
    )
    says = "Another passphrase does not open it."
    given = {"keyring64": b64(sealed), "passphrase": PASSPHRASE + "."}
    write("kit/keyring-wrong-passphrase", says, "kit", "keyring", given, raises=["Refused", "no-identity-matched"])
    note = (folder / "sights" / keys.log.public.hex() / mid.hex()).read_bytes()
    given = {"secret": keys.secret.hex(), "note": note.decode()}
    write("kit/sight", "A sight gives the time of a kit's first look.", "kit", "sight", given, gives=NOW)
    line = note.decode().splitlines()[-1]
    false = note.decode().replace(line, line[:-6] + "AAAA" + line[-2:])
    says = "A sight whose cosignature was changed is none."
    write("kit/sight-flipped", says, "kit", "sight", {**given, "note": false}, raises=["Unverified", "signature-false"])
    names = sorted(p.name for p in (folder / "log" / keys.log.public.hex()).iterdir())
    objects = [
        [f"log/{keys.log.public.hex()}/{n}", b64((folder / "log" / keys.log.public.hex() / n).read_bytes())]
        for n in names
    ]
    state, entries = commits.replay(keys.log.public, [(n, (folder / n).read_bytes()) for n, _ in objects])
    gives = {"size": state.size, "root": state.checkpoint.root.hex(), "entries": [e.hex() for e in entries]}
    says = "A custody log names its vault first, then each message that it saw."
    write("kit/custody-log", says, "kit", "log", {"writer": keys.log.public.hex(), "objects64": objects}, gives=gives)
    gives = {
        "sig": keys.sig.public.hex(),
        "log": keys.log.public.hex(),
        "enc": plain(keys.enc.recipient.raw),
        "seen": plain(keys.cosigner("seen")),
        "held": plain(keys.cosigner("held")),
    }
    write(
        "kit/keys", "One secret gives all keys of a keeper.", "kit", "keys", {"secret": keys.secret.hex()}, gives=gives
    )


def make_opening(
    given: Mapping[str, object],
    answers: Sequence[Message[msgspec.Struct]],
    forged: Message[msgspec.Struct],
    gives: Mapping[str, object],
) -> None:
    def grants(*chosen: Message[msgspec.Struct]) -> dict[str, object]:
        return {**given, "grants64": [b64(m.envelope) for m in chosen]}

    write("opening/two-of-three", "Two of three grants open.", "keep-1", "opening", grants(*answers[:2]), gives=gives)
    gives = {**gives, "liars": [3]}
    says = "A false share is named, and the true ones open."
    write("opening/one-liar", says, "keep-1", "opening", grants(*answers[:2], forged), gives=gives)
    says = "One true share and one false one open nothing."
    write(
        "opening/liar-in-quorum",
        says,
        "keep-1",
        "opening",
        grants(answers[0], forged),
        raises=["Refused", "quorum-missing"],
    )
    write(
        "opening/one-of-three",
        "One grant opens nothing.",
        "keep-1",
        "opening",
        grants(answers[0]),
        raises=["Refused", "quorum-missing"],
    )
    other = {**grants(*answers[:2]), "restorer": sha256(b"somebody else").hex()}
    says = "Grants for one restorer are of no use to another."
    write("opening/another-restorer", says, "keep-1", "opening", other, raises=["Refused", "grant-for-another"])


# -- messages --


def make_messages(card: Message[Card], vault: view.Vault, answer: Message[msgspec.Struct]) -> None:
    found = {m.kind: m for m in vault.book.messages.values()} | {"CARD": card, "GRANT": answer}
    others = a_succession()
    found |= {kind: others[kind] for kind in ("WRITER", "RESHARE", "ADOPT", "ERASED")}
    for kind, message in found.items():
        says = f"A message of kind {kind} is read."
        write(
            f"message/{kind.lower()}",
            says,
            "keep-1",
            "message",
            {"envelope64": b64(message.envelope)},
            gives=said(message),
        )
    make_bad_messages(others["ERASED"])
    text = messages.armor(found["ERASED"])
    chat = f"Here it is:\n{text}-- \nsent from a chat".replace("\n", "\r\n")
    gives = found["ERASED"].mid.hex()
    write("message/armor", "A message is found in a chat text.", "keep-1", "armor", {"text": chat}, gives=gives)
    cut = chat.replace("-----END", "").replace(text.splitlines()[2], "")
    says = "An armor that lost a line is refused."
    write("message/armor-cut", says, "keep-1", "armor", {"text": cut}, raises=["Unreadable", "message-malformed"])


def a_succession() -> dict[str, Message[msgspec.Struct]]:
    """Make two rosters, and write what a book reads of them."""
    custody = Custody("vectors succession")
    rules = {name: Rule(2, 0) for name in ("public", "private", "identity")}
    first = custody.found(3, rules)
    epoch = custody.deal("private")
    before = custody.share(epoch, 1)
    second = custody.succeed(3, (1, 3), rules)
    newcomer = Signer.from_seed(custody.random(32))
    custody.admit(newcomer.public, 4)
    custody.say(Erased(**custody.head(), roster=first.mid), custody.keepers[1].keys.sig)
    envelopes = [b64(m.envelope) for m in custody.messages]
    given = {"vault": custody.vault.hex(), "first": first.mid.hex(), "envelopes64": envelopes}
    gives = {
        "rosters": [first.mid.hex(), second.mid.hex()],
        "epochs": [epoch.hex()],
        "writers": sorted([custody.writer.public.hex(), newcomer.public.hex()]),
        "refused": {},
    }
    write(
        "custody/two-rosters",
        "A second roster is active once enough adopt it.",
        "keep-1",
        "custody",
        given,
        gives=gives,
    )
    short = [b64(m.envelope) for m in custody.messages if m.kind != "ADOPT"]
    gives = {**gives, "rosters": [first.mid.hex()], "writers": [custody.writer.public.hex()]}
    says = "A roster that nobody adopted is a proposal, and its keepers admit nobody."
    write("custody/not-adopted", says, "keep-1", "custody", {**given, "envelopes64": short}, gives=gives)
    make_shares(custody, epoch, before)
    make_rosters(first)
    return {m.kind: m for m in custody.messages}


def make_shares(custody: Custody, epoch: bytes, before: sharing.Share) -> None:
    def own(x: int, **change: object) -> dict[str, object]:
        return {
            "custody": "custody/two-rosters.json",
            "secret": custody.keepers[x].keys.secret.hex(),
            "epoch": epoch.hex(),
            "x": x,
            **change,
        }

    gives = before.encode().hex()
    write("custody/share", "A keeper opens its share of an EPOCH.", "keep-1", "share", own(1), gives=gives)
    gives = custody.share(epoch, 5).encode().hex()
    says = "A new keeper combines its share from the sub-shares of two old ones."
    write("custody/share-after-resharing", says, "keep-1", "share", own(5), gives=gives)
    says = "Another keeper's secret does not open it."
    other = own(1, secret=custody.keepers[2].keys.secret.hex())
    write("custody/share-of-another", says, "keep-1", "share", other, raises=["Unverified", "sealed-box-false"])


def make_rosters(first: Message[Roster]) -> None:
    content = first.content

    def bad(name: str, says: str, error: str, code: str, **change: object) -> None:
        changed = messages.write(msgspec.structs.replace(content, **change), Signer.from_seed(bytes(32)))
        write(f"roster/{name}", says, "keep-1", "roster", {"envelope64": b64(changed.envelope)}, raises=[error, code])

    seats = content.keepers
    write(
        "roster/good",
        "A first roster is accepted.",
        "keep-1",
        "roster",
        {"envelope64": b64(first.envelope)},
        gives=[1, 2, 3],
    )
    bad(
        "newer-suite",
        "A suite that is not known is newer, not false.",
        "Unsupported",
        "roster-suite",
        suite=HYBRID_SUITE + 1,
    )
    one = {**content.comps, "private": Rule(1, 0)}
    bad("quorum-of-one", "Outside public one keeper never opens.", "Refused", "roster-quorum", comps=one)
    bad("same-number", "A number stands for one person.", "Refused", "roster-numbers", keepers=[seats[0], *seats[:2]])
    small = msgspec.structs.replace(seats[0], sig=b"\1" + bytes(31))
    bad(
        "low-order-key",
        "A key that anybody could sign for is refused.",
        "Unverified",
        "key-low-order",
        keepers=[small, *seats[1:]],
    )
    twice = msgspec.structs.replace(seats[1], enc=seats[0].enc)
    bad(
        "key-twice",
        "No two keepers share a key.",
        "Refused",
        "roster-keys-not-fresh",
        keepers=[seats[0], twice, seats[2]],
    )
    bad("second-as-first", "The first roster has version 1.", "Refused", "roster-succession", v=2)


def make_bad_messages(good: Message[msgspec.Struct]) -> None:
    signer = Signer.from_seed(sha256(b"vectors messages"))
    _, kind, _, body, _ = cast("tuple[str, str, bytes, bytes, bytes]", encoding.decode(good.envelope))
    fields = encoding.decode(body)
    assert isinstance(fields, dict)

    def signed(kind: str, body: bytes, signer: Signer = signer) -> bytes:
        preimage = b"holdfast/keep-1/message\0" + kind.encode() + b"\0" + signer.public + body
        return encoding.encode(["keep-1", kind, signer.public, body, signer.sign(preimage)])

    def bad(name: str, says: str, error: str, code: str, envelope: bytes) -> None:
        write(f"message/bad-{name}", says, "keep-1", "message", {"envelope64": b64(envelope)}, raises=[error, code])

    malformed = "Unreadable", "message-malformed"
    flipped = good.envelope[:-1] + bytes([good.envelope[-1] ^ 1])
    bad("signature", "A changed signature is false.", "Unverified", "signature-false", flipped)
    at = good.envelope.index(body) + len(body) - 1
    flipped = good.envelope[:at] + bytes([good.envelope[at] ^ 1]) + good.envelope[at + 1 :]
    bad("body", "A changed body is false.", "Unverified", "signature-false", flipped)
    bad("cut", "An envelope cut short is malformed.", *malformed, good.envelope[:-1])
    bad("trailing", "A byte behind the envelope is malformed.", *malformed, good.envelope + b"\0")
    long_form = b"\x98\x05" + good.envelope[1:]
    bad("long-head", "A longer head than needed is malformed.", *malformed, long_form)
    bad("tag", "A CBOR tag is malformed.", *malformed, signed(kind, b"\xc1" + encoding.encode(1)))
    bad(
        "missing-field",
        "A content without one of its fields is malformed.",
        *malformed,
        signed(kind, encoding.encode({"vault": bytes(32)})),
    )
    bad("lower-case-kind", "A kind is 2 to 16 capital letters.", *malformed, signed("erased", body))
    low = encoding.encode(["keep-1", kind, b"\1" + bytes(31), body, b"\1" + bytes(63)])
    bad("low-order-key", "A key of low order never signs.", "Unverified", "signature-false", low)
    extra = messages.read(signed(kind, encoding.encode(fields | {"later": 1})))
    says = "A field that is not known stays in the stored bytes and is not acted on."
    write("message/unknown-field", says, "keep-1", "message", {"envelope64": b64(extra.envelope)}, gives=said(extra))
    unknown = messages.read(signed("FREEZE", body))
    says = "A kind that is not known is stored and not acted on."
    write("message/unknown-kind", says, "keep-1", "message", {"envelope64": b64(unknown.envelope)}, gives=said(unknown))


# -- logs and entries --


def make_logs(store: DirectoryStore, shape: bytes, seed: bytes) -> None:
    signer = Signer.from_seed(seed)
    writer = signer.public
    objects = [(name, store.get(name)) for name, _ in store.names("log/")]
    state, raw = commits.replay(writer, objects)
    spelled = [[name, b64(data)] for name, data in objects]

    def bad(name: str, says: str, error: str, code: str, changed: list[list[str]]) -> None:
        write(
            f"log/bad-{name}", says, "log", "log", {"writer": writer.hex(), "objects64": changed}, raises=[error, code]
        )

    gives = {"size": state.size, "root": state.checkpoint.root.hex(), "entries": [e.hex() for e in raw]}
    write(
        "log/good",
        "A log of several commits is read.",
        "log",
        "log",
        {"writer": writer.hex(), "objects64": spelled},
        gives=gives,
    )
    name, first = objects[0]
    place = first.index(b"format ") + 20
    digit = b"0" if first[place : place + 1] != b"0" else b"1"
    bad(
        "entry",
        "A changed entry does not fit the root.",
        "Unverified",
        "log-root",
        [[name, b64(first[:place] + digit + first[place + 1 :])]],
    )
    note = commits.decode(first, name).note
    at = len(first) - 8
    letter = b"A" if first[at : at + 1] != b"A" else b"B"
    bad(
        "signature",
        "A changed signature is false.",
        "Unverified",
        "log-signature",
        [[name, b64(first[:at] + letter + first[at + 1 :])]],
    )
    bad(
        "cut",
        "A commit cut short is malformed.",
        "Unreadable",
        "log-malformed",
        [[name, b64(first[: len(first) - len(note)])]],
    )
    bad("gap", "A commit whose predecessors are missing is refused.", "Unverified", "log-gap", spelled[1:])
    bad(
        "renamed",
        "A commit under another's name is refused.",
        "Unverified",
        "log-renamed",
        [spelled[0], [spelled[1][0], spelled[0][1]]],
    )
    newer = first.replace(b"holdfast-commit 0 ", b"holdfast-commit 1 ")
    bad("newer", "A commit of a later version is newer, not false.", "Unsupported", "log-newer", [[name, b64(newer)]])
    other = Signer.from_seed(sha256(b"another writer"))
    foreign = commits.encode(commits.commit(commits.start(other.public), raw[:1], other))
    bad(
        "foreign", "A commit that another key signed is refused.", "Unverified", "log-signature", [[name, b64(foreign)]]
    )
    early = checkpoints.sign(
        commits.LogState(writer, merkle.Tree().grow(map(merkle.leaf_hash, raw[:2]))).checkpoint, signer
    )
    given = {"writer": writer.hex(), "objects64": spelled, "note": early.decode()}
    write("log/against", "The log extends a checkpoint of earlier.", "log", "against", given, gives=2)
    rolled = {**given, "objects64": spelled[:1], "note": commits.decode(objects[-1][1], objects[-1][0]).note.decode()}
    says = "A log that is shorter than a checkpoint once seen was rolled back."
    write("log/against-rolled-back", says, "log", "against", rolled, raises=["Unverified", "log-rolled-back"])
    state2 = commits.start(writer)
    rewritten = commits.commit(state2, [raw[0], *(b"other\n" for _ in raw[1:])], signer)
    again = {**given, "objects64": [[rewritten.name, b64(commits.encode(rewritten))]]}
    says = "A log rewritten with the writer's own key does not extend what was seen."
    write("log/against-rewritten", says, "log", "against", again, raises=["Unverified", "log-rewritten"])
    make_entries(raw)
    make_formats(shape.decode())


def make_entries(raw: Sequence[bytes]) -> None:
    for entry in raw:
        kind = entry.split()[0].decode()
        write(
            f"entry/{kind}", f"An entry of kind {kind} is read.", "log", "entry", {"text": entry.decode()}, gives=kind
        )
    write(
        "entry/unknown",
        "An entry of a later kind is kept.",
        "log",
        "entry",
        {"text": "frobnicate 1\nmore\n"},
        gives="unknown",
    )
    epoch = next(e for e in raw if e.startswith(b"epoch")).decode()
    batch = next(e for e in raw if e.startswith(b"batch")).decode()
    bad = {
        "capitals": (epoch.upper().replace("EPOCH", "epoch"), "Hashes are in small letters."),
        "open-end": (epoch.rstrip("\n"), "An entry ends in a newline."),
        "batch-without-epoch": (batch.split("\n")[0] + "\n", "A batch names its epoch."),
        "pack-of-nothing": (batch + f"pack {'0' * 64} 0\n", "A pack has a size above 0."),
        "pack-leading-zero": (batch + f"pack {'0' * 64} 01\n", "A number has one spelling."),
    }
    for name, (text, says) in bad.items():
        write(f"entry/bad-{name}", says, "log", "entry", {"text": text}, raises=["Unreadable", "entry-malformed"])


def make_formats(good: str) -> None:
    _, vault, roster, _ = good.split("\n")
    gives = {"vault": vault.split()[1], "roster": roster.split()[1], "must": [], "may": []}
    write("format/plain", "A format file is read.", "vault", "format", {"text": good}, gives=gives)
    write(
        "format/may",
        "An unknown may is ignored.",
        "vault",
        "format",
        {"text": good + "may sing\n"},
        gives={**gives, "may": ["sing"]},
    )
    newer = "Unsupported", "vault-newer"
    malformed = "Unreadable", "format-malformed"
    bad = {
        "must": (good + "must sing\n", "An unknown must is newer, not false.", newer),
        "newer": (good.replace("vault 0", "vault 1", 1), "A later version is newer, not false.", newer),
        "not-a-vault": ("restic\n", "Another file is no vault.", ("Unreadable", "not-a-vault")),
        "cut": (good[:-1], "A file cut short is malformed.", malformed),
        "no-roster": (good.replace(roster + "\n", ""), "A vault names its first roster.", malformed),
        "vault-twice": (good + vault + "\n", "A vault has one id.", malformed),
        "capitals": (good.replace(vault, vault[:6] + vault[6:].upper()), "Hex is in small letters.", malformed),
    }
    for name, (text, says, raises) in bad.items():
        write(f"format/bad-{name}", says, "vault", "format", {"text": text}, raises=list(raises))
    names = {
        "pack": ("packs/" + "0" * 64, True),
        "dot": ("packs/.hidden", False),
        "climbing": ("log/../format", False),
        "absolute": ("/format", False),
    }
    for name, (text, ok) in names.items():
        says = (
            "A name of harmless parts is taken."
            if ok
            else "A name with an empty part or one that starts with a dot is not."
        )
        outcome: dict[str, object] = {"gives": text} if ok else {"raises": ["Unreadable", "store-name"]}
        write(f"format/name-{name}", says, "vault", "name", {"text": text}, **outcome)


# -- packs and tables --


def make_pack(vault: view.Vault, identity: str) -> None:
    (log,) = vault.logs.values()
    pack = next(log.packs())
    name = f"vault/packs/{pack.digest.hex()}"
    given = {"file": name, "identity": identity}
    data = packs_tar(vault, pack.digest, identity)
    gives = [[m.name.decode(), m.offset, m.size] for m in tar.walk(memoryview(data))]
    write("pack/good", "A pack opens to its tar members.", "pack", "pack", given, gives=gives)
    says = "One changed bit in a chunk is found."
    write("pack/bad-chunk", says, "pack", "pack", {**given, "flip": 40000}, raises=["Unverified", "age-chunk"])
    says = "A changed header loses the whole pack: its MAC, or its grammar, fails."
    write("pack/bad-header", says, "pack", "pack", {**given, "flip": 1600}, raises=["Unverified", "age-mac"])
    write(
        "pack/bad-cut",
        "A pack cut short is found.",
        "pack",
        "pack",
        {**given, "cut": 60000},
        raises=["Unverified", "age-chunk"],
    )
    other = str(Keys(sha256(b"another epoch")).enc)
    says = "Another epoch's identity matches nothing."
    write(
        "pack/another-epoch",
        says,
        "pack",
        "pack",
        {**given, "identity": other},
        raises=["Refused", "no-identity-matched"],
    )
    for k, size in enumerate((0, 1000, 65_536, 65_537, 1_048_577, 3_500_000, 16_500_000, 16_515_072)):
        padded = packs.padme(size)
        says = f"A tar of {size} bytes is padded to {padded}."
        write(f"pack/size-{k}", says, "pack", "size", {"size": size}, gives=[padded, packs.sealed_size(padded)])
    make_paths()
    make_commitments()


def packs_tar(vault: view.Vault, digest: bytes, identity: str) -> bytes:
    return age.unseal(vault.store.get(f"packs/{digest.hex()}"), [age.hybrid.Identity.from_text(identity)])


def make_paths() -> None:
    paths = {
        "plain": b"data/tweets.js",
        "space": b"Your archive.html",
        "chinese": "data/海.txt".encode(),
        "percent": b"100%.txt",
        "not-utf-8": b"data/\xff.txt",
        "climbing": b"data/../../x",
        "absolute": b"/etc/x",
        "device": b"data/nul.js",
        "dot-odd": b".odd/1",
        "empty": b"",
        "backslash": b"data\\x",
        "long-part": b"x" * 201,
    }
    for name, path in paths.items():
        gives = {"text": quote(path), "harmless": is_harmless(path), "name": Names().give(path, 9)}
        write(
            f"path/{name}",
            "A path, its spelling, and its name in a tar.",
            "pack",
            "path",
            {"path": path.hex()},
            gives=gives,
        )
    for name, text in {"small-hex": "%e6", "needless": "%41", "raw": "a b", "cut": "a%4"}.items():
        write(
            f"path/bad-{name}",
            "A path has one spelling.",
            "pack",
            "unquote",
            {"text": text},
            raises=["Unreadable", "table-malformed"],
        )
    lines = {
        "snapshot": "0/data/tweets.js\t1-0badcafe/cut/public/0.zst\t0\t421\t0\t0\t1",
        "snapshot-empty": "0/data/empty.js\t-\t0\t0\t0\t0\t2",
        "members": "0\t1\tdata/tweets.js\t421\ttext\tprivate,public\t0\ttweets\tmtime=1800000000000000000;mode=644",
        "pieces": f"1-0badcafe/cut/public/0.zst\t{'0' * 64}\t1024\t300\t421",
        "pieces-here": "1-0badcafe/files/0/a.png\t-\t2048\t264\t264",
        "items": f"3\t{'ab' * 32}\tdata/tweets.js\t1-0badcafe/cut/public/0.zst\t26\t180",
        "items-whole": f"0\t{'ab' * 32}\tdata/a.png\t-\t0\t264",
    }
    for name, line in lines.items():
        given = {"table": name.partition("-")[0], "line": line}
        write(f"table/{name}", "A table's line is read and written alike.", "pack", "line", given, gives=line)
    bad = {
        "leading-zero": ("pieces", lines["pieces"].replace("\t1024", "\t01024")),
        "negative": ("snapshot", lines["snapshot"].replace("\t421", "\t-421")),
        "too-few": ("snapshot", "a\tb\t0"),
        "unknown-compartment": ("members", lines["members"].replace("private,public", "secret")),
        "salt": ("items", lines["items"].replace("ab" * 32, "xy" * 32)),
    }
    for name, (table, line) in bad.items():
        write(
            f"table/bad-{name}",
            "A line that is not one is refused.",
            "pack",
            "line",
            {"table": table, "line": line},
            raises=["Unreadable", "table-malformed"],
        )


def make_commitments() -> None:
    salt = sha256(b"vectors salt")
    leaf = commitments.item_leaf(salt, b"data/tweets.js", b'{"tweet":{}}')
    given = {"salt": salt.hex(), "name": b"data/tweets.js".hex(), "data": b'{"tweet":{}}'.hex()}
    write("commitment/item", "An item's salted leaf.", "pack", "item-leaf", given, gives=leaf.hex())
    root = merkle.root([leaf, sha256(b"a filler")])
    batch = {"salt": salt.hex(), "size": 2, "root": root.hex()}
    gives = commitments.blinded(salt, 2, root).hex()
    write("commitment/batch", "A batch's blinded root.", "pack", "blinded", batch, gives=gives)
    says = "A batch has a power of two of leaves."
    write(
        "commitment/bad-size", says, "pack", "blinded", {**batch, "size": 3}, raises=["Unreadable", "commitment-field"]
    )


# -- sharing --


def make_sharing() -> None:
    """Write the numbers of a 3-of-5 sharing whose coefficients are hashes of names."""
    f, g = ([number(f"{side}{k}") for k in range(3)] for side in "fg")
    polynomial = sharing.Polynomial(tuple(zip(f, g, strict=True)))
    points = [p.hex() for p in polynomial.commitments()]
    shares = {x: polynomial.share(x) for x in range(1, 6)}

    def given(x: int, data: bytes, points: Iterable[str] = points) -> dict[str, object]:
        return {"x": x, "share": data.hex(), "points": list(points)}

    write("sharing/h", "The second base comes out of a hash.", "keep-1", "base-h", {}, gives=sharing.H.hex())
    for x in (1, 3, 5):
        write(
            f"sharing/share-{x}",
            f"Share {x} lies on the polynomials.",
            "keep-1",
            "verify",
            given(x, shares[x].encode()),
            gives=x,
        )
    one = shares[1]
    beyond = (one.a + sharing.L).to_bytes(32, "little") + sharing.encode_scalar(one.b)
    bad: dict[str, tuple[dict[str, object], str, str]] = {
        "false": (
            given(1, sharing.Share(1, one.a ^ 1, one.b).encode()),
            "A share changed by one bit is false.",
            "share-false",
        ),
        "relabelled": (given(2, one.encode()), "Another keeper's share is false.", "share-false"),
        "zero": (given(0, one.encode()), "No keeper has the number 0.", "share-malformed"),
        "beyond": (given(1, beyond), "A scalar is below L, though one above would verify.", "share-malformed"),
        "cut": (given(1, one.encode()[:-1]), "A share has 64 bytes.", "share-malformed"),
        "degree": (
            given(1, one.encode(), [*points, points[0]]),
            "There are as many points as the quorum.",
            "commitment-malformed",
        ),
        "identity": (
            given(1, one.encode(), [*points[:2], (b"\1" + bytes(31)).hex()]),
            "The identity is no commitment.",
            "commitment-malformed",
        ),
    }
    for name, (value, says, code) in bad.items():
        write(f"sharing/bad-{name}", says, "keep-1", "verify", value, raises=["Unverified", code])
    secret = sharing.encode_scalar(f[0]).hex()
    three = [[x, shares[x].encode().hex()] for x in (1, 3, 5)]
    write("sharing/rebuild", "Three shares give the secret.", "keep-1", "rebuild", {"shares": three}, gives=secret)
    says = "One number twice is refused."
    write(
        "sharing/bad-twice",
        says,
        "keep-1",
        "rebuild",
        {"shares": [three[0], *three[:2]]},
        raises=["Unverified", "share-malformed"],
    )
    dealt = {
        i: sharing.Polynomial(((shares[i].a, shares[i].b), (number(f"d{i}f1"), number(f"d{i}g1")))) for i in (1, 3, 5)
    }
    value = {
        "points": points,
        "dealt": [[i, [p.hex() for p in d.commitments()]] for i, d in dealt.items()],
        "x": 6,
        "subshares": [[i, d.share(6).encode().hex()] for i, d in dealt.items()],
    }
    new_share = sharing.combine([(i, d.share(6)) for i, d in dealt.items()])
    new_points = sharing.combine_commitments([(i, d.commitments()) for i, d in dealt.items()])
    gives = {"share": new_share.encode().hex(), "points": [p.hex() for p in new_points]}
    write("sharing/reshare", "Three dealers give a sixth keeper its share.", "keep-1", "reshare", value, gives=gives)
    write(
        "sharing/identity",
        "A secret scalar gives an age identity.",
        "keep-1",
        "identity",
        {"secret": secret},
        gives=identity_of(f[0]),
    )


def identity_of(secret: int) -> dict[str, str]:
    found = epoch_identity(secret)
    return {"identity": str(found), "recipient": sha256(str(found.recipient).encode()).hex()}


def number(name: str) -> int:
    """Give the scalar that a name stands for."""
    return int.from_bytes(hashlib.sha512(f"KEEP-1 test {name}".encode()).digest(), "little") % sharing.L


MAKE: tuple[Callable[[], None], ...] = (make_vault, make_sharing)

if __name__ == "__main__":
    for make in MAKE:
        make()
