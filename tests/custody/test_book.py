"""What a book makes of messages by strangers, by too few bad keepers, by a thief of the writer's key, and by replay."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from holdfast.crypto import sharing
from holdfast.crypto.signing import Signer
from holdfast.custody import messages
from holdfast.custody.book import Book
from holdfast.custody.contents import Adopt, Reshare, Roster
from holdfast.custody.messages import Message, write
from holdfast.errors import HoldfastError, NotFound, Refused, Unreadable, Unverified
from holdfast.testing.keepers import a_vault

T = TypeVar("T")
CUSTODY = a_vault(5, seed="book")
OLD = CUSTODY.book.active
NEW = CUSTODY.succeed(5, (1, 2, 3))
CUSTODY.deal("private")
REQUEST = CUSTODY.request(CUSTODY.epochs)
CUSTODY.say(CUSTODY.grant(REQUEST, 8).content, CUSTODY.keepers[8].keys.sig)
CUSTODY.admit(Signer.from_seed(b"\x05" * 32).public, 9)
PROPOSED = CUSTODY.propose(3)
MESSAGES = list(CUSTODY.messages)
BOOK = CUSTODY.book
STRANGER = Signer.from_seed(b"\x06" * 32)
BAD = [STRANGER, CUSTODY.writer, *(CUSTODY.keepers[x].keys.sig for x in (1, 2, 6, 7, 11, 12))]
"""A stranger, a thief of the writer's key, and of each roster fewer keepers than open anything private."""


def book(*extra: Message[Any]) -> Book:
    return Book(CUSTODY.vault, CUSTODY.first, [*MESSAGES, *extra])


def view(read: Book) -> object:
    """What an honest reader relies on."""
    return (
        [m.mid for m in read.rosters],
        {mid: read.target(mid, read.active.mid) for mid in CUSTODY.epochs},
        [read.share(mid, CUSTODY.seat(8), CUSTODY.keepers[8].keys, 1) for mid in CUSTODY.epochs],
        read.request(REQUEST.mid),
        read.seat(CUSTODY.keepers[10].keys.sig.public),
    )


HONEST = view(BOOK)
CONTENTS = [m.content for m in MESSAGES]
POOL: dict[str, list[object]] = {
    name: [getattr(c, name) for c in CONTENTS if hasattr(c, name)] for c in CONTENTS for name in c.__struct_fields__
}
POINTS = [sharing.H, sharing.IDENTITY, b"", bytes(32)]


CUTS: list[Callable[[list[Any]], list[Any]]] = [
    lambda v: v,
    lambda v: v[:-1],
    lambda v: v[1:],
    lambda v: v + v,
    lambda v: v[::-1],
    lambda _: [],
]
PLACES = st.integers(0, 999)
ATTACKS = st.tuples(PLACES, st.lists(st.tuples(PLACES, PLACES, PLACES), max_size=3), PLACES)
"""A true message, some of its fields with what stands there instead, and a bad key: as numbers, which print shortly."""


def pick(values: Sequence[T], place: int) -> T:
    return values[place % len(values)]


def attack(plan: tuple[int, list[tuple[int, int, int]], int]) -> Message[msgspec.Struct]:
    """Give a true message with some fields from others, cut, repeated or filled with garbage, signed by a bad key."""
    which, changes, signer = plan
    content: Any = pick(CONTENTS, which)
    for field, source, cut in changes:
        name = pick([f for f in content.__struct_fields__ if f != "vault"], field)
        garbage: list[object] = [[[point] for point in POINTS], [POINTS], [[]] * 3] if name == "D" else []
        value = pick(POOL[name] + garbage, source)
        content = replace(content, **{name: pick(CUTS, cut)(value) if isinstance(value, list) else value})
    return write(content, pick(BAD, signer))


def arriving(sent: Iterable[Message[msgspec.Struct]]) -> Iterator[Message[msgspec.Struct]]:
    """Read messages as a vault does, from their bytes; what is not even a message never reaches a book."""
    for message in sent:
        with suppress(Unreadable):
            yield messages.read(message.envelope)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(ATTACKS, min_size=1, max_size=12))
def test_nothing_that_too_few_add_changes_what_the_honest_read(
    plans: list[tuple[int, list[tuple[int, int, int]], int]],
) -> None:
    extra = list(arriving(attack(plan) for plan in plans))
    read = book(*extra)
    assert view(read) == HONEST
    ask_everything(read, extra)


def ask_everything(read: Book, extra: Iterable[Message[Any]]) -> None:
    """Ask a book about every message: it answers, or raises an error of ours."""
    seat, keys = CUSTODY.seat(8), CUSTODY.keepers[8].keys
    questions: list[Callable[[Message[Any]], object]] = [
        lambda m: read.rounds(m.mid),
        lambda m: read.epoch(m.mid),
        lambda m: read.request(m.mid),
        lambda m: read.round(NEW, [m.mid]),
        lambda m: read.dealt(m) if isinstance(m.content, Roster) else None,
        *(lambda m, at=at: read.commitments(m.mid, at) for at in (0, 1)),
        *(lambda m, at=at: read.share(m.mid, seat, keys, at) for at in (0, 1)),
        *(lambda m, r=r: read.target(m.mid, r.mid) for r in (OLD, NEW, PROPOSED)),
    ]
    assert read.proposals()
    assert CUSTODY.writer.public in read.writers
    for message in extra:
        for ask in questions:
            with suppress(HoldfastError):
                ask(message)


def test_messages_of_another_vault_are_not_in_the_book() -> None:
    other = a_vault(5, seed="another")
    other.succeed(4, (1, 2, 3))
    read = book(*other.messages)
    assert view(read) == HONEST
    assert not {m.mid for m in other.messages} & set(read.messages)


def test_a_card_is_in_no_book() -> None:
    assert CUSTODY.keepers[1].card.mid not in book(CUSTODY.keepers[1].card).messages


def test_a_book_needs_its_first_roster() -> None:
    for first in (bytes(32), CUSTODY.epochs[0]):
        with pytest.raises(NotFound, match="roster-missing"):
            Book(CUSTODY.vault, first, MESSAGES)
    with pytest.raises(Refused, match="roster-succession"):
        Book(CUSTODY.vault, NEW.mid, MESSAGES)
    with pytest.raises(NotFound, match="roster-missing"):
        Book(bytes(32), CUSTODY.first, MESSAGES)


@pytest.mark.parametrize("signer", [STRANGER, CUSTODY.writer, CUSTODY.keepers[1].keys.sig])
def test_only_an_active_keeper_proposes(signer: Signer) -> None:
    rival = write(replace(PROPOSED.content, nonce=bytes(16)), signer)
    assert BOOK.proposals() == [PROPOSED]
    assert book(rival).proposals() == [PROPOSED]


def test_a_keepers_proposal_that_breaks_a_rule_is_left_out_and_says_why() -> None:
    greedy = {name: replace(rule, quorum=1) for name, rule in PROPOSED.content.comps.items()}
    bad = write(replace(PROPOSED.content, comps=greedy), CUSTODY.keepers[6].keys.sig)
    read = book(bad)
    assert read.proposals() == [PROPOSED]
    assert read.refused[bad.mid].code == "roster-quorum"
    with pytest.raises(Refused, match="roster-quorum"):
        read.rounds(bad.mid)


@pytest.mark.parametrize("signer", [STRANGER, CUSTODY.writer])
def test_only_a_keeper_admits_a_writer(signer: Signer) -> None:
    said = next(m for m in MESSAGES if m.kind == "WRITER")
    assert set(BOOK.writers) == {CUSTODY.writer.public, Signer.from_seed(b"\x05" * 32).public}
    read = book(write(replace(said.content, key=STRANGER.public), signer))
    assert set(read.writers) == set(BOOK.writers)


def test_an_epoch_of_a_writer_that_nobody_admitted_is_not_used() -> None:
    epoch = write(BOOK.epoch(CUSTODY.epochs[0]).content, STRANGER)
    with pytest.raises(Unverified, match="writer-not-admitted"):
        book(epoch).target(epoch.mid, NEW.mid)


def test_an_invalid_epoch_says_why() -> None:
    content = BOOK.epoch(CUSTODY.epochs[0]).content
    epoch = write(replace(content, C=[*content.C, content.C[0]]), CUSTODY.writer)
    with pytest.raises(Unverified, match="commitment-malformed"):
        book(epoch).epoch(epoch.mid)
    with pytest.raises(NotFound, match="epoch-missing"):
        BOOK.epoch(bytes(32))
    with pytest.raises(NotFound, match="request-missing"):
        BOOK.request(CUSTODY.epochs[0])


@pytest.mark.parametrize(
    "points",
    [[[]] * 3, [[sharing.H]] * 3, [[sharing.IDENTITY] * 3] * 3, [[b""] * 3] * 3, [[sharing.H] * 9] * 3],
)
def test_a_round_that_bad_keepers_adopted_among_themselves_is_an_error_of_ours(points: list[list[bytes]]) -> None:
    """All dealers and all new keepers lie: the epochs are lost to them, and nothing else breaks."""
    custody = a_vault(3)
    roster = custody.propose(3)
    good = [custody.reshare(roster, x) for x in (1, 2)]
    dealt = [custody.say(replace(m.content, D=points), custody.keepers[x].keys.sig) for x, m in enumerate(good, 1)]
    for x in (4, 5, 6):
        said = Adopt(**custody.head(), roster=roster.mid, dealers=[1, 2], reshares=mids(dealt), epochs=bytes(32))
        custody.say(said, custody.keepers[x].keys.sig)
    assert custody.book.active == roster
    assert custody.book.dealt(roster).popitem()[1].keys() == {1, 2}
    fresh = custody.deal("private")
    for mid in custody.epochs[:3]:
        with pytest.raises(HoldfastError):
            custody.book.target(mid, roster.mid)
        with pytest.raises(HoldfastError):
            custody.book.share(mid, custody.seat(4), custody.keepers[4].keys, 1)
    assert custody.book.target(fresh, custody.book.active.mid).quorum == 2


@pytest.mark.parametrize("change", [{"D": []}, {"D": [[]] * 4}, {"epochs": CUSTODY.epochs[:1] * 3}])
def test_a_round_of_another_shape_is_none(change: dict[str, Any]) -> None:
    custody = a_vault(3)
    roster = custody.propose(3)
    good = [custody.reshare(roster, x) for x in (1, 2)]
    dealt = [custody.say(replace(m.content, **change), custody.keepers[x].keys.sig) for x, m in enumerate(good, 1)]
    assert custody.book.round(roster, mids(good))
    assert custody.book.round(roster, mids(dealt)) is None


def mids(dealt: list[Message[Reshare]]) -> list[bytes]:
    return sorted(m.mid for m in dealt)


def test_the_first_rosters_own_keepers_adopt_it_in_vain() -> None:
    """It has no predecessor from which anything could be dealt."""
    custody = a_vault(3)
    for x in (1, 2, 3):
        said = Adopt(**custody.head(), roster=custody.first, dealers=[], reshares=[], epochs=bytes(32))
        custody.say(said, custody.keepers[x].keys.sig)
    assert custody.book.rounds(custody.first) == []
    with pytest.raises(NotFound):
        custody.book.dealt(custody.book.active)


def test_asking_for_what_is_no_roster_is_an_error_of_ours() -> None:
    for mid in (bytes(32), CUSTODY.epochs[0], REQUEST.mid):
        with pytest.raises(NotFound, match="roster-missing"):
            BOOK.rounds(mid)
        with pytest.raises(NotFound, match="roster-missing"):
            BOOK.index(mid)
        with pytest.raises(NotFound, match="roster-missing"):
            BOOK.target(CUSTODY.epochs[0], mid)


def test_a_second_epoch_under_the_same_number_does_not_displace_the_first() -> None:
    """A thief of the writer's key copies an epoch's boxes beside another recipient: only its own epoch fails."""
    custody = a_vault(3)
    true = custody.epochs[1]
    content = custody.book.epoch(true).content
    other = custody.book.epoch(custody.epochs[2]).content.recipient
    false = custody.say(replace(content, recipient=other), custody.writer).mid
    request = custody.request([*custody.epochs, false])
    opening = custody.open(request, (1, 2))
    assert set(opening.identities) == set(custody.epochs)
    assert (opening.differing, opening.missing, opening.liars) == ((false,), (false,), ())
    assert opening.identities[true].recipient.raw == content.recipient


def test_an_epoch_dealt_falsely_to_one_keeper_does_not_block_a_request() -> None:
    custody = a_vault(3)
    content = custody.book.epoch(custody.epochs[1]).content
    boxes = dict(content.sealed) | {1: bytes(1200)}
    false = custody.say(replace(content, nonce=bytes(16), sealed=list(boxes.items())), custody.writer).mid
    custody.epochs.append(false)
    opening = custody.open(custody.request(custody.epochs), (1, 2))
    assert set(opening.identities) == set(custody.epochs) - {false}
    assert (opening.liars, opening.missing) == ((), (false,))
    opening = custody.open(custody.request(custody.epochs), (1, 2, 3))
    assert set(opening.identities) == set(custody.epochs)
