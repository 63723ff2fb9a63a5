"""Begin a vault for its keepers."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from holdfast import recipe
from holdfast.crypto import age
from holdfast.crypto.hashes import sha256
from holdfast.crypto.hybrid import HybridRecipient
from holdfast.crypto.signing import Signer
from holdfast.custody import messages, rosters
from holdfast.custody.contents import HYBRID_SUITE, Card, Roster, Rule
from holdfast.custody.messages import Message
from holdfast.errors import AlreadyExists
from holdfast.store.protocol import Store
from holdfast.vault import format
from holdfast.vault.format import Format, annex_name, message_name


class Terms(msgspec.Struct, frozen=True):
    """What a roster settles: its keepers, the rule of each compartment, how long a successor waits (seconds)."""

    cards: Sequence[Message[Card]]
    rules: Mapping[str, Rule]
    wait: int


def new(store: Store, terms: Terms, signer: Signer, now: int, random: Callable[[int], bytes]) -> Format:
    """Make a vault in an empty store; its first writer signs the roster.

    Raises `AlreadyExists` where the store holds anything, `Refused` where cards or terms break a rule.
    """
    if any(store.names("")):
        raise AlreadyExists("vault-exists")
    vault = random(32)
    annex = seal_annex(terms.cards, random)
    roster = Roster(
        vault=vault,
        nonce=random(16),
        at=now,
        v=1,
        suite=HYBRID_SUITE,
        comps=dict(terms.rules),
        keepers=rosters.seats(terms.cards),
        wait=terms.wait,
        annex=sha256(annex),
    )
    message = messages.write(rosters.check_roster(roster, []), signer)
    shape = Format(vault, message.mid)
    store.put(annex_name(roster.annex), annex)
    store.put(message_name(message.mid), message.envelope)
    for name, text in recipe.texts().items():
        store.put(name, text)
    store.put(format.NAME, shape.encode())
    return shape


def seal_annex(cards: Sequence[Message[Card]], random: Callable[[int], bytes], first: int = 1) -> bytes:
    """Seal who the keepers are to the keepers: a line for each, number and pseudonym."""
    text = "".join(f"{x}\t{card.content.name}\n" for x, card in enumerate(cards, first))
    recipients = [age.hybrid.Recipient(HybridRecipient(card.content.enc)) for card in cards]
    return age.seal(text.encode(), recipients, random)
