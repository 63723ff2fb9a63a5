"""Copy a vault to another store, verified; what is there already is checked and skipped."""

from collections.abc import Callable, Iterator
from hashlib import sha256

import msgspec

from holdfast.errors import AlreadyExists, HoldfastError, NotFound, Refused, Unverified
from holdfast.store.protocol import Store
from holdfast.vault import format, view
from holdfast.vault.format import pack_name

BEFORE, AFTER = ("annex/", "custody/"), ("packs/", "log/")
"""`format` stands behind what it names and logs go last: cut off anywhere, the copy is valid as of its last commit."""


class Copied(msgspec.Struct, frozen=True):
    """How many objects and bytes were copied, how many were there already, and what is wrong with the copy."""

    objects: int
    size: int
    present: int
    faults: tuple[HoldfastError, ...]


def copy(source: Store, target: Store, progress: Callable[[int], None] = lambda done: None) -> Copied:
    """Copy every object of a vault and read each back.

    What is damaged in the source is left out and is a fault of the copy; the rest is copied.  Raises `Refused` where
    the target holds another vault, `AlreadyExists` where it holds other bytes under a name.
    """
    view.read(source)
    _check_target(source, target)
    copied = size = present = 0
    damaged: list[HoldfastError] = []
    for name, length in _names(source):
        try:
            data = _checked(name, source.get(name))
        except Unverified as error:
            damaged.append(error)
            continue
        if _put(target, name, data):
            copied, size = copied + 1, size + length
        else:
            present += 1
        progress(length)
    return Copied(copied, size, present, (*damaged, *_faults(target)))


def _faults(target: Store) -> list[HoldfastError]:
    """Give what is false in the copy's public face, and the promised packs that it lacks."""
    vault = view.read(target)
    there = {name for name, _ in target.names("packs/")}
    promised = {pack.digest for log in vault.logs.values() for pack in log.packs()}
    missing = sorted(digest.hex() for digest in promised if pack_name(digest) not in there)
    return [*vault.faults, *(Unverified("pack-missing", pack=digest) for digest in missing)]


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
