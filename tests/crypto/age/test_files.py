"""Whole age files: round trips, sizes, and every kind of damage."""

import io
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.crypto import age
from holdfast.crypto.age.payload import CHUNK, SEALED_CHUNK
from holdfast.crypto.hybrid import HybridIdentity
from holdfast.errors import HoldfastError, Refused, Unreadable, Unverified

RANDOM = random.Random(1).randbytes
KEY = HybridIdentity.from_seed(bytes(range(32)))
HYBRID = age.hybrid.Identity(KEY)
TO_HYBRID = age.hybrid.Recipient(KEY.recipient)
CLASSIC = age.x25519.Identity(b"\x42" * 32)
PASSPHRASE = age.scrypt.Identity("correct horse")
TO_PASSPHRASE = age.scrypt.Recipient("correct horse", log_n=4)
PAIRS = [(TO_HYBRID, HYBRID), (CLASSIC.recipient, CLASSIC), (TO_PASSPHRASE, PASSPHRASE)]
STRANGERS = [age.hybrid.Identity(HybridIdentity.from_seed(bytes(32))), age.x25519.Identity(bytes(32))]
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7, 3 * CHUNK]
START = 1643


def written(plain: bytes, recipient: age.Recipient, cuts: list[int]) -> bytes:
    """Seal through a Writer, in writes that end at `cuts`."""
    sink = io.BytesIO()
    with age.Writer(sink, [recipient], RANDOM) as writer:
        for start, end in zip([0, *cuts], [*cuts, len(plain)], strict=True):
            writer.write(plain[start:end])
    return sink.getvalue()


def raised(attempt: Callable[[], object]) -> HoldfastError:
    with pytest.raises(HoldfastError) as caught:
        attempt()
    return caught.value


def read_all(sealed: bytes) -> bytes:
    return age.Reader(io.BytesIO(sealed), [HYBRID]).read()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("recipient", "identity"), PAIRS)
def test_round_trip(size: int, recipient: age.Recipient, identity: age.Identity) -> None:
    plain = RANDOM(size)
    sealed = age.seal(plain, [recipient], RANDOM)
    assert age.unseal(sealed, [*STRANGERS, identity]) == plain
    assert age.unseal(memoryview(age.armor.encode(sealed)), [identity]) == plain
    assert age.Reader(io.BytesIO(sealed), [identity]).read() == plain


@given(st.integers(0, 3 * CHUNK), st.lists(st.integers(0, 3 * CHUNK), max_size=6))
@settings(max_examples=40, deadline=None)
def test_writer_equals_seal(size: int, cuts: list[int]) -> None:
    """However the writes are cut, the file has one shape; each way of reading gives the bytes back."""
    plain = RANDOM(size)
    sealed = written(plain, TO_HYBRID, sorted(min(cut, size) for cut in cuts))
    assert len(sealed) == len(age.seal(plain, [TO_HYBRID], RANDOM))
    assert age.unseal(sealed, [HYBRID]) == read_all(sealed) == plain


@pytest.mark.parametrize("size", SIZES)
def test_writer_at_chunk_boundaries(size: int) -> None:
    """A payload of whole chunks ends with a full one, not with an empty one."""
    plain = RANDOM(size)
    assert age.unseal(written(plain, TO_HYBRID, list(range(CHUNK, size, CHUNK))), [HYBRID]) == plain


@given(st.lists(st.tuples(st.integers(0, 3 * CHUNK + 100), st.integers(0, 2 * CHUNK)), max_size=8))
@settings(max_examples=40, deadline=None)
def test_random_seeks(places: list[tuple[int, int]]) -> None:
    plain = random.Random(2).randbytes(3 * CHUNK + 50)
    reader = age.Reader(io.BytesIO(age.seal(plain, [TO_HYBRID], RANDOM)), [HYBRID])
    assert reader.size == len(plain)
    for place, count in places:
        assert reader.seek(place) == reader.tell() == place
        assert reader.read(count) == plain[place : place + count]
        assert reader.tell() == place + len(plain[place : place + count])


def test_seek_from_anywhere() -> None:
    reader = age.Reader(io.BytesIO(age.seal(b"0123456789", [TO_HYBRID], RANDOM)), [HYBRID])
    assert (reader.seek(-3, io.SEEK_END), reader.read(1), reader.seek(1, io.SEEK_CUR), reader.read()) == (
        7,
        b"7",
        9,
        b"9",
    )
    assert (reader.seek(20), reader.read(5), reader.read()) == (20, b"", b"")
    assert (reader.seek(5), reader.read(1 << 50), reader.seek(8), reader.readall()) == (5, b"56789", 8, b"89")
    with pytest.raises(ValueError, match="-1"):
        reader.seek(-1)


class Counting(io.BytesIO):
    """A source that remembers where it was read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.places: list[int] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.places.append(self.tell())
        return super().read(size)


def test_reader_touches_only_what_it_needs() -> None:
    """Chunk i of a file to one hybrid recipient lies at 1,643 + 65,552 i, and opens alone."""
    plain = RANDOM(9 * CHUNK)
    source = Counting(age.seal(plain, [TO_HYBRID], RANDOM))
    reader = age.Reader(source, [HYBRID])
    assert source.places[-1] == START + 8 * SEALED_CHUNK
    source.places.clear()
    reader.seek(4 * CHUNK + 10)
    assert reader.read(CHUNK) == plain[4 * CHUNK + 10 : 5 * CHUNK + 10]
    assert source.places == [START + 4 * SEALED_CHUNK, START + 5 * SEALED_CHUNK]


def test_sizes() -> None:
    """A full pack of 252 chunks is 16,520,747 bytes sealed."""
    assert len(age.seal(bytes(252 * CHUNK), [TO_HYBRID], RANDOM)) == 16_520_747
    assert age.header.read(age.seal(b"", [TO_HYBRID], RANDOM)).start == START


def test_buffers_of_every_kind() -> None:
    for plain in (bytearray(b"kelp"), memoryview(b"kelp"), memoryview(b"-kelp-")[1:5]):
        assert age.unseal(bytearray(age.seal(plain, [TO_HYBRID], RANDOM)), [HYBRID]) == b"kelp"


@pytest.mark.parametrize("chunks", [1, 2, 3])
@pytest.mark.parametrize("tail", [0, 5])
def test_cut_at_every_boundary(chunks: int, tail: int) -> None:
    """A file that ends early is refused wherever it ends, before a byte is given."""
    sealed = age.seal(RANDOM(chunks * CHUNK + tail), [TO_HYBRID], RANDOM)
    ends = {START + i * SEALED_CHUNK + d for i in range(chunks + 1) for d in (-17, -16, -1, 0, 1, 15, 16, 17)}
    for end in sorted(ends | {len(sealed) - 1, len(sealed) - tail - 16} - {len(sealed)}):
        if end >= len(sealed):
            continue
        expected = Unverified if end >= START else Unreadable
        assert type(raised(lambda end=end: age.unseal(sealed[:end], [HYBRID]))) is expected, end
        assert type(raised(lambda end=end: age.Reader(io.BytesIO(sealed[:end]), [HYBRID]))) is expected, end


@given(st.integers(0, START - 1), st.integers(0, 7))
@settings(deadline=None)
def test_header_bit_flipped(place: int, bit: int) -> None:
    sealed = bytearray(age.seal(b"kelp", [TO_HYBRID], RANDOM))
    sealed[place] ^= 1 << bit
    raised(lambda: age.unseal(sealed, [HYBRID]))


@given(st.integers(START, START + 2 * SEALED_CHUNK + 4 + 16 - 1), st.integers(0, 7))
@settings(deadline=None)
def test_payload_bit_flipped(place: int, bit: int) -> None:
    """One flipped bit names its chunk; the reader still gives the chunks before and behind it."""
    plain = RANDOM(2 * CHUNK + 4)
    sealed = bytearray(age.seal(plain, [TO_HYBRID], RANDOM))
    sealed[place] ^= 1 << bit
    number = (place - START) // SEALED_CHUNK
    error = raised(lambda: age.unseal(sealed, [HYBRID]))
    assert (type(error), str(error)) == (Unverified, f"age-chunk chunk={number}")
    if number < 2:
        reader = age.Reader(io.BytesIO(sealed), [HYBRID])
        reader.seek((1 - number) * CHUNK)
        assert reader.read(CHUNK) == plain[(1 - number) * CHUNK : (2 - number) * CHUNK]
        reader.seek(number * CHUNK)
        assert raised(lambda: reader.read(1)).fields == {"chunk": number}


def test_chunks_swapped_repeated_or_appended() -> None:
    sealed = age.seal(RANDOM(3 * CHUNK), [TO_HYBRID], RANDOM)
    head, chunks = sealed[:START], [sealed[START + i * SEALED_CHUNK :][:SEALED_CHUNK] for i in range(3)]
    for order in ([1, 0, 2], [0, 0, 2], [0, 2, 1], [0, 2], [0, 1, 1, 2], [0, 1, 2, 2]):
        raised(lambda order=order: age.unseal(head + b"".join(chunks[i] for i in order), [HYBRID]))
    for tail in (b"\x00", bytes(16), bytes(17), bytes(SEALED_CHUNK)):
        raised(lambda tail=tail: age.unseal(sealed + tail, [HYBRID]))
        raised(lambda tail=tail: age.Reader(io.BytesIO(sealed + tail), [HYBRID]))


def test_headers_swapped() -> None:
    """Neither another file's stanzas nor another file's chunks fit."""
    one, two = (age.seal(b"kelp", [TO_HYBRID], RANDOM) for _ in range(2))
    assert raised(lambda: age.unseal(one[:START] + two[START:], [HYBRID])).code == "age-chunk"
    mac = one.index(b"--- ")
    assert raised(lambda: age.unseal(one[:mac] + two[mac:], [HYBRID])).code == "age-mac"


def test_writer_that_failed_leaves_nothing_readable() -> None:
    sink = io.BytesIO()
    with pytest.raises(KeyError), age.Writer(sink, [TO_HYBRID], RANDOM) as writer:
        writer.write(RANDOM(3 * CHUNK))
        raise KeyError
    assert type(raised(lambda: age.unseal(sink.getvalue(), [HYBRID]))) is Unverified
    assert raised(lambda: writer.write(b"more")).code == "age-closed"


def test_close_twice() -> None:
    sink = io.BytesIO()
    writer = age.Writer(sink, [TO_HYBRID], RANDOM)
    writer.write(b"kelp")
    writer.close()
    writer.close()
    assert age.unseal(sink.getvalue(), [HYBRID]) == b"kelp"


@given(st.binary(max_size=400))
def test_garbage(data: bytes) -> None:
    """Garbage gives `Unreadable` from every reader, nothing else."""
    for attempt in (
        lambda: age.unseal(data, [HYBRID]),
        lambda: age.unseal(age.armor.BEGIN + b"\n" + data, [HYBRID]),
        lambda: age.header.read(b"age-encryption.org/v1\n-> " + data),
        lambda: age.Reader(io.BytesIO(data), [HYBRID]),
        lambda: age.armor.decode(data),
    ):
        assert type(raised(attempt)) is Unreadable


def test_header_without_end() -> None:
    """A header that never ends is given up at 1 MiB, and soon."""
    for data in (b"age-encryption.org/v1\n" + b"-> a\n\n" * 400_000, b"-> " + b"a " * 1_000_000):
        source = Counting(data)
        assert type(raised(lambda source=source: age.Reader(source, [HYBRID]))) is Unreadable
        assert max(source.places) <= 1 << 20
        assert type(raised(lambda data=data: age.unseal(data, [HYBRID]))) is Unreadable


def test_many_recipients() -> None:
    """A header longer than the reader's first look is read on."""
    keys = [HybridIdentity.from_seed(bytes([i]) * 32) for i in range(20)]
    sealed = age.seal(b"kelp", [age.hybrid.Recipient(key.recipient) for key in keys], RANDOM)
    for key in keys:
        assert age.Reader(io.BytesIO(sealed), [age.hybrid.Identity(key)]).read() == b"kelp"
        assert age.unseal(sealed, [age.hybrid.Identity(key)]) == b"kelp"


def test_no_identity() -> None:
    sealed = age.seal(b"kelp", [TO_HYBRID], RANDOM)
    for identities in ([], STRANGERS, [CLASSIC, PASSPHRASE]):
        error = raised(lambda identities=identities: age.unseal(sealed, identities))
        assert (type(error), error.code) == (Refused, "no-identity-matched")


@pytest.mark.parametrize(
    ("recipients", "code"),
    [
        ([], "no-recipient"),
        ([TO_HYBRID, CLASSIC.recipient], "recipients-mixed"),
        ([CLASSIC.recipient, TO_HYBRID], "recipients-mixed"),
        ([TO_PASSPHRASE, TO_PASSPHRASE], "passphrase-not-alone"),
        ([TO_PASSPHRASE, CLASSIC.recipient], "passphrase-not-alone"),
        ([TO_HYBRID, TO_PASSPHRASE], "passphrase-not-alone"),
    ],
)
def test_recipients_that_do_not_go_together(recipients: list[age.Recipient], code: str) -> None:
    sink = io.BytesIO()
    for attempt in (lambda: age.seal(b"kelp", recipients, RANDOM), lambda: age.Writer(sink, recipients, RANDOM)):
        error = raised(attempt)
        assert (type(error), error.code) == (Refused, code)
    assert sink.getvalue() == b""


def test_stanza_types_and_shapes() -> None:
    """Without a key an auditor sees the suite and a sound encapsulated key."""
    (stanza,) = age.header.read(age.seal(b"", [TO_HYBRID], RANDOM)).stanzas
    assert (stanza.type, len(stanza.args), len(stanza.body)) == ("mlkem768x25519", 1, 32)
    assert len(age.hybrid.check(stanza)) == 1120


def test_passphrase_work() -> None:
    """Writing asks for 2^18; reading refuses above 2^20, or what it is told, before it works."""
    sealed = age.seal(b"kelp", [age.scrypt.Recipient("correct horse", log_n=5)], RANDOM)
    assert raised(lambda: age.unseal(sealed, [age.scrypt.Identity("correct horse", most=4)])).code == "passphrase-work"
    assert raised(lambda: age.unseal(sealed, [age.scrypt.Identity("wrong")])).code == "no-identity-matched"
    for work in (b"21", b"99", b"9" * 5000):
        heavy = sealed.replace(b" 5\n", b" " + work + b"\n", 1)
        assert raised(lambda heavy=heavy: age.unseal(heavy, [PASSPHRASE])).code == "passphrase-work"
    assert (age.scrypt.WRITE_LOG_N, age.scrypt.READ_LOG_N) == (18, 20)
    with pytest.raises(Refused):
        age.scrypt.Recipient("")


def test_classic_recipient_vector() -> None:
    """KEEP-1's vector: 32 bytes 42."""
    text = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    assert str(CLASSIC.recipient) == text
    assert age.x25519.Recipient.from_text(text).raw == CLASSIC.recipient.raw
    assert age.x25519.Identity.from_text(str(CLASSIC)).recipient.raw == CLASSIC.recipient.raw
    for wrong in (bytes(32), bytes(31)):
        with pytest.raises(Unreadable):
            age.x25519.Recipient(wrong)
    for wrong_text in (str(KEY.recipient), str(CLASSIC), text.upper()):
        with pytest.raises(Unreadable):
            age.x25519.Recipient.from_text(wrong_text)


def test_secrets_are_drawn_once_from_the_given_randomness() -> None:
    """Same randomness, same file, for the kinds that draw none of their own; the nonce comes from it too."""
    one, two = (age.seal(b"kelp", [CLASSIC.recipient], random.Random(7).randbytes) for _ in range(2))
    assert one == two != age.seal(b"kelp", [CLASSIC.recipient], random.Random(8).randbytes)


class Careless:
    """An identity of somebody else's that gives any file key."""

    def unwrap(self, stanzas: object) -> bytes:
        return bytes(17)


def test_strange_identity_gives_a_strange_key() -> None:
    sealed = age.seal(b"kelp", [TO_HYBRID], RANDOM)
    assert raised(lambda: age.unseal(sealed, [Careless()])).fields == {"why": "file-key"}
