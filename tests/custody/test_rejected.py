"""Section 6 of custody.md, one attack at a time; what needs a clock or a log is tested where those are."""

from itertools import combinations

import pytest
from msgspec.structs import replace
from nacl.bindings import crypto_core_ed25519_add

from holdfast.crypto import sharing
from holdfast.crypto.hybrid import HybridRecipient
from holdfast.crypto.sharing import SHARE_SIZE, L, Share
from holdfast.crypto.signing import Signer
from holdfast.custody.contents import Epoch, Grant
from holdfast.custody.dealing import check_epoch, open_share
from holdfast.custody.encoding import encode
from holdfast.custody.grants import Opening, grant, grant_info, open_grant, rebuild
from holdfast.custody.messages import Message, read, write
from holdfast.custody.rosters import check_roster
from holdfast.errors import Unreadable, Unverified
from holdfast.testing.keepers import NOW, Custody, a_vault

LOW_ORDER = b"\x01" + bytes(31)
OUTSIDE = crypto_core_ed25519_add(sharing.H, bytes.fromhex("ec" + "ff" * 30 + "7f"))
"""H plus the point of order two: on the curve, outside the subgroup."""
BAD_POINTS = {
    "identity": sharing.IDENTITY,
    "order two": bytes.fromhex("ec" + "ff" * 30 + "7f"),
    "order four": bytes(32),
    "order eight": bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    "not canonical": bytes.fromhex("ee" + "ff" * 30 + "7f"),
    "outside the subgroup": OUTSIDE,
    "not on the curve": b"\x02" + bytes(31),
    "short": sharing.H[:31],
}


@pytest.fixture
def custody() -> Custody:
    return a_vault(5)


def with_a_lie(custody: Custody, plain: bytes) -> Opening:
    """Open one private epoch with a keeper 1 who seals `plain`, and three honest ones."""
    request = custody.request([custody.epochs[1]])
    sealed = HybridRecipient(request.content.to_enc).seal(plain, grant_info(request.mid, 1))
    lie = write(Grant(**custody.head(), open=request.mid, sealed=sealed), custody.keepers[1].keys.sig)
    grants = {1: lie, **{x: custody.grant(request, x) for x in (2, 3, 4)}}
    return rebuild(grants, request, custody.targets(request), custody.restorer)


def epoch(custody: Custody, **change: object) -> Message[Epoch]:
    return write(replace(custody.book.epoch(custody.epochs[1]).content, **change), custody.writer)


# 1. x = 0 mod L, x above 255, the same x twice


@pytest.mark.parametrize("x", [0, 256])
def test_1_a_keeper_at_zero_would_hold_the_secret_itself(custody: Custody, x: int) -> None:
    keepers = custody.book.active.content.keepers
    message = write(replace(custody.book.active.content, keepers=[replace(keepers[0], x=x)]), custody.writer)
    with pytest.raises(Unreadable, match="message-malformed"):
        read(message.envelope)
    with pytest.raises(Unreadable, match="message-malformed"):
        read(epoch(custody, sealed=[(x, bytes(1200))]).envelope)
    with pytest.raises(Unverified, match="share-malformed"):
        sharing.decode_share(x, bytes(64))


def test_1_the_same_x_twice_is_refused(custody: Custody) -> None:
    share = custody.share(custody.epochs[1], 1)
    with pytest.raises(Unverified, match="share-malformed"):
        sharing.rebuild([share, share, custody.share(custody.epochs[1], 2)])


# 2. a scalar of L or more


@pytest.mark.parametrize("side", [0, 32])
def test_2_a_share_plus_l_would_verify(custody: Custody, side: int) -> None:
    plain = bytearray(custody.share(custody.epochs[1], 1).encode())
    value = int.from_bytes(plain[side : side + 32], "little") + L
    plain[side : side + 32] = value.to_bytes(32, "little")
    opening = with_a_lie(custody, bytes(plain))
    assert (opening.liars, opening.used) == ((1,), (2, 3, 4))


# 3. lists of another length than t


@pytest.mark.parametrize("size", [2, 4])
def test_3_a_longer_list_of_commitments_would_raise_the_degree(custody: Custody, size: int) -> None:
    points = [sharing.commit(k, k) for k in range(1, size + 1)]
    with pytest.raises(Unverified, match="commitment-malformed"):
        check_epoch(epoch(custody, C=points), custody.book.active)
    roster = custody.propose(4)
    good = custody.reshare(roster, 1).content
    bad = custody.say(replace(good, D=[[*p[:2], *points[2:]] for p in good.D]), custody.keepers[1].keys.sig)
    assert bad.mid not in {m.mid for d in custody.book.dealt(roster).values() for m in d.values()}
    assert custody.book.refused[bad.mid].code == "commitment-malformed"


# 4. points that libsodium would take


@pytest.mark.parametrize("name", BAD_POINTS)
def test_4_a_point_outside_the_group_is_refused(custody: Custody, name: str) -> None:
    good = custody.book.epoch(custody.epochs[1]).content.C
    for k in range(3):
        points = [*good[:k], BAD_POINTS[name], *good[k + 1 :]]
        with pytest.raises(Unverified, match="commitment-malformed"):
            check_epoch(epoch(custody, C=points), custody.book.active)
    roster = custody.propose(4)
    dealt = custody.reshare(roster, 1)
    worse = [[p[0], BAD_POINTS[name], *p[2:]] for p in dealt.content.D]
    bad = custody.say(replace(dealt.content, D=worse), custody.keepers[1].keys.sig)
    (found,) = custody.book.dealt(roster).values()
    assert [m.mid for m in found.values()] == [dealt.mid]
    assert custody.book.refused[bad.mid].code == "commitment-malformed"


# 5. a share of another epoch; relabelled compartment, roster, W or x


def test_5_a_share_of_another_epoch_is_named(custody: Custody) -> None:
    opening = with_a_lie(custody, custody.share(custody.epochs[2], 1).encode())
    assert (opening.liars, opening.used) == ((1,), (2, 3, 4))


def test_5_relabelled_compartment(custody: Custody) -> None:
    relabelled(custody, epoch(custody, comp="identity"))


def test_5_relabelled_number(custody: Custody) -> None:
    relabelled(custody, epoch(custody, no=7))


def test_5_relabelled_writer(custody: Custody) -> None:
    relabelled(custody, write(epoch(custody).content, Signer.from_seed(bytes(32))))


def test_5_relabelled_x(custody: Custody) -> None:
    boxes = [box for _, box in epoch(custody).content.sealed]
    moved = list(zip(range(1, 6), boxes[1:] + boxes[:1], strict=True))
    relabelled(custody, epoch(custody, sealed=moved))


def test_5_relabelled_roster(custody: Custody) -> None:
    """The same keepers' boxes, moved under a roster that says less of a wait and a smaller quorum."""
    active = custody.book.active
    comps = {name: replace(rule, delay=0) for name, rule in active.content.comps.items()}
    other = write(replace(active.content, comps=comps), custody.writer)
    message = check_epoch(epoch(custody, roster=other.mid), other)
    with pytest.raises(Unverified, match="sealed-box-false"):
        open_share(message, other, custody.seat(1), custody.keepers[1].keys)


def relabelled(custody: Custody, message: Message[Epoch]) -> None:
    check_epoch(message, custody.book.active)
    for seat in custody.book.active.content.keepers:
        with pytest.raises(Unverified, match="sealed-box-false"):
            open_share(message, custody.book.active, seat, custody.keepers[seat.x].keys)


# 6. old and new shares mixed


def test_6_a_removed_keepers_share_mixed_with_new_ones(custody: Custody) -> None:
    custody.succeed(5, (1, 2, 3))
    request = custody.request([custody.epochs[1]])
    stale = custody.grant(request, 5)
    grants = {5: stale, 6: custody.grant(request, 6), 7: custody.grant(request, 7)}
    opening = rebuild(grants, request, custody.targets(request), custody.restorer)
    assert (opening.identities, opening.liars) == ({}, (5,))
    whole = rebuild(grants | {9: custody.grant(request, 9)}, request, custody.targets(request), custody.restorer)
    assert (whole.used, whole.liars, whole.missing) == ((6, 7, 9), (5,), ())


# 7. a dealer of what it does not hold; a false sub-share


def test_7_a_dealer_of_another_secret(custody: Custody) -> None:
    roster = custody.propose(4)
    good = [custody.reshare(roster, x) for x in (2, 3, 4)]
    bad = custody.say(good[0].content, custody.keepers[1].keys.sig)
    (dealt,) = custody.book.dealt(roster).values()
    assert set(dealt) == {2, 3, 4}
    assert str(custody.book.refused[bad.mid]) == "resharing-false x=1"


def test_7_a_sub_share_that_does_not_fit(custody: Custody) -> None:
    roster = custody.propose(4)
    one, two = custody.reshare(roster, 1), custody.reshare(roster, 1)
    bad = custody.say(replace(one.content, D=two.content.D), custody.keepers[1].keys.sig)
    (dealt,) = custody.book.dealt(roster).values()
    assert 1 in dealt
    with pytest.raises(Unverified, match="resharing-false x=1"):
        custody.adopt(roster, 6, [bad])


# 8. a grant out of place (one before its time: tests/keeper)


def test_8_a_grant_for_another_request(custody: Custody) -> None:
    asked, other = (custody.request([custody.epochs[1]]) for _ in range(2))
    content = replace(custody.grant(asked, 1).content, open=other.mid)
    with pytest.raises(Unverified, match="sealed-box-false"):
        open_grant(write(content, custody.keepers[1].keys.sig), other, 1, custody.restorer)


def test_8_a_grant_for_another_restorer(custody: Custody) -> None:
    request = custody.request([custody.epochs[1]])
    for x in (2, 3, 4, 5):
        with pytest.raises(Unverified, match="sealed-box-false"):
            open_grant(custody.grant(request, 1), request, 1, custody.keepers[x].keys)


def test_8_a_grant_for_a_roster_no_longer_active(custody: Custody) -> None:
    """Old keepers' grants open nothing for a request to the new roster, and new keepers' nothing for an old one."""
    before = custody.request([custody.epochs[1]])
    custody.succeed(5, (1, 2, 3))
    after = custody.request([custody.epochs[1]])
    for request, xs in ((after, (1, 2, 3, 4, 5)), (before, (6, 7, 8, 9, 10))):
        opening = custody.open(request, xs)
        assert (opening.identities, opening.liars) == ({}, xs)


# 9. the recipient is not the rebuilt one


def test_9_an_epoch_whose_recipient_is_another(custody: Custody) -> None:
    other = custody.book.epoch(custody.epochs[2]).content.recipient
    false = custody.say(epoch(custody, recipient=other).content, custody.writer).mid
    opening = custody.open(custody.request([false]), (1, 2, 3))
    assert (opening.identities, opening.differing, opening.liars) == ({}, (false,), ())


# 10. Ed25519 keys of low order


@pytest.mark.parametrize("key", [LOW_ORDER, bytes(32), bytes.fromhex("ec" + "ff" * 30 + "7f")])
def test_10_one_signature_for_every_message(custody: Custody, key: bytes) -> None:
    body = encode({"vault": custody.vault, "nonce": bytes(16), "at": 1, "roster": bytes(32)})
    for point in (LOW_ORDER, key):
        with pytest.raises(Unverified, match="signature-false"):
            read(encode(["keep-1", "ERASED", key, body, point + bytes(32)]))
    keepers = custody.enrol(3, 20)
    seat = replace(keepers[0], sig=key)
    roster = custody.roster([seat, *keepers[1:]], None, custody.book.active)
    with pytest.raises(Unverified, match="key-low-order"):
        check_roster(roster, [custody.book.active])


# 11. encoding, vault, signer


def test_11_bytes_that_are_not_deterministic(custody: Custody) -> None:
    good = custody.request(custody.epochs).envelope
    assert good[:8] == b"\x85\x66keep-1"
    for bad in (b"\x9f" + good[1:] + b"\xff", b"\x98\x05" + good[1:], b"\x85\x78\x06" + good[2:], good + b"\x00"):
        with pytest.raises(Unreadable, match="message-malformed"):
            read(bad)


def test_11_another_vaults_messages(custody: Custody) -> None:
    other = a_vault(5, seed="other")
    roster = other.succeed(3, (1, 2, 3))
    before = set(custody.book.messages)
    custody.messages += other.messages
    assert set(custody.book.messages) == before
    assert custody.book.active.mid != roster.mid
    with pytest.raises(Unverified, match="epoch-foreign"):
        check_epoch(other.book.epoch(other.epochs[0]), custody.book.active)


def test_11_signers_that_nobody_knows(custody: Custody) -> None:
    stranger = Signer.from_seed(bytes(32))
    roster = custody.propose(3)
    dealt = [custody.reshare(roster, x) for x in (1, 2, 3)]
    said = [custody.adopt(roster, x, dealt) for x in (6, 7, 8)]
    del custody.messages[-3:]
    custody.messages += [write(m.content, stranger) for m in said]
    assert custody.book.active.content.v == 1
    for mid in custody.epochs:
        false = custody.say(custody.book.epoch(mid).content, stranger).mid
        with pytest.raises(Unverified, match="writer-not-admitted"):
            custody.book.target(false, custody.book.active.mid)


# and whatever it is, the honest still open


@pytest.mark.parametrize("plain", [b"", bytes(64), b"\xfe" * 64, bytes(SHARE_SIZE + 1)])
def test_any_lie_of_fewer_than_a_quorum_is_named_and_the_honest_open(custody: Custody, plain: bytes) -> None:
    opening = with_a_lie(custody, plain)
    assert (opening.liars, opening.used, opening.missing) == ((1,), (2, 3, 4), ())


def test_fewer_than_a_quorum_know_nothing(custody: Custody) -> None:
    """Any two shares of three fit every secret: some third share makes it."""
    one, two, three = (custody.share(custody.epochs[1], x) for x in (1, 2, 3))
    secret = sharing.rebuild([one, two, three])
    weights = sharing.lagrange([1, 2, 3])
    for wanted in (0, 1, secret, L - 1):
        left = (wanted - weights[1] * one.a - weights[2] * two.a) * pow(weights[3], -1, L) % L
        assert sharing.rebuild([one, two, Share(3, left, 0)]) == wanted
    assert all(sharing.rebuild(pair) != secret for pair in combinations([one, two, three], 2))


def test_a_keeper_grants_only_what_it_verified(custody: Custody) -> None:
    mid = custody.say(epoch(custody, C=custody.book.epoch(custody.epochs[2]).content.C).content, custody.writer).mid
    request = custody.request([mid, custody.epochs[0]])
    assert sorted(share is None for share in custody.shares(request, 1)) == [False, True]
    assert grant(request, custody.shares(request, 1), NOW, custody.random).open == request.mid
