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
from holdfast.errors import HoldfastError, Unverified


class Target(msgspec.Struct, frozen=True):
    """What a restorer must know of an epoch: how many shares, what they must fit, and what they must give."""

    quorum: int
    commitments: tuple[bytes, ...]
    recipient: bytes


class Opening(msgspec.Struct, frozen=True):
    """What grants gave: an identity for each epoch that a quorum opened; who was used, who lied, what is missing."""

    identities: Mapping[bytes, HybridIdentity]
    used: tuple[int, ...]
    liars: tuple[int, ...]
    missing: tuple[bytes, ...]


def grant_info(request: bytes, x: int) -> bytes:
    """Bind a grant to one request and one keeper."""
    return b"holdfast/keep-1/grant\0" + request + bytes([x])


def grant(request: Message[Open], shares: Sequence[Share], at: int, random: Callable[[int], bytes]) -> Grant:
    """Seal one keeper's shares, in the order of the request's scope, to its restorer."""
    plain = b"".join(share.encode() for share in shares)
    sealed = HybridRecipient(request.content.to_enc).seal(plain, grant_info(request.mid, shares[0].x))
    return Grant(vault=request.content.vault, nonce=random(16), at=at, open=request.mid, sealed=sealed)


def open_grant(message: Message[Grant], request: Message[Open], x: int, restorer: Keys) -> dict[bytes, Share]:
    """Give keeper `x`'s shares by epoch id, unverified; raise `Unverified` if the box is not for this request."""
    plain = restorer.enc.open(message.content.sealed, grant_info(request.mid, x))
    scope = request.content.scope
    if len(plain) != SHARE_SIZE * len(scope):
        raise Unverified("share-malformed", x=x)
    cut = [plain[k * SHARE_SIZE : (k + 1) * SHARE_SIZE] for k in range(len(scope))]
    return {mid: sharing.decode_share(x, part) for mid, part in zip(scope, cut, strict=True)}


def rebuild(
    grants: Mapping[int, Message[Grant]], request: Message[Open], targets: Mapping[bytes, Target], restorer: Keys
) -> Opening:
    """Verify every share and rebuild the epochs that enough true ones reach; grants come by the keeper's x.

    A keeper of whom any share is false is a liar, and none of its shares is used.  Raises `Unverified` if true shares
    give another recipient than the epoch's (custody rule 9).
    """
    shares, liars = {}, []
    for x, message in sorted(grants.items()):
        try:
            opened = open_grant(message, request, x, restorer)
            shares[x] = {mid: sharing.verify(share, targets[mid].commitments) for mid, share in opened.items()}
        except HoldfastError:
            liars.append(x)
    identities, used = {}, set()
    for mid in request.content.scope:
        chosen = sorted(shares)[: targets[mid].quorum]
        if len(chosen) == targets[mid].quorum:
            identities[mid] = _rebuild_one([shares[x][mid] for x in chosen], targets[mid])
            used |= set(chosen)
    missing = tuple(mid for mid in request.content.scope if mid not in identities)
    return Opening(identities, tuple(sorted(used)), tuple(liars), missing)


def _rebuild_one(shares: Sequence[Share], target: Target) -> HybridIdentity:
    identity = epoch_identity(sharing.rebuild(shares))
    if identity.recipient.raw != target.recipient:
        raise Unverified("recipient-differs")
    return identity
