"""Trees: transparency-dev/merkle's proofs, good and bad, RFC 6962's roots, then properties."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import Unverified
from holdfast.log import merkle
from holdfast.log.merkle import Tree, leaf_hash, node_hash

ENTRIES = [bytes.fromhex(entry) for entry in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
ENTRIES.append(bytes(range(0x60, 0x70)))
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
leaf_lists = st.lists(st.binary(max_size=4), min_size=1, max_size=70).map(lambda found: list(map(leaf_hash, found)))


def unpack(case: dict[str, Any], *names: str) -> list[bytes]:
    return [base64.b64decode(case[name] or "") for name in names]


def proof_of(case: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(step) for step in case["proof"] or ()]


def cases(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    return [(path.name, json.loads(path.read_text())) for path in sorted(folder.rglob("*.json"))]


def test_vectors_inclusion(vectors: Path) -> None:
    found = cases(vectors / "merkle/testdata/inclusion")
    assert len(found) == 98
    for name, case in found:
        leaf, root = unpack(case, "leafHash", "root")
        try:
            holds = merkle.check_inclusion(case["leafIdx"], case["treeSize"], leaf, proof_of(case), root) == root
        except Unverified:
            holds = False
        assert holds != case["wantErr"], name


def test_vectors_consistency(vectors: Path) -> None:
    found = cases(vectors / "merkle/testdata/consistency")
    assert len(found) == 98
    for name, case in found:
        old, new = unpack(case, "root1", "root2")
        try:
            holds = merkle.check_consistency(case["size1"], case["size2"], proof_of(case), old, new) == new
        except Unverified:
            holds = False
        assert holds != case["wantErr"], name


@pytest.mark.parametrize("size", ROOTS)
def test_roots_of_the_reference_tree(size: int) -> None:
    assert merkle.root_at(LEAVES, size).hex() == ROOTS[size]
    assert Tree().grow(LEAVES[:size]).root().hex() == ROOTS[size]


def rfc_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else merkle.EMPTY_ROOT
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(rfc_root(leaves[:split]), rfc_root(leaves[split:]))


@pytest.mark.slow
@given(leaf_lists, st.data())
def test_growing_gives_the_root_of_the_definition(leaves: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(leaves)))
    tree = Tree().grow(leaves[:cut]).grow(leaves[cut:])
    by_one = Tree()
    for leaf in leaves:
        by_one = by_one.append(leaf)
    assert tree == by_one
    assert (tree.size, len(tree.peaks)) == (len(leaves), len(leaves).bit_count())
    assert tree.root() == merkle.root(leaves) == rfc_root(leaves)


@pytest.mark.slow
@given(leaf_lists, st.data())
def test_proofs_hold_and_nothing_else_does(leaves: list[bytes], data: st.DataObject) -> None:
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    root = merkle.root(leaves)
    proof = merkle.inclusion_proof(index, leaves)
    assert merkle.check_inclusion(index, size, leaves[index], proof, root) == root
    other = data.draw(st.integers(-2, size + 1).filter(lambda number: number != index))
    forged = [proof[:-1]] if proof else []
    forged += [[*proof, root], [root, *proof], [bytes([step[0] ^ 1]) + step[1:] for step in proof] or [root]]
    for false in forged:
        with pytest.raises(Unverified, match="inclusion-false"):
            merkle.check_inclusion(index, size, leaves[index], false, root)
    if not 0 <= other < size or leaves[other] != leaves[index]:
        with pytest.raises(Unverified, match="inclusion-false"):
            merkle.check_inclusion(other, size, leaves[index], proof, root)


@pytest.mark.slow
@given(leaf_lists, st.data())
def test_consistency_holds_and_a_rewritten_past_fails(leaves: list[bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(leaves)))
    old, new = merkle.root_at(leaves, size), merkle.root(leaves)
    proof = merkle.consistency_proof(size, leaves)
    assert merkle.check_consistency(size, len(leaves), proof, old, new) == new
    rewritten = list(leaves)
    rewritten[data.draw(st.integers(0, size - 1))] = leaf_hash(b"something else, longer")
    false_root = merkle.root(rewritten)
    for false in (proof, merkle.consistency_proof(size, rewritten)):
        with pytest.raises(Unverified, match="consistency-false"):
            merkle.check_consistency(size, len(leaves), false, old, false_root)
    with pytest.raises(Unverified, match="consistency-false"):
        merkle.check_consistency(size, len(leaves), [*proof, new], old, new)


@given(st.integers(-2, 20), st.integers(-2, 20), st.lists(st.binary(max_size=33), max_size=6))
def test_garbage_is_never_a_proof(first: int, second: int, proof: list[bytes]) -> None:
    with pytest.raises(Unverified):
        merkle.check_inclusion(first, second, LEAVES[0], proof, bytes(32))
    with pytest.raises(Unverified):
        merkle.check_consistency(first, second, proof, bytes(32), b"\1" * 32)


def test_a_hash_of_another_length_is_no_hash() -> None:
    left, right = LEAVES[:2]
    root = node_hash(left, right)
    with pytest.raises(Unverified, match="inclusion-false"):
        merkle.check_inclusion(0, 2, left + right[:1], [right[1:]], root)
    with pytest.raises(Unverified, match="inclusion-false"):
        merkle.check_inclusion(1, 2, right[1:], [left + right[:1]], root)


def test_consistency_with_a_byte_moved_from_one_hash_to_the_next() -> None:
    pair, third, fourth = node_hash(*LEAVES[:2]), LEAVES[2], LEAVES[3]
    moved, short = pair[31:] + third, pair[:31]
    new_root = node_hash(short, node_hash(moved, fourth))
    with pytest.raises(Unverified, match="consistency-false"):
        merkle.check_consistency(3, 4, [moved, fourth, short], node_hash(pair, third), new_root)


def test_a_place_before_the_first_leaf() -> None:
    proof = merkle.inclusion_proof(7, LEAVES)
    with pytest.raises(Unverified, match="inclusion-false"):
        merkle.check_inclusion(-1, 8, LEAVES[7], proof, merkle.root(LEAVES))


def test_a_node_does_not_pass_for_a_leaf() -> None:
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])


@pytest.mark.parametrize("size", [-1, 9])
def test_more_leaves_than_there_are(size: int) -> None:
    with pytest.raises(Unverified, match="tree-short"):
        merkle.root_at(LEAVES, size)
    with pytest.raises(Unverified, match="tree-short"):
        merkle.inclusion_proof(size, LEAVES)
    with pytest.raises(Unverified, match="tree-short"):
        merkle.consistency_proof(size, LEAVES)
