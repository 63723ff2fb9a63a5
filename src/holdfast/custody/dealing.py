"""An epoch: its secret drawn, dealt to a roster and forgotten; and a keeper's own share opened again."""

from collections.abc import Callable

import msgspec

from holdfast.crypto import sharing
from holdfast.crypto.hashes import derive
from holdfast.crypto.hybrid import HybridIdentity, HybridRecipient
from holdfast.crypto.sharing import Share
from holdfast.custody.contents import Epoch, Roster, Seat
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.errors import NotFound, Refused, Unverified

SEALED_SHARE = 1_200


class EpochPlan(msgspec.Struct, frozen=True):
    """What a dealer is told: everything but the secret, which it draws itself.

    `seats` are (x, enc); `at` is Unix seconds; `writer` is the key that will sign.
    """

    vault: bytes
    roster: bytes
    writer: bytes
    compartment: str
    number: int
    quorum: int
    seats: tuple[tuple[int, bytes], ...]
    at: int


def plan_epoch(roster: Message[Roster], writer: bytes, compartment: str, number: int, at: int) -> EpochPlan:
    """Say what is to be dealt for one keeping and compartment."""
    content = roster.content
    if compartment not in content.comps:
        raise Refused("roster-compartments", found=[compartment])
    seats = tuple((seat.x, seat.enc) for seat in content.keepers)
    quorum = content.comps[compartment].quorum
    return EpochPlan(content.vault, roster.mid, writer, compartment, number, quorum, seats, at)


def deal(plan: EpochPlan, random: Callable[[int], bytes]) -> Epoch:
    """Draw an epoch's secret and seal a share to each keeper; the secret is in no value that leaves."""
    polynomial = sharing.draw(plan.quorum, random)
    sealed = []
    for x, enc in plan.seats:
        info = share_info(plan, x)
        sealed.append((x, HybridRecipient(enc).seal(polynomial.share(x).encode(), info)))
    return Epoch(
        vault=plan.vault,
        nonce=random(16),
        at=plan.at,
        comp=plan.compartment,
        no=plan.number,
        roster=plan.roster,
        recipient=epoch_identity(polynomial.pairs[0][0]).recipient.raw,
        C=list(polynomial.commitments()),
        sealed=sealed,
    )


def epoch_identity(secret: int) -> HybridIdentity:
    """Give the age identity of an epoch's secret scalar."""
    return HybridIdentity.from_seed(derive(sharing.encode_scalar(secret), "epoch-age-pq"))


def share_info(plan: EpochPlan, x: int) -> bytes:
    """Bind a sealed share to its epoch.

    The compartment and the writer stand in it because a thief of the writer key could otherwise re-issue shares of
    `private` as `public` and have them granted without delay.
    """
    number = plan.number.to_bytes(4, "big") + bytes([x])
    return b"holdfast/keep-1/share\0" + plan.vault + plan.roster + plan.writer + number + plan.compartment.encode()


def check_epoch(message: Message[Epoch], roster: Message[Roster]) -> Message[Epoch]:
    """Give `message` back if it is dealt to exactly this roster by its rules, else raise `Unverified`."""
    epoch = message.content
    rule = roster.content.comps.get(epoch.comp)
    if epoch.roster != roster.mid or epoch.vault != roster.content.vault or rule is None or epoch.no >= 2**32:
        raise Unverified("epoch-foreign", epoch=message.mid.hex())
    if [x for x, _ in epoch.sealed] != [seat.x for seat in roster.content.keepers]:
        raise Unverified("epoch-malformed", epoch=message.mid.hex())
    if any(len(sealed) != SEALED_SHARE for _, sealed in epoch.sealed):
        raise Unverified("epoch-malformed", epoch=message.mid.hex())
    HybridRecipient(epoch.recipient)
    sharing.check_points(epoch.C, rule.quorum)
    return message


def open_share(message: Message[Epoch], roster: Message[Roster], seat: Seat, keys: Keys) -> Share:
    """Open and verify a keeper's own share of an epoch dealt to its roster; raise `Unverified` if it is false."""
    epoch = message.content
    plan = plan_epoch(roster, message.key, epoch.comp, epoch.no, epoch.at)
    sealed = dict(epoch.sealed).get(seat.x)
    if sealed is None:
        raise NotFound("share-missing", x=seat.x)
    share = sharing.decode_share(seat.x, keys.enc.open(sealed, share_info(plan, seat.x)))
    return check_nonzero(sharing.verify(share, epoch.C))


def check_nonzero(share: Share) -> Share:
    """Give `share` back unless both sides are zero, else raise `Unverified`.

    No honest dealer hits that by chance; it commits to the identity, so it could never be dealt anew.
    """
    if not share.a and not share.b:
        raise Unverified("share-false", x=share.x)
    return share
