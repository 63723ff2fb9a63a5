"""Two ages that nobody here wrote: the npm package (hybrid) and the distribution's program (classic, passphrase)."""

import errno
import json
import os
import pty
import random
import re
import select
import shutil
import subprocess
from pathlib import Path

import pytest

from holdfast.crypto import age
from holdfast.crypto.hybrid import HybridIdentity

HERE = Path(__file__).parent
SHIM = HERE / "age-shim"
RANDOM = random.Random(3).randbytes
SIZES = [0, 1, 65_535, 65_536, 65_537, 200_000]
KEY = HybridIdentity.from_seed(bytes(range(32)))
HYBRID = age.hybrid.Identity(KEY)
TO_HYBRID = age.hybrid.Recipient(KEY.recipient)
CLASSIC = age.x25519.Identity(b"\x42" * 32)
NO_MATCH = "age: error: no identity matched any of the recipients\n"

pytestmark = pytest.mark.service


def missing(what: str) -> None:
    """Skip with one line; in CI, where all programs must be there, fail."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)


@pytest.fixture(scope="module")
def shim() -> str:
    if shutil.which("node") is None or not (HERE / "node_modules" / "age-encryption").is_dir():
        missing("needs node and `npm ci --prefix tests/interop`")
    return str(SHIM)


@pytest.fixture(scope="module")
def stock() -> str:
    program = shutil.which("age")
    if program is None:
        missing("needs the distribution's `age`")
    return str(program)


def run(*arguments: str | Path, data: bytes = b"") -> bytes:
    """Give what a program prints, or fail with what it complains about."""
    done = subprocess.run([str(a) for a in arguments], input=data, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def complaint(*arguments: str | Path, data: bytes = b"") -> str:
    """Give what a program complains about when it exits with 1, having printed nothing."""
    done = subprocess.run([str(a) for a in arguments], input=data, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    return done.stderr.decode()


def identity_file(folder: Path, secret: object) -> Path:
    path = folder / "identity.txt"
    path.write_text(f"# a comment\n\n{secret}\n")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_npm_hybrid(shim: str, tmp_path: Path, size: int) -> None:
    """The npm package opens what we seal, and we open what it seals."""
    plain, keys = RANDOM(size), identity_file(tmp_path, KEY)
    sealed, opened = tmp_path / "sealed.age", tmp_path / "opened"
    sealed.write_bytes(age.seal(plain, [TO_HYBRID], RANDOM))
    run(shim, "-d", "-i", keys, "-o", opened, sealed)
    assert opened.read_bytes() == plain
    opened.write_bytes(plain)
    run(shim, "-r", str(KEY.recipient), "-o", sealed, opened)
    assert age.unseal(sealed.read_bytes(), [HYBRID]) == plain


@pytest.mark.slow
def test_npm_classic_and_armor(shim: str, tmp_path: Path) -> None:
    plain, keys = RANDOM(70_000), identity_file(tmp_path, CLASSIC)
    sealed = age.seal(plain, [CLASSIC.recipient], RANDOM)
    assert run(shim, "-d", "-i", keys, data=age.armor.encode(sealed)) == plain
    assert age.unseal(run(shim, "-r", str(CLASSIC.recipient), data=plain), [CLASSIC]) == plain


@pytest.mark.slow
def test_npm_refuses(shim: str, tmp_path: Path) -> None:
    """A stranger's key and a file cut short end with 1, a message as age's own, and no output file."""
    sealed, opened = tmp_path / "sealed.age", tmp_path / "opened"
    sealed.write_bytes(age.seal(RANDOM(65_536), [TO_HYBRID], RANDOM))
    stranger = identity_file(tmp_path, HybridIdentity.from_seed(bytes(32)))
    assert complaint(shim, "-d", "-i", stranger, "-o", opened, sealed) == NO_MATCH
    sealed.write_bytes(age.seal(RANDOM(70_000), [TO_HYBRID], RANDOM)[: 1643 + 65_552])
    assert complaint(shim, "-d", "-i", identity_file(tmp_path, KEY), "-o", opened, sealed).startswith("age: error: ")
    assert not opened.exists()


@pytest.mark.slow
def test_shim_by_the_name_of_age(shim: str, tmp_path: Path) -> None:
    """A recipe that calls `age` finds the shim through a symbolic link."""
    (tmp_path / "age").symlink_to(shim)
    sealed = age.seal(b"kelp", [TO_HYBRID], RANDOM)
    assert run(tmp_path / "age", "-d", "-i", identity_file(tmp_path, KEY), data=sealed) == b"kelp"


def test_lock_names_no_registry() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


@pytest.mark.parametrize("size", SIZES)
def test_stock_classic(stock: str, tmp_path: Path, size: int) -> None:
    """The distribution's age opens what we seal to an X25519 recipient, armored or not, and we open what it seals."""
    plain, keys = RANDOM(size), identity_file(tmp_path, CLASSIC)
    sealed = age.seal(plain, [CLASSIC.recipient], RANDOM)
    assert run(stock, "-d", "-i", keys, data=sealed) == plain
    assert run(stock, "-d", "-i", keys, data=age.armor.encode(sealed)) == plain
    for armored in ([], ["-a"]):
        assert age.unseal(run(stock, *armored, "-r", str(CLASSIC.recipient), data=plain), [CLASSIC]) == plain


def test_stock_refuses(stock: str, tmp_path: Path) -> None:
    keys = identity_file(tmp_path, age.x25519.Identity(bytes(32)))
    sealed = age.seal(b"kelp", [CLASSIC.recipient], RANDOM)
    assert complaint(stock, "-d", "-i", keys, data=sealed).startswith(NO_MATCH)


def at_terminal(program: list[str], answer: str) -> None:
    """Run a program that asks at a terminal, and answer each question with the same line."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen(["setsid", "--ctty", *program], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    asked = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            asked += os.read(ours, 1024)
        except OSError as e:  # Linux ends a terminal with this error.
            assert e.errno == errno.EIO, asked
            break
        if re.search(rb"passphrase[^\n]*: ?$", asked):
            os.write(ours, answer.encode() + b"\n")
            asked = b""
    os.close(ours)
    assert done.wait(60) == 0, asked


@pytest.mark.slow
def test_stock_passphrase(stock: str, tmp_path: Path) -> None:
    """A passphrase opens both ways, at the work that each side writes by default."""
    plain, sealed, opened = tmp_path / "plain", tmp_path / "sealed.age", tmp_path / "opened"
    plain.write_bytes(RANDOM(70_000))
    sealed.write_bytes(age.seal(plain.read_bytes(), [age.scrypt.Recipient("correct horse")], RANDOM))
    at_terminal([stock, "-d", "-o", str(opened), str(sealed)], "correct horse")
    assert opened.read_bytes() == plain.read_bytes()
    sealed.unlink()
    at_terminal([stock, "-p", "-o", str(sealed), str(plain)], "correct horse")
    assert age.unseal(sealed.read_bytes(), [age.scrypt.Identity("correct horse")]) == plain.read_bytes()
