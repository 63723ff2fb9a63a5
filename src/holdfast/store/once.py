"""Putting what may be there already."""

from holdfast.errors import AlreadyExists
from holdfast.store.protocol import Store


def put_once(store: Store, name: str, data: bytes) -> None:
    """Put `data`; if the name is taken by the same bytes that is success, else raise `AlreadyExists`."""
    try:
        store.put(name, data)
    except AlreadyExists:
        if store.get(name) != data:
            raise
