"""Leave a roster that has been replaced: destroy its secret, and say so."""

from collections.abc import Callable

from holdfast.custody import messages
from holdfast.custody.contents import Adopt, Erased, Roster
from holdfast.custody.messages import Message
from holdfast.errors import NotFound, Refused
from holdfast.keeper import policy
from holdfast.keeper.kits import Kit
from holdfast.store.once import put_once
from holdfast.vault.format import message_name
from holdfast.vault.view import Vault

WAITS = 2
"""Old keepers stay for two waits after a roster is adopted, so that late epochs can still be reshared."""


def retire(vault: Vault, kit: Kit, now: int, random: Callable[[int], bytes]) -> list[Message[Erased]]:
    """Sign ERASED for every replaced roster of this kit whose time is over, then erase its secret.

    Raises `Refused` while it is too early or shares would be lost, `NotFound` where this kit has nothing to erase.
    """
    done = []
    for old, successor in zip(vault.book.rosters, vault.book.rosters[1:], strict=False):
        try:
            keys, _ = kit.seat_in(vault.book, old)
        except NotFound:
            continue
        adopted = [m.mid for m in vault.book.of(Adopt) if m.content.roster == successor.mid]
        sight = max(kit.sight(keys, mid, now) for mid in adopted)
        policy.check_waited(old, sight, now, WAITS)
        _check_reshared(vault, successor)
        content = Erased(vault=vault.format.vault, nonce=random(16), at=now, roster=old.mid)
        message = messages.write(content, keys.sig)
        put_once(vault.store, message_name(message.mid), message.envelope)
        kit.erase(keys)
        done.append(message)
    if not done:
        raise NotFound("nothing-to-erase")
    return done


def _check_reshared(vault: Vault, successor: Message[Roster]) -> None:
    """Refuse to erase what no round has brought to the successor: those shares would be gone for ever."""
    book, at = vault.book, vault.book.index(successor.mid)
    for mid, epoch in book.epochs.items():
        if epoch.key in book.writers and book.index(epoch.content.roster) < at:
            try:
                book.target(mid, successor.mid)
            except NotFound:
                raise Refused("epoch-not-reshared", epoch=mid.hex()) from None
