"""A card goes into one QR code on a screen, or into one chat message."""

from holdfast.custody import messages
from holdfast.custody.contents import Card
from holdfast.custody.keys import Keys

QR_40_M, QR_40_L = 2_331, 2_953
"""Bytes that the largest QR code holds at its levels M and L (ISO/IEC 18004)."""


def card(name: str) -> messages.Message[Card]:
    keys = Keys(bytes(range(32)))
    fields = {"enc": keys.enc.recipient.raw, "seen": keys.cosigner("seen"), "held": keys.cosigner("held")}
    return messages.write(Card(nonce=bytes(16), at=2**40, name=name, **fields), keys.sig)


def test_a_card_fits_a_code_even_as_text() -> None:
    assert len(messages.armor(card("anna"))) <= QR_40_M


def test_a_card_with_the_longest_name_fits_too() -> None:
    longest = card("巨" * 64)
    assert len(messages.armor(longest)) <= QR_40_L
    assert len(longest.envelope) <= QR_40_M
