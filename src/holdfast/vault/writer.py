"""The writing end of a vault: it can seal and append, and has no method that reads or removes."""

from collections.abc import Callable, Sequence

from holdfast.crypto import age
from holdfast.crypto.hashes import sha256
from holdfast.crypto.hybrid import HybridRecipient
from holdfast.crypto.signing import Signer
from holdfast.errors import AlreadyExists, Refused
from holdfast.log import commits
from holdfast.log.commits import LogState
from holdfast.store.once import put_once
from holdfast.store.protocol import Store
from holdfast.vault.entries import Pack
from holdfast.vault.format import pack_name


class Sealer:
    """Seals tars to one epoch's recipient and stores them under the hash of the sealed bytes."""

    def __init__(self, store: Store, recipient: bytes, random: Callable[[int], bytes]) -> None:
        self._store = store
        self._recipients = [age.hybrid.Recipient(HybridRecipient(recipient))]
        self._random = random

    def store(self, tar: bytearray) -> Pack:
        """Seal and store one tar durably; give the pack's hash and size."""
        sealed = age.seal(tar, self._recipients, self._random)
        digest = sha256(sealed)
        put_once(self._store, pack_name(digest), sealed)
        return Pack(digest, len(sealed))


class LogWriter:
    """Appends to one writer's log; a commit is one created object, and nothing counts before it."""

    def __init__(self, store: Store, state: LogState, signer: Signer) -> None:
        self.state = state
        self._store = store
        self._signer = signer

    def append(self, entries: Sequence[bytes]) -> LogState:
        """Commit `entries`; raise `Refused` if another run of the same writer was first."""
        commit = commits.commit(self.state, entries, self._signer)
        try:
            put_once(self._store, commit.name, commits.encode(commit))
        except AlreadyExists:
            raise Refused("log-moved", writer=self.state.writer.hex()) from None
        self.state = commits.advance(self.state, commit)
        return self.state
