"""A pack: one tar, padded to one of 256 sizes and sealed as one age file whose name is the hash of its bytes."""

from holdfast.errors import Unsupported
from holdfast.vault import tar

MIN_TAR = 65_536
MAX_TAR = 63 << 18
SEALED_OVERHEAD = 1_643
CHUNK = 65_536
TAG = 16
PADDING = b"holdfast/padding"
TAIL = tar.BLOCK + len(tar.END)
"""What padding's header and the end mark take at most."""


def padme(size: int) -> int:
    """Give the size that a tar of `size` bytes is padded to (Padme, PETS 2019), at least 64 KiB.

    Within the limits of a pack that is one of 256 sizes, at most 3.2 % above.
    """
    size = max(size, MIN_TAR)
    exponent = size.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-size // step) * step


def sealed_size(size: int) -> int:
    """Give the size of the age file around a tar of `size` bytes, with one hybrid recipient."""
    return SEALED_OVERHEAD + size + TAG * -(-size // CHUNK)


SEALED_SIZES = frozenset(sealed_size(padme(n)) for n in range(MIN_TAR, MAX_TAR + 1, tar.BLOCK))


class PackBuilder:
    """Gathers tar members until no more fit."""

    def __init__(self) -> None:
        self._tar = bytearray()

    def fits(self, name: bytes, size: int) -> bool:
        """Tell whether a member of `size` bytes still goes in."""
        return len(self._tar) + len(tar.header(name, size)) + tar.padded(size) + TAIL <= MAX_TAR

    def room(self) -> int:
        """Give the size in bytes of the largest member with a short name that still goes in."""
        return max(0, (MAX_TAR - TAIL - tar.BLOCK - len(self._tar)) // tar.BLOCK * tar.BLOCK)

    def add(self, name: bytes, data: bytes | bytearray) -> int:
        """Add a member and give the offset of its bytes in the tar; it must fit."""
        if not self.fits(name, len(data)):
            raise Unsupported("member-too-large-for-a-pack", size=len(data))
        self._tar += tar.header(name, len(data))
        offset = len(self._tar)
        self._tar += data
        self._tar += bytes(-len(data) % tar.BLOCK)
        return offset

    def finish(self) -> bytearray:
        """Give the padded tar.

        Padding is a member: plain `tar` stops at the end mark, and zeros behind it would let a cut-off pack look whole.
        """
        gap = padme(len(self._tar) + len(tar.END)) - len(self._tar) - len(tar.END)
        if gap:
            self._tar += tar.header(PADDING, gap - tar.BLOCK)
            self._tar += bytes(gap - tar.BLOCK)
        self._tar += tar.END
        return self._tar
