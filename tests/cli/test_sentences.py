"""Every error has one sentence, and every sentence an error."""

import re

import pytest
from texts import Raise, raises

from holdfast.cli import edge
from holdfast.cli.edge import EXIT_CODES, exit_code, sentence
from holdfast.cli.sentences import SENTENCES, field
from holdfast.errors import HoldfastError, NotFound, Refused, Unreadable, Unverified

RAISES = raises()
FIELD = re.compile(r"{(\w+)}")


def test_the_scan_finds_errors_in_every_room() -> None:
    rooms = {one.place.partition("/")[0] for one in RAISES}
    assert {"crypto", "log", "custody", "vault", "store", "state", "sources", "targets", "keeper", "cli"} <= rooms
    assert {"log-fork", "log-gap", "grants-none", "store-full", "not-a-file", "zip-cut-off"} <= {r.code for r in RAISES}


def test_every_code_has_a_sentence() -> None:
    assert {one.code: one.place for one in RAISES if one.code not in SENTENCES} == {}


def test_every_sentence_has_an_error() -> None:
    assert set(SENTENCES) - {one.code for one in RAISES} == set()


@pytest.mark.parametrize("one", RAISES, ids=lambda one: f"{one.code}-{one.place}")
def test_a_sentence_names_only_fields_that_the_error_gives(one: Raise) -> None:
    assert set(FIELD.findall(SENTENCES[one.code])) <= one.fields


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_short_whole_and_plain(code: str) -> None:
    text = SENTENCES[code].removesuffix("{liars}")
    assert len(text) < 230
    assert text.endswith((".", "VAULT", "CARD...", "check", "reshare", "admit", "{known}."))
    assert not re.search(r"\b(stanza|leaf|nonce|MAC|hash|cipher|Merkle|CBOR|scrypt|payload|digest|exception)\b", text)


def test_two_codes_do_not_share_a_sentence() -> None:
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize("error", EXIT_CODES, ids=lambda error: error.__name__)
def test_blame_is_in_the_exit_code(error: type[HoldfastError]) -> None:
    assert exit_code(error("any")) == EXIT_CODES[error]
    assert len(set(EXIT_CODES.values())) == len(EXIT_CODES)


@pytest.mark.parametrize("code", edge.WAITS)
def test_what_only_needs_time_has_an_exit_code_of_its_own(code: str) -> None:
    assert exit_code(Refused(code, due=0)) == 9


def test_times_are_shown_as_people_read_them() -> None:
    assert "2027-01-15 08:00 UTC" in sentence(Refused("request-waits", due=1_800_000_000))


def test_ids_are_shown_by_their_start() -> None:
    text = sentence(Unverified("pack-missing", pack="ab" * 32))
    assert "packs/abababababababab is" in text


def test_liars_are_named_by_number_where_there_are_any() -> None:
    told = sentence(Refused("quorum-missing", have=1, need=3, liars=(4, 5)))
    assert told.endswith("ask another keeper. The share of keeper 4, 5 is false.")
    assert sentence(Refused("quorum-missing", have=1, need=3, liars=())).endswith("ask another keeper.")


def test_a_compartment_and_a_kind_are_called_by_their_names() -> None:
    error = Unreadable("message-other-kind", name="f", wanted="GRANT", found="CARD")
    assert sentence(error).startswith("f holds a keeper's card, and a grant is needed here.")
    assert field("compartment", "private") == "private"


def test_a_code_of_a_plug_in_has_a_sentence_too() -> None:
    assert "their-own-code" in sentence(NotFound("their-own-code"))
