"""Fixtures that many tests share."""

import os
from pathlib import Path

import pytest

SOURCES = "C2SP/CCTV, C2SP/wycheproof, transparency-dev/merkle, transparency-dev/tessera and others: docs/explanation/testing.md"


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of test vectors that nobody in this project wrote."""
    folder = Path(os.environ.get("HOLDFAST_VECTORS", Path(__file__).parents[1] / ".." / "shared" / "vectors"))
    if not folder.is_dir():
        message = f"outside test vectors are not at hand (HOLDFAST_VECTORS); their sources: {SOURCES}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder
