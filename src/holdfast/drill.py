"""The fire drill: a keeper opens and verifies every share it holds, before anybody needs it."""

import msgspec

from holdfast.errors import HoldfastError
from holdfast.keeper.kits import Kit
from holdfast.vault.view import Vault


class Drill(msgspec.Struct, frozen=True):
    """What a keeper found: its number, the epochs whose shares are good, and those that are not, with the reason."""

    x: int
    good: tuple[bytes, ...]
    bad: dict[bytes, HoldfastError]


def drill(vault: Vault, kit: Kit) -> Drill:
    """Open and verify this kit's share of every epoch of an admitted writer; raise `NotFound` without a seat."""
    keys, seat = kit.seat(vault.book)
    at = vault.book.index(vault.book.active.mid)
    good, bad = [], {}
    for mid, epoch in vault.book.epochs.items():
        if epoch.key in vault.book.writers:
            try:
                vault.book.share(mid, seat, keys, at)
                good.append(mid)
            except HoldfastError as error:
                bad[mid] = error
    return Drill(seat.x, tuple(good), bad)
