"""A process that draws epochs, deals them and ends, so that no memory that lives on ever held their secrets.

    python -I -m holdfast.deal      plans on standard input, EPOCH contents on standard output, both msgpack

It is started with an empty environment and no arguments, opens no file, and forbids core dumps and other readers.
"""

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Sequence

import msgspec

from holdfast.custody.contents import Epoch
from holdfast.custody.dealing import EpochPlan, deal
from holdfast.errors import Unreadable

PR_SET_DUMPABLE = 4
MCL_CURRENT_AND_FUTURE = 3


def deal_apart(plans: Sequence[EpochPlan]) -> list[Epoch]:
    """Deal `plans` in a process of its own; raise `Unreadable` if it fails."""
    done = subprocess.run(
        [sys.executable, "-I", "-m", "holdfast.deal"],
        input=msgspec.msgpack.encode(list(plans)),
        capture_output=True,
        env={},
        check=False,
    )
    if done.returncode != 0:
        raise Unreadable("dealing-failed", why=done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    return msgspec.msgpack.decode(done.stdout, type=list[Epoch])


def _close_memory() -> None:
    """Forbid dumps and other processes' looks; locking memory needs more than an ordinary user has, so it may fail."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.mlockall(MCL_CURRENT_AND_FUTURE)


def _main() -> None:
    _close_memory()
    plans = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[EpochPlan])
    sys.stdout.buffer.write(msgspec.msgpack.encode([deal(plan, os.urandom) for plan in plans]))


if __name__ == "__main__":
    _main()
