"""An epoch is dealt to one roster, compartment, writer and number, and each keeper opens its own share only."""

from typing import Any

import pytest
from msgspec.structs import replace

from holdfast.crypto import sharing
from holdfast.crypto.hybrid import HybridRecipient
from holdfast.crypto.sharing import Polynomial
from holdfast.crypto.signing import Signer
from holdfast.custody.contents import Epoch
from holdfast.custody.dealing import check_epoch, deal, epoch_identity, open_share, plan_epoch, share_info
from holdfast.custody.messages import Message, write
from holdfast.errors import HoldfastError, NotFound, Refused, Unreadable, Unverified
from holdfast.testing.keepers import NOW, a_vault, seeded

CUSTODY = a_vault(5, seed="dealing")
ROSTER = CUSTODY.book.active
PUBLIC, PRIVATE, IDENTITY = CUSTODY.epochs
GOOD = CUSTODY.book.epoch(PRIVATE)


def signed(**change: Any) -> Message[Epoch]:
    return write(replace(GOOD.content, **change), CUSTODY.writer)


def refused(message: Message[Epoch], code: str) -> None:
    with pytest.raises((Unverified, Unreadable)) as caught:
        check_epoch(message, ROSTER)
    assert caught.value.code == code


def test_every_keeper_opens_its_share_and_a_quorum_makes_the_recipient() -> None:
    shares = [open_share(GOOD, ROSTER, seat, CUSTODY.keepers[seat.x].keys) for seat in ROSTER.content.keepers]
    assert [share.x for share in shares] == [1, 2, 3, 4, 5]
    assert epoch_identity(sharing.rebuild(shares[2:])).recipient.raw == GOOD.content.recipient


def test_the_secret_is_in_nothing_that_leaves() -> None:
    drawn: list[bytes] = []

    def random(size: int) -> bytes:
        drawn.append(seeded(f"secret {len(drawn)}")(size))
        return drawn[-1]

    message = write(deal(plan_epoch(ROSTER, CUSTODY.writer.public, "private", 9, NOW), random), CUSTODY.writer)
    scalars = [int.from_bytes(part, "little") % sharing.L for part in drawn if len(part) == 64]
    assert len(scalars) == 2 * 3
    assert epoch_identity(scalars[0]).recipient.raw == message.content.recipient
    shares = [Polynomial(tuple(zip(scalars[::2], scalars[1::2], strict=True))).share(x) for x in range(6)]
    for scalar in [*scalars, *(share.a for share in shares), *(share.b for share in shares)]:
        assert sharing.encode_scalar(scalar) not in message.envelope


def test_a_plan_is_for_a_compartment_of_the_roster() -> None:
    with pytest.raises(Refused, match="roster-compartments"):
        plan_epoch(ROSTER, CUSTODY.writer.public, "lock", 0, NOW)


@pytest.mark.parametrize("x", [1, 5])
def test_another_keepers_key_opens_nothing(x: int) -> None:
    seat = ROSTER.content.keepers[x - 1]
    with pytest.raises(Unverified, match="sealed-box-false"):
        open_share(GOOD, ROSTER, seat, CUSTODY.keepers[3].keys)


def test_a_keeper_of_no_seat_finds_no_share() -> None:
    seat = replace(ROSTER.content.keepers[0], x=9)
    with pytest.raises(NotFound, match="share-missing"):
        open_share(GOOD, ROSTER, seat, CUSTODY.keepers[1].keys)


def test_swapped_boxes_open_nothing() -> None:
    boxes = dict(GOOD.content.sealed)
    swapped = signed(sealed=[(x, boxes[{1: 2, 2: 1}.get(x, x)]) for x in boxes])
    for x in (1, 2):
        with pytest.raises(Unverified, match="sealed-box-false"):
            open_share(swapped, ROSTER, ROSTER.content.keepers[x - 1], CUSTODY.keepers[x].keys)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"roster": bytes(32)}, "epoch-foreign"),
        ({"vault": bytes(32)}, "epoch-foreign"),
        ({"comp": "lock"}, "epoch-foreign"),
        ({"no": 2**32}, "epoch-foreign"),
        ({"sealed": []}, "epoch-malformed"),
        ({"sealed": GOOD.content.sealed[:4]}, "epoch-malformed"),
        ({"sealed": GOOD.content.sealed + GOOD.content.sealed[:1]}, "epoch-malformed"),
        ({"sealed": [*GOOD.content.sealed[:4], (6, bytes(1200))]}, "epoch-malformed"),
        ({"sealed": GOOD.content.sealed[:4] + GOOD.content.sealed[3:4]}, "epoch-malformed"),
        ({"sealed": GOOD.content.sealed[::-1]}, "epoch-malformed"),
        ({"sealed": [*GOOD.content.sealed[:4], (5, bytes(1199))]}, "epoch-malformed"),
        ({"recipient": bytes(1216)}, "recipient-malformed"),
        ({"recipient": b""}, "recipient-malformed"),
        ({"C": []}, "commitment-malformed"),
        ({"C": GOOD.content.C[:2]}, "commitment-malformed"),
        ({"C": GOOD.content.C + GOOD.content.C[:1]}, "commitment-malformed"),
        ({"C": [*GOOD.content.C[:2], b""]}, "commitment-malformed"),
    ],
)
def test_an_epoch_that_does_not_fit_its_roster_is_refused(change: dict[str, Any], code: str) -> None:
    refused(signed(**change), code)


def test_commitments_of_another_epoch_make_every_share_false() -> None:
    other = CUSTODY.book.epoch(IDENTITY).content
    message = check_epoch(signed(C=other.C), ROSTER)
    with pytest.raises(Unverified, match="share-false"):
        open_share(message, ROSTER, ROSTER.content.keepers[0], CUSTODY.keepers[1].keys)


def test_a_stolen_writer_key_cannot_move_a_share_to_a_quicker_compartment() -> None:
    comps = CUSTODY.book.active.content.comps
    assert comps["public"].delay < comps["private"].delay
    message = signed(comp="public", C=GOOD.content.C[: comps["public"].quorum])
    with pytest.raises(Unverified, match="sealed-box-false"):
        open_share(check_epoch(message, ROSTER), ROSTER, ROSTER.content.keepers[0], CUSTODY.keepers[1].keys)


def test_another_writer_cannot_reissue_a_share() -> None:
    thief = Signer.from_seed(bytes(32))
    with pytest.raises(Unverified, match="sealed-box-false"):
        open_share(write(GOOD.content, thief), ROSTER, ROSTER.content.keepers[0], CUSTODY.keepers[1].keys)


def test_a_share_of_zero_is_false_though_it_fits() -> None:
    """A writer that chose it would leave its keeper unable ever to deal it anew."""
    plan = plan_epoch(ROSTER, CUSTODY.writer.public, "private", 3, NOW)
    f1, g1, f2, g2 = 5, 7, 11, 13
    zero = Polynomial(((-(f1 + f2) % sharing.L, -(g1 + g2) % sharing.L), (f1, g1), (f2, g2)))
    assert sharing.verify(zero.share(1), zero.commitments()).a == 0
    box = HybridRecipient(plan.seats[0][1]).seal(zero.share(1).encode(), share_info(plan, 1))
    sealed = [(1, box), *GOOD.content.sealed[1:]]
    message = check_epoch(signed(no=3, C=list(zero.commitments()), sealed=sealed), ROSTER)
    with pytest.raises(Unverified, match="share-false"):
        open_share(message, ROSTER, ROSTER.content.keepers[0], CUSTODY.keepers[1].keys)


@pytest.mark.parametrize("field", ["vault", "roster", "writer", "compartment", "number"])
def test_every_field_of_the_plan_binds_the_share(field: str) -> None:
    plan = plan_epoch(ROSTER, CUSTODY.writer.public, "private", 1, NOW)
    other: dict[str, Any] = {
        "vault": bytes(32),
        "roster": bytes(32),
        "writer": bytes(32),
        "compartment": "public",
        "number": 2,
    }
    assert share_info(replace(plan, **{field: other[field]}), 1) != share_info(plan, 1)
    assert share_info(plan, 1) != share_info(plan, 2)
    box = dict(GOOD.content.sealed)[1]
    with pytest.raises(HoldfastError, match="sealed-box-false"):
        CUSTODY.keepers[1].keys.enc.open(box, share_info(replace(plan, **{field: other[field]}), 1))
    CUSTODY.keepers[1].keys.enc.open(box, share_info(plan, 1))
