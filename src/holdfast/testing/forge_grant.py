"""A keeper who lies: a grant, correctly sealed and signed, whose share is false.

    python -m holdfast.testing.forge_grant --kit KIT --vault VAULT --passphrase-file FILE REQUEST --out FILE

It is for drills and tests: a restorer must be able to name this keeper and open without it.
"""

import argparse
import secrets
import time
from pathlib import Path
from typing import cast

from holdfast.custody import messages
from holdfast.custody.contents import Open
from holdfast.custody.messages import Message
from holdfast.keeper.kits import Kit
from holdfast.store.directory import DirectoryStore
from holdfast.testing.keepers import forged_grant
from holdfast.vault import view


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m holdfast.testing.forge_grant", description=__doc__)
    for name in ("--kit", "--vault", "--passphrase-file", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("request", type=Path)
    given = parser.parse_args()
    kit = Kit.open(given.kit, given.passphrase_file.read_text().splitlines()[0])
    vault = view.read(DirectoryStore(given.vault))
    request = cast("Message[Open]", messages.unarmor(given.request.read_bytes()))
    keys, seat = kit.seat(vault.book)
    at = vault.book.index(vault.book.active.mid)
    shares = [vault.book.share(mid, seat, keys, at) for mid in request.content.scope]
    forged = forged_grant(request, shares, keys, int(time.time()), secrets.token_bytes)
    given.out.write_text(messages.armor(forged))


if __name__ == "__main__":
    _main()
