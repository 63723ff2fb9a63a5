"""The age file format, version 1: C2SP `age.md`, with hybrid, classic and passphrase recipients.

age files are sealed to recipients and opened by identities.  A writer never mixes hybrid and other recipients.
Errors when reading: `Unreadable` for garbage (`age-header`, `age-armor`, each with `why`), `Unverified` for a change
(`age-mac`, `age-chunk`, `age-cut`), `Refused` for a rule (`no-identity-matched`, `passphrase-work`).  When writing:
`Refused` (`no-recipient`, `passphrase-not-alone`, `recipients-mixed`).
"""

from holdfast.crypto.age import armor, header, hybrid, scrypt, x25519
from holdfast.crypto.age.reader import Reader
from holdfast.crypto.age.stanza import Identity, Recipient, Stanza
from holdfast.crypto.age.whole import seal, unseal
from holdfast.crypto.age.writer import Writer

__all__ = [
    "Identity",
    "Reader",
    "Recipient",
    "Stanza",
    "Writer",
    "armor",
    "header",
    "hybrid",
    "scrypt",
    "seal",
    "unseal",
    "x25519",
]
