"""Every quorum of keepers opens, and no smaller group does: real kits, real grants, for up to seven keepers."""

import os
from itertools import combinations
from pathlib import Path

import pytest
from msgspec.structs import replace

from helpers import NOW, House, an_export, given_back, handed_in
from holdfast.custody import messages
from holdfast.custody.contents import Rule
from holdfast.custody.rosters import COMPARTMENTS
from holdfast.errors import Refused
from holdfast.open import open_vault
from holdfast.store.memory import MemoryStore
from holdfast.testing.exports import ExportSpec
from holdfast.vault.reader import Snapshot

BARE = ExportSpec(posts=4, notes=0, images=0, videos=0, likes=1, messages=1, conversations=1)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "t"), [(n, t) for n in range(2, 8) for t in {2, n // 2 + 1, n if n < 6 else 2}])
def test_every_quorum_opens_and_no_smaller_group(tmp_path: Path, n: int, t: int) -> None:
    house = House(tmp_path, n, store=MemoryStore(), rules={name: Rule(t, 0) for name in COMPARTMENTS})
    _, source = an_export(tmp_path, BARE)
    house.keep(source)
    restorer, asked = house.request()
    answers, vault = house.grant(asked, range(1, n + 1)), house.vault()
    whole = {m.mid for m in vault.book.epochs.values()}
    for chosen in combinations(answers, t):
        assert set(open_vault(vault, restorer, chosen, NOW, os.urandom).identities) == whole
    for size in range(1, t):
        for chosen in combinations(answers, size):
            with pytest.raises(Refused, match="quorum-missing") as caught:
                open_vault(vault, restorer, chosen, NOW, os.urandom)
            assert (caught.value.fields["have"], caught.value.fields["need"]) == (size, t)
    with pytest.raises(Refused, match="grants-none"):
        open_vault(vault, restorer, [], NOW, os.urandom)
    opening = open_vault(vault, restorer, answers[-t:], NOW, os.urandom)
    assert given_back(Snapshot(vault, vault.keepings()[0], opening.identities)) == handed_in(source)


def test_a_compartment_opens_by_its_own_quorum(tmp_path: Path) -> None:
    house = House(tmp_path, 4, rules={"public": Rule(1, 0), "private": Rule(2, 0), "identity": Rule(4, 0)})
    house.keep(an_export(tmp_path, BARE)[1])
    keeping = house.vault().keepings()[0]
    for count, opened in (
        (1, {"public"}),
        (2, {"public", "private"}),
        (3, {"public", "private"}),
        (4, set(COMPARTMENTS)),
    ):
        for xs in combinations(range(1, 5), count):
            assert set(house.open(xs).identities) == {keeping.epochs[c] for c in keeping.epochs if c in opened}


def test_a_smaller_quorum_in_another_roster_opens_nothing(tmp_path: Path) -> None:
    """Whoever edits the roster of a copy cannot lower a quorum: its format names the roster by its hash."""
    house = House(tmp_path)
    house.keep(an_export(tmp_path, BARE)[1])
    roster = house.vault().book.active
    keys, _ = house.kits[0].seat(house.vault().book)
    lower = messages.write(replace(roster.content, comps={name: Rule(2, 0) for name in COMPARTMENTS}), keys.sig)
    house.store.put(f"custody/{lower.mid.hex()}", lower.envelope)
    assert house.vault().book.active.mid == roster.mid
    name = tmp_path / "vault" / "custody" / roster.mid.hex()
    name.write_bytes(lower.envelope)
    with pytest.raises(Exception, match="roster-missing"):
        house.vault()
