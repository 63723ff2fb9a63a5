"""Cosignatures (C2SP tlog-cosignature): at this time this was the largest consistent tree that I had seen of this log.

A cosignature is a note line whose signature starts with the time: u64 seconds since 1970.  What is signed:

    04  Ed25519     "cosignature/v1\\n" "time <decimal>\\n" note text
    06  ML-DSA-44   "subtree/v1\\n\\0" | u8 length, cosigner | u64 time | u8 length, origin | u64 0 | u64 size | root

04 does not bind the cosigner's name, so a key belongs to one cosigner only.  06 does not cover extension lines.
"""

from collections.abc import Iterable

import msgspec

from holdfast.crypto import signing
from holdfast.errors import Refused, Unreadable, Unsupported, Unverified
from holdfast.log import checkpoints, notes
from holdfast.log.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, Line, Note, Verifier
from holdfast.log.strict import NUMBER_LIMIT

TIME_SIZE = 8
VERIFY = {COSIGNATURE_ED25519: signing.verify, COSIGNATURE_MLDSA44: signing.verify_mldsa}


class Cosignature(msgspec.Struct, frozen=True):
    """Who cosigned, and when by the cosigner's own clock, in seconds since 1970."""

    cosigner: Verifier
    time: int


def message(text: bytes, cosignature: Cosignature) -> bytes:
    """Give the bytes that a cosigner signs for a checkpoint's text; raises `Unsupported("key-type")`."""
    if cosignature.cosigner.type == COSIGNATURE_ED25519:
        return b"cosignature/v1\ntime %d\n" % cosignature.time + text
    if cosignature.cosigner.type == COSIGNATURE_MLDSA44:
        return _subtree(text, cosignature)
    raise Unsupported("key-type", type=cosignature.cosigner.type)


def cosign(text: bytes, cosignature: Cosignature, signer: signing.Signer | signing.MldsaSigner) -> Line:
    """Give the line that adds `cosignature` to the note of a checkpoint's text.

    Raises `Refused("cosigner-key")` if the signer is not the cosigner, and `Unverified("cosignature-time")`.
    """
    if signer.public != cosignature.cosigner.key:
        raise Refused("cosigner-key")
    checkpoints.parse(text)
    time = _check_time(cosignature.time).to_bytes(TIME_SIZE, "big")
    signature = time + signer.sign(message(text, cosignature))
    return Line(cosignature.cosigner.name, cosignature.cosigner.key_id, signature)


def add_lines(note: bytes, lines: Iterable[Line]) -> bytes:
    """Give the note with these lines behind its own."""
    parsed = notes.parse(note)
    data = notes.encode(Note(parsed.text, parsed.lines + tuple(lines)))
    notes.parse(data)
    return data


def open_cosignatures(note: bytes, cosigners: Iterable[Verifier]) -> list[Cosignature]:
    """Give what these cosigners say of a note, in their order; one false line of theirs rejects it all.

    The log's own signature is `open_checkpoint`'s matter.  A policy decides whether this is enough: nobody may have
    cosigned, and one cosigner may stand here twice.

    Raises `Unreadable`, `Unverified("signature-false")` or `Unverified("cosignature-time")`.
    """
    parsed = notes.parse(note)
    checkpoints.parse(parsed.text)
    return [_check(parsed.text, cosigner, line) for cosigner in cosigners for line in notes.lines_of(parsed, cosigner)]


def _check(text: bytes, cosigner: Verifier, line: Line) -> Cosignature:
    time, signature = line.signature[:TIME_SIZE], line.signature[TIME_SIZE:]
    cosignature = Cosignature(cosigner, _check_time(int.from_bytes(time, "big")))
    signed = message(text, cosignature)
    VERIFY[cosigner.type](cosigner.key, signature, signed)
    return cosignature


def _check_time(time: int) -> int:
    """Refuse 0, which C2SP reads as "no time"; taken as one it would date a tree to 1970."""
    if not 0 < time < NUMBER_LIMIT:
        raise Unverified("cosignature-time", time=time)
    return time


def _subtree(text: bytes, cosignature: Cosignature) -> bytes:
    checkpoint = checkpoints.parse(text)
    return b"".join(
        (
            b"subtree/v1\n\0",
            _short(cosignature.cosigner.name),
            cosignature.time.to_bytes(8, "big"),
            _short(checkpoint.origin),
            bytes(8),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def _short(name: str) -> bytes:
    data = name.encode()
    if len(data) > 0xFF:
        raise Unreadable("key-name", name=name[:80])
    return bytes([len(data)]) + data
