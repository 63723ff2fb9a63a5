"""A whole log that transparency-dev/tessera wrote: its checkpoints, tiles and entries come out of our code too."""

import base64
from pathlib import Path

import pytest

from holdfast.crypto.signing import Signer
from holdfast.log import checkpoints, entries, merkle
from holdfast.log.checkpoints import Checkpoint
from holdfast.log.notes import ED25519, Verifier, read_vkey

SECRET = "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
WORDS = "one two three four five six seven eit nain ten ileven twelf threeten fourten fivten"
ENTRIES = tuple(word.encode() for word in WORDS.split())
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]
SIGNER = Signer.from_seed(base64.b64decode(SECRET.split("+", 4)[4])[1:])
VERIFIER = Verifier("example.com/log/testdata", ED25519, SIGNER.public)


@pytest.fixture
def log(vectors: Path) -> Path:
    return vectors / "tessera/testdata/log"


def test_key_id_is_that_of_the_secret_form() -> None:
    assert VERIFIER.key_id.hex() == "33d7b496"
    assert read_vkey(VERIFIER.vkey) == VERIFIER


def test_roots_of_the_reference_page() -> None:
    assert base64.b64encode(merkle.root_at(LEAVES, 3)) == b"Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk="
    assert base64.b64encode(merkle.root_at(LEAVES, 15)) == b"rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs="


@pytest.mark.parametrize("size", range(16))
def test_checkpoints_open_and_are_signed_the_same(log: Path, size: int) -> None:
    note = (log / f"checkpoint.{size}").read_bytes()
    checkpoint = checkpoints.open_checkpoint(note, VERIFIER)
    assert checkpoint == Checkpoint(VERIFIER.name, size, merkle.root_at(LEAVES, size))
    assert checkpoints.sign(checkpoint, SIGNER) == note
    assert checkpoints.check_extends(LEAVES, checkpoint) is checkpoint


@pytest.mark.parametrize("size", range(1, 16))
def test_tiles_and_entry_bundles(log: Path, size: int) -> None:
    assert (log / f"tile/0/000.p/{size}").read_bytes() == b"".join(LEAVES[:size])
    bundle = (log / f"tile/entries/000.p/{size}").read_bytes()
    assert entries.decode(bundle, size) == (ENTRIES[:size], b"")
    assert entries.encode(ENTRIES[:size]) == bundle


def test_all_proofs_between_its_checkpoints(log: Path) -> None:
    opened = [checkpoints.open_checkpoint((log / f"checkpoint.{n}").read_bytes(), VERIFIER) for n in range(16)]
    count = 0
    for new in opened[1:]:
        leaves = LEAVES[: new.size]
        for index, leaf in enumerate(leaves):
            proof = merkle.inclusion_proof(index, leaves)
            assert merkle.check_inclusion(index, new.size, leaf, proof, new.root) == new.root
            old = opened[index + 1]
            proof = merkle.consistency_proof(old.size, leaves)
            assert merkle.check_consistency(old.size, new.size, proof, old.root, new.root) == new.root
            count += 2
    assert count == 240
