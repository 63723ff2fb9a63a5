"""Known answers, and every way to cheat with a share."""

import hashlib
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_core_ed25519_add, crypto_core_ed25519_is_valid_point

from holdfast.crypto import sharing
from holdfast.crypto.sharing import IDENTITY, H, L, Polynomial, Share
from holdfast.errors import Unverified


def value(name: str) -> int:
    return int.from_bytes(hashlib.sha512(f"KEEP-1 test {name}".encode()).digest(), "little") % L


POLYNOMIAL = Polynomial(tuple((value(f"f{k}"), value(f"g{k}")) for k in range(3)))


def eight_times(point: bytes) -> bytes:
    for _ in range(3):
        point = crypto_core_ed25519_add(point, point)
    return point


def test_second_base_is_the_first_point_that_the_hash_gives() -> None:
    for i in range(6):
        candidate = hashlib.sha256(b"holdfast/keep-1/pedersen-h" + bytes([i])).digest()
        try:
            point = eight_times(candidate)
        except Exception:  # noqa: BLE001 - libsodium's own type for "no point"
            continue
        if point != IDENTITY and crypto_core_ed25519_is_valid_point(point):
            break
    assert i == 5
    assert point == H


def test_known_answers_of_a_dealing() -> None:
    assert (
        sharing.encode_scalar(value("f0")).hex() == "580875a5496a0a488593dfec7b5007587af5621812631f13adaa7779c47b9102"
    )
    assert [c.hex() for c in POLYNOMIAL.commitments()] == [
        "e4fd0ec5f813b71e0ed8ee86b37b5fd2c7c6a4809390dc210f5b816ca960b45d",
        "54056e356355ae09ea63f14eb7434518795c718a702b967bcd6cdd242bba0a67",
        "dfd31c49fc1dca52c82f1d402823cf7d7ffc8802bb97aaad15e7731a328dfdb5",
    ]
    assert POLYNOMIAL.share(1).encode().hex() == (
        "d69efa215c176f6bf52b7f6ebdca701bb5024774db43caa592460a9a727e5a08"
        "10c617b6b2e161320c49b94e583b37147f1dc3f1b17736e7217943c896b2f905"
    )
    sides = [sharing.encode_scalar(POLYNOMIAL.share(x).a).hex() for x in (3, 5)]
    assert sides == [
        "4c298f477108864ca48f8a40a8ba7458cc1a50eac061c8e4202708fa51b6b80b",
        "ba8585a8c6c259fbbbe15026c8f9b9dd65daaf086aa5519b083e7cd88a312704",
    ]


def test_known_answers_of_a_resharing() -> None:
    dealers = {}
    for i in (1, 3, 5):
        old = POLYNOMIAL.share(i)
        dealers[i] = Polynomial(((old.a, old.b), (value(f"d{i}f1"), value(f"d{i}g1"))))
    points = sharing.combine_commitments([(i, p.commitments()) for i, p in dealers.items()])
    assert points[0] == POLYNOMIAL.commitments()[0]
    assert points[1].hex() == "7eb5725aa5b487753d0a47b82fcb10fb59b8e5a7079cf78a7d41abacde18043f"
    new = [sharing.combine([(i, p.share(x)) for i, p in dealers.items()]) for x in (6, 7, 8)]
    assert sharing.encode_scalar(new[0].a).hex() == "d0d890b34dedccece5e2ac879a69d450ee90ca41ca0ae70d09669accd488b00a"
    assert sharing.rebuild([sharing.verify(s, points) for s in new[1:]]) == value("f0")


@pytest.mark.parametrize("n", range(2, 8))
def test_every_quorum_opens_and_every_smaller_one_fails(n: int) -> None:
    for t in range(2, n + 1):
        polynomial = Polynomial(tuple((value(f"f{k}"), value(f"g{k}")) for k in range(t)))
        shares = [polynomial.share(x) for x in range(1, n + 1)]
        assert all(sharing.rebuild(c) == value("f0") for c in combinations(shares, t))
        assert all(sharing.rebuild(c) != value("f0") for c in combinations(shares, t - 1))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_quorum_of_any_roster_opens(data: st.DataObject) -> None:
    xs = data.draw(st.lists(st.integers(1, 255), min_size=2, max_size=16, unique=True))
    t = data.draw(st.integers(2, len(xs)))
    polynomial = sharing.draw(t, lambda n: data.draw(st.binary(min_size=n, max_size=n)) if n < 64 else _stretch(data))
    points = sharing.check_points(polynomial.commitments(), t)
    chosen = data.draw(st.permutations(xs))[:t]
    shares = [sharing.verify(sharing.decode_share(x, polynomial.share(x).encode()), points) for x in chosen]
    assert sharing.rebuild(shares) == polynomial.pairs[0][0]


def _stretch(data: st.DataObject) -> bytes:
    return hashlib.sha512(data.draw(st.binary(min_size=1, max_size=8))).digest()


def test_a_zero_coefficient_is_allowed_and_an_identity_commitment_is_drawn_again() -> None:
    scalars = iter([0, 0, 5, 6, 0, 7, 8, 9])
    polynomial = sharing.draw(2, lambda n: next(scalars).to_bytes(n, "little"))
    assert polynomial.pairs == ((0, 7), (8, 9))


def test_a_share_is_false_if_either_side_is_changed() -> None:
    points = POLYNOMIAL.commitments()
    good = POLYNOMIAL.share(2)
    for bad in (Share(2, (good.a + 1) % L, good.b), Share(2, good.a, (good.b + 1) % L), Share(3, good.a, good.b)):
        with pytest.raises(Unverified, match="share-false"):
            sharing.verify(bad, points)


@pytest.mark.parametrize("x", [0, 256])
def test_a_share_at_zero_or_beyond_255_is_refused(x: int) -> None:
    with pytest.raises(Unverified, match="share-malformed"):
        sharing.decode_share(x, bytes(64))
    with pytest.raises(Unverified, match="share-malformed"):
        sharing.lagrange([1, x])


def test_the_same_x_twice_is_refused() -> None:
    with pytest.raises(Unverified, match="share-malformed"):
        sharing.rebuild([POLYNOMIAL.share(1), POLYNOMIAL.share(1), POLYNOMIAL.share(2)])


def test_a_scalar_not_below_the_order_is_refused() -> None:
    share = POLYNOMIAL.share(1)
    with pytest.raises(Unverified, match="share-malformed"):
        sharing.decode_share(1, (share.a + L).to_bytes(32, "little") + sharing.encode_scalar(share.b))


BAD_POINTS = [
    IDENTITY,
    bytes(32),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    b"short",
]


@pytest.mark.parametrize("point", BAD_POINTS, ids=lambda p: p.hex()[:8])
def test_a_point_of_small_order_or_not_canonical_is_refused(point: bytes) -> None:
    good = POLYNOMIAL.commitments()
    with pytest.raises(Unverified, match="commitment-malformed"):
        sharing.check_points((good[0], point, good[2]), 3)


def test_a_longer_or_shorter_list_of_commitments_is_refused() -> None:
    good = POLYNOMIAL.commitments()
    for points in (good[:2], (*good, good[0])):
        with pytest.raises(Unverified, match="commitment-malformed"):
            sharing.check_points(points, 3)


def test_old_and_new_shares_do_not_mix() -> None:
    dealers = {i: Polynomial(((POLYNOMIAL.share(i).a, POLYNOMIAL.share(i).b), (value(f"m{i}"), 1))) for i in (1, 2, 3)}
    new = sharing.combine([(i, p.share(9)) for i, p in dealers.items()])
    assert sharing.rebuild([new, POLYNOMIAL.share(1)]) != value("f0")


def test_a_dealer_who_reshares_another_secret_is_named() -> None:
    other = sharing.draw(2, lambda n: b"\x07" * n)
    with pytest.raises(Unverified, match="resharing-false x=1"):
        sharing.check_resharing(1, other.commitments(), POLYNOMIAL.commitments())
