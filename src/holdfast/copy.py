"""Copy a vault to another store, verified; what is there already is checked and skipped."""

from collections.abc import Callable, Iterator
from hashlib import sha256

import msgspec

from holdfast.errors import AlreadyExists, NotFound, Refused, Unverified
from holdfast.store.protocol import Store
from holdfast.vault import format, view

BEFORE, AFTER = ("annex/", "custody/"), ("packs/", "log/")
"""`format` stands behind what it names, and logs go last: whatever is cut off, the copy is valid as of its last commit."""


class Copied(msgspec.Struct, frozen=True):
    """How many objects and bytes were copied, and how many were there already."""

    objects: int
    bytes: int
    present: int


def copy(source: Store, target: Store, progress: Callable[[int], None] = lambda done: None) -> Copied:
    """Copy every object of a vault and read each back.

    Raises `Refused` where the target holds another vault, `AlreadyExists` where it holds other bytes under a name,
    `Unverified` where a pack of the source is not what its name says.
    """
    view.read(source)
    _check_target(source, target)
    copied = size = present = 0
    for name, length in _names(source):
        data = _checked(name, source.get(name))
        if _put(target, name, data):
            copied, size = copied + 1, size + length
        else:
            present += 1
        progress(length)
    return Copied(copied, size, present)


def _check_target(source: Store, target: Store) -> None:
    try:
        there = target.get(format.NAME)
    except NotFound:
        return
    if there != source.get(format.NAME):
        raise Refused("another-vault-there")


def _names(source: Store) -> Iterator[tuple[str, int]]:
    loose = [(name, size) for name, size in source.names("") if "/" not in name]
    for prefix in BEFORE:
        yield from source.names(prefix)
    yield from loose
    for prefix in AFTER:
        yield from source.names(prefix)


def _checked(name: str, data: bytes) -> bytes:
    folder, _, rest = name.rpartition("/")
    if folder in ("packs", "annex") and sha256(data).hexdigest() != rest:
        raise Unverified("pack-changed", pack=rest)
    return data


def _put(target: Store, name: str, data: bytes) -> bool:
    """Put and read back; tell whether it was new."""
    try:
        target.put(name, data)
    except AlreadyExists:
        if target.get(name) != data:
            raise
        return False
    if target.get(name) != data:
        raise Unverified("copy-differs", name=name)
    return True
