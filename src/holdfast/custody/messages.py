"""KEEP-1 envelopes: `["keep-1", kind, key, body, signature]` in deterministic CBOR.

preimage = "holdfast/keep-1/message" 00 | kind 00 | key[32] | body
signature = Ed25519(preimage);  mid = SHA-256(preimage)
"""

import binascii
import re
from base64 import b64decode, b64encode
from typing import Generic, TypeVar

import msgspec

from holdfast.crypto.hashes import sha256
from holdfast.crypto.signing import Signer, verify
from holdfast.custody.contents import KINDS
from holdfast.custody.encoding import decode, encode
from holdfast.errors import Unreadable

BEGIN, END = "-----BEGIN KEEP-1 MESSAGE-----", "-----END KEEP-1 MESSAGE-----"
HEAD = b"\x85\x66keep-1"
"""How every envelope begins: a message inside a message is not read in place of the outer one."""

T_co = TypeVar("T_co", bound=msgspec.Struct, covariant=True)
T = TypeVar("T", bound=msgspec.Struct)


class Unknown(msgspec.Struct, frozen=True):
    """The content of a kind that this program does not act on."""

    fields: dict[str, object]


class Message(msgspec.Struct, Generic[T_co], frozen=True):
    """A message whose signature holds; `envelope` is the bytes that were read or made, `mid` its id."""

    kind: str
    key: bytes
    content: T_co
    mid: bytes
    envelope: bytes


def write(content: T, signer: Signer) -> Message[T]:
    """Sign `content` as a message of its kind."""
    kind = type(content).__name__.upper()
    body = encode(msgspec.to_builtins(content, builtin_types=(bytes,)))
    preimage = _preimage(kind, signer.public, body)
    envelope = encode(["keep-1", kind, signer.public, body, signer.sign(preimage)])
    return Message(kind, signer.public, content, sha256(preimage), envelope)


def read(envelope: bytes) -> Message[msgspec.Struct]:
    """Give the message in `envelope`; raise `Unreadable` if it is malformed, `Unverified` if its signature is false."""
    match decode(envelope):
        case ["keep-1", str(kind), bytes(key), bytes(body), bytes(signature)] if re.fullmatch("[A-Z]{2,16}", kind):
            preimage = _preimage(kind, key, body)
            verify(key, signature, preimage)
            return Message(kind, key, _content(kind, body), sha256(preimage), envelope)
        case _:
            raise Unreadable("message-malformed", why="envelope")


def _preimage(kind: str, key: bytes, body: bytes) -> bytes:
    return b"holdfast/keep-1/message\0" + kind.encode() + b"\0" + key + body


def _content(kind: str, body: bytes) -> msgspec.Struct:
    fields = decode(body)
    try:
        if kind not in KINDS:
            return Unknown(msgspec.convert(fields, dict[str, object]))
        return msgspec.convert(fields, KINDS[kind], builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise Unreadable("message-malformed", why=kind) from error


def armor(message: Message[msgspec.Struct]) -> str:
    """Give a message as text that survives a chat: base64 between two marks."""
    text = b64encode(message.envelope).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return "\n".join([BEGIN, *lines, END, ""])


def unarmor(data: bytes) -> Message[msgspec.Struct]:
    """Read a message from its bytes or from any text that holds its armor; raise as `read` does."""
    _, begin, rest = data.partition(BEGIN.encode())
    if not begin or data.startswith(HEAD):
        return read(data)
    try:
        return read(b64decode(b"".join(rest.partition(END.encode())[0].split()), validate=True))
    except binascii.Error as error:
        raise Unreadable("message-malformed", why="armor") from error
