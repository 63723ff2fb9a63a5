"""The order of keeping: words before pictures before video, everything once, the same each time."""

from hypothesis import given
from hypothesis import strategies as st

from holdfast.model.export import Compartment, Container, Kind, Member
from holdfast.vault.names import CONTAINER_PLACE
from holdfast.vault.order import ORDER, counts, phases

ALL = frozenset(Compartment)
BOX = [Container("zip", b"x.zip", 1, b"list")]


def a_member(place: int, kind: Kind, compartments: tuple[Compartment, ...]) -> Member:
    return Member(0, place, b"m%d" % place, 1, kind, compartments, ())


MEMBERS = st.lists(
    st.tuples(st.sampled_from(Kind), st.lists(st.sampled_from(Compartment), min_size=1, max_size=3, unique=True)),
    max_size=20,
).map(lambda drawn: [a_member(place, kind, tuple(cs)) for place, (kind, cs) in enumerate(drawn)])


@given(MEMBERS, st.frozensets(st.sampled_from(Compartment), min_size=1))
def test_everything_that_was_asked_for_comes_once(members: list[Member], only: frozenset[Compartment]) -> None:
    found = phases(BOX, members, only)
    seen = [(phase.compartment, named.member.place) for phase in found for named in phase.members]
    wanted = {(c, m.place) for m in members for c in m.compartments if c in only}
    wanted |= {(Compartment.PRIVATE, CONTAINER_PLACE)} if Compartment.PRIVATE in only else set()
    assert len(seen) == len(set(seen)) and set(seen) == wanted
    assert phases(BOX, members, only) == found


@given(MEMBERS)
def test_words_first(members: list[Member]) -> None:
    rank = {(compartment, kind): place for place, (compartment, kinds) in enumerate(ORDER) for kind in kinds}
    ranks = [
        rank[phase.compartment, named.member.kind] for phase in phases(BOX, members, ALL) for named in phase.members
    ]
    assert ranks == sorted(ranks)
    kinds = [kinds for compartment, kinds in ORDER if compartment is not Compartment.IDENTITY]
    assert kinds.index((Kind.TEXT,)) < kinds.index((Kind.IMAGE,)) < kinds.index((Kind.VIDEO, Kind.OTHER))


@given(MEMBERS)
def test_counts(members: list[Member]) -> None:
    found = counts(members)
    assert set(found) == ALL
    assert sum(found.values()) == sum(len(member.compartments) for member in members)
