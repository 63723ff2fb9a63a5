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
from holdfast.errors import Unverified


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


def open_subshares(reshare: Reshare, dealer: int, seat: Seat, keys: Keys) -> dict[bytes, Share]:
    """Open and verify what `dealer` dealt to this seat, by epoch id; raise `Unverified` naming the dealer."""
    sealed = dict(reshare.sealed).get(seat.x)
    if sealed is None:
        raise Unverified("resharing-false", x=dealer)
    info = reshare_info(reshare.roster, epochs_digest(reshare.epochs), dealer, seat.x)
    plain = keys.enc.open(sealed, info)
    if len(plain) != SHARE_SIZE * len(reshare.epochs):
        raise Unverified("resharing-false", x=dealer)
    shares = {}
    for k, (mid, points) in enumerate(zip(reshare.epochs, reshare.D, strict=True)):
        share = sharing.decode_share(seat.x, plain[k * SHARE_SIZE : (k + 1) * SHARE_SIZE])
        shares[mid] = sharing.verify(share, points)
    return shares
