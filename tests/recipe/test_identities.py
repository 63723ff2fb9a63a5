"""The printed script: t keepers' keys and a vault's folder give its identities, with nothing of ours."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

import msgspec
import pytest
from recipe_run import RECIPE, Recipe
from recipe_vault import IDENTITY, PRIVATE, PUBLIC, Home, Listed, Put

from holdfast.crypto import age, sharing
from holdfast.crypto.hashes import sha256
from holdfast.crypto.hybrid import HybridRecipient
from holdfast.crypto.signing import Signer
from holdfast.custody import messages
from holdfast.custody.contents import Epoch, Reshare
from holdfast.custody.dealing import deal, epoch_identity, plan_epoch, share_info
from holdfast.custody.encoding import encode
from holdfast.custody.messages import Message
from holdfast.custody.resharing import epochs_digest, reshare_info
from holdfast.keeper.kits import KEYRING, Kit
from holdfast.model.export import Kind
from holdfast.testing.keepers import NOW, Custody, a_rule_for_each, a_vault

SCRIPT = RECIPE / "identities.py"
NAMES = [str(c) for c in (PUBLIC, PRIVATE, IDENTITY)]

pytestmark = pytest.mark.slow


class Ran:
    """What the script printed: an identity for each epoch that it opened, and its exit code."""

    def __init__(self, vault: Path, keys: Sequence[Path]) -> None:
        command = [sys.executable, "-I", str(SCRIPT), str(vault), *map(str, keys)]
        done = subprocess.run(command, capture_output=True, timeout=120, check=False, text=True)
        self.code, self.errors = done.returncode, done.stderr
        lines = done.stdout.splitlines()
        assert all(line.startswith("# ") for line in lines[::2])
        self.found = dict(zip((line[2:] for line in lines[::2]), lines[1::2], strict=True))


def write(custody: Custody, folder: Path) -> Path:
    """Write all messages as a vault holds them."""
    (folder / "custody").mkdir(parents=True, exist_ok=True)
    for message in custody.messages:
        (folder / "custody" / message.mid.hex()).write_bytes(message.envelope)
    return folder


def keys_of(custody: Custody, xs: Iterable[int], folder: Path) -> list[Path]:
    """Write keepers' keys as `age -d keyring.age` shows them, each with a key of another vault beside it."""
    paths = []
    for x in xs:
        path = folder / f"keeper {x}.txt"
        lines = ["holdfast-keyring 0", f"key {bytes([x] * 32).hex()}", f"key {custody.keepers[x].keys.secret.hex()}"]
        path.write_text("\n".join(lines) + "\n")
        paths.append(path)
    return paths


def true_identities(custody: Custody) -> dict[str, str]:
    """Give what the real code rebuilds from the shares of the keepers who sit now."""
    found = {}
    for mid in custody.epochs:
        epoch = custody.book.epoch(mid)
        quorum = custody.book.active.content.comps[epoch.content.comp].quorum
        shares = [custody.share(mid, seat.x) for seat in custody.book.active.content.keepers[:quorum]]
        found[name_of(epoch)] = str(epoch_identity(sharing.rebuild(shares)))
    return found


def name_of(epoch: Message[Epoch]) -> str:
    return f"{epoch.content.no}-{epoch.key.hex()[:8]} {epoch.content.comp}"


def check_each_subset(custody: Custody, vault: Path, quorums: Sequence[int]) -> None:
    """Fail unless any t of the keepers who sit now get the epochs whose quorum is t or less, and no others."""
    write(custody, vault)
    true = true_identities(custody)
    xs = [seat.x for seat in custody.book.active.content.keepers]
    for count in range(len(xs) + 1):
        for some in combinations(xs, count):
            ran = Ran(vault, keys_of(custody, some, vault))
            reached = {name for name, quorum in zip(NAMES, quorums, strict=True) if quorum <= count}
            assert ran.found == {name: text for name, text in true.items() if name.split()[1] in reached}
            closed = [mid.hex() for mid in custody.epochs if custody.book.epoch(mid).content.comp not in reached]
            assert (ran.code, ran.errors.splitlines()[1:]) == (int(bool(closed)), sorted(closed)), ran.errors


@pytest.mark.parametrize(("n", "quorums"), [(3, (2, 2, 2)), (4, (2, 3, 3)), (5, (1, 3, 5))])
def test_each_quorum_and_nothing_less(tmp_path: Path, n: int, quorums: tuple[int, int, int]) -> None:
    check_each_subset(a_vault(n, quorums), tmp_path, quorums)


def test_after_resharing(tmp_path: Path) -> None:
    """The old keepers' keys are gone: any t' of the new ones are enough, with another t', and again one roster on."""
    custody = a_vault(3)
    custody.succeed(4, [1, 3], a_rule_for_each((3, 2, 4)))
    custody.deal("public")
    check_each_subset(custody, tmp_path, (3, 2, 4))
    custody.succeed(3, [4, 5, 6, 7], a_rule_for_each((1, 2, 2)))
    check_each_subset(custody, tmp_path, (1, 2, 2))


def test_old_keys_still_open_and_mixes_do_not(tmp_path: Path) -> None:
    """Until they are erased, t old keys open; one of each roster is no quorum."""
    custody = a_vault(3)
    custody.succeed(3, [1, 2])
    true = true_identities(custody)
    write(custody, tmp_path)
    assert Ran(tmp_path, keys_of(custody, [1, 3], tmp_path)).found == true
    assert Ran(tmp_path, keys_of(custody, [1, 4], tmp_path)).found == {}


def resealed(custody: Custody, message: Message[Epoch] | Message[Reshare], x: int, plain: bytes, info: bytes) -> None:
    """Exchange what a dealer sealed to keeper `x`, and sign again, as a lying dealer would."""
    box = HybridRecipient(custody.keepers[x].enc).seal(plain, info)
    sealed = [(seat, box if seat == x else old) for seat, old in message.content.sealed]
    signer = custody.writer if message.key == custody.writer.public else next(
        k.keys.sig for k in custody.keepers.values() if k.keys.sig.public == message.key
    )  # fmt: skip
    custody.messages.remove(message)
    custody.messages.append(messages.write(msgspec.structs.replace(message.content, sealed=sealed), signer))


def test_false_share_is_passed_over(tmp_path: Path) -> None:
    """A share that the writer dealt falsely opens nothing; any t others still do."""
    custody = a_vault(4, (2, 3, 3))
    true = true_identities(custody)
    for mid in custody.epochs:
        epoch = custody.book.epoch(mid)
        plan = plan_epoch(custody.book.active, epoch.key, epoch.content.comp, epoch.content.no, NOW)
        resealed(custody, epoch, 2, (5).to_bytes(32, "little") * 2, share_info(plan, 2))
    write(custody, tmp_path)
    assert Ran(tmp_path, keys_of(custody, [1, 2, 3, 4], tmp_path)).found == true
    assert Ran(tmp_path, keys_of(custody, [1, 3, 4], tmp_path)).found == true
    assert [name.split()[1] for name in Ran(tmp_path, keys_of(custody, [1, 2, 3], tmp_path)).found] == ["public"]
    assert Ran(tmp_path, keys_of(custody, [1, 2], tmp_path)).found == {}


def test_false_dealer_is_passed_over(tmp_path: Path) -> None:
    """Of three old keepers who reshared, one lied to a new keeper: the two others' parts are enough."""
    custody = a_vault(3)
    true = true_identities(custody)
    roster = custody.propose(3)
    dealt = {x: custody.reshare(roster, x) for x in (1, 2, 3)}
    info = reshare_info(roster.mid, epochs_digest(dealt[1].content.epochs), 1, 4)
    resealed(custody, dealt[1], 4, bytes(64 * len(custody.epochs)), info)
    write(custody, tmp_path)
    assert Ran(tmp_path, keys_of(custody, [4, 5], tmp_path)).found == true
    assert Ran(tmp_path, keys_of(custody, [4], tmp_path)).found == {}


def test_garbage_and_strangers_are_left_out(tmp_path: Path) -> None:
    """Damaged, forged and odd files among the messages neither stop it nor change what it finds."""
    custody = a_vault(3)
    folder = write(custody, tmp_path) / "custody"
    true, envelope = true_identities(custody), custody.messages[0].envelope
    garbage = [
        b"",
        b"\x85",
        b"\x9b" + b"\xff" * 8,
        b"\x81" * 5000,
        b"\xbf\xff",
        b"\xff",
        envelope[:-1],
        b"\x85\x66keep-1" + b"\xa0" * 4,
    ]
    garbage += [envelope[:k] + bytes([envelope[k] ^ 1]) + envelope[k + 1 :] for k in (0, 9, 40, 200, len(envelope) - 1)]
    for number, data in enumerate(garbage):
        (folder / f"{number:064x}").write_bytes(data)
    (folder / "folder").mkdir()
    stranger = Signer.from_seed(bytes(32))
    named = {"roster": custody.first, "prev": custody.first, "comp": 3}
    strange: list[object] = [{}, [], 7, {"epochs": custody.epochs}, named]
    for kind in ("EPOCH", "ROSTER", "RESHARE"):
        for fields in strange:
            body = encode(fields)
            signed = b"holdfast/keep-1/message\0" + kind.encode() + b"\0" + stranger.public + body
            data = encode(["keep-1", kind, stranger.public, body, stranger.sign(signed)])
            (folder / sha256(signed).hex()).write_bytes(data)
    ran = Ran(tmp_path, keys_of(custody, [1, 2], tmp_path))
    assert ran.found == true
    assert (ran.code, "Traceback" in ran.errors) == (1, False)
    assert {f"{number:064x}" for number in range(len(garbage))} < set(ran.errors.splitlines())


def test_forged_epoch_is_left_out(tmp_path: Path) -> None:
    """An epoch that a stranger dealt well, but under the writer's key, is not taken for the writer's."""
    custody = a_vault(3)
    folder = write(custody, tmp_path) / "custody"
    plan = plan_epoch(custody.book.active, custody.writer.public, "public", 9, NOW)
    signed = messages.write(deal(plan, custody.random), custody.writer)
    forged = messages.write(signed.content, Signer.from_seed(bytes(32))).envelope[-64:]
    (folder / signed.mid.hex()).write_bytes(signed.envelope[:-64] + forged)
    ran = Ran(tmp_path, keys_of(custody, [1, 2], tmp_path))
    assert ran.found == true_identities(custody)
    assert (ran.code, ran.errors.splitlines()[1:]) == (1, [signed.mid.hex()])
    (folder / signed.mid.hex()).write_bytes(signed.envelope)
    assert len(Ran(tmp_path, keys_of(custody, [1, 2], tmp_path)).found) == 4


@pytest.mark.service
def test_kits_to_members(recipe: Recipe, tmp_path: Path) -> None:
    """The whole way by hand: two kits' keyrings as age opens them, the identities, and every member."""
    home = Home(tmp_path / "vault")
    source = Listed(
        [Put(b"data/tweets.js", b"one\ntwo\n", Kind.TEXT, (PUBLIC, PRIVATE)), Put(b"x/\xff", b"odd", Kind.IMAGE)]
    )
    keeping = home.keep(source).keeping
    keys = []
    for number, keeper in enumerate(home.keepers[1:]):
        kit = Kit.create(tmp_path / f"kit {number}", "correct horse", work=1)
        kit.card("somebody", NOW, home.random)
        kit.keys.append(keeper.keys)
        kit.card("somebody", NOW, home.random)
        path = tmp_path / f"keeper {number}.txt"
        sealed = (tmp_path / f"kit {number}" / KEYRING).read_bytes()
        path.write_bytes(age.unseal(sealed, [age.scrypt.Identity("correct horse")]))
        keys.append(path)
    ran = Ran(home.folder, keys)
    assert (ran.code, ran.found) == (0, home.identities())
    opened = recipe(home.folder, ran.found.values())
    assert opened.code == 0, opened.text
    assert opened.files(keeping) == source.expected()


def test_bare_hex_and_capitals(tmp_path: Path) -> None:
    custody = a_vault(3)
    write(custody, tmp_path)
    (tmp_path / "both.txt").write_text(" ".join(custody.keepers[x].keys.secret.hex().upper() for x in (1, 2)))
    assert Ran(tmp_path, [tmp_path / "both.txt"]).found == true_identities(custody)


def test_fits_on_paper_and_needs_one_package() -> None:
    text = SCRIPT.read_text(encoding="ascii")
    assert len(text.splitlines()) <= 100
    assert max(map(len, text.splitlines())) <= 120
    nodes = list(ast.walk(ast.parse(text)))
    found = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {str(node.module).split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert found - sys.stdlib_module_names == {"cryptography"}
