"""A keeper's answer to one request, and what a restorer makes of several."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from holdfast.crypto import sharing
from holdfast.crypto.hybrid import HybridIdentity, HybridRecipient
from holdfast.crypto.sharing import SHARE_SIZE, Share
from holdfast.custody.contents import Grant, Open
from holdfast.custody.dealing import epoch_identity
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.errors import HoldfastError, Refused, Unverified


class Target(msgspec.Struct, frozen=True):
    """What a restorer must know of an epoch: how many shares, what they must fit, and what they must give."""

    quorum: int
    commitments: tuple[bytes, ...]
    recipient: bytes


class Opening(msgspec.Struct, frozen=True):
    """What grants gave: an identity for each epoch that a quorum opened; who was used, who lied, what is missing.

    `differing` are those of the missing whose true shares give another recipient than the epoch's: its writer lied.
    """

    identities: Mapping[bytes, HybridIdentity]
    used: tuple[int, ...]
    liars: tuple[int, ...]
    missing: tuple[bytes, ...]
    differing: tuple[bytes, ...] = ()


ABSENT = b"\xff" * SHARE_SIZE
"""Stands for a share that its keeper could not open or verify, so that one false epoch does not block a request."""


def grant_info(request: bytes, x: int) -> bytes:
    """Bind a grant to one request and one keeper."""
    return b"holdfast/keep-1/grant\0" + request + bytes([x])


def grant(request: Message[Open], shares: Sequence[Share | None], at: int, random: Callable[[int], bytes]) -> Grant:
    """Seal one keeper's shares, in the order of the request's scope, to its restorer; None where a share is false.

    Raises `Refused` unless there is a place for each epoch of the scope, and at least one share, all of one keeper.
    """
    xs = {share.x for share in shares if share}
    if len(shares) != len(request.content.scope) or len(xs) != 1:
        raise Refused("grant-empty", request=request.mid.hex())
    plain = b"".join(share.encode() if share else ABSENT for share in shares)
    sealed = HybridRecipient(request.content.to_enc).seal(plain, grant_info(request.mid, xs.pop()))
    return Grant(vault=request.content.vault, nonce=random(16), at=at, open=request.mid, sealed=sealed)


def open_grant(message: Message[Grant], request: Message[Open], x: int, restorer: Keys) -> dict[bytes, Share]:
    """Give keeper `x`'s shares by epoch id, unverified; raise `Unverified` if the box is not for this request.

    An epoch whose share the keeper itself found false is left out.
    """
    plain = restorer.enc.open(message.content.sealed, grant_info(request.mid, x))
    scope = request.content.scope
    if len(plain) != SHARE_SIZE * len(scope):
        raise Unverified("share-malformed", x=x)
    cut = [plain[k * SHARE_SIZE : (k + 1) * SHARE_SIZE] for k in range(len(scope))]
    return {mid: sharing.decode_share(x, part) for mid, part in zip(scope, cut, strict=True) if part != ABSENT}


def rebuild(
    grants: Mapping[int, Message[Grant]], request: Message[Open], targets: Mapping[bytes, Target], restorer: Keys
) -> Opening:
    """Verify every share and rebuild the epochs that enough true ones reach; grants come by the keeper's x.

    A keeper of whom any share is false is a liar, and none of its shares is used; a grant for another request is no
    lie, and is left out.  An epoch without a target, or whose shares give another recipient (custody rule 9), is
    missing, and the others open.  Raises `Unverified` if `restorer` is not whom the request names.
    """
    if restorer.enc.recipient.raw != request.content.to_enc:
        raise Unverified("restorer-differs", request=request.mid.hex())
    shares, liars = _verified(grants, request, targets, restorer)
    identities, used, differing = {}, set(), []
    for mid in (mid for mid in request.content.scope if mid in targets):
        chosen = [held[mid] for held in shares if mid in held][: targets[mid].quorum]
        if len(chosen) < targets[mid].quorum:
            continue
        try:
            identities[mid] = _rebuild_one(chosen, targets[mid])
            used |= {share.x for share in chosen}
        except Unverified:
            differing.append(mid)
    missing = tuple(mid for mid in request.content.scope if mid not in identities)
    return Opening(identities, tuple(sorted(used)), tuple(liars), missing, tuple(differing))


def _verified(
    grants: Mapping[int, Message[Grant]], request: Message[Open], targets: Mapping[bytes, Target], restorer: Keys
) -> tuple[list[dict[bytes, Share]], list[int]]:
    shares, liars = [], []
    for x, message in sorted(grants.items()):
        if message.content.open != request.mid:
            continue
        try:
            opened = open_grant(message, request, x, restorer)
            known = {mid: share for mid, share in opened.items() if mid in targets}
            shares.append({mid: sharing.verify(share, targets[mid].commitments) for mid, share in known.items()})
        except HoldfastError:
            liars.append(x)
    return shares, liars


def _rebuild_one(shares: Sequence[Share], target: Target) -> HybridIdentity:
    identity = epoch_identity(sharing.rebuild(shares))
    if identity.recipient.raw != target.recipient:
        raise Unverified("recipient-differs")
    return identity
