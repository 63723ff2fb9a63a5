"""A new roster takes over without the owner; a cheat is named, and no instant of it loses an epoch."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pytest
from msgspec.structs import replace

from holdfast.crypto import sharing
from holdfast.crypto.hybrid import HybridRecipient
from holdfast.crypto.sharing import L
from holdfast.custody.book import Book
from holdfast.custody.contents import Adopt, Reshare, Roster
from holdfast.custody.grants import grant, rebuild
from holdfast.custody.messages import Message, write
from holdfast.custody.resharing import Holding, check_reshare, epochs_digest, open_subshares, reshare, reshare_info
from holdfast.errors import HoldfastError, NotFound, Unverified
from holdfast.testing.keepers import NOW, Custody, a_rule_for_each, a_vault


def opens_all(custody: Custody, xs: Iterable[int]) -> None:
    """Assert that these keepers open every epoch under the active roster."""
    opening = custody.open(custody.request(custody.epochs), xs)
    assert (opening.missing, opening.liars, opening.differing) == ((), (), ())
    for mid in custody.epochs:
        assert opening.identities[mid].recipient.raw == custody.book.epoch(mid).content.recipient


def dealt_by(custody: Custody, roster: Message[Roster], *xs: int) -> list[Message[Reshare]]:
    return [custody.reshare(roster, x) for x in xs]


def changed(custody: Custody, message: Message[Reshare], x: int, **change: Any) -> Message[Reshare]:
    """Let dealer `x` sign something else."""
    return custody.say(replace(message.content, **change), custody.keepers[x].keys.sig)


def cheated(custody: Custody, roster: Message[Roster], x: int, off: int = 1) -> Message[Reshare]:
    """Let dealer `x` deal shares that it does not hold; every sub-share fits what it publishes."""
    held = []
    for mid in custody.epochs:
        share = custody.share(mid, x)
        false = replace(share, a=(share.a + off) % L)
        held.append(Holding(mid, custody.book.epoch(mid).content.comp, false, custody.book.commitments(mid, 0)))
    return custody.say(reshare(held, x, roster, NOW, custody.random), custody.keepers[x].keys.sig)


@pytest.mark.slow
@pytest.mark.parametrize("dealers", list(combinations(range(1, 6), 3)))
def test_every_quorum_of_dealers_moves_all_epochs_without_the_owner(dealers: tuple[int, ...]) -> None:
    custody = a_vault(5)
    del custody.writer
    roster = custody.succeed(4, dealers)
    assert custody.book.active == roster
    for xs in ((6, 7, 8), (7, 8, 9)):
        opens_all(custody, xs)


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new"), [(3, 3), (3, 7), (7, 3), (2, 5), (5, 2), (4, 9)])
def test_rosters_of_any_size_follow_each_other(old: int, new: int) -> None:
    custody = a_vault(old)
    roster = custody.succeed(new, range(1, old + 1))
    quorum = roster.content.comps["private"].quorum
    opens_all(custody, range(old + new, old + new - quorum, -1))


@pytest.mark.parametrize("dealers", [(1,), (2, 3), ()])
def test_fewer_dealers_than_the_largest_quorum_move_nothing(dealers: tuple[int, ...]) -> None:
    custody = a_vault(5)
    roster = custody.propose(3)
    dealt = dealt_by(custody, roster, *dealers)
    for x in (6, 7, 8) if dealt else ():
        custody.adopt(roster, x, dealt)
    assert custody.book.active.content.v == 1
    opens_all(custody, (1, 2, 3))


def test_new_keepers_decide_with_all_but_one() -> None:
    custody = a_vault(3)
    roster = custody.propose(5)
    dealt = dealt_by(custody, roster, 1, 2)
    for x in (4, 5, 6):
        custody.adopt(roster, x, dealt)
        assert custody.book.active.content.v == 1
    custody.adopt(roster, 7, dealt)
    assert custody.book.active == roster
    opens_all(custody, (4, 5, 8))


def test_with_a_quorum_of_all_every_new_keeper_is_needed() -> None:
    custody = a_vault(3)
    roster = custody.propose(3, a_rule_for_each((1, 3, 3)))
    dealt = dealt_by(custody, roster, 1, 3)
    custody.adopt(roster, 4, dealt)
    custody.adopt(roster, 5, dealt)
    assert custody.book.active.content.v == 1
    custody.adopt(roster, 6, dealt)
    assert custody.book.active == roster


def test_one_keepers_many_adoptions_count_once() -> None:
    custody = a_vault(3)
    roster = custody.propose(4)
    dealt = dealt_by(custody, roster, 1, 2)
    for _ in range(5):
        custody.adopt(roster, 4, dealt)
    assert custody.book.active.content.v == 1


def test_a_dealer_of_another_share_is_left_out_and_named() -> None:
    custody = a_vault(5)
    roster = custody.propose(4)
    good = dealt_by(custody, roster, 1, 2, 4)
    cheat = cheated(custody, roster, 3)
    (dealt,) = custody.book.dealt(roster).values()
    assert set(dealt) == {1, 2, 4}
    error = custody.book.refused[cheat.mid]
    assert (error.code, error.fields["x"]) == ("resharing-false", 3)
    for x in range(6, 10):
        custody.adopt(roster, x, good)
    opens_all(custody, (6, 8, 9))


def test_a_dealer_of_a_false_sub_share_is_named_by_who_gets_it() -> None:
    custody = a_vault(5)
    roster = custody.propose(4)
    good = custody.reshare(roster, 3)
    seat, keys = custody.seat(7), custody.keepers[7].keys
    info = reshare_info(roster.mid, epochs_digest(good.content.epochs), 3, 7)
    plain = keys.enc.open(dict(good.content.sealed)[7], info)
    lies = {
        "changed": bytes([plain[0] ^ 1]) + plain[1:],
        "short": plain[:-1],
        "long": plain + plain[:64],
        "beyond L": b"\xff" * len(plain),
        "zero": bytes(len(plain)),
    }
    for lie in lies.values():
        sealed = dict(good.content.sealed) | {7: HybridRecipient(seat.enc).seal(lie, info)}
        bad = changed(custody, good, 3, sealed=list(sealed.items()))
        with pytest.raises(Unverified, match="resharing-false x=3"):
            custody.adopt(roster, 7, [bad])
        custody.adopt(roster, 6, [bad])
    for boxes in ([], [(7, b"")], [(7, bytes(1328))], [(8, dict(good.content.sealed)[7])]):
        bad = changed(custody, good, 3, sealed=boxes)
        with pytest.raises(Unverified, match="resharing-false x=3"):
            open_subshares(bad.content, 3, seat, keys)


@pytest.mark.parametrize("points", [[], [b""], [bytes(32)] * 3, [b"\x01" + bytes(31)] * 3, [b"\xff" * 32] * 3], ids=str)
def test_points_that_are_none_are_the_dealers_fault(points: list[bytes]) -> None:
    custody = a_vault(3)
    roster = custody.propose(3)
    good = custody.reshare(roster, 1)
    bad = changed(custody, good, 1, D=[points] * 3)
    with pytest.raises(Unverified, match="resharing-false x=1"):
        open_subshares(bad.content, 1, custody.seat(4), custody.keepers[4].keys)
    (dealt,) = custody.book.dealt(roster).values()
    assert [m.mid for m in dealt.values()] == [good.mid]


def test_a_resharing_of_another_shape_is_refused() -> None:
    custody = a_vault(3)
    content = custody.reshare(custody.propose(3), 1).content
    quorums = [2, 2, 2]
    assert check_reshare(content, quorums) == content
    for change in (
        {"epochs": content.epochs[::-1]},
        {"epochs": [content.epochs[0]] * 3},
        {"epochs": content.epochs[:2]},
        {"D": content.D[:2]},
        {"D": [*content.D, content.D[0]]},
        {"D": [points[:1] for points in content.D]},
        {"D": [[*points, points[0]] for points in content.D]},
    ):
        with pytest.raises(Unverified, match="malformed"):
            check_reshare(replace(content, **change), quorums)


def test_sub_shares_are_bound_to_roster_round_dealer_and_keeper() -> None:
    custody = a_vault(3)
    roster = custody.propose(3)
    good = custody.reshare(roster, 1).content
    seat, keys = custody.seat(4), custody.keepers[4].keys
    assert open_subshares(good, 1, seat, keys).keys() == set(custody.epochs)
    assert open_subshares(good, 1, seat, keys, custody.epochs[1]).keys() == {custody.epochs[1]}
    for content, dealer, who, whose in (
        (replace(good, roster=bytes(32)), 1, seat, keys),
        (replace(good, epochs=[*good.epochs[:2], bytes(32)]), 1, seat, keys),
        (good, 2, seat, keys),
        (good, 1, custody.seat(5), keys),
        (good, 1, seat, custody.keepers[5].keys),
    ):
        with pytest.raises(Unverified, match="resharing-false"):
            open_subshares(content, dealer, who, whose)


def test_a_dealer_cannot_swap_its_message_after_adoption() -> None:
    custody = a_vault(5)
    roster = custody.succeed(4, (1, 2, 3))
    before = {mid: custody.book.target(mid, roster.mid) for mid in custody.epochs}
    for x in (1, 2, 3):
        custody.reshare(roster, x)
        cheated(custody, roster, x, off=5)
    assert {mid: custody.book.target(mid, roster.mid) for mid in custody.epochs} == before
    opens_all(custody, (7, 8, 9))


def test_old_and_new_shares_do_not_mix() -> None:
    custody = a_vault(5)
    custody.succeed(5, (1, 2, 3))
    mid = custody.epochs[1]
    request = custody.request([mid])
    old = custody.share(mid, 1)
    for y in range(2, 6):
        mixed = [old, custody.share(mid, 6), custody.share(mid, y)]
        assert sharing.rebuild(mixed) != sharing.rebuild([custody.share(mid, x) for x in (6, 7, 8)])
    stale = write(grant(request, [old], NOW, custody.random), custody.keepers[1].keys.sig)
    grants = {1: stale, 6: custody.grant(request, 6), 7: custody.grant(request, 7)}
    opening = rebuild(grants, request, custody.targets(request), custody.restorer)
    assert (opening.identities, opening.liars, opening.missing) == ({}, (1,), (mid,))


def test_removed_keepers_and_one_new_one_open_nothing_together() -> None:
    custody = a_vault(5)
    custody.succeed(5, (1, 2, 3))
    mid = custody.epochs[1]
    shares = [custody.share(mid, x) for x in (4, 5, 6)]
    secret = sharing.rebuild([custody.share(mid, x) for x in (8, 9, 10)])
    assert all(sharing.rebuild(mix) != secret for k in (2, 3) for mix in combinations(shares, k))


def test_a_second_successor_is_not_adopted() -> None:
    """Fewer than the largest quorum deal to a roster of their own, and all its keepers say yes."""
    custody = a_vault(5)
    rival = custody.propose(3, a_rule_for_each((1, 2, 2)), by=5)
    stolen = dealt_by(custody, rival, 4, 5)
    roster = custody.succeed(4, (1, 2, 3))
    for x in (6, 7, 8):
        custody.adopt(rival, x, stolen)
        custody.adopt(rival, x, stolen * 2)
    assert custody.book.active == roster
    assert custody.book.rounds(rival.mid) == []
    opens_all(custody, (9, 10, 11))


def test_one_dealers_two_messages_are_not_two_dealers() -> None:
    custody = a_vault(5)
    roster = custody.propose(3)
    dealt = dealt_by(custody, roster, 4, 5, 5)
    for x in (6, 7, 8):
        custody.adopt(roster, x, dealt)
    assert custody.book.active.content.v == 1


def adopted_anyway(custody: Custody, roster: Message[Roster], dealt: list[Message[Reshare]]) -> int:
    """Let every new keeper adopt unchecked; give the version that is active then."""
    for seat in roster.content.keepers:
        said = Adopt(
            **custody.head(),
            roster=roster.mid,
            dealers=[1],
            reshares=[message.mid for message in dealt],
            epochs=epochs_digest(dealt[0].content.epochs),
        )
        custody.say(said, custody.keepers[seat.x].keys.sig)
    return custody.book.active.content.v


def test_a_round_holds_one_message_of_each_dealer() -> None:
    custody = a_vault(5)
    roster = custody.propose(3)
    dealt = dealt_by(custody, roster, 3, 4, 5)
    assert adopted_anyway(custody, roster, [*dealt, custody.reshare(roster, 5)]) == 1
    assert adopted_anyway(custody, roster, dealt) == 2


def test_what_was_dealt_to_one_roster_is_not_adopted_by_another() -> None:
    custody = a_vault(5)
    rival, roster = custody.propose(3), custody.propose(3)
    dealt = dealt_by(custody, rival, 1, 2, 3)
    assert adopted_anyway(custody, roster, dealt) == 1
    assert adopted_anyway(custody, rival, dealt) == 2


def test_dealers_of_different_epochs_make_no_round() -> None:
    custody = a_vault(5)
    roster = custody.propose(3)
    dealt = [*dealt_by(custody, roster, 1, 2), custody.reshare(roster, 3, custody.epochs[:2])]
    assert adopted_anyway(custody, roster, dealt) == 1


def test_adopted_dealers_of_what_they_do_not_hold_are_named() -> None:
    custody = a_vault(5)
    roster = custody.propose(3)
    assert adopted_anyway(custody, roster, [cheated(custody, roster, x) for x in (2, 3, 4)]) == 2
    for mid in custody.epochs:
        with pytest.raises(Unverified, match="resharing-false x=2"):
            custody.book.target(mid, roster.mid)


def test_strangers_propose_deal_and_adopt_in_vain() -> None:
    custody = a_vault(3)
    outsiders = custody.enrol(3, 50)
    rival = custody.say(custody.roster(outsiders, None, custody.book.active), custody.keepers[50].keys.sig)
    assert custody.book.proposals() == []
    proposal = custody.say(custody.roster(outsiders, None, custody.book.active), custody.keepers[1].keys.sig)
    for roster in (rival, proposal):
        good = custody.reshare(roster, 1).content
        dealt = [custody.say(good, custody.keepers[x].keys.sig) for x in (50, 51, 52)]
        for x in (50, 51, 52):
            with pytest.raises(NotFound, match="seat-missing"):
                custody.adopt(roster, x, dealt)
    assert custody.book.active.content.v == 1


@pytest.mark.slow
def test_a_crash_between_any_two_messages_loses_no_epoch() -> None:
    custody = a_vault(4)
    before = len(custody.messages)
    custody.succeed(4, (1, 2, 4))
    whole = custody.messages
    seen = []
    for size in range(before, len(whole) + 1):
        custody.messages = whole[:size]
        v = custody.book.active.content.v
        opens_all(custody, (1, 2, 3) if v == 1 else (5, 6, 8))
        seen.append(v)
    assert seen == [1] * 7 + [2, 2]


def test_messages_in_any_order_are_the_same_book() -> None:
    custody = a_vault(3)
    roster = custody.succeed(4, (1, 2, 3))
    later = custody.succeed(3, (4, 5, 7))
    book = Book(custody.vault, custody.first, reversed([*custody.messages, *custody.messages]))
    assert [m.mid for m in book.rosters] == [custody.first, roster.mid, later.mid]
    for mid in custody.epochs:
        for at in range(3):
            assert book.commitments(mid, at) == custody.book.commitments(mid, at)


def test_late_epochs_follow_in_a_second_round() -> None:
    custody = a_vault(5)
    old = custody.book.active
    roster = custody.succeed(4, (1, 2, 3))
    late = custody.deal("identity", old)
    with pytest.raises(NotFound, match="epoch-not-reshared"):
        custody.book.target(late, roster.mid)
    request = custody.request(custody.epochs)
    opening = custody.open(request, (6, 7, 8))
    assert (opening.missing, opening.liars) == ((late,), ())
    dealt = [custody.reshare(roster, x, [late]) for x in (2, 4, 5)]
    for x in (6, 7, 9):
        custody.adopt(roster, x, dealt)
    assert len(custody.book.rounds(roster.mid)) == 2
    opens_all(custody, (6, 7, 8))


def test_an_epoch_dealt_to_the_new_roster_needs_no_resharing() -> None:
    custody = a_vault(3)
    custody.succeed(3, (1, 2))
    mid = custody.deal("public")
    assert custody.book.epoch(mid).content.roster == custody.book.active.mid
    opens_all(custody, (5, 6))
    with pytest.raises(NotFound):
        custody.book.commitments(mid, 0)


@pytest.mark.slow
def test_three_rosters_in_a_row() -> None:
    custody = a_vault(5)
    custody.succeed(4, (1, 3, 5))
    custody.deal("private")
    custody.succeed(6, (6, 7, 9))
    custody.deal("public")
    assert [m.content.v for m in custody.book.rosters] == [1, 2, 3]
    for xs in list(combinations(range(10, 16), 4))[::5]:
        opens_all(custody, xs)


def test_an_epoch_that_missed_one_step_of_the_chain_is_missing_until_it_follows() -> None:
    custody = a_vault(3)
    first = custody.book.active
    second = custody.succeed(3, (1, 2))
    late = custody.deal("private", first)
    custody.epochs.remove(late)
    third = custody.succeed(3, (4, 5))
    with pytest.raises(NotFound, match="epoch-not-reshared"):
        custody.book.target(late, third.mid)
    for roster, dealers, adopters in ((second, (1, 3), (4, 5, 6)), (third, (4, 6), (7, 8, 9))):
        dealt = [custody.reshare(roster, x, [late]) for x in dealers]
        for x in adopters:
            custody.adopt(roster, x, dealt)
    custody.epochs.append(late)
    opens_all(custody, (8, 9))


def test_a_vault_without_epochs_changes_its_keepers() -> None:
    custody = Custody("empty")
    custody.found(3)
    roster = custody.succeed(3, (2, 3))
    assert custody.book.active == roster
    assert [done.epochs for done in custody.book.rounds(roster.mid)] == [()]
    custody.deal("identity")
    opens_all(custody, (4, 6))


def test_a_share_of_nobodys_is_an_error_of_ours() -> None:
    custody = a_vault(3)
    roster = custody.succeed(3, (1, 2))
    with pytest.raises(HoldfastError):
        custody.book.share(custody.epochs[0], custody.seat(1), custody.keepers[1].keys, 1)
    with pytest.raises(HoldfastError):
        custody.book.share(custody.epochs[0], custody.seat(4), custody.keepers[4].keys, 0)
    assert custody.book.share(custody.epochs[0], custody.seat(4), custody.keepers[4].keys, 1).x == 4
    assert roster == custody.book.active
