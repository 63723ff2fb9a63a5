"""The conformance kit for stores: `check_store(make)` is a stranger's whole test.

`make` gives an empty store at each call.  An assertion says which promise broke.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from holdfast.errors import AlreadyExists, NotFound, Unreadable
from holdfast.store.protocol import Store

METHODS = {"put", "get", "names"}
BAD_NAMES = (
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "a/../b",
    "../a",
    ".hidden",
    "a/.b",
    "a\0b",
    "a b",
    "a\\b",
    "ä",
    "a" * 201,
)
MISSING: tuple[type[BaseException], ...] = (NotFound, Unreadable)
SIZES = (0, 1, 65_536, 1_048_577)


def check_store(make: Callable[[], Store]) -> None:
    """Check all that the protocol promises; raise `AssertionError` with the promise that broke."""
    _check_bytes(make())
    _check_once(make())
    _check_names(make())
    _check_bad_names(make())
    _check_threads(make())


def _check_bytes(store: Store) -> None:
    for size in SIZES:
        data = bytes(k * 7 & 255 for k in range(size))
        store.put(f"packs/{size}", data)
        assert store.get(f"packs/{size}") == data, "get gives what was put, byte for byte"
    for name in ("packs/none", "packs", "none"):
        assert _error(store.get, name) in MISSING, "a missing name is NotFound"


def _check_once(store: Store) -> None:
    store.put("log/a/0", b"one")
    for data in (b"two", b"one", b""):
        error = _error(store.put, "log/a/0", data)
        assert error is AlreadyExists, "a name is written once, even with the same bytes"
        assert store.get("log/a/0") == b"one", "a refused put changes nothing"


def _check_names(store: Store) -> None:
    assert list(store.names("")) == [], "a new store has no names"
    put = {"format": 3, "packs/b": 0, "packs/a": 5, "packs-not": 1, "log/aa/2": 2, "log/ab/10": 1, "log/ab/1": 4}
    for name, size in put.items():
        store.put(name, bytes(size))
    for prefix in ("", "packs/", "packs", "log/a", "log/ab/", "log/ab/1", "none/", "p"):
        wanted = sorted((name, size) for name, size in put.items() if name.startswith(prefix))
        assert list(store.names(prefix)) == wanted, "names gives each name with its size, sorted, by any prefix"


def _check_bad_names(store: Store) -> None:
    for name in BAD_NAMES:
        assert _error(store.put, name, b"x") is Unreadable, f"{name!r} is no name"
    assert list(store.names("")) == [], "a refused name leaves nothing"


def _check_threads(store: Store) -> None:
    def put(number: int) -> bool:
        try:
            store.put("log/a/0", b"%d" % number)
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = [number for number, first in enumerate(pool.map(put, range(32))) if first]
    assert len(won) == 1, "of several that create one name, one wins"
    assert store.get("log/a/0") == b"%d" % won[0], "and its bytes stand there"


def _error(call: Callable[..., object], *arguments: object) -> type[BaseException] | None:
    try:
        call(*arguments)
    except Exception as error:  # noqa: BLE001 - which one it is, is the question
        return type(error)
    return None
