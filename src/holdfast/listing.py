"""What is inside an opened keeping: its records, one after the other, and how many there are of each kind."""

from collections import Counter
from collections.abc import Iterator

from holdfast.model.export import Kind, Member
from holdfast.model.records import Raw, Record
from holdfast.sources.cut import cut
from holdfast.sources.x_records import kind, media, record
from holdfast.vault.reader import Snapshot


def records(snapshot: Snapshot) -> Iterator[tuple[Member, Record]]:
    """Give every record of an opened keeping with the member that it comes from."""
    for member in snapshot.members:
        if member.kind is not Kind.TEXT:
            yield member, media(member.path) or Raw("file", b"")
            continue
        for _, data, start, end in cut(snapshot.read(member)):
            if end:
                yield member, record(member.family, data[start:end])


def counts(snapshot: Snapshot) -> dict[str, int]:
    """Give how many records of each kind there are; records are counted and not parsed."""
    found: Counter[str] = Counter()
    for member in snapshot.members:
        if member.kind is Kind.TEXT:
            found[kind(member.family)] += sum(1 for *_, end in cut(snapshot.read(member)) if end)
        else:
            found["media" if media(member.path) else "file"] += 1
    return {name: n for name, n in sorted(found.items()) if n}
