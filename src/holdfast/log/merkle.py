"""The Merkle tree of RFC 6962 over SHA-256, its proofs, and the two verifiers of RFC 9162 (2.1.3.2 and 2.1.4.2).

Leaves are leaf hashes throughout; `leaf_hash` makes one of an entry.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

import msgspec

from holdfast.errors import Unverified

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash one entry into a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into the node above them."""
    return sha256(b"\x01" + left + right).digest()


class Tree(msgspec.Struct, frozen=True):
    """A tree that only grows: its size in leaves, and the roots of its perfect subtrees, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def grow(self, leaves: Iterable[bytes]) -> "Tree":
        """Give the tree with these leaf hashes behind its own."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaves:
            node, rest = leaf, size
            while rest & 1:  # each one at the end of the old size is a peak that now closes
                node, rest = node_hash(peaks.pop(), node), rest >> 1
            peaks.append(node)
            size += 1
        return Tree(size, tuple(peaks))

    def append(self, leaf: bytes) -> "Tree":
        """Give the tree with one more leaf hash."""
        return self.grow((leaf,))

    def root(self) -> bytes:
        """Give the root of all leaves so far."""
        if not self.peaks:
            return EMPTY_ROOT
        *higher, node = self.peaks
        for peak in reversed(higher):
            node = node_hash(peak, node)
        return node


def root(leaves: Sequence[bytes]) -> bytes:
    """Give the root over all leaf hashes."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        single = level[-1:] if len(level) & 1 else []  # without a neighbour it rises as it is
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)] + single
    return level[0]


def root_at(leaves: Sequence[bytes], size: int) -> bytes:
    """Give the root as it was at `size` leaves, or raise `Unverified("tree-short")` where there are fewer."""
    if not 0 <= size <= len(leaves):
        raise Unverified("tree-short", size=len(leaves), wanted=size)
    return root(leaves[:size])


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Prove that leaf `index` is in the tree: the sibling hashes from the leaf up (RFC 6962, 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise Unverified("tree-short", size=len(leaves), wanted=index + 1)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(index, leaves[:split]), root(leaves[split:])]
    return [*inclusion_proof(index - split, leaves[split:]), root(leaves[:split])]


def consistency_proof(size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Prove that the tree only grew since it had `size` leaves, 1 or more (RFC 6962, 2.1.2)."""
    if not 0 < size <= len(leaves):
        raise Unverified("tree-short", size=len(leaves), wanted=size)
    return _consistency(size, leaves, True)


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bytes:
    """Give `root` back if `proof` leads there from the leaf at `index`, or raise `Unverified("inclusion-false")`."""
    sides = _lefts(index, size - 1, len(proof)) if 0 <= index < size else None
    if sides is None or not _hashes(leaf, *proof):
        raise Unverified("inclusion-false", index=index, size=size)
    node = leaf
    for left, other in zip(sides, proof, strict=True):
        node = node_hash(other, node) if left else node_hash(node, other)
    if node != root:
        raise Unverified("inclusion-false", index=index, size=size)
    return root


def check_consistency(size: int, new_size: int, proof: Sequence[bytes], root: bytes, new_root: bytes) -> bytes:
    """Give `new_root` back if the tree of `size` leaves is its beginning, else raise `Unverified("consistency-false")`.

    Size 0 is refused: everything extends nothing, so a proof from there says nothing (witnesses treat it apart).
    """
    if 0 < size == new_size and not proof and root == new_root:
        return new_root
    if 0 < size < new_size and proof and _hashes(*proof):
        path = [root, *proof] if size & (size - 1) == 0 else list(proof)
        if _climb(size, new_size, path) == (root, new_root):
            return new_root
    raise Unverified("consistency-false", size=size, new_size=new_size)


def _climb(size: int, new_size: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    first, last = size - 1, new_size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    sides = _lefts(first, last, len(path) - 1)
    if sides is None:
        return None
    old = new = path[0]
    for left, other in zip(sides, path[1:], strict=True):
        if left:
            old = node_hash(other, old)
        new = node_hash(other, new) if left else node_hash(new, other)
    return old, new


def _lefts(first: int, last: int, count: int) -> list[bool] | None:
    """Say of each of `count` siblings whether it stands to the left; None if the path has another length."""
    sides = []
    for _ in range(count):
        if last == 0:
            return None
        left = bool(first & 1) or first == last
        sides.append(left)
        while left and first and not first & 1:
            first, last = first >> 1, last >> 1
        first, last = first >> 1, last >> 1
    return sides if last == 0 else None


def _consistency(size: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    if size == len(leaves):
        return [] if whole else [root(leaves)]
    split = _split(len(leaves))
    if size <= split:
        return [*_consistency(size, leaves[:split], whole), root(leaves[split:])]
    return [*_consistency(size - split, leaves[split:], False), root(leaves[:split])]


def _split(size: int) -> int:
    """Give the largest power of two below `size`, which is 2 or more."""
    return 1 << (size - 1).bit_length() - 1


def _hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_SIZE for value in values)
