"""In which order an export is kept: words before pictures before video, since a connection may be cut."""

from collections.abc import Iterable, Sequence

import msgspec

from holdfast.model.export import Compartment, Container, Kind, Member
from holdfast.vault.names import CONTAINER_NAME, container_member
from holdfast.vault.paths import Names

ORDER = (
    (Compartment.PUBLIC, (Kind.TEXT,)),
    (Compartment.IDENTITY, tuple(Kind)),
    (Compartment.PRIVATE, (Kind.TEXT,)),
    (Compartment.PUBLIC, (Kind.IMAGE,)),
    (Compartment.PRIVATE, (Kind.IMAGE,)),
    (Compartment.PUBLIC, (Kind.VIDEO, Kind.OTHER)),
    (Compartment.PRIVATE, (Kind.VIDEO, Kind.OTHER)),
)


class Named(msgspec.Struct, frozen=True):
    """A member, and its percent-encoded name for a plain tar."""

    member: Member
    name: str


class Phase(msgspec.Struct, frozen=True):
    """Members of one compartment that are kept one after the other."""

    compartment: Compartment
    members: tuple[Named, ...]


def phases(containers: Sequence[Container], members: Sequence[Member], only: frozenset[Compartment]) -> list[Phase]:
    """Give what is to be kept, in order; the same export gives the same phases."""
    named = [*_containers(containers), *_named(members)]
    found = []
    for compartment, kinds in ORDER:
        chosen = tuple(n for n in named if compartment in n.member.compartments and n.member.kind in kinds)
        if chosen and compartment in only:
            found.append(Phase(compartment, chosen))
    if not any(phase.compartment is Compartment.PUBLIC for phase in found):
        found.insert(0, Phase(Compartment.PUBLIC, ()))  # it says what else there is
    return found


def counts(members: Iterable[Member]) -> dict[Compartment, int]:
    """Give how many members have something in each compartment."""
    found = dict.fromkeys(Compartment, 0)
    for member in members:
        for compartment in member.compartments:
            found[compartment] += 1
    return found


def _containers(containers: Sequence[Container]) -> list[Named]:
    return [Named(container_member(n, container), CONTAINER_NAME) for n, container in enumerate(containers)]


def _named(members: Iterable[Member]) -> list[Named]:
    names: dict[int, Names] = {}
    return [Named(m, names.setdefault(m.container, Names()).give(m.path, m.place)) for m in members]
