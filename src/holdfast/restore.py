"""Bring a keeping back: plan for a target, then do one step after the other."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from holdfast.crypto.hybrid import HybridIdentity
from holdfast.errors import NotFound
from holdfast.model.export import Member
from holdfast.targets.x import XTarget
from holdfast.vault.reader import Snapshot
from holdfast.vault.view import Keeping, Vault


def choose(vault: Vault, identities: Mapping[bytes, HybridIdentity], wanted: str = "") -> Keeping:
    """Give the keeping that was named, else the newest that is open and whole, else the newest that is open at all."""
    if wanted:
        return vault.keeping(wanted)
    opened = [k for k in vault.keepings() if set(k.epochs.values()) & set(identities)]
    if not opened:
        raise NotFound("nothing-to-open")
    return max(opened, key=lambda k: (k.whole, k.number))


def restore(snapshot: Snapshot, target: XTarget, progress: Callable[[int], None] = lambda done: None) -> Iterator[Path]:
    """Do each step that the target plans; give each path as it appears.  Done twice, it changes nothing."""

    def read(member: Member) -> Iterator[bytes]:
        for data in snapshot.read(member):
            yield data
            progress(len(data))

    for step in target.plan(snapshot.containers(), snapshot.members, read):
        yield target.apply(step)
