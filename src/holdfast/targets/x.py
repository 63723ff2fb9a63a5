"""Gives one keeping of an X export back: the zips or folders that came in, or all members as plain files.

Bytes, order, times and attributes of every member return; a member that was withheld is absent.  A path is a name on
disk only after `targets.paths` said so; what it refuses goes to `.odd/`, with its true path in `.odd/names.txt`.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from holdfast.errors import Unreadable
from holdfast.model.export import Container, Member
from holdfast.targets.disk import Disk
from holdfast.targets.paths import ODD, Names, spelled
from holdfast.targets.zip import Part, comment_of, write_zip

Read = Callable[[Member], Iterable[bytes]]
LINK, FILE_TYPE, UNIX = 0o120000, 0o170000, 3
FAR = 1 << 63


class Step(NamedTuple):
    """One file or folder to make below `root`; `key` is its identity: done twice, it does no harm."""

    root: Path
    key: tuple[str, ...]
    fill: Callable[[BinaryIO], None] | None = None
    times: tuple[int, int] | None = None
    lines: tuple[str, ...] = ()


class XTarget:
    """Writes to OUT: one zip where OUT ends in `.zip` and one zip was kept, else a folder."""

    def __init__(self, out: Path, *, unpacked: bool = False) -> None:
        """Take where to write; `unpacked` makes each member a file below it."""
        self._out, self._unpacked = out, unpacked

    def plan(self, containers: Sequence[Container], members: Iterable[Member], read: Read) -> list[Step]:
        """Give the steps in order; nothing is read before a step is applied."""
        kept: list[list[Member]] = [[] for _ in containers]
        for member in members:
            kept[member.container].append(member)
        single = len(containers) == 1 and containers[0].form == "zip" and not self._unpacked
        if single and self._out.suffix == ".zip":
            return [Step(self._out.parent, (self._out.name,), _zip(containers[0], kept[0], read))]
        plan = _Plan(self._out, read)
        for number, container in enumerate(containers):
            if self._unpacked:
                plan.files((), plan.names, kept[number])
            elif container.form == "zip":
                plan.zip(number, container, kept[number])
            else:
                plan.files(plan.inside(number, container), Names(), kept[number])
        return plan.finish()

    def apply(self, step: Step) -> Path:
        """Do one step and give its path.

        Raises `AlreadyExists` if something else has that name, `Refused` if a link stands in the way, `Unreadable` if
        the member cannot be read or the medium fails.
        """
        disk = Disk(step.root)
        if step.lines:
            return disk.extend(step.key, step.lines)
        return disk.create(step.key, step.fill, step.times) if step.fill else disk.folder(step.key)


class _Plan:
    """The steps so far, the names that they take, and the paths that became no name."""

    def __init__(self, root: Path, read: Read) -> None:
        self._root, self._read = root, read
        self.names = Names()
        self._steps: list[Step] = []
        self._odd: list[str] = []

    def zip(self, number: int, container: Container, members: Sequence[Member]) -> None:
        key = self.names.file(container.name) or self._no_name(str(number), container.name)
        self._steps.append(Step(self._root, key, _zip(container, members, self._read)))

    def inside(self, number: int, container: Container) -> tuple[str, ...]:
        return self.names.folder(container.name) or self._no_name(str(number), container.name)

    def files(self, within: tuple[str, ...], names: Names, members: Iterable[Member]) -> None:
        for member in members:
            try:
                self._file(within, names, member, dict(member.fields))
            except ValueError as error:
                raise Unreadable("member-fields-bad", place=member.place) from error

    def _file(self, within: tuple[str, ...], names: Names, member: Member, fields: dict[str, str]) -> None:
        if member.path.endswith(b"/") and member.size == 0 and (folder := names.folder(member.path)):
            self._steps.append(Step(self._root, within + folder))
            return
        parts = None if _strange(fields) else names.file(member.path)
        key = within + parts if parts else self._no_name(f"{member.container}-{member.place}", member.path)
        self._steps.append(Step(self._root, key, _fill(member, fields, self._read), _times(fields)))

    def finish(self) -> list[Step]:
        if self._odd:
            self._steps.append(Step(self._root, (ODD, "names.txt"), lines=tuple(self._odd)))
        return self._steps

    def _no_name(self, name: str, path: bytes) -> tuple[str, ...]:
        self._odd.append(f"{name}\t{spelled(path)}")
        return ODD, name


def _zip(container: Container, members: Iterable[Member], read: Read) -> Callable[[BinaryIO], None]:
    def fill(file: BinaryIO) -> None:
        parts = (Part(member.path, member.size, member.fields, read(member)) for member in members)
        write_zip(file, parts, comment_of(container.directory))

    return fill


def _fill(member: Member, fields: dict[str, str], read: Read) -> Callable[[BinaryIO], None]:
    link = bytes.fromhex(fields.get("link", ""))

    def fill(file: BinaryIO) -> None:
        if link:
            file.write(spelled(link).encode() + b"\n")
            return
        size = sum(file.write(chunk) for chunk in read(member))
        if size != member.size:
            raise Unreadable("member-cut-off", size=size, expected=member.size)

    return fill


def _strange(fields: dict[str, str]) -> bool:
    """Tell whether a member is no plain file: a link, or still packed because nobody here can unpack it."""
    made, external = int(fields.get("made", "0")), int(fields.get("external", "0"))
    is_link = made >> 8 == UNIX and external >> 16 & FILE_TYPE == LINK
    return "link" in fields or "unpacked" in fields or is_link


def _times(fields: dict[str, str]) -> tuple[int, int] | None:
    if "mtime" not in fields or "link" in fields:
        return None
    mtime, mode = int(fields["mtime"]), int(fields.get("mode", "0"), 8)
    if not -FAR < mtime < FAR:
        raise ValueError("mtime")
    return mtime, mode
