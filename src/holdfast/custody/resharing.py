"""A new roster without the owner: old keepers deal their shares anew, new keepers check and combine them."""

from collections.abc import Callable, Sequence

import msgspec

from holdfast.crypto import sharing
from holdfast.crypto.hashes import sha256
from holdfast.crypto.hybrid import HybridRecipient
from holdfast.crypto.sharing import SHARE_SIZE, Share
from holdfast.custody.contents import Reshare, Roster, Seat
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.errors import HoldfastError, Unverified


class Holding(msgspec.Struct, frozen=True):
    """An epoch as an old keeper holds it: its id, compartment, own share and the commitments that the share fits."""

    mid: bytes
    compartment: str
    share: Share
    commitments: tuple[bytes, ...]


def reshare(
    holdings: Sequence[Holding], x: int, roster: Message[Roster], at: int, random: Callable[[int], bytes]
) -> Reshare:
    """Deal every held share to the keepers of `roster`; one sealed box for each of them."""
    holdings = sorted(holdings, key=lambda h: h.mid)
    quorums = {name: rule.quorum for name, rule in roster.content.comps.items()}
    dealt = [sharing.draw(quorums[h.compartment], random, (h.share.a, h.share.b)) for h in holdings]
    digest = epochs_digest([h.mid for h in holdings])
    sealed = []
    for seat in roster.content.keepers:
        plain = b"".join(polynomial.share(seat.x).encode() for polynomial in dealt)
        sealed.append((seat.x, HybridRecipient(seat.enc).seal(plain, reshare_info(roster.mid, digest, x, seat.x))))
    return Reshare(
        vault=roster.content.vault,
        nonce=random(16),
        at=at,
        roster=roster.mid,
        epochs=[h.mid for h in holdings],
        D=[list(polynomial.commitments()) for polynomial in dealt],
        sealed=sealed,
    )


def epochs_digest(mids: Sequence[bytes]) -> bytes:
    """Give the SHA-256 of sorted message ids, which names a round of resharing."""
    return sha256(*sorted(mids))


def reshare_info(roster: bytes, digest: bytes, dealer: int, x: int) -> bytes:
    """Bind sealed sub-shares to the new roster, the round, the dealer and the new keeper."""
    return b"holdfast/keep-1/reshare\0" + roster + digest + bytes([dealer, x])


def check_reshare(reshare: Reshare, quorums: Sequence[int]) -> Reshare:
    """Give `reshare` back if it deals as many points for each epoch as `quorums` says, else raise `Unverified`."""
    if reshare.epochs != sorted(set(reshare.epochs)) or not len(reshare.D) == len(reshare.epochs) == len(quorums):
        raise Unverified("resharing-malformed")
    for points, quorum in zip(reshare.D, quorums, strict=True):
        sharing.check_points(points, quorum)
    return reshare


def open_subshares(
    reshare: Reshare, dealer: int, seat: Seat, keys: Keys, only: bytes | None = None
) -> dict[bytes, Share]:
    """Open and verify what `dealer` dealt to this seat, by epoch id: all of it, or `only` one epoch's.

    Raises `Unverified("resharing-false")` naming the dealer, for any fault.
    """
    info = reshare_info(reshare.roster, epochs_digest(reshare.epochs), dealer, seat.x)
    wanted = range(len(reshare.epochs)) if only is None else [reshare.epochs.index(only)]
    try:
        plain = keys.enc.open(dict(reshare.sealed).get(seat.x, b""), info)
        return {reshare.epochs[k]: _subshare(plain, k, seat.x, reshare) for k in wanted}
    except HoldfastError as error:
        raise Unverified("resharing-false", x=dealer) from error


def _subshare(plain: bytes, k: int, x: int, reshare: Reshare) -> Share:
    if not len(reshare.D) == len(reshare.epochs) == len(plain) / SHARE_SIZE:
        raise Unverified("resharing-malformed")
    points = sharing.check_points(reshare.D[k], len(reshare.D[k]))
    return sharing.verify(sharing.decode_share(x, plain[k * SHARE_SIZE : (k + 1) * SHARE_SIZE]), points)
