"""Commits: a chain that only grows, and each way to tamper with it."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.crypto.signing import Signer
from holdfast.errors import HoldfastError, Refused, Unreadable, Unsupported, Unverified
from holdfast.log import checkpoints, commits, merkle, notes
from holdfast.log.checkpoints import Checkpoint
from holdfast.log.commits import Commit, LogState

SIGNER, FORGER = Signer.from_seed(b"w" * 32), Signer.from_seed(b"f" * 32)
WRITER = SIGNER.public
START = commits.start(WRITER)
FIRST = commits.commit(START, [b"one", b"two"], SIGNER)
AFTER = commits.advance(START, FIRST)
SECOND = commits.commit(AFTER, [b"three"], SIGNER)
THIRD = commits.commit(commits.advance(AFTER, SECOND), [b"four", b"five"], SIGNER)

batches = st.lists(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=4), max_size=6)


def stored(*chain: Commit) -> list[tuple[str, bytes]]:
    return [(commit.name, commits.encode(commit)) for commit in chain]


def chain_of(groups: list[list[bytes]]) -> list[Commit]:
    log, chain = START, []
    for group in groups:
        chain.append(commits.commit(log, group, SIGNER))
        log = commits.advance(log, chain[-1])
    return chain


def signed(origin: str, size: int, root: bytes, signer: Signer = SIGNER) -> bytes:
    return notes.sign(checkpoints.encode(Checkpoint(origin, size, root)), commits.origin_of(WRITER), signer)


def test_first_commit_byte_for_byte() -> None:
    writer = WRITER.hex()
    assert FIRST.name == f"log/{writer}/0000000000000000"
    assert SECOND.name == f"log/{writer}/0000000000000002"
    assert commits.encode(FIRST) == b"holdfast-commit 0 0 2\n\0\3one\0\3two" + FIRST.note
    assert FIRST.note.startswith(f"holdfast/log/{writer}\n2\n".encode())
    assert FIRST.note.count(f"\n— holdfast/log/{writer} ".encode()) == 1


@pytest.mark.slow
@given(batches)
def test_a_chain_replays(groups: list[list[bytes]]) -> None:
    chain = chain_of(groups)
    log, found = commits.replay(WRITER, stored(*chain))
    assert found == tuple(entry for group in groups for entry in group)
    assert log.size == len(found)
    assert log.tree.root() == merkle.root([merkle.leaf_hash(entry) for entry in found])
    for commit in chain:
        assert commits.decode(commits.encode(commit), commit.name) == commit


@pytest.mark.slow
@given(batches, st.data())
def test_each_earlier_checkpoint_is_extended(groups: list[list[bytes]], data: st.DataObject) -> None:
    chain = chain_of(groups)
    leaves = [merkle.leaf_hash(entry) for commit in chain for entry in commit.entries]
    for commit in chain:
        seen = checkpoints.open_checkpoint(commit.note, commits.verifier_of(WRITER))
        assert checkpoints.check_extends(leaves, seen) is seen


def test_a_state_can_be_stored_and_go_on() -> None:
    remembered = msgspec.json.decode(msgspec.json.encode(AFTER), type=LogState)
    assert remembered == AFTER
    assert commits.advance(remembered, SECOND).size == 3


def test_another_writer_s_key_signs_nothing_here() -> None:
    with pytest.raises(Refused, match="log-not-writer"):
        commits.commit(START, [b"x"], FORGER)


def test_nothing_and_oversized_entries_are_refused() -> None:
    with pytest.raises(Refused, match="log-nothing-new"):
        commits.commit(START, [], SIGNER)
    for entry in (b"", bytes(65_536)):
        with pytest.raises(Refused, match="entry-size"):
            commits.commit(START, [b"x", entry], SIGNER)


def test_writer_key_of_low_order() -> None:
    with pytest.raises(Unverified, match="key-low-order"):
        commits.replay(b"\1" + bytes(31), [])


def refuses(code: str, log: LogState, commit: Commit) -> None:
    with pytest.raises(Unverified, match=code) as caught:
        commits.advance(log, commit)
    assert caught.value.fields["writer"] == commit.writer.hex()
    assert caught.value.fields["size"] == commit.size


def test_commit_rewritten() -> None:
    refuses("log-root", AFTER, msgspec.structs.replace(SECOND, entries=(b"THREE",)))
    refuses("log-root", START, msgspec.structs.replace(FIRST, entries=(b"two", b"one")))


def test_commit_with_an_entry_dropped_or_added() -> None:
    refuses("log-size", START, msgspec.structs.replace(FIRST, entries=(b"one",)))
    refuses("log-size", AFTER, msgspec.structs.replace(SECOND, entries=(b"three", b"more")))


def test_entries_cut_at_another_place() -> None:
    refuses("log-root", START, msgspec.structs.replace(FIRST, entries=(b"onet", b"wo")))


def test_commit_forged_without_the_writer_s_key() -> None:
    forged = commits.commit(commits.start(FORGER.public), [b"one", b"two"], FORGER)
    refuses("log-signature", START, msgspec.structs.replace(forged, writer=WRITER))
    note = signed(commits.origin_of(WRITER), 2, AFTER.tree.root(), FORGER)
    refuses("log-signature", START, msgspec.structs.replace(FIRST, note=note))
    lines = notes.parse(FIRST.note).lines
    note = notes.encode(notes.Note(notes.parse(SECOND.note).text, lines))
    refuses("log-signature", AFTER, msgspec.structs.replace(SECOND, note=note))


def test_commit_with_a_line_added() -> None:
    note = notes.parse(FIRST.note)
    stranger = notes.Line("stranger", b"1234", b"signature")
    for lines in ((*note.lines, stranger), note.lines * 2):
        added = notes.encode(notes.Note(note.text, lines))
        refuses("log-signature", START, msgspec.structs.replace(FIRST, note=added))


def test_checkpoint_of_another_origin() -> None:
    note = signed("holdfast/log/other", 2, AFTER.tree.root())
    refuses("log-origin", START, msgspec.structs.replace(FIRST, note=note))


def test_checkpoint_replayed_from_before() -> None:
    refuses("log-size", AFTER, msgspec.structs.replace(SECOND, note=FIRST.note))


def test_note_of_a_commit_that_is_no_checkpoint() -> None:
    note = notes.sign(b"hello\n", commits.origin_of(WRITER), SIGNER)
    refuses("log-signature", START, msgspec.structs.replace(FIRST, note=note))


def test_checkpoint_with_further_lines() -> None:
    text = notes.parse(FIRST.note).text + b"extension\n"
    note = notes.sign(text, commits.origin_of(WRITER), SIGNER)
    refuses("log-root", START, msgspec.structs.replace(FIRST, note=note))


def test_commit_of_another_writer() -> None:
    theirs = commits.commit(commits.start(FORGER.public), [b"one", b"two"], FORGER)
    refuses("log-foreign", START, theirs)
    with pytest.raises(Unverified, match="log-foreign"):
        commits.replay(WRITER, stored(theirs))


def test_commit_missing_in_the_middle() -> None:
    with pytest.raises(Unverified, match="log-gap"):
        commits.replay(WRITER, stored(FIRST, THIRD))
    with pytest.raises(Unverified, match="log-gap"):
        commits.replay(WRITER, stored(SECOND, THIRD))


def test_fork_inside_what_another_commit_covers() -> None:
    one = commits.commit(START, [b"one"], SIGNER)
    fork = commits.commit(commits.advance(START, one), [b"another two"], SIGNER)
    assert commits.replay(WRITER, stored(one, fork))[0].size == 2
    with pytest.raises(Unverified, match="log-fork"):
        commits.replay(WRITER, stored(FIRST, fork, SECOND))
    with pytest.raises(Unverified, match="log-fork"):
        commits.replay(WRITER, stored(FIRST, FIRST))


def test_fork_behind_a_rewritten_first_commit() -> None:
    other = commits.commit(START, [b"uno", b"dos"], SIGNER)
    with pytest.raises(Unverified, match="log-root"):
        commits.replay(WRITER, stored(other, SECOND))


def test_commit_renamed() -> None:
    with pytest.raises(Unverified, match="log-renamed"):
        commits.decode(commits.encode(SECOND), commits.name_of(WRITER, 3))
    theirs = commits.decode(commits.encode(FIRST), commits.name_of(FORGER.public, 0))
    refuses("log-signature", commits.start(FORGER.public), theirs)


def test_chain_cut_at_the_end_is_seen_only_against_a_checkpoint() -> None:
    log, found = commits.replay(WRITER, stored(FIRST))
    seen = checkpoints.open_checkpoint(SECOND.note, commits.verifier_of(WRITER))
    assert log == AFTER
    with pytest.raises(Unverified, match="log-rolled-back"):
        checkpoints.check_extends([merkle.leaf_hash(entry) for entry in found], seen)


def test_log_rewritten_by_the_writer_itself() -> None:
    _, found = commits.replay(WRITER, stored(commits.commit(START, [b"uno", b"dos", b"tres"], SIGNER)))
    seen = checkpoints.open_checkpoint(FIRST.note, commits.verifier_of(WRITER))
    with pytest.raises(Unverified, match="log-rewritten"):
        checkpoints.check_extends([merkle.leaf_hash(entry) for entry in found], seen)


@given(st.integers(0, len(commits.encode(FIRST)) * 8 - 1))
def test_every_bit_of_a_commit_counts(bit: int) -> None:
    data = commits.encode(FIRST)
    changed = (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")
    with pytest.raises((Unverified, Unreadable, Unsupported)):
        commits.replay(WRITER, [(FIRST.name, changed)])


@given(st.integers(0, len(commits.encode(FIRST)) - 1))
def test_commit_torn(size: int) -> None:
    with pytest.raises((Unverified, Unreadable)):
        commits.replay(WRITER, [(FIRST.name, commits.encode(FIRST)[:size])])


@given(
    st.binary(max_size=60)
    | st.builds(lambda cut, more: commits.encode(FIRST)[:cut] + more, st.integers(0, 40), st.binary())
)
def test_garbage_gives_errors_of_our_tree_only(data: bytes) -> None:
    with pytest.raises(HoldfastError):
        commits.replay(WRITER, [(FIRST.name, data)])


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data.replace(b"holdfast-commit", b"holdfast-commits"),
        lambda data: data.replace(b" 0 0 2\n", b" 0 0 02\n"),
        lambda data: data.replace(b" 0 0 2\n", b" 0 0  2\n"),
        lambda data: data.replace(b" 0 0 2\n", b" 0 0 2 \n"),
        lambda data: data.replace(b" 0 0 2\n", b" 0 2 2\n"),
        lambda data: data.replace(b" 0 0 2\n", b" 0 2 0\n"),
        lambda data: data.replace(b" 0 0 2\n", b" 0 0 9223372036854775807\n"),
        lambda data: data + b"\n",
        lambda data: data.replace(b"\0\3one", b"\0\0"),
    ],
)
def test_malformed_commits(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Unreadable, match="log-malformed"):
        commits.decode(change(commits.encode(FIRST)), FIRST.name)


def test_empty_commit_that_would_take_the_next_one_s_name() -> None:
    empty = b"holdfast-commit 0 2 2\n" + FIRST.note
    with pytest.raises(Unreadable, match="log-malformed"):
        commits.replay(WRITER, [*stored(FIRST), (SECOND.name, empty)])


def test_commit_of_a_newer_program() -> None:
    with pytest.raises(Unsupported, match="log-newer"):
        commits.decode(commits.encode(FIRST).replace(b" 0 0 2\n", b" 1 0 2\n"), FIRST.name)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 10**16 - 1))
def test_names_come_back_and_sort_by_size(writer: bytes, size: int) -> None:
    assert commits.parse_name(commits.name_of(writer, size)) == (writer, size)
    if size:
        assert commits.name_of(writer, size - 1) < commits.name_of(writer, size)


@pytest.mark.parametrize(
    "name",
    [
        "",
        FIRST.name + "\n",
        FIRST.name[:-1],
        FIRST.name + "0",
        "/" + FIRST.name,
        FIRST.name.upper(),
        FIRST.name[:-1] + "٣",
        FIRST.name.replace("log/", "log/../log/"),
    ],
)
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(Unreadable, match="log-name"):
        commits.parse_name(name)
