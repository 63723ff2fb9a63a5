"""Signatures: others' edge cases first (C2SP/CCTV, C2SP/wycheproof), then ours."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.crypto.signing import (
    LOW_ORDER,
    MldsaSigner,
    Signer,
    check_key,
    check_mldsa_key,
    verify,
    verify_mldsa,
)
from holdfast.errors import Unreadable, Unverified

SEED = bytes(range(32))
REFUSED_FLAGS = {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R", "low_order_residue"}


def holds(public: bytes, signature: bytes, data: bytes) -> bool:
    try:
        return verify(public, signature, data) == data
    except Unverified:
        return False


def holds_mldsa(public: bytes, signature: bytes, data: bytes, context: bytes) -> bool:
    try:
        return verify_mldsa(public, signature, data, context) == data
    except Unverified:
        return False


def wycheproof(vectors: Path, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    content = json.loads((vectors / "wycheproof/testvectors_v1" / name).read_text())
    cases = [(group, case) for group in content["testGroups"] for case in group["tests"]]
    assert len(cases) == content["numberOfTests"]
    return cases


def test_cctv_takes_exactly_the_43_without_a_low_order_or_odd_point(vectors: Path) -> None:
    cases = json.loads((vectors / "cctv-ed25519/ed25519vectors.json").read_text())
    taken = {
        case["number"]
        for case in cases
        if holds(bytes.fromhex(case["key"]), bytes.fromhex(case["sig"]), case["msg"].encode())
    }
    assert len(cases) == 914
    assert len(taken) == 43
    assert taken == {case["number"] for case in cases if not REFUSED_FLAGS & set(case["flags"] or ())}


def test_cctv_keys_of_low_order_are_refused_at_enrolment(vectors: Path) -> None:
    for case in json.loads((vectors / "cctv-ed25519/ed25519vectors.json").read_text()):
        key = bytes.fromhex(case["key"])
        if "low_order_A" in (case["flags"] or ()):
            with pytest.raises(Unverified, match="key-low-order"):
                check_key(key)
        else:
            assert check_key(key) == key


def test_wycheproof_ed25519(vectors: Path) -> None:
    cases = wycheproof(vectors, "ed25519_test.json")
    assert len(cases) == 151
    for group, case in cases:
        key, signature, data = (bytes.fromhex(text) for text in (group["publicKey"]["pk"], case["sig"], case["msg"]))
        assert holds(key, signature, data) == (case["result"] == "valid"), case["tcId"]


def test_wycheproof_mldsa44(vectors: Path) -> None:
    cases = wycheproof(vectors, "mldsa_44_verify_test.json")
    assert len(cases) == 180
    for group, case in cases:
        key, signature, data = (bytes.fromhex(text) for text in (group["publicKey"], case["sig"], case["msg"]))
        taken = holds_mldsa(key, signature, data, bytes.fromhex(case.get("ctx", "")))
        assert taken == (case["result"] == "valid"), case["tcId"]


def test_rfc8032_first_vector() -> None:
    signer = Signer.from_seed(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert signer.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert signer.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb88215")


@pytest.mark.parametrize("point", sorted(LOW_ORDER))
@pytest.mark.parametrize("sign", [0, 0x80])
def test_one_signature_that_fits_every_message(point: bytes, sign: int) -> None:
    key = point[:31] + bytes([point[31] | sign])
    with pytest.raises(Unverified, match="key-low-order"):
        check_key(key)
    with pytest.raises(Unverified, match="signature-false"):
        verify(key, b"\1" + bytes(63), b"any message at all")


@given(st.binary(), st.integers(0, 511))
def test_a_flipped_bit_of_a_signature_fails(data: bytes, bit: int) -> None:
    signer = Signer.from_seed(SEED)
    signature = signer.sign(data)
    changed = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(64, "big")
    assert verify(signer.public, signature, data) == data
    with pytest.raises(Unverified, match="signature-false"):
        verify(signer.public, changed, data)
    with pytest.raises(Unverified, match="signature-false"):
        verify(signer.public, signature, data + b"\0")


@given(st.binary(max_size=40), st.binary(max_size=70))
def test_garbage_is_never_a_signature(public: bytes, signature: bytes) -> None:
    with pytest.raises(Unverified, match="signature-false"):
        verify(public, signature, b"data")
    with pytest.raises(Unverified, match="signature-false"):
        verify_mldsa(public, signature, b"data")


def test_mldsa_binds_data_context_and_key() -> None:
    signer, other = MldsaSigner.from_seed(SEED), MldsaSigner.from_seed(bytes(32))
    signature = signer.sign(b"data", b"context")
    assert verify_mldsa(signer.public, signature, b"data", b"context") == b"data"
    assert check_mldsa_key(signer.public) == signer.public
    for public, data, context in (
        (signer.public, b"date", b"context"),
        (signer.public, b"data", b""),
        (signer.public, b"data", b"c" * 256),
        (other.public, b"data", b"context"),
    ):
        with pytest.raises(Unverified, match="signature-false"):
            verify_mldsa(public, signature, data, context)


@pytest.mark.parametrize("make", [Signer.from_seed, MldsaSigner.from_seed, check_key, check_mldsa_key])
@pytest.mark.parametrize("size", [0, 31, 33, 64, 1311])
def test_keys_of_another_size_are_garbage(make: Any, size: int) -> None:
    with pytest.raises(Unreadable, match="key-size"):
        make(b"\7" * size)
