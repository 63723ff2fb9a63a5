"""Age files written as a stream, in flat memory."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from holdfast.crypto.age import header
from holdfast.crypto.age.payload import CHUNK
from holdfast.crypto.age.stanza import Random, Recipient
from holdfast.errors import Refused


class Sink(Protocol):
    """Takes bytes in order, all of them, as a buffered file does."""

    def write(self, data: bytes, /) -> object:
        """Take `data`."""


class Writer:
    """Seals what is written to it into `sink`, chunk by chunk.

    Only `close` makes the file whole; a `with` block that ends in an error leaves one that nobody can open to its end.
    The sink stays open.
    """

    def __init__(self, sink: Sink, recipients: Sequence[Recipient], random: Random) -> None:
        """Write the header; raise `Refused` as `seal` does."""
        head, self._payload = header.begin(recipients, random)
        self._sink = sink
        self._held = bytearray()
        self._number = 0
        self._open = True
        sink.write(head)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Seal `data`; give its size in bytes.  Raises `Refused` (`age-closed`) after `close`."""
        if not self._open:
            raise Refused("age-closed")
        view = memoryview(data).cast("B")
        for start in range(0, len(view), CHUNK):
            self._take(view[start : start + CHUNK])
        return len(view)

    def close(self) -> None:
        """Seal the last chunk; a second time does nothing."""
        if self._open:
            self._open = False
            self._sink.write(self._payload.seal(self._number, bytes(self._held), last=True))
            self._held.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        self._open = False

    def _take(self, data: memoryview) -> None:
        """Hold at most one chunk, a full one too: more must follow before it is known not to be the last."""
        room = CHUNK - len(self._held)
        self._held += data[:room]
        if len(data) > room:
            self._sink.write(self._payload.seal(self._number, bytes(self._held), last=False))
            self._number += 1
            self._held[:] = data[room:]
