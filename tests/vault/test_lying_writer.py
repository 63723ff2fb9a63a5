"""A writer that keepers admitted lies in its own tables: an error of ours, no endless memory, and others stay open."""

import os
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import NOW, Dealer, House, an_export, given_back, handed_in
from holdfast.admit import admit
from holdfast.crypto.signing import Signer
from holdfast.custody import messages
from holdfast.custody.dealing import plan_epoch
from holdfast.errors import HoldfastError
from holdfast.log import commits
from holdfast.store.memory import MemoryStore
from holdfast.testing.exports import ExportSpec
from holdfast.vault import format, names, tables
from holdfast.vault.entries import BatchEntry, EpochEntry, FormatEntry, KeepingEntry
from holdfast.vault.packs import PackBuilder
from holdfast.vault.reader import Snapshot
from holdfast.vault.view import name_keeping
from holdfast.vault.writer import LogWriter, Sealer

MEMBER = "0\t0\tdata/a.js\t10\ttext\tpublic\t0\ta\t"
SLICE = "0/data/a.js\tk/files/0/data/a.js\t0\t10\t0\t0\t0"
PIECE = "k/files/0/data/a.js\t-\t512\t10\t10"
TRUE: dict[str, list[str] | bytes | None] = {
    "snapshot": [SLICE],
    "members": [MEMBER],
    "keeping": ["members\tpublic\t1"],
    "pieces": [PIECE],
}


class Liar:
    """A writer with a vault of its own, who seals whatever tables it likes."""

    def __init__(self, folder: Path) -> None:
        self.dealer = Dealer()
        self.house = House(folder, store=MemoryStore())
        self.signer = Signer.from_seed(self.house.seed)
        self.number = 0

    def tell(self, told: dict[str, list[str] | bytes | None]) -> Snapshot:
        """Seal one keeping with these tables in place of the true ones, and open it."""
        self.number += 1
        store, vault = self.house.store, self.house.vault()
        plan = plan_epoch(vault.book.active, self.signer.public, "public", self.number, NOW)
        epoch = messages.write(self.dealer([plan])[0], self.signer)
        store.put(format.message_name(epoch.mid), epoch.envelope)
        name = name_keeping(self.number, self.signer.public)
        pack = PackBuilder()
        assert pack.add(f"{name}/files/0/data/a.js".encode(), b"0123456789") == 512
        for kind, lines in (TRUE | told).items():
            if lines is not None:
                rows = (
                    lines if isinstance(lines, bytes) else tables.encode(row.replace("k/", f"{name}/") for row in lines)
                )
                pack.add(names.table(kind, name, "public", 0), rows)
        sealed = Sealer(store, epoch.content.recipient, os.urandom).store(pack.finish())
        log = vault.logs.get(self.signer.public)
        new = [EpochEntry(epoch.mid), BatchEntry(bytes(32), epoch.mid, (sealed,)), KeepingEntry((epoch.mid,))]
        first = [] if log else [FormatEntry(format.digest(store.get("format")))]
        state = log.state if log else commits.start(self.signer.public)
        LogWriter(store, state, self.signer).append([entry.encode() for entry in [*first, *new]])
        vault = self.house.vault()
        return Snapshot(vault, vault.keeping(str(self.number)), self.dealer.identities(vault))


def read_all(snapshot: Snapshot) -> list[tuple[int, int, bytes, str]]:
    snapshot.containers()
    return given_back(snapshot)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Liar:
    return Liar(tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="module")
def liar(tmp_path_factory: pytest.TempPathFactory) -> Liar:
    return Liar(tmp_path_factory.mktemp("liar"))


def test_the_truth_is_read(liar: Liar) -> None:
    snapshot = liar.tell({})
    assert [b"".join(snapshot.read(m)) for m in snapshot.members] == [b"0123456789"]


LIES: dict[str, dict[str, list[str] | bytes | None]] = {
    "a slice behind the end": {"snapshot": [SLICE.replace("\t0\t10\t0", "\t5\t10\t0")]},
    "a slice far behind the end": {"snapshot": [SLICE.replace("\t0\t10\t0", f"\t{2**62}\t10\t0")]},
    "a slice of nothing that has bytes": {"snapshot": [SLICE.replace("k/files/0/data/a.js", "-")]},
    "a member that is larger": {"members": [MEMBER.replace("\t10\t", "\t11\t")]},
    "a member of all there is": {
        "members": [MEMBER.replace("\t10\t", f"\t{2**62}\t")],
        "snapshot": [SLICE.replace("\t0\t10\t0", f"\t0\t{2**62}\t0")],
    },
    "a slice twice": {"snapshot": [SLICE, SLICE]},
    "a piece of another pack": {"pieces": [PIECE.replace("-", "ab" * 32)]},
    "a piece of another keeping": {"pieces": ["9-" + PIECE]},
    "a piece twice": {"pieces": [PIECE] * 2},
    "a piece of no pack": {"pieces": ["k/files/0/data/a.js\tzz\t512\t10\t10"]},
    "a piece behind the end": {"pieces": [f"k/files/0/data/a.js\t-\t{2**40}\t10\t10"]},
    "a piece that unpacks to more": {
        "pieces": [f"k/cut/public/0.zst\t-\t512\t10\t{2**62}"],
        "snapshot": [SLICE.replace("k/files/0/data/a.js", "k/cut/public/0.zst")],
    },
    "no table of slices": {"snapshot": None},
    "no table of members": {"members": None},
    "no table of pieces": {"pieces": None},
    "no table of the keeping": {"keeping": None},
    "a table that is no frame": {"members": b"plain"},
    "a table that is a bomb": {"members": zstd.compress(bytes(1 << 29))},
    "a table of bytes": {"members": tables.compress(b"\xff\n")},
    "a kind that is none": {"members": [MEMBER.replace("text", "soup")]},
    "a compartment that is none": {"members": [MEMBER.replace("public", "secret")]},
    "counts that are none": {"keeping": ["members\tpublic\tmany"]},
    "counts of a compartment that is none": {"keeping": ["members\tsecret\t1"]},
    "counts cut short": {"keeping": ["members"]},
    "a container without a form": {"members": [f"0\t{2**32 - 1}\tx\t0\tother\tpublic\t1\t\t", MEMBER]},
    "a container with odd fields": {
        "members": [f"0\t{2**32 - 1}\tx\t0\tother\tpublic\t1\t\tform=zip;bytes=many", MEMBER]
    },
    "a container far away": {"members": [MEMBER.replace("0\t0\t", f"{2**40}\t0\t", 1)]},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_an_error_of_ours_or_shows_nothing_false(liar: Liar, lie: str) -> None:
    try:
        found = read_all(liar.tell(LIES[lie]))
    except HoldfastError as error:
        assert error.code
    else:
        assert found in ([], read_all(liar.tell({}))), lie


ROWS = st.lists(
    st.lists(
        st.sampled_from(
            [
                "0",
                "1",
                "10",
                "-",
                "",
                "k/files/0/data/a.js",
                "k/cut/public/0.zst",
                "public",
                "text",
                "x=1",
                str(2**62),
                "%",
                "é",
            ]
        ),
        max_size=10,
    ).map("\t".join),
    max_size=4,
)


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(TRUE)), rows=ROWS)
def test_any_table_is_read_or_an_error_of_ours(fresh: Liar, kind: str, rows: list[str]) -> None:
    try:
        read_all(fresh.tell({kind: tables.compress("".join(row + "\n" for row in rows).encode())}))
    except HoldfastError as error:
        assert error.code


def test_a_liar_harms_nobody_else(tmp_path: Path) -> None:
    liar = Liar(tmp_path)
    for lie in ("a piece of no pack", "a table that is no frame", "no table of pieces"):
        with pytest.raises(HoldfastError):
            read_all(liar.tell(LIES[lie]))
    _, source = an_export(tmp_path, ExportSpec(posts=5, notes=0, images=0, videos=0))
    kept = liar.house.keep_traceless(source)
    admit(liar.house.vault(), liar.house.kits[0], kept.writer, NOW, os.urandom)
    assert given_back(liar.house.snapshot(kept.keeping)) == handed_in(source)
