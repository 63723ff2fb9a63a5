"""Every rule of a roster, broken one at a time."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from holdfast.custody.contents import Roster, Rule, Seat
from holdfast.custody.messages import Message, read, write
from holdfast.custody.rosters import (
    DAY,
    QUORUMS,
    check_roster,
    check_seat,
    default_rules,
    largest_quorum,
    seat_of,
    seats,
)
from holdfast.errors import HoldfastError, Refused, Unreadable, Unsupported, Unverified
from holdfast.testing.keepers import Custody, a_rule_for_each, a_vault

CUSTODY = a_vault(4, seed="rosters")
FIRST = CUSTODY.book.active
OTHERS = CUSTODY.enrol(16, 101)
LOW_ORDER = b"\x01" + bytes(31)


def second(**change: Any) -> Roster:
    return replace(CUSTODY.roster(OTHERS[:4], None, FIRST), **change)


def refused(roster: Roster, earlier: list[Message[Roster]]) -> HoldfastError:
    with pytest.raises((Refused, Unsupported, Unverified, Unreadable)) as caught:
        check_roster(roster, earlier)
    return caught.value


def test_a_first_and_a_second_roster_are_valid() -> None:
    assert check_roster(FIRST.content, []) == FIRST.content
    follower = second(keepers=OTHERS)
    assert check_roster(follower, [FIRST]) == follower


@pytest.mark.parametrize(("n", "quorums"), QUORUMS.items())
def test_the_default_quorums_are_those_of_the_design(n: int, quorums: tuple[int, int, int]) -> None:
    rules = default_rules(n)
    assert tuple(rule.quorum for rule in rules.values()) == quorums
    assert [rule.delay for rule in rules.values()] == [0, 72 * 3600, 72 * 3600]
    assert largest_quorum(replace(FIRST.content, comps=rules)) == max(quorums)


def test_the_table_of_quorums() -> None:
    assert QUORUMS == {3: (2, 2, 2), 4: (2, 3, 3), 5: (2, 3, 3), 6: (3, 4, 4), 7: (3, 4, 4)}
    assert [default_rules(n)["private"].quorum for n in (2, 8, 16)] == [2, 5, 9]


@pytest.mark.parametrize("v", [1, 3])
def test_a_version_out_of_turn_is_refused(v: int) -> None:
    assert refused(second(v=v), [FIRST]).code == "roster-succession"
    assert refused(replace(FIRST.content, v=2), []).code == "roster-succession"


def test_a_roster_follows_the_one_before_it() -> None:
    assert refused(second(prev=bytes(32)), [FIRST]).code == "roster-succession"
    assert refused(replace(FIRST.content, prev=FIRST.mid), []).code == "roster-succession"
    fields = {name: getattr(second(), name) for name in Roster.__struct_fields__ if name != "prev"}
    assert refused(Roster(**fields), [FIRST]).code == "roster-succession"


@pytest.mark.parametrize("suite", [0, 2, 9])
def test_another_suite_is_from_a_newer_program(suite: int) -> None:
    assert isinstance(refused(second(suite=suite), [FIRST]), Unsupported)


@pytest.mark.parametrize(
    ("name", "quorum", "valid"),
    [
        ("public", 1, True),
        ("public", 4, True),
        ("public", 5, False),
        ("private", 1, False),
        ("private", 2, True),
        ("private", 5, False),
        ("identity", 1, False),
        ("identity", 4, True),
        ("identity", 5, False),
    ],
)
def test_a_quorum_is_between_its_least_and_all(name: str, quorum: int, valid: bool) -> None:
    roster = second(comps=default_rules(4) | {name: Rule(quorum, 0)})
    if valid:
        assert check_roster(roster, [FIRST]) == roster
    else:
        assert refused(roster, [FIRST]).code == "roster-quorum"


@pytest.mark.parametrize("change", [lambda c: c.pop("public"), lambda c: c.update(lock=Rule(2, 0)), dict.clear])
def test_every_compartment_has_a_rule(change: Callable[[dict[str, Rule]], object]) -> None:
    comps = default_rules(4)
    change(comps)
    assert refused(second(comps=comps), [FIRST]).code == "roster-compartments"


def test_nobody_is_no_roster() -> None:
    assert refused(second(keepers=[]), [FIRST]).code == "roster-quorum"


def test_seventeen_keepers_are_too_many() -> None:
    many = Custody("many").enrol(17, 101)
    assert refused(second(keepers=many), [FIRST]).code == "roster-numbers"
    assert check_roster(second(keepers=many[:16]), [FIRST]).keepers == many[:16]


@pytest.mark.parametrize("order", [(0, 0, 1), (1, 0, 2), (2, 1, 0)])
def test_numbers_rise_and_each_stands_once(order: tuple[int, ...]) -> None:
    assert refused(second(keepers=[OTHERS[i] for i in order]), [FIRST]).code == "roster-numbers"


def test_a_number_is_never_given_again() -> None:
    again = [replace(OTHERS[0], x=4), *OTHERS[1:4]]
    assert refused(second(keepers=again), [FIRST]).code == "roster-numbers"


@pytest.mark.parametrize("x", [0, 256, -1])
def test_a_number_beyond_one_byte_is_unreadable(x: int) -> None:
    message = write(second(keepers=[replace(OTHERS[0], x=x), *OTHERS[1:4]]), CUSTODY.writer)
    with pytest.raises(Unreadable):
        read(message.envelope)


@pytest.mark.parametrize("field", ["enc", "sig", "seen", "held"])
def test_a_key_of_an_earlier_roster_is_not_fresh(field: str) -> None:
    old = getattr(FIRST.content.keepers[2], field)
    keepers = [replace(OTHERS[0], **{field: old}), *OTHERS[1:4]]
    assert refused(second(keepers=keepers), [FIRST]).code == "roster-keys-not-fresh"


@pytest.mark.parametrize("field", ["enc", "sig", "seen", "held"])
def test_two_keepers_share_no_key(field: str) -> None:
    keepers = [replace(OTHERS[0], **{field: getattr(OTHERS[1], field)}), *OTHERS[1:4]]
    assert refused(second(keepers=keepers), [FIRST]).code == "roster-keys-not-fresh"


def test_one_keepers_keys_differ_too() -> None:
    seat = replace(OTHERS[0], seen=(OTHERS[0].sig, OTHERS[0].seen[1]))
    assert refused(second(keepers=[seat, *OTHERS[1:4]]), [FIRST]).code == "roster-keys-not-fresh"
    with pytest.raises(Unverified, match="keys-repeated"):
        check_seat(seat)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"enc": bytes(1216)}, "recipient-malformed"),
        ({"enc": bytes(1215)}, "recipient-malformed"),
        ({"enc": b""}, "recipient-malformed"),
        ({"enc": b"\xff" * 1216}, "recipient-malformed"),
        ({"sig": LOW_ORDER}, "key-low-order"),
        ({"seen": (LOW_ORDER, b"\x02" * 32)}, "key-low-order"),
        ({"held": (LOW_ORDER, b"\x02" * 32)}, "key-low-order"),
    ],
)
def test_a_weak_key_is_refused(change: dict[str, Any], code: str) -> None:
    assert refused(second(keepers=[replace(OTHERS[0], **change), *OTHERS[1:4]]), [FIRST]).code == code


def test_a_key_signs_for_one_seat_only() -> None:
    seat = FIRST.content.keepers[1]
    assert seat_of(FIRST.content, seat.sig) == seat
    assert seat_of(FIRST.content, CUSTODY.writer.public) is None
    assert seat_of(FIRST.content, seat.seen[0]) is None


def test_cards_become_seats_in_their_order() -> None:
    made = seats([CUSTODY.keepers[x].card for x in (3, 1)], 7)
    assert [seat.x for seat in made] == [7, 8]
    assert made[0] == Seat(7, *(getattr(FIRST.content.keepers[2], f) for f in ("enc", "sig", "seen", "held")))


def test_a_roster_names_nobody() -> None:
    assert set(Seat.__struct_fields__) == {"x", "enc", "sig", "seen", "held"}
    assert b"name" not in FIRST.envelope


def test_a_week_passes_before_a_successor() -> None:
    assert FIRST.content.wait == 7 * DAY
    assert a_rule_for_each((1, 2, 3))["identity"] == Rule(3, 3 * DAY)
