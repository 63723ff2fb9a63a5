"""A keeper's kit: a folder with a keyring wrapped by a passphrase, and the keeper's own custody log.

keyring.age                     an age passphrase file: one secret for each vault and roster version
log/<log key>/<16 digits>       the custody log of one secret: which vault it answers for, what it first saw
sights/<log key>/<message id>   the checkpoint behind a message's entry, cosigned with the time of first sight
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from holdfast.crypto import age
from holdfast.custody import messages
from holdfast.custody.book import Book
from holdfast.custody.contents import Card, Roster, Seat
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.custody.rosters import seat_of
from holdfast.errors import AlreadyExists, HoldfastError, NotFound, Refused, Unreadable, Unverified
from holdfast.log import checkpoints, commits, cosignatures, notes
from holdfast.log.cosignatures import Cosignature
from holdfast.log.notes import Verifier
from holdfast.store.directory import DirectoryStore, read_file

KEYRING = "keyring.age"
FIRST_LINE = "holdfast-keyring 0"
MESSAGE = b"keep-1\n"
VAULT = b"vault\n"
DEALT = b"dealt\n"


class Kit:
    """An open kit: the passphrase was right, and its secrets are in this process."""

    def __init__(self, folder: Path, passphrase: str, sealed: bytes, work: int) -> None:
        self.keys: list[Keys] = []
        self._sealed = sealed
        self._folder = folder
        self._store = DirectoryStore(folder)
        self._passphrase = passphrase
        self._work = work

    @classmethod
    def create(cls, folder: Path, passphrase: str, work: int = age.scrypt.WRITE_LOG_N) -> "Kit":
        """Make an empty kit in a new or empty folder; `work` is scrypt's log2 N.  Raises `AlreadyExists`."""
        if folder.exists() and any(folder.iterdir()):
            raise AlreadyExists("kit-exists")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kit = cls(folder, passphrase, b"", work)
        kit._save()
        return kit

    @classmethod
    def open(cls, folder: Path, passphrase: str) -> "Kit":
        """Open a kit; raise `NotFound`, `Refused` for a wrong passphrase, `Unreadable` for a damaged keyring."""
        try:
            sealed = read_file(folder / KEYRING)
        except OSError:
            raise NotFound("kit-missing") from None
        work = _work_of(sealed)
        try:
            text = age.unseal(sealed, [age.scrypt.Identity(passphrase)]).decode()
        except Refused as error:
            raise Refused("passphrase-wrong") if error.code == "no-identity-matched" else error from None
        kit = cls(folder, passphrase, sealed, work)
        kit.keys = _read_keyring(text)
        return kit

    def card(self, name: str, now: int, random: Callable[[int], bytes]) -> Message[Card]:
        """Draw a fresh secret for one new vault or roster, keep it, and give its card."""
        keys = Keys(random(32))
        self.keys.append(keys)
        self._save()
        card = Card(
            nonce=random(16),
            at=now,
            name=name,
            enc=keys.enc.recipient.raw,
            seen=keys.cosigner("seen"),
            held=keys.cosigner("held"),
        )
        return messages.write(card, keys.sig)

    def seat(self, book: Book) -> tuple[Keys, Seat]:
        """Give the keys and the seat of this kit in the active roster of a vault; raise `NotFound`.

        A secret answers for the first vault that it meets and for no other: raises `Refused`.
        """
        return self.seat_in(book, book.active)

    def seat_in(self, book: Book, roster: Message[Roster]) -> tuple[Keys, Seat]:
        """Give the keys and the seat of this kit in one roster; raise as `seat` does."""
        for keys in self.keys:
            if (seat := seat_of(roster.content, keys.sig.public)) is not None:
                self._bind(keys, book)
                return keys, seat
        raise NotFound("kit-has-no-seat", v=roster.content.v)

    def sight(self, keys: Keys, mid: bytes, now: int) -> int:
        """Record that a message was seen, unless it was before; give the Unix time of this kit's first sight."""
        if MESSAGE + mid not in self._entries(keys):
            self._append(keys, MESSAGE + mid)
        name = f"sights/{keys.log.public.hex()}/{mid.hex()}"
        try:
            note = self._store.get(name)
        except NotFound:
            note = self._cosign(keys, now)
            self._store.put(name, note)
        return self._time(keys, note)

    def deal_to(self, keys: Keys, roster: bytes) -> None:
        """Record to which successor this secret deals; raise `Refused` for a second one."""
        entries = self._entries(keys)
        if DEALT + roster in entries:
            return
        if any(entry.startswith(DEALT) for entry in entries):
            raise Refused("dealt-to-another-roster")
        self._append(keys, DEALT + roster)

    def erase(self, keys: Keys) -> None:
        """Forget a secret for good, as far as this disk forgets."""
        self.keys.remove(keys)
        self._save()

    # -- the custody log --

    def _bind(self, keys: Keys, book: Book) -> None:
        entries, entry = self._entries(keys), VAULT + book.vault + book.rosters[0].mid
        if not entries:
            self._append(keys, entry)
        elif entries[0] != entry:
            raise Refused("card-of-another-vault")

    def _entries(self, keys: Keys) -> tuple[bytes, ...]:
        return self._replay(keys)[1]

    def _replay(self, keys: Keys) -> tuple[commits.LogState, tuple[bytes, ...]]:
        names = [name for name, _ in self._store.names(f"log/{keys.log.public.hex()}/")]
        return commits.replay(keys.log.public, ((name, self._store.get(name)) for name in names))

    def _append(self, keys: Keys, entry: bytes) -> None:
        state, _ = self._replay(keys)
        commit = commits.commit(state, [entry], keys.log)
        self._store.put(commit.name, commits.encode(commit))

    def _cosign(self, keys: Keys, now: int) -> bytes:
        state, _ = self._replay(keys)
        note = checkpoints.sign(state.checkpoint, keys.log)
        line = cosignatures.cosign(notes.parse(note).text, Cosignature(_cosigner(keys), now), keys.ed25519("seen"))
        return cosignatures.add_lines(note, [line])

    def _time(self, keys: Keys, note: bytes) -> int:
        checkpoints.open_checkpoint(note, commits.verifier_of(keys.log.public))
        found = cosignatures.open_cosignatures(note, [_cosigner(keys)])
        if not found:
            raise Unverified("sight-unsigned")
        return found[0].time

    # -- the keyring --

    def _save(self) -> None:
        """Write the keyring anew; raise `Refused` if another process wrote it since it was read."""
        text = "".join(line + "\n" for line in [FIRST_LINE, *(f"key {keys.secret.hex()}" for keys in self.keys)])
        sealed = age.seal(text.encode(), [age.scrypt.Recipient(self._passphrase, self._work)], os.urandom)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            if self._sealed != _read_if_there(self._folder / KEYRING):
                raise Refused("kit-changed-meanwhile")
            _replace(self._folder, sealed)
            os.fsync(folder)
        finally:
            os.close(folder)
        self._sealed = sealed


def _read_if_there(path: Path) -> bytes:
    return read_file(path) if path.exists() else b""


def _replace(folder: Path, sealed: bytes) -> None:
    temporary = folder / f".{KEYRING}"
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / KEYRING)


def _cosigner(keys: Keys) -> Verifier:
    key = keys.ed25519("seen").public
    return Verifier(f"holdfast/seen/{key.hex()}", notes.COSIGNATURE_ED25519, key)


def _work_of(sealed: bytes) -> int:
    try:
        (stanza,) = age.header.read(sealed).stanzas
        return int(stanza.args[1])
    except (HoldfastError, ValueError, IndexError) as error:
        raise Unreadable("keyring-malformed") from error


def _read_keyring(text: str) -> list[Keys]:
    first, *lines = text.splitlines()
    if first != FIRST_LINE or not all(line.startswith("key ") for line in lines):
        raise Unreadable("keyring-malformed")
    return [Keys(bytes.fromhex(line[4:])) for line in lines]
