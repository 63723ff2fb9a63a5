"""A request says that it is a hundred hours old: each keeper still waits from its own first sight."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from helpers import HOUR, NOW, House, an_export
from holdfast.custody import messages
from holdfast.custody.contents import Open
from holdfast.custody.messages import Message
from holdfast.errors import Refused
from holdfast.grant import consider, grant
from holdfast.keeper.kits import Kit
from holdfast.model.export import Compartment
from holdfast.open import open_vault
from holdfast.request import Wish, request

WAIT = 72 * HOUR


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.keep(an_export(tmp_path)[1])
    return house


def dated_back(house: House, asked: Message[Open], hours: int) -> Message[Open]:
    """Sign the same request anew with an earlier date, as the keeper who asks could."""
    keys, _ = house.kits[0].seat(house.vault().book)
    return messages.write(replace(asked.content, at=NOW - hours * HOUR), keys.sig)


def test_request_dated_100_hours_ago_is_refused_before_its_delay(house: House) -> None:
    restorer, asked = house.request()
    asked = dated_back(house, asked, 100)
    vault, answers = house.vault(), []
    for kit in house.kits[:2]:
        seen = consider(vault, kit, asked, NOW)
        assert (seen.sighting.sight, seen.sighting.due) == (NOW, NOW + WAIT)
        for now in (NOW, NOW + HOUR, NOW + WAIT - 1):
            with pytest.raises(Refused, match="request-waits") as caught:
                grant(vault, kit, seen, now, os.urandom)
            assert caught.value.fields == {"due": NOW + WAIT}
        answers.append(grant(vault, kit, seen, NOW + WAIT, os.urandom))
    assert len(open_vault(house.vault(), restorer, answers, NOW, os.urandom).identities) == 3


def test_the_first_sight_stays_whoever_shows_it_again(house: House) -> None:
    _, asked = house.request()
    vault, kit = house.vault(), house.kits[1]
    consider(vault, kit, asked, NOW)
    again = Kit.open(house.folder / "kit2", "a passphrase")
    later = consider(vault, again, asked, NOW + WAIT)
    assert later.sighting.due == NOW + WAIT
    assert grant(vault, again, later, NOW + WAIT, os.urandom).content.open == asked.mid


def test_each_kit_waits_by_its_own_sight(house: House) -> None:
    _, asked = house.request()
    vault = house.vault()
    consider(vault, house.kits[0], asked, NOW)
    late = consider(vault, house.kits[1], asked, NOW + WAIT)
    with pytest.raises(Refused, match="request-waits"):
        grant(vault, house.kits[1], late, NOW + WAIT, os.urandom)


def test_a_clock_set_back_opens_nothing(house: House) -> None:
    _, asked = house.request(["public"])
    vault, kit = house.vault(), house.kits[0]
    seen = consider(vault, kit, asked, NOW)
    with pytest.raises(Refused, match="clock-behind"):
        grant(vault, kit, seen, NOW - 1, os.urandom)


def test_another_request_waits_anew(house: House) -> None:
    """A grant that is due for one request says nothing for the next, of the same scope and restorer."""
    _, first = house.request()
    vault, kit = house.vault(), house.kits[1]
    consider(vault, kit, first, NOW)
    second = dated_back(house, first, 1)
    seen = consider(vault, kit, second, NOW + WAIT)
    with pytest.raises(Refused, match="request-waits"):
        grant(vault, kit, seen, NOW + WAIT, os.urandom)


def test_the_longest_delay_of_the_scope_counts(house: House) -> None:
    vault, kit = house.vault(), house.kits[0]
    for compartments, wait in ((["public"], 0), (["public", "private"], WAIT), (["identity"], WAIT)):
        _, asked = request(vault, kit, Wish("restore", compartments), NOW, os.urandom)
        assert consider(vault, house.kits[1], asked, NOW).sighting.delay == wait


def test_a_request_ends_whatever_it_says(house: House) -> None:
    _, asked = house.request(list(Compartment))
    vault, kit = house.vault(), house.kits[1]
    seen = consider(vault, kit, asked, NOW)
    with pytest.raises(Refused, match="request-closed"):
        grant(vault, kit, seen, asked.content.until + 1, os.urandom)
    keys, _ = house.kits[0].seat(vault.book)
    longer = messages.write(replace(asked.content, until=NOW + 10_000 * HOUR), keys.sig)
    with pytest.raises(Refused, match="request-too-long"):
        consider(vault, kit, longer, NOW)
