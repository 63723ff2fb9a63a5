"""Packs: the sizes of the paper, a tar that any tar reads, and padding that a cut-off pack cannot do without."""

import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.errors import Unreadable, Unsupported
from holdfast.vault import packs, tar
from holdfast.vault.packs import CHUNK, MAX_TAR, MIN_TAR, PADDING, SEALED_SIZES, PackBuilder, padme, sealed_size


@pytest.mark.parametrize(
    ("size", "padded"),
    [
        (0, MIN_TAR),
        (1000, MIN_TAR),
        (MIN_TAR, MIN_TAR),
        (65_537, 67_584),
        (1_048_577, 1_081_344),
        (3_500_000, 3_538_944),
        (MAX_TAR - 1, MAX_TAR),
        (MAX_TAR, MAX_TAR),
    ],
)
def test_padme(size: int, padded: int) -> None:
    assert padme(size) == padded


def test_padme_below_the_smallest_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "MIN_TAR", 1)
    assert (padme(1000), padme(9)) == (1024, 10)


def test_a_full_pack_fits_one_put() -> None:
    assert (MAX_TAR, MAX_TAR // CHUNK, sealed_size(MAX_TAR)) == (16_515_072, 252, 16_520_747)
    assert len(SEALED_SIZES) == 256 and max(SEALED_SIZES) == sealed_size(MAX_TAR)


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.from_regex(r"[a-c](/?[aé记]){0,60}", fullmatch=True), st.binary(max_size=70_000)), max_size=8)
)
def test_any_tar_reads_what_a_pack_holds(files: list[tuple[str, bytes]]) -> None:
    pack = PackBuilder()
    places = [pack.add(name.encode(), data) for name, data in files]
    whole = bytes(pack.finish())
    assert len(whole) == padme(len(whole)) and sealed_size(len(whole)) in SEALED_SIZES
    for place, (_, data) in zip(places, files, strict=True):
        assert whole[place : place + len(data)] == data
    with tarfile.open(fileobj=io.BytesIO(whole)) as opened:
        found = [(info.name, opened.extractfile(info).read()) for info in opened]  # type: ignore[union-attr]
    assert files == [pair for pair in found if pair[0] != PADDING.decode()]
    walked = [(m.name, whole[m.offset : m.offset + m.size]) for m in tar.walk(memoryview(whole))]
    assert [(name.encode(), data) for name, data in files] == [pair for pair in walked if pair[0] != PADDING]


def test_padding_is_a_member_of_zeros_and_stands_last() -> None:
    pack = PackBuilder()
    pack.add(b"a", b"x" * 70_500)
    whole = memoryview(pack.finish())
    *_, last = tar.walk(whole)
    assert last.name == PADDING and not any(whole[last.offset :])
    assert last.offset + last.size + len(tar.END) == len(whole)


@pytest.mark.parametrize("left", [0, 511, 512, 40_000, -512, -1024, -1025])
def test_a_pack_that_is_cut_off_is_not_taken_for_whole(left: int) -> None:
    pack = PackBuilder()
    pack.add(b"a", b"x" * 70_000)
    whole = bytes(pack.finish())
    with pytest.raises(Unreadable, match="pack-malformed"):
        list(tar.walk(memoryview(whole[:left])))


def test_what_does_not_fit_is_refused() -> None:
    pack = PackBuilder()
    pack.add(b"first", bytes(pack.room()))
    assert not pack.fits(b"second", 1)
    with pytest.raises(Unsupported, match="member-too-large-for-a-pack"):
        pack.add(b"second", b"x")
    assert len(pack.finish()) == MAX_TAR


@settings(max_examples=20)
@given(st.integers(0, 3), st.integers(0, 1200))
def test_whatever_fits_is_never_too_much(blocks: int, over: int) -> None:
    pack = PackBuilder()
    pack.add(b"first", bytes(pack.room() - blocks * 512))
    for name in (b"second", b"s" * 120):
        if pack.fits(name, over):
            pack.add(name, bytes(over))
    assert len(pack.finish()) == MAX_TAR
