"""The public compartment is opened by its small quorum, at once: nothing private stands in any of its packs."""

import json
import zipfile
from pathlib import Path

import pytest

from helpers import House, an_export, tars
from holdfast.custody.grants import Opening
from holdfast.model.export import Compartment
from holdfast.store.protocol import Store
from holdfast.testing.exports import ExportSpec, Made
from holdfast.testing.exports_files import SECRETS
from holdfast.vault import names, tables, tar
from holdfast.vault.view import Keeping
from searching import found, patterns

SPEC = ExportSpec(posts=60, notes=1, images=4, videos=1, likes=20, messages=12, followers=9, contacts=3, logins=4)


def plain(store: Store, keeping: Keeping, opening: Opening, compartment: Compartment) -> dict[Path, bytes]:
    """Give all that a compartment's packs hold, member by member, unpacked."""
    inside = {}
    for number, data in enumerate(tars(store, keeping, opening.identities, compartment)):
        for member in tar.walk(memoryview(data)):
            raw = data[member.offset : member.offset + member.size]
            packed = names.is_compressed(member.name.decode()) or member.name.endswith(b".tsv.zst")
            inside[Path(str(number), member.name.decode())] = tables.decompress(raw, 1 << 28) if packed else raw
    return inside


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"), n=5)


@pytest.fixture(scope="module")
def made(house: House) -> Made:
    made, source = an_export(house.folder, SPEC)
    house.keep(source)
    return made


def records(made: Made, name: str) -> list[dict[str, object]]:
    """Give the records of one file of an export."""
    with zipfile.ZipFile(made.containers[0]) as export:
        text = export.read(f"data/{name}.js").decode()
    return [next(iter(record.values())) for record in json.loads(text[text.index("[") :])]


def private_words(made: Made) -> set[str]:
    """Give what only the owner and the platform knew."""
    spec = made.spec
    found = {word for _, word in SECRETS} | {spec.email, spec.phone}
    found |= {str(message["text"]) for talk in records(made, "direct-messages") for message in messages_of(talk)}
    found |= {
        str(record["accountId"])
        for name in ("follower", "following", "block", "mute")
        for record in records(made, name)
    }
    found |= {str(record["tweetId"]) for record in records(made, "like")}
    found |= {str(record["loginIp"]) for record in records(made, "ip-audit")}
    found |= {str(record["id"]) for record in records(made, "deleted-tweets")}
    return found


def messages_of(talk: dict[str, object]) -> list[dict[str, object]]:
    events = talk["messages"]
    assert isinstance(events, list)
    return [event["messageCreate"] for event in events]


def test_two_of_five_open_public_and_find_nothing_private(house: House, made: Made) -> None:
    opening, keeping = house.open(xs=(2, 5), compartments=["public"]), house.vault().keepings()[0]
    assert set(opening.identities) == {keeping.epochs[Compartment.PUBLIC]}
    inside = plain(house.store, keeping, opening, Compartment.PUBLIC)
    words = private_words(made)
    assert len(words) > 60
    assert found(patterns(words), inside) == []


def test_the_search_finds_it_where_it_belongs(house: House, made: Made) -> None:
    """The control: the same words are all found once the other compartments are opened."""
    opening, keeping = house.open(), house.vault().keepings()[0]
    inside = plain(house.store, keeping, opening, Compartment.PRIVATE)
    inside |= plain(house.store, keeping, opening, Compartment.IDENTITY)
    everything = b"".join(inside.values()).decode("utf-8", "replace").replace('\\"', '"').replace("\\n", "\n")
    assert [word for word in private_words(made) if word not in everything.replace("\\\\", "\\")] == []


def test_public_posts_are_there(house: House, made: Made) -> None:
    opening, keeping = house.open(xs=(1, 3), compartments=["public"]), house.vault().keepings()[0]
    everything = b"".join(plain(house.store, keeping, opening, Compartment.PUBLIC).values()).decode("utf-8", "replace")
    assert [mark.word for mark in made.marks if mark.file == "tweets" and mark.word not in everything] == []
    assert [post for post in made.posts if post not in everything] == []


def test_two_grants_for_everything_open_public_alone(house: House, made: Made) -> None:
    opening, keeping = house.open(xs=(1, 4)), house.vault().keepings()[0]
    assert set(opening.identities) == {keeping.epochs[Compartment.PUBLIC]}
    assert set(opening.missing) == {keeping.epochs[Compartment.PRIVATE], keeping.epochs[Compartment.IDENTITY]}
    snapshot = house.snapshot(opening=opening)
    assert {m.compartments for m in snapshot.members} == {(Compartment.PUBLIC,)}
    assert set(snapshot.withheld) == {Compartment.PRIVATE, Compartment.IDENTITY}
