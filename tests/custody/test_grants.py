"""A grant answers one request of one restorer; enough true ones open, and a false one is named."""

from itertools import combinations

import pytest
from msgspec.structs import replace

from holdfast.crypto import sharing
from holdfast.crypto.hashes import sha256
from holdfast.crypto.hybrid import HybridRecipient
from holdfast.crypto.sharing import Share
from holdfast.custody.contents import Grant, Open
from holdfast.custody.grants import Opening, Target, grant, grant_info, open_grant, rebuild
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message, write
from holdfast.errors import Refused, Unverified
from holdfast.testing.keepers import NOW, Custody, a_rule_for_each, a_vault

CUSTODY = a_vault(5, seed="grants")
PUBLIC, PRIVATE, IDENTITY = CUSTODY.epochs
STRANGER = Keys(sha256(b"another restorer"))
ALL = CUSTODY.request(CUSTODY.epochs)


def opens(custody: Custody, opening: Opening, mids: list[bytes]) -> None:
    """Assert that exactly these epochs opened, each with the identity of its recipient."""
    assert set(opening.identities) == set(mids)
    for mid in mids:
        assert opening.identities[mid].recipient.raw == custody.book.epoch(mid).content.recipient


def by_hand(request: Message[Open], x: int, plain: bytes) -> Message[Grant]:
    """Seal any bytes as keeper `x`'s grant."""
    sealed = HybridRecipient(request.content.to_enc).seal(plain, grant_info(request.mid, x))
    return write(Grant(**CUSTODY.head(), open=request.mid, sealed=sealed), CUSTODY.keepers[x].keys.sig)


@pytest.mark.slow
@pytest.mark.parametrize("n", range(2, 8))
def test_every_quorum_opens_and_every_smaller_one_does_not(n: int) -> None:
    for t in range(1, n + 1):
        custody = Custody(f"{t} of {n}")
        custody.found(n, a_rule_for_each((t, max(t, 2), max(t, 2))))
        mid = custody.deal("public" if t == 1 else "private")
        request = custody.request([mid])
        grants = {x: custody.grant(request, x) for x in range(1, n + 1)}
        targets = custody.targets(request)
        for xs in combinations(range(1, n + 1), t):
            opening = rebuild({x: grants[x] for x in xs}, request, targets, custody.restorer)
            opens(custody, opening, [mid])
            assert (opening.used, opening.liars, opening.missing) == (xs, (), ())
        fewer = {mid: replace(targets[mid], quorum=t - 1)}
        for xs in combinations(range(1, n + 1), t - 1) if t > 1 else ():
            opening = rebuild({x: grants[x] for x in xs}, request, fewer, custody.restorer)
            assert (opening.identities, opening.differing, opening.missing) == ({}, (mid,), (mid,))


def test_more_grants_than_needed_open_and_say_who_was_used() -> None:
    opening = CUSTODY.open(ALL, [2, 3, 4, 5])
    opens(CUSTODY, opening, CUSTODY.epochs)
    assert opening.used == (2, 3, 4)


def test_too_few_for_one_compartment_open_the_other() -> None:
    opening = CUSTODY.open(ALL, [2, 5])
    opens(CUSTODY, opening, [PUBLIC])
    assert set(opening.missing) == {PRIVATE, IDENTITY}
    opens(CUSTODY, CUSTODY.open(ALL, []), [])


@pytest.mark.parametrize("liars", [*combinations(range(1, 6), 1), *combinations(range(1, 6), 2)])
def test_liars_are_named_while_the_honest_open(liars: tuple[int, ...]) -> None:
    honest = [x for x in range(1, 6) if x not in liars]
    opening = CUSTODY.open(ALL, honest, liars)
    opens(CUSTODY, opening, CUSTODY.epochs)
    assert opening.liars == liars
    assert set(opening.used) <= set(honest)


def test_a_liar_about_one_epoch_is_used_for_none() -> None:
    shares = CUSTODY.shares(ALL, 1)
    assert shares[2]
    shares[2] = replace(shares[2], b=(shares[2].b + 1) % sharing.L)
    lie = write(grant(ALL, shares, NOW, CUSTODY.random), CUSTODY.keepers[1].keys.sig)
    grants = {1: lie, 2: CUSTODY.grant(ALL, 2), 3: CUSTODY.grant(ALL, 3)}
    opening = rebuild(grants, ALL, CUSTODY.targets(ALL), CUSTODY.restorer)
    assert opening.liars == (1,)
    opens(CUSTODY, opening, [PUBLIC])


@pytest.mark.parametrize("size", [0, 63, 64, 128, 191, 193, 256])
def test_a_box_of_another_length_is_a_lie(size: int) -> None:
    with pytest.raises(Unverified, match="share-malformed"):
        open_grant(by_hand(ALL, 1, bytes(size)), ALL, 1, CUSTODY.restorer)
    grants = {1: by_hand(ALL, 1, bytes(size)), **{x: CUSTODY.grant(ALL, x) for x in (2, 3, 4)}}
    opening = rebuild(grants, ALL, CUSTODY.targets(ALL), CUSTODY.restorer)
    opens(CUSTODY, opening, CUSTODY.epochs)
    assert opening.liars == (1,)


def test_a_box_of_garbage_is_a_lie() -> None:
    content = Grant(**CUSTODY.head(), open=ALL.mid, sealed=b"")
    grants = {1: write(content, CUSTODY.keepers[1].keys.sig)}
    assert rebuild(grants, ALL, CUSTODY.targets(ALL), CUSTODY.restorer).liars == (1,)


def test_another_keepers_box_under_ones_own_name_is_a_lie() -> None:
    stolen = write(CUSTODY.grant(ALL, 2).content, CUSTODY.keepers[1].keys.sig)
    assert rebuild({1: stolen}, ALL, CUSTODY.targets(ALL), CUSTODY.restorer).liars == (1,)
    with pytest.raises(Unverified, match="sealed-box-false"):
        open_grant(stolen, ALL, 1, CUSTODY.restorer)


def test_a_grant_for_another_request_is_left_out_and_is_no_lie() -> None:
    again = CUSTODY.request(CUSTODY.epochs)
    old = CUSTODY.grant(ALL, 1)
    opening = rebuild({1: old}, again, CUSTODY.targets(again), CUSTODY.restorer)
    assert (opening.identities, opening.liars) == ({}, ())
    relabelled = write(replace(old.content, open=again.mid), CUSTODY.keepers[1].keys.sig)
    with pytest.raises(Unverified, match="sealed-box-false"):
        open_grant(relabelled, again, 1, CUSTODY.restorer)


def test_another_restorer_opens_nothing_and_calls_nobody_a_liar() -> None:
    answer = CUSTODY.grant(ALL, 1)
    with pytest.raises(Unverified, match="sealed-box-false"):
        open_grant(answer, ALL, 1, STRANGER)
    with pytest.raises(Unverified, match="restorer-differs"):
        rebuild({1: answer}, ALL, CUSTODY.targets(ALL), STRANGER)


@pytest.mark.parametrize("x", [2, 3, 4, 5])
def test_a_keeper_opens_no_other_keepers_grant(x: int) -> None:
    with pytest.raises(Unverified, match="sealed-box-false"):
        open_grant(CUSTODY.grant(ALL, 1), ALL, 1, CUSTODY.keepers[x].keys)


def test_true_shares_of_a_false_recipient_open_nothing_and_blame_no_keeper() -> None:
    targets = CUSTODY.targets(ALL)
    other = targets[IDENTITY].recipient
    targets[PRIVATE] = Target(targets[PRIVATE].quorum, targets[PRIVATE].commitments, other)
    grants = {x: CUSTODY.grant(ALL, x) for x in (1, 2, 3)}
    opening = rebuild(grants, ALL, targets, CUSTODY.restorer)
    opens(CUSTODY, opening, [PUBLIC, IDENTITY])
    assert (opening.differing, opening.missing, opening.liars) == ((PRIVATE,), (PRIVATE,), ())


def test_an_epoch_that_nobody_knows_is_missing_and_the_others_open() -> None:
    request = CUSTODY.request([*CUSTODY.epochs, bytes(32)])
    opening = CUSTODY.open(request, [1, 2, 3])
    opens(CUSTODY, opening, CUSTODY.epochs)
    assert opening.missing == (bytes(32),)
    assert opening.liars == ()


def test_a_granted_epoch_that_the_restorer_cannot_place_is_missing_and_no_lie() -> None:
    targets = CUSTODY.targets(ALL)
    del targets[PRIVATE]
    opening = rebuild({x: CUSTODY.grant(ALL, x) for x in (1, 2, 3)}, ALL, targets, CUSTODY.restorer)
    opens(CUSTODY, opening, [PUBLIC, IDENTITY])
    assert (opening.liars, opening.missing) == ((), (PRIVATE,))


def test_a_keeper_without_one_share_grants_the_others_and_is_no_liar() -> None:
    shares = CUSTODY.shares(ALL, 1)
    place = ALL.content.scope.index(PRIVATE)
    answer = write(grant(ALL, [*shares[:place], None, *shares[place + 1 :]], NOW, CUSTODY.random), CUSTODY.writer)
    assert set(open_grant(answer, ALL, 1, CUSTODY.restorer)) == {PUBLIC, IDENTITY}
    grants = {1: answer, 2: CUSTODY.grant(ALL, 2), 3: CUSTODY.grant(ALL, 3)}
    opening = rebuild(grants, ALL, CUSTODY.targets(ALL), CUSTODY.restorer)
    opens(CUSTODY, opening, [PUBLIC, IDENTITY])
    assert (opening.liars, opening.missing) == ((), (PRIVATE,))
    with_more = rebuild(grants | {4: CUSTODY.grant(ALL, 4)}, ALL, CUSTODY.targets(ALL), CUSTODY.restorer)
    opens(CUSTODY, with_more, CUSTODY.epochs)


def test_a_grant_has_a_place_for_each_epoch_and_one_keeper() -> None:
    one, *others = CUSTODY.shares(ALL, 1)
    strange = Share(2, 1, 1)
    for shares in ([one], [], [None, None, None], [one, *others, one], [one, strange, one]):
        with pytest.raises(Refused, match="grant-empty"):
            grant(ALL, shares, NOW, CUSTODY.random)


def test_a_grant_is_as_long_as_the_reference_says() -> None:
    assert len(CUSTODY.grant(ALL, 1).content.sealed) == 1136 + 3 * 64
