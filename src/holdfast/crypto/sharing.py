"""Pedersen's verifiable secret sharing (CRYPTO '91) in the prime-order subgroup of edwards25519.

A dealer splits a secret scalar s into shares (x, a, b) = (x, f(x), g(x)) and publishes commitments
C_k = commit(f_k, g_k).  Commitments hide s from any computer; that a share fits them rests on discrete logarithms.
Points are 32 bytes in the encoding of RFC 8032, scalars 32 bytes little-endian below L.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce

import msgspec
from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_is_valid_point,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
)

from holdfast.errors import Unverified

L = 2**252 + 27742317777372353535851937790883648493
H = bytes.fromhex("4b11102f8adac0342e0051beac97b75726ac48bbd955c81288c0567a7b285dff")
"""The second base, of unknown logarithm: 8c for the first SHA-256("holdfast/keep-1/pedersen-h" | i) that is a point."""

IDENTITY = b"\x01" + bytes(31)
SHARE_SIZE = 64

Random = Callable[[int], bytes]


class Share(msgspec.Struct, frozen=True):
    """One keeper's part: `x` is 1..255, `a` and `b` are scalars below L."""

    x: int
    a: int
    b: int

    def encode(self) -> bytes:
        """Give 64 bytes, the secret's side first."""
        return encode_scalar(self.a) + encode_scalar(self.b)


class Polynomial(msgspec.Struct, frozen=True):
    """A dealer's two secret polynomials: pairs (f_k, g_k), the constant terms first."""

    pairs: tuple[tuple[int, int], ...]

    def share(self, x: int) -> Share:
        """Give the share of keeper `x`."""
        return Share(x, _evaluate([f for f, _ in self.pairs], x), _evaluate([g for _, g in self.pairs], x))

    def commitments(self) -> tuple[bytes, ...]:
        """Give C_k for each k, which may be published."""
        return tuple(commit(f, g) for f, g in self.pairs)


def encode_scalar(value: int) -> bytes:
    """Give the 32 bytes of a scalar."""
    return value.to_bytes(32, "little")


def decode_share(x: int, data: bytes) -> Share:
    """Read 64 bytes as the share of `x`; raise `Unverified` unless both scalars are below L and x is 1..255."""
    a, b = (int.from_bytes(data[i : i + 32], "little") for i in (0, 32))
    if len(data) != SHARE_SIZE or not 1 <= x <= 255 or max(a, b) >= L:
        raise Unverified("share-malformed", x=x)
    return Share(x, a, b)


def check_points(points: Sequence[bytes], count: int) -> tuple[bytes, ...]:
    """Give `points` back if they are `count` valid points; raise `Unverified` otherwise.

    A longer list would verify and raise the degree; an identity or a point outside the subgroup would hide a cheat.
    """
    if len(points) != count or not all(len(p) == 32 and crypto_core_ed25519_is_valid_point(p) for p in points):
        raise Unverified("commitment-malformed")
    return tuple(points)


def draw(threshold: int, random: Random, constant: tuple[int, int] | None = None) -> Polynomial:
    """Draw polynomials of degree `threshold` - 1 with the given constant terms, or with random ones.

    Every scalar is 64 random bytes modulo L, zero allowed; all are drawn again where a commitment is the identity.
    Raises `Unverified` for constant terms whose commitment is the identity, which no drawing can mend.
    """
    if constant is not None and commit(*constant) == IDENTITY:
        raise Unverified("commitment-malformed")
    while True:
        pairs = [(_scalar(random), _scalar(random)) for _ in range(threshold)]
        polynomial = Polynomial((constant or pairs[0], *pairs[1:]))
        if IDENTITY not in polynomial.commitments():
            return polynomial


def commit(a: int, b: int) -> bytes:
    """Give the point aG + bH."""
    base = crypto_scalarmult_ed25519_base_noclamp(encode_scalar(a)) if a else IDENTITY
    return crypto_core_ed25519_add(base, _times(b, H))


def verify(share: Share, commitments: Sequence[bytes]) -> Share:
    """Give `share` back if it lies on the committed polynomials, else raise `Unverified`."""
    if commit(share.a, share.b) != _sum(_times(pow(share.x, k, L), c) for k, c in enumerate(commitments)):
        raise Unverified("share-false", x=share.x)
    return share


def rebuild(shares: Sequence[Share]) -> int:
    """Give the secret scalar from exactly as many verified shares as the threshold; x must be distinct."""
    weights = lagrange([share.x for share in shares])
    return sum(weights[share.x] * share.a for share in shares) % L


def combine(parts: Sequence[tuple[int, Share]]) -> Share:
    """Give a new keeper's share from verified sub-shares, each with its dealer's x (resharing)."""
    weights = lagrange([dealer for dealer, _ in parts])
    (x,) = {share.x for _, share in parts}
    a = sum(weights[dealer] * share.a for dealer, share in parts) % L
    b = sum(weights[dealer] * share.b for dealer, share in parts) % L
    return Share(x, a, b)


def combine_commitments(dealt: Sequence[tuple[int, Sequence[bytes]]]) -> tuple[bytes, ...]:
    """Give the commitments of the new shares from each dealer's x and commitments (resharing)."""
    weights = lagrange([dealer for dealer, _ in dealt])
    degree = len(dealt[0][1])
    return tuple(_sum(_times(weights[dealer], points[k]) for dealer, points in dealt) for k in range(degree))


def check_resharing(dealer: int, points: Sequence[bytes], commitments: Sequence[bytes]) -> None:
    """Raise `Unverified` unless a dealer's first commitment is that of the share which it holds."""
    if points[0] != _sum(_times(pow(dealer, k, L), c) for k, c in enumerate(commitments)):
        raise Unverified("resharing-false", x=dealer)


def lagrange(xs: Sequence[int]) -> dict[int, int]:
    """Give each x its weight at zero; raise `Unverified` where an x is 0, above 255 or repeated."""
    if len(set(xs)) != len(xs) or not all(1 <= x <= 255 for x in xs):
        raise Unverified("share-malformed", x=sorted(xs))
    return {i: reduce(lambda w, j: w * j * pow(j - i, -1, L) % L, (j for j in xs if j != i), 1) for i in xs}


def _scalar(random: Random) -> int:
    return int.from_bytes(random(64), "little") % L


def _evaluate(coefficients: Sequence[int], x: int) -> int:
    return reduce(lambda total, c: (total * x + c) % L, reversed(coefficients), 0)


def _times(scalar: int, point: bytes) -> bytes:
    """Multiply; libsodium refuses a zero scalar, and the identity cannot occur in checked points."""
    return crypto_scalarmult_ed25519_noclamp(encode_scalar(scalar % L), point) if scalar % L else IDENTITY


def _sum(points: Iterable[bytes]) -> bytes:
    return reduce(crypto_core_ed25519_add, points, IDENTITY)
