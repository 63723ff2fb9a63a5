"""Every verb as its user meets it, from a kit to a retired roster; with `--json` each prints one documented object."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Ran, World, call

from holdfast.cli.main import KEEPER_VERBS, VERBS

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "json.md"
NAMES = ["keep --preview", *VERBS[:-1], *(f"keeper {verb}" for verb in KEEPER_VERBS)]


@pytest.fixture(scope="module")
def story(world: World, vault: Path, opening: list[object]) -> dict[str, Ran]:
    """Give what each verb says with `--json`, in an order in which each succeeds."""
    kit_a, kit_b, to = world.kit("a"), world.kit("b"), ["--vault", vault]
    told = {
        "keeper new": call("keeper", "new", world / "made", "--passphrase-file", world / "a.pass", "--json"),
        "keeper card": call(
            "keeper", "card", world / "a", "--out", world / "x.card", "--passphrase-file", world / "a.pass", "--json"
        ),
        "new": call("new", world / "other", "--keeper", *world.cards(9), "--json"),
        "keep --preview": call("keep", world.export, *to, "--preview", "--json"),
        "keep": call("keep", world.export, *to, "--leave-no-trace", "--json"),
        "copy": call("copy", vault, world / "copied", "--json"),
        "status": call("status", vault, "--json"),
        "verify": call("verify", vault, "--deep", "--save-checkpoint", world / "checkpoint", "--json"),
        "request": call("request", vault, *kit_a, "--why", "drill", "--out", world / "asked", "--json"),
        "grant": call("grant", *kit_b, *to, world / "asked" / "request.txt", "--out", world / "given", "--json"),
        "list": call("list", vault, *opening, "--json"),
        "restore": call("restore", vault, *opening, "--to", "x", world / "back", "--json"),
        "open": call("open", vault, *opening, "--out", world / "identities", "--json"),
        "demo": call("demo", world / "demo", "--json"),
    }
    writer = told["keep"].object["writer"]
    told["keeper admit"] = call("keeper", "admit", *kit_a, *to, writer[:16], "--json")
    told["keeper check"] = call("keeper", "check", *kit_a, *to, "--json")
    to = ["--vault", world / "second"]
    assert call("new", world / "second", "--keeper", *world.cards(2), "--delay", 0).code == 0
    assert call("keep", world.export, *to).code == 0
    cards = world.cards(3)
    told["keeper reshare"] = call("keeper", "reshare", *kit_a, *to, "--keeper", *cards, "--delay", 0, "--json")
    assert call("keeper", "reshare", *kit_b, *to).code == 0
    told["keeper adopt"] = call("keeper", "adopt", *kit_a, *to, "--json")
    assert call("keeper", "adopt", *kit_b, *to).code == 0
    told["keeper retire"] = call("keeper", "retire", *kit_a, *to, "--json")
    return told


def documented() -> dict[str, list[str]]:
    """Give the keys that the reference page lists, by verb."""
    sections = re.split(r"^## holdfast ", DOCUMENT.read_text("utf-8"), flags=re.M)[1:]
    return {s.partition("\n")[0]: re.findall(r"^\| `([^`]+)` \|", s, re.M) for s in sections}


KEYS = documented()


def leaves(value: object, path: str, known: list[str]) -> Iterator[str]:
    """Give the path of every leaf, with `*` for a key wherever the page has it."""
    match value:
        case dict():
            free = any(key.startswith((f"{path}.*", "*")) for key in known) and path
            for name, inner in value.items():
                yield from leaves(inner, f"{path}.*" if free else f"{path}.{name}" if path else str(name), known)
        case list():
            for inner in value:
                yield from leaves(inner, f"{path}[]", known)
        case _:
            yield path


def test_the_page_has_a_section_for_every_verb() -> None:
    assert sorted(KEYS) == sorted(NAMES)


@pytest.mark.parametrize("verb", NAMES)
def test_json_is_one_object_with_the_keys_of_the_page(verb: str, story: dict[str, Ran]) -> None:
    ran = story[verb]
    assert ran.code == 0, ran.err
    assert set(leaves(ran.object, "", KEYS[verb])) <= set(KEYS[verb])
    assert set(ran.object) == {re.split(r"[.\[]", key)[0] for key in KEYS[verb]}


def test_what_people_read_is_not_on_standard_output_with_json(story: dict[str, Ran]) -> None:
    assert "Compare these words" in story["grant"].err
    assert "Whoever has" in story["open"].err


def test_words_agree_between_who_asks_and_who_grants(story: dict[str, Ran]) -> None:
    assert story["request"].object["words"] == story["grant"].object["words"]
    assert story["grant"].object["scope"].keys() == {story["keep"].object["keeping"]} ^ {
        k["name"] for k in story["list"].object["keepings"]
    }


def test_the_members_come_back(story: dict[str, Ran], world: World) -> None:
    assert story["restore"].object["members"] == story["list"].object["members"]
    assert (world / "back" / "x.zip").stat().st_size == world.export.stat().st_size


def test_a_key_for_going_on_without_us_is_for_its_owner_only(story: dict[str, Ran], world: World) -> None:
    path = world / "identities"
    assert path.stat().st_mode & 0o077 == 0
    assert (world / "request" / "request.key").stat().st_mode & 0o077 == 0
    secrets = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert len(secrets) == story["open"].object["identities"]


def test_records_are_one_object_a_line(vault: Path, opening: list[object], story: dict[str, Ran]) -> None:
    lines = call("list", vault, *opening, "--records").out.splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    counts = story["list"].object["counts"]
    assert {kind: kinds.count(kind) for kind in counts} == counts
    assert len(kinds) == sum(counts.values())


def test_grants_stand_in_a_row_or_apart(
    world: World, vault: Path, opening: list[object], story: dict[str, Ran]
) -> None:
    apart = [*opening[:2], "--grant", world / "a.grant", "--grant", world / "b.grant"]
    assert call("list", vault, *apart, "--json").object == story["list"].object


def test_a_vault_without_a_delay_is_warned_of(world: World) -> None:
    made = call("new", world / "quick", "--keeper", *world.cards(5), "--delay", "0")
    assert made.code == 0
    assert made.err.startswith("Without a delay nobody has time to object")
    assert call("new", world / "slow", "--keeper", *world.cards(6)).err == ""


def test_a_policy_file_sets_each_compartment(world: World) -> None:
    policy = world / "policy.toml"
    policy.write_text('[public]\nquorum = 1\n[private]\nquorum = 3\ndelay = "7d"\n')
    made = call("new", world / "ruled", "--keeper", *world.cards(7), "--policy", policy, "--json").object
    assert made["rules"]["public"] == {"quorum": 1, "delay": 0}
    assert made["rules"]["private"] == {"quorum": 3, "delay": 604_800}


def test_a_card_shows_its_words_again_and_needs_no_passphrase(world: World) -> None:
    (card, *_) = world.cards(8)
    shown = call("keeper", "card", "--words", card)
    assert shown.code == 0
    words = shown.out.splitlines()[-1]
    assert len(words.split()) == 6
    chinese, english = call("--lang", "zh-Hans", "keeper", "card", "--words", card).out.splitlines()[-2:]
    assert len(chinese.split()) == 6 and words != chinese
    assert english == words  # two people of different languages have something to compare


def test_a_wrong_passphrase_opens_no_kit(world: World, vault: Path) -> None:
    failed = call(
        "keeper", "check", "--kit", world / "a", "--vault", vault, "--passphrase-file", world / "b.pass", "--json"
    )
    assert failed.code == 3
    assert failed.object["error"]["code"] == "passphrase-wrong"


@pytest.mark.parametrize(
    ("line", "code", "number"),
    [
        ("status {x.zip}", "not-a-vault", 6),
        ("status {nowhere}", "not-a-vault", 6),
        ("keep {nowhere} --vault {vault}", "file-missing", 6),
        ("keep {a.pass} --vault {vault}", "export-unknown", 5),
        ("keep {x.zip} --vault {a}", "not-a-vault", 6),
        ("new {vault} --keeper {a.1.card} {b.1.card}", "vault-exists", 7),
        ("new {fresh} --keeper {a.1.card} {a.1.card}", "roster-keys-not-fresh", 3),
        ("new {fresh} --keeper {a.1.card} {b.1.card} --quorum 3", "roster-quorum", 3),
        ("new {fresh} --keeper {x.zip}", "message-absent", 5),
        ("new {fresh} --keeper {a.grant}", "message-other-kind", 5),
        ("new {fresh} --keeper {nowhere}", "file-missing", 6),
        ("new {fresh} --keeper {a}", "file-is-folder", 5),
        ("verify {vault} --against {x.zip}", "notes-malformed", 5),
        ("keeper new {a} --passphrase-file {a.pass}", "kit-exists", 7),
        ("keeper check --kit {nowhere} --vault {vault} --passphrase-file {a.pass}", "kit-missing", 6),
        ("keeper admit --kit {a} --vault {vault} --passphrase-file {a.pass} 12345678", "writer-missing", 6),
        ("list {vault} --key {a.pass} --grant {a.grant}", "request-key-malformed", 5),
        ("list {vault} --key {request/request.key} --grant {a.grant}", "quorum-missing", 3),
        ("copy {vault} {other}", "another-vault-there", 3),
        ("demo {vault}", "demo-exists", 7),
    ],
)
def test_what_goes_wrong_has_its_code(line: str, code: str, number: int, world: World, story: dict[str, Ran]) -> None:
    arguments = [re.sub(r"\{([^}]+)\}", lambda name: str(world / name[1]), part) for part in line.split()]
    failed = call(*arguments, "--json")
    assert (failed.object["error"]["code"], failed.code) == (code, number)
    assert not (world / "fresh").exists() or not any((world / "fresh").iterdir())


@pytest.mark.parametrize(
    "line",
    [
        "request {vault} --kit {c} --passphrase-file {c.pass} --why drill --out {request}",
        "grant --kit {c} --passphrase-file {c.pass} --vault {vault} {request/request.txt} --out {a.grant}",
        "open {vault} --key {request/request.key} --grant {a.grant} {b.grant} --out {identities}",
        "keeper card {c} --passphrase-file {c.pass} --out {a.1.card}",
    ],
)
def test_a_name_that_is_taken_stops_a_verb_before_it_does_anything(
    line: str, world: World, vault: Path, story: dict[str, Ran]
) -> None:
    before = everything(world)
    arguments = [re.sub(r"\{([^}]+)\}", lambda name: str(world / name[1]), part) for part in line.split()]
    assert call(*arguments).code == 7
    assert everything(world) == before


def everything(world: World) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(world.folder.rglob("*")) if path.is_file()}


def test_a_forged_card_is_refused(world: World, vault: Path) -> None:
    lines = (world / "a.1.card").read_text().splitlines()
    envelope = bytearray(base64.b64decode("".join(lines[1:-1])))
    envelope[-1] ^= 1
    forged = world / "forged.card"
    forged.write_bytes(bytes(envelope))
    failed = call("new", world / "never", "--keeper", forged, world / "b.1.card", "--json")
    assert (failed.object["error"]["code"], failed.code) == ("message-forged", 4)


def test_too_early_says_until_when(world: World, tmp_path: Path) -> None:
    vault = tmp_path / "waits"
    assert call("new", vault, "--keeper", *world.cards(4), "--delay", "1h").code == 0
    assert call("keep", world.export, "--vault", vault).code == 0
    assert call("request", vault, *world.kit("a"), "--why", "drill", "--out", tmp_path / "r").code == 0
    early = call(
        "grant", *world.kit("b"), "--vault", vault, tmp_path / "r" / "request.txt", "--out", tmp_path / "g", "--json"
    )
    assert early.code == 9
    assert early.object["error"]["code"] == "request-waits"
    assert re.search(r"from \d{4}-\d\d-\d\d \d\d:\d\d UTC on", early.err)
    assert not (tmp_path / "g").exists()


def test_a_new_roster_that_waits_says_that_it_is_proposed(world: World, tmp_path: Path) -> None:
    vault = tmp_path / "waits"
    assert call("new", vault, "--keeper", *world.cards(10), "--delay", "1h").code == 0
    asked = call("keeper", "reshare", *world.kit("a"), "--vault", vault, "--keeper", *world.cards(11))
    assert asked.code == 9
    assert re.match(r"Roster [0-9a-f]{16} is proposed\.", asked.err)
    again = call("keeper", "reshare", *world.kit("a"), "--vault", vault)
    assert again.code == 9
    assert "without --keeper" in again.err
