"""An export as its source hands it over: containers, members and the units they are cut into."""

from enum import StrEnum

import msgspec


class Compartment(StrEnum):
    """Who could see it, and so which quorum opens it; the order is that of keeping."""

    PUBLIC = "public"
    PRIVATE = "private"
    IDENTITY = "identity"


class Kind(StrEnum):
    """What a member is made of, which decides when it is stored: text before pictures before video."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    OTHER = "other"


class Container(msgspec.Struct, frozen=True):
    """One zip of an export, or one folder.

    `name` is the file's own name as bytes; `size` counts bytes (0 for a folder); `directory` is the member list as the
    container itself spells it (a zip's central directory and end records; empty for a folder).
    """

    form: str
    name: bytes
    size: int
    directory: bytes


class Member(msgspec.Struct, frozen=True):
    """One member of an export, with all that its container says of it.

    `container` and `place` count from 0 in the order of the export; `path` is what the container spells, which is data
    and never a name on disk; `size` counts the bytes after unpacking.  `fields` hold what a rebuilt container needs
    besides (a zip's times, flags, extra fields and comment; a folder's times and modes), as `name=value` in ASCII.
    `mixed` marks text where others write beside the owner: it is never compressed.
    """

    container: int
    place: int
    path: bytes
    size: int
    kind: Kind
    compartments: tuple[Compartment, ...]
    fields: tuple[tuple[str, str], ...]
    mixed: bool = False
    family: str = ""


class Unit(msgspec.Struct, frozen=True):
    """A run of a member's bytes that is kept as one: a record with the separator behind it, or a stretch of a medium.

    `place` is the offset in the member, in bytes.  `start` and `end` mark the record inside `data`; a unit that is only
    a stretch of something larger has `start == end == 0`.
    """

    place: int
    data: bytes
    compartment: Compartment
    start: int = 0
    end: int = 0
