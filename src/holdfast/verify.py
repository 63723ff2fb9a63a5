"""Check that every promised byte is there and unchanged, that logs are consistent and that nothing was rolled back."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from holdfast import recipe
from holdfast.crypto import age
from holdfast.errors import HoldfastError, Unverified
from holdfast.log import checkpoints, commits, merkle, notefiles, notes
from holdfast.log.checkpoints import Checkpoint
from holdfast.store.protocol import Store
from holdfast.vault import view
from holdfast.vault.entries import EpochEntry, Pack
from holdfast.vault.format import pack_name
from holdfast.vault.packs import SEALED_SIZES
from holdfast.vault.reader import get_pack
from holdfast.vault.view import Vault

WORKERS = 2


class Verdict(msgspec.Struct, frozen=True):
    """What was found: packs promised, their sealed bytes, each fault, and the checkpoints now.

    `unlisted` packs stand in no log, `strange` messages in custody are not valid, and `scripts` beside the vault are
    not as this version makes them: no promise is broken, and each is worth a look.
    """

    packs: int
    size: int
    unlisted: int
    strange: int
    scripts: tuple[str, ...]
    faults: tuple[HoldfastError, ...]
    checkpoints: dict[bytes, Checkpoint]
    deep: bool

    def check(self) -> "Verdict":
        """Give the verdict back if nothing is wrong, else raise its first fault."""
        if self.faults:
            raise self.faults[0]
        return self


def verify(
    store: Store,
    against: bytes | None = None,
    *,
    deep: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Verdict:
    """Check a vault without any key; `against` is a file of checkpoints seen earlier, `deep` reads every sealed byte.

    Raises `NotFound` or `Unreadable` where there is no vault, or `against` is no such file.  All else that is wrong is
    a fault in the verdict, so that one does not hide another.
    """
    vault = view.read(store)
    faults = list(vault.faults)
    faults += [fault for note in _notes(against) if (fault := _check_against(vault, note))]
    faults += _check_epochs(vault)
    promised = {pack.digest: pack for log in vault.logs.values() for pack in log.packs()}
    there = dict(store.names("packs/"))
    faults += _check_present(promised.values(), there)
    if deep:
        faults += _check_bytes(
            store, [p for p in promised.values() if there.get(pack_name(p.digest)) == p.size], progress
        )
    unlisted = len(set(there) - {pack_name(digest) for digest in promised})
    size = sum(pack.size for pack in promised.values())
    heads = {writer: log.state.checkpoint for writer, log in vault.logs.items()}
    return Verdict(len(promised), size, unlisted, len(vault.strange), _other_scripts(store), tuple(faults), heads, deep)


def write_checkpoints(store: Store) -> bytes:
    """Give every writer's newest signed checkpoint as one file, for `verify --against` at a later time."""
    newest: dict[str, str] = {}
    for name, _ in store.names("log/"):
        newest[name.split("/")[1]] = name
    return notefiles.join_notes([commits.decode(store.get(name), name).note for name in newest.values()])


def _other_scripts(store: Store) -> tuple[str, ...]:
    """Give which of the scripts for opening without us are not ours: people would run them on their keys."""
    ours = recipe.texts()
    there = {name for name, _ in store.names("")} & set(ours)
    return tuple(name for name in sorted(ours) if name not in there or store.get(name) != ours[name])


def _notes(against: bytes | None) -> Sequence[bytes]:
    return () if against is None else notefiles.split_notes(against)


def _check_against(vault: Vault, note: bytes) -> HoldfastError | None:
    """Find a rollback or a rewriting: what was once signed must still begin the log."""
    origin = checkpoints.parse(notes.parse(note).text).origin
    try:
        writer = commits.writer_of(origin)
        checkpoint = checkpoints.open_checkpoint(note, commits.verifier_of(writer))
        if writer not in vault.logs:
            raise Unverified("log-rolled-back", origin=origin, size=0, wanted=checkpoint.size)
        checkpoints.check_extends([merkle.leaf_hash(entry) for entry in vault.logs[writer].raw], checkpoint)
    except HoldfastError as error:
        return error
    return None


def _check_epochs(vault: Vault) -> Iterator[HoldfastError]:
    for log in vault.logs.values():
        for entry in log.entries:
            if isinstance(entry, EpochEntry) and entry.mid not in vault.book.epochs:
                yield vault.book.refused.get(entry.mid) or Unverified("epoch-missing", epoch=entry.mid.hex())


def _check_present(promised: Iterable[Pack], there: dict[str, int]) -> Iterator[HoldfastError]:
    for pack in promised:
        size = there.get(pack_name(pack.digest))
        if size is None:
            yield Unverified("pack-missing", pack=pack.digest.hex())
        elif size != pack.size:
            yield Unverified("pack-changed", pack=pack.digest.hex())


def _check_bytes(store: Store, packs: Sequence[Pack], progress: Callable[[int], None]) -> list[HoldfastError]:
    faults = []
    with ThreadPoolExecutor(WORKERS) as executor:
        for pack, fault in zip(packs, executor.map(lambda p: _check_pack(store, p), packs), strict=True):
            progress(pack.size)
            if fault is not None:
                faults.append(fault)
    return faults


def _check_pack(store: Store, pack: Pack) -> HoldfastError | None:
    """Check a pack's hash, that it is one age file to one recipient of the suite, and that its size tells nothing."""
    try:
        stanzas = age.header.read(get_pack(store, pack.digest)).stanzas
        if len(stanzas) != 1 or stanzas[0].type != "mlkem768x25519" or pack.size not in SEALED_SIZES:
            raise Unverified("pack-malformed", pack=pack.digest.hex())
    except HoldfastError as error:
        return error
    return None
