"""Options that several verbs share, and what they turn into."""

import os
import re
import secrets
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from holdfast.cli.help import Verb
from holdfast.cli.language import say
from holdfast.custody import messages, rosters
from holdfast.custody.contents import Card, Grant, Open, Rule
from holdfast.custody.keys import Keys
from holdfast.custody.messages import Message
from holdfast.errors import AlreadyExists, NotFound, Refused, Unreadable, Unverified
from holdfast.keeper.kits import Kit
from holdfast.new import Terms
from holdfast.state.device import Device
from holdfast.store.directory import DirectoryStore
from holdfast.vault import view
from holdfast.vault.view import Vault

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
LONGEST = 60 * UNITS["d"]
Decorate = Callable[[Callable[..., Any]], Callable[..., Any]]

FILE = click.Path(path_type=Path)


class Several(Verb):
    """A command whose repeatable options also take several values in a row: `--grant A B C`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Spell each run of values as repeated options."""
        names = {name for p in self.params if isinstance(p, click.Option) and p.multiple for name in p.opts}
        spelled: list[str] = []
        repeating = ""
        for arg in args:
            if arg.startswith("-"):
                repeating = arg if arg in names else ""
            elif repeating and spelled[-1] != repeating:
                spelled.append(repeating)
            spelled.append(arg)
        return super().parse_args(ctx, spelled)


class Duration(click.ParamType[int]):
    """A time such as `72h`, `30m`, `7d` or `0`, in seconds; at most LONGEST, since a request lives 90 days."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Give the seconds, or fail as click does."""
        found = re.fullmatch(r"([0-9]{1,8})([smhd]?)", str(value))
        if not found:
            self.fail(say("{value} is no time; write it like 72h, 30m, 7d or 0.", value=value), param, ctx)
        seconds = int(found[1]) * UNITS[found[2]]
        if seconds > LONGEST:
            self.fail(
                say("{value} is too long: a request lives 90 days, and a wait 60 at most.", value=value), param, ctx
            )
        return seconds


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object; see docs/reference/json.md.")
kit_option = click.option(
    "--kit", "kit_path", metavar="KIT", type=FILE, required=True, help="The keeper's kit, a folder."
)
vault_option = click.option(
    "--vault",
    "vault_path",
    metavar="VAULT",
    type=FILE,
    required=True,
    help="The vault, a folder that `holdfast new` made.",
)
passphrase_option = click.option(
    "--passphrase-file",
    metavar="FILE",
    type=FILE,
    help="Read the kit's passphrase from the first line of a file instead of asking.",
)
key_option = click.option(
    "--key", "key_path", metavar="KEY", type=FILE, required=True, help="The request.key of this restorer."
)
grant_option = click.option(
    "--grant",
    "grant_paths",
    metavar="FILE...",
    type=FILE,
    multiple=True,
    required=True,
    help="The keepers' grants, one file each.",
)
quorum_option = click.option(
    "--quorum", metavar="T", type=click.IntRange(1, 16), help="How many keepers open, in every compartment."
)
delay_option = click.option(
    "--delay", metavar="TIME", type=Duration(), help="Every wait, roster changes too: 72h, 30m, 7d, 0."
)
policy_option = click.option(
    "--policy", metavar="FILE", type=FILE, help="A policy file (TOML) with quorum and delay of each compartment."
)


def now() -> int:
    """Give the time by this machine's clock, in Unix seconds."""
    return int(time.time())


random = secrets.token_bytes


def open_kit(path: Path, passphrase_file: Path | None) -> Kit:
    """Open a kit with the passphrase from a file, or asked for."""
    return Kit.open(path, passphrase(path, passphrase_file))


def passphrase(path: Path, file: Path | None) -> str:
    """Give a passphrase from a file's first line, or ask for it."""
    if file is None:
        return _ask(say("Passphrase of {kit}", kit=path))
    line = read_bytes(file).decode("utf-8", "replace").split("\n")[0].rstrip("\r")
    if not line:
        raise Unreadable("passphrase-file-empty", name=str(file))
    return line


def new_passphrase(path: Path, file: Path | None) -> str:
    """Give a passphrase as `passphrase` does; where it is asked for, ask twice."""
    chosen = passphrase(path, file)
    if file is None and _ask(say("The same passphrase again")) != chosen:
        raise Refused("passphrases-differ")
    return chosen


def _ask(text: str) -> str:
    try:
        return str(click.prompt(text, hide_input=True, err=True))
    except click.Abort as stop:
        if isinstance(stop.__context__, EOFError):
            raise Refused("passphrase-needed") from None
        raise


def open_vault(path: Path) -> Vault:
    """Read a vault's public face."""
    return view.read(store(path))


def store(path: Path) -> DirectoryStore:
    """Give the folder as a store; raise `NotFound` where there is none."""
    if not path.is_dir():
        raise NotFound("not-a-vault", name=str(path))
    return DirectoryStore(path)


def device() -> Device:
    """Give this device's state folder: $HOLDFAST_STATE, else under $XDG_STATE_HOME."""
    named = os.environ.get("HOLDFAST_STATE")
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Device(Path(named) if named else Path(base, "holdfast"))


def read_bytes(path: Path) -> bytes:
    """Read a small file that the person named."""
    with path.open("rb") as file:
        return file.read(16 << 20)


def read_message(path: Path, kind: type[Any]) -> Message[Any]:
    """Read one KEEP-1 message of a kind from a file; raise `Unreadable` for anything else, `Unverified` if forged."""
    try:
        message = messages.unarmor(read_bytes(path))
    except Unreadable as error:
        raise Unreadable("message-absent", name=str(path)) from error
    except Unverified as error:
        raise Unverified("message-forged", name=str(path)) from error
    if not isinstance(message.content, kind):
        raise Unreadable("message-other-kind", name=str(path), wanted=kind.__name__.upper(), found=message.kind)
    return message


def read_cards(paths: Sequence[Path]) -> list[Message[Card]]:
    """Read keepers' cards."""
    return [read_message(path, Card) for path in paths]


def read_grants(paths: Sequence[Path]) -> list[Message[Grant]]:
    """Read keepers' grants."""
    return [read_message(path, Grant) for path in paths]


def read_request(path: Path) -> Message[Open]:
    """Read a request."""
    message: Message[Open] = read_message(path, Open)
    return message


def read_key(path: Path) -> Keys:
    """Read a restorer's one-use secret; raise `Unreadable` if the file holds none."""
    found = re.search(rb"^request-key ([0-9a-f]{64})$", read_bytes(path), re.M)
    if not found:
        raise Unreadable("request-key-malformed", name=str(path))
    return Keys(bytes.fromhex(found[1].decode()))


def check_new(path: Path) -> Path:
    """Give `path` back if nothing is there, else raise `AlreadyExists`: asked before a verb does what lasts."""
    if path.exists() or path.is_symlink():
        raise AlreadyExists("file-exists", name=str(path))
    return path


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file that must not be there yet, durably; raise `AlreadyExists` and touch nothing if it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise AlreadyExists("file-exists", name=str(path)) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def terms(cards: Sequence[Path], quorum: int | None, delay: int | None, policy: Path | None) -> Terms:
    """Give what a roster of these keepers settles: defaults, then the policy file, then the options."""
    keepers = read_cards(cards)
    rules = rosters.default_rules(len(keepers))
    wait = rosters.ROSTER_WAIT
    if policy is not None:
        rules, wait = _read_policy(policy, rules, wait)
    if quorum is not None:
        rules = {name: Rule(quorum, rule.delay) for name, rule in rules.items()}
    if delay is not None:
        rules, wait = {name: Rule(rule.quorum, delay) for name, rule in rules.items()}, delay
    return Terms(keepers, rules, wait)


def _read_policy(path: Path, rules: dict[str, Rule], wait: int) -> tuple[dict[str, Rule], int]:
    """Read `[public] quorum = 2, delay = "0"`, and so on for each compartment, and `[roster] delay = "7d"`."""
    try:
        tables = tomllib.loads(read_bytes(path).decode())
        for name, table in tables.items():
            _check_table(name, table, {"delay"} if name == "roster" else {"quorum", "delay"})
        settled = {name: _read_rule(tables.get(name, {}), rule) for name, rule in rules.items()}
        wait = _read_delay(tables.get("roster", {}), wait)
    except (ValueError, click.BadParameter) as error:
        raise Unreadable("policy-malformed", name=str(path), why=str(error)) from None
    return settled, wait


def _check_table(name: str, table: object, known: set[str]) -> None:
    """Raise `ValueError` for what has no meaning here: a misspelt rule must not fall back to a default."""
    if name not in {*rosters.COMPARTMENTS, "roster"} or not isinstance(table, dict):
        raise ValueError(name)
    if unknown := set(table) - known:
        raise ValueError(f"[{name}] {min(unknown)}")


def _read_rule(table: dict[str, Any], rule: Rule) -> Rule:
    quorum = table.get("quorum", rule.quorum)
    if type(quorum) is not int:
        raise ValueError(f"quorum = {quorum}")
    return Rule(quorum, _read_delay(table, rule.delay))


def _read_delay(table: dict[str, Any], default: int) -> int:
    return Duration().convert(table["delay"], None, None) if "delay" in table else default
