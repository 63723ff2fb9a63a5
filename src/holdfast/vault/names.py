"""The names inside a pack's tar, and the one place that no member of an export has."""

import re

from holdfast.model.export import Compartment, Container, Kind, Member

CONTAINER_PLACE = 2**32 - 1
"""Stands for the container itself, whose item is its own member list."""

CONTAINER_NAME = ".odd/container"


def heading(keeping: str, compartment: str, number: int) -> bytes:
    """Give the name of a pack's first member."""
    return f"holdfast/pack/{keeping}.{compartment}.{number}".encode()


def table(kind: str, keeping: str, compartment: str, number: int) -> bytes:
    """Give the name of one of a batch's tables; the list of leaves alone is not compressed."""
    ending = "" if kind == "leaves" else ".tsv.zst"
    return f"holdfast/{kind}/{keeping}.{compartment}.{number}{ending}".encode()


def is_table(name: bytes, kind: str) -> bool:
    """Tell whether a tar member is a table of this kind."""
    return re.fullmatch(rf"holdfast/{kind}/[0-9a-z.-]+\.tsv\.zst".encode(), name) is not None


def whole_piece(keeping: str, name: str) -> str:
    """Give the name of a piece that is a whole member of the export, percent-encoded."""
    return f"{keeping}/files/{name}"


def cut_piece(keeping: str, compartment: str, number: int, *, compressed: bool) -> str:
    """Give the name of a numbered piece; those that are zstd frames end in `.zst`."""
    return f"{keeping}/cut/{compartment}/{number}{'.zst' if compressed else ''}"


def is_compressed(piece: str) -> bool:
    """Tell whether a piece is a zstd frame: a whole member of an export never is, whatever it is called."""
    return re.fullmatch(r"[^/]+/cut/[^/]+/[0-9]+\.zst", piece) is not None


def container_member(number: int, container: Container) -> Member:
    """Give a container's own member list as a member of the keeping."""
    fields = (("form", container.form), ("bytes", str(container.size)))
    size = len(container.directory)
    private = (Compartment.PRIVATE,)
    return Member(number, CONTAINER_PLACE, container.name, size, Kind.OTHER, private, fields, mixed=True)
