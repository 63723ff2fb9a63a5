"""What each kind of KEEP-1 message says.  Field names are those on the wire; unknown fields stay in the stored bytes.

Every content has `vault` (32 bytes), `nonce` (16 random bytes, so that a message id confirms no guess) and `at`
(Unix seconds by the signer's clock, which decides nothing).  A card has no vault.
"""

from typing import Annotated

import msgspec

Bytes16 = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Bytes32 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Natural = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Index = Annotated[int, msgspec.Meta(ge=1, le=255)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]

CODES = ("restore", "evidence", "owner-asks", "drill")
"""Why a request is made: a short list, never free text."""

HYBRID_SUITE = 1

Cosigner = tuple[Bytes32, Bytes32]
"""An Ed25519 key, and the SHA-256 of an ML-DSA-44 key; the full key comes with the first receipt."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What all messages about a vault share."""

    vault: Bytes32
    nonce: Bytes16
    at: Natural


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A keeper's public keys for one new vault, signed by the key they are bound to; `name` is a pseudonym."""

    nonce: Bytes16
    at: Natural
    name: Annotated[str, msgspec.Meta(max_length=64)]
    enc: bytes
    seen: Cosigner
    held: Cosigner


class Seat(msgspec.Struct, frozen=True, array_like=True):
    """One keeper of a roster: a number that no other person ever gets, and keys; never a name."""

    x: Index
    enc: bytes
    sig: Bytes32
    seen: Cosigner
    held: Cosigner


class Rule(msgspec.Struct, frozen=True, array_like=True):
    """How a compartment opens: how many keepers, after how many seconds."""

    quorum: Index
    delay: Natural


class Roster(Content, frozen=True, kw_only=True):
    """Who the keepers are, and what opens each compartment.

    `wait` is how long a successor waits, in seconds; `annex` is the SHA-256 of an age file to all keepers.
    """

    v: Index
    prev: Bytes32 | msgspec.UnsetType = msgspec.UNSET
    suite: Natural
    comps: dict[Name, Rule]
    keepers: list[Seat]
    wait: Natural
    annex: Bytes32


class Writer(Content, frozen=True, kw_only=True):
    """A keeper admits a writer whose key is new."""

    key: Bytes32
    type: Name
    comps: list[Name]


class Epoch(Content, frozen=True, kw_only=True):
    """One sealing key: its recipient, and its secret dealt to the keepers of a roster."""

    comp: Name
    no: Natural
    roster: Bytes32
    recipient: bytes
    C: list[bytes]
    sealed: list[tuple[Index, bytes]]


class Open(Content, frozen=True, kw_only=True):
    """A keeper asks for whole keepings and compartments to be opened to one restorer's keys."""

    scope: Annotated[list[Bytes32], msgspec.Meta(min_length=1)]
    to_enc: bytes
    to_sig: Bytes32
    roster: Bytes32
    why: Name
    until: Natural


class Grant(Content, frozen=True, kw_only=True):
    """A keeper's shares of one request's scope, sealed to its restorer."""

    open: Bytes32
    sealed: bytes


class Opened(Content, frozen=True, kw_only=True):
    """A restorer says what was opened with whose shares, before anything is shown."""

    open: Bytes32
    used: list[Index]
    liars: list[Index]
    missing: list[Bytes32]


class Reshare(Content, frozen=True, kw_only=True):
    """An old keeper deals its shares of `epochs` anew to the keepers of the next roster."""

    roster: Bytes32
    epochs: list[Bytes32]
    D: list[list[bytes]]
    sealed: list[tuple[Index, bytes]]


class Adopt(Content, frozen=True, kw_only=True):
    """A new keeper has verified every sub-share of these dealers; `epochs` is the SHA-256 of their ids.

    `reshares` are the ids of the very messages that were verified, so that a dealer cannot swap its own afterwards.
    """

    roster: Bytes32
    dealers: list[Index]
    reshares: list[Bytes32]
    epochs: Bytes32


class Erased(Content, frozen=True, kw_only=True):
    """An old keeper has destroyed its key of that roster."""

    roster: Bytes32


KINDS: dict[str, type[msgspec.Struct]] = {
    "CARD": Card,
    "ROSTER": Roster,
    "WRITER": Writer,
    "EPOCH": Epoch,
    "OPEN": Open,
    "GRANT": Grant,
    "OPENED": Opened,
    "RESHARE": Reshare,
    "ADOPT": Adopt,
    "ERASED": Erased,
}
"""The messages that work between files; others are stored and not acted on."""
