"""What the command line takes: times, policies, several values in a row, passphrases, files that must be new."""

import os
import stat
from pathlib import Path

import click
import pytest
from running import call

from holdfast.cli import options
from holdfast.cli.options import Duration, Several, check_new, terms, write_new
from holdfast.custody.contents import Rule
from holdfast.custody.messages import armor
from holdfast.custody.rosters import DAY, ROSTER_WAIT
from holdfast.errors import AlreadyExists, Unreadable
from holdfast.keeper.kits import Kit


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("45", 45), ("90s", 90), ("30m", 1800), ("72h", 3 * DAY), ("7d", 7 * DAY), ("60d", 60 * DAY)],
)
def test_a_time_is_read(text: str, seconds: int) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "h", "-1", "1.5h", "3 d", "3w", "72H", "１２h", "61d", "99999999d", "1h30m"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Duration().convert(text, None, None)


def parsed(*line: str) -> tuple[dict[str, object], list[str]]:
    """Give what a verb with a repeatable option takes from a line."""

    @click.command(cls=Several)
    @click.argument("vault")
    @click.option("--grant", "-g", multiple=True)
    @click.option("--to")
    @click.argument("out", default="")
    def verb(**_: object) -> None: ...

    context = verb.make_context("verb", list(line))
    return context.params, context.args


@pytest.mark.parametrize(
    "line",
    [
        "v --grant a b c --to x out",
        "v --grant a --grant b --grant c --to x out",
        "v --grant a b --grant c --to x out",
        "v --to x --grant a b c -- out",
        "v out --to x --grant a b c",
        "v -g a b c --to x out",
        "--grant a b c --to x v out",
    ],
)
def test_several_values_stand_in_a_row_or_apart(line: str) -> None:
    params, rest = parsed(*line.split())
    assert params == {"vault": "v", "grant": ("a", "b", "c"), "to": "x", "out": "out"}
    assert rest == []


def policy(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five keepers' cards."""
    folder = tmp_path_factory.mktemp("cards")
    kit = Kit.create(folder / "kit", "passphrase", work=10)
    paths = [folder / f"{number}.card" for number in range(5)]
    for path in paths:
        path.write_text(armor(kit.card("", 0, os.urandom)))
    return paths


def test_defaults_settle_what_nobody_says(cards: list[Path]) -> None:
    settled = terms(cards, None, None, None)
    assert settled.rules == {"public": Rule(2, 0), "private": Rule(3, 3 * DAY), "identity": Rule(3, 3 * DAY)}
    assert settled.wait == ROSTER_WAIT


def test_a_policy_sets_each_compartment(cards: list[Path], tmp_path: Path) -> None:
    path = policy(tmp_path, '[private]\nquorum = 4\n[identity]\ndelay = "7d"\n[roster]\ndelay = "1h"\n')
    settled = terms(cards, None, None, path)
    assert settled.rules == {"public": Rule(2, 0), "private": Rule(4, 3 * DAY), "identity": Rule(3, 7 * DAY)}
    assert settled.wait == 3600


def test_an_option_goes_before_the_policy(cards: list[Path], tmp_path: Path) -> None:
    path = policy(tmp_path, '[private]\nquorum = 4\ndelay = "7d"\n')
    settled = terms(cards, 5, 60, path)
    assert set(settled.rules.values()) == {Rule(5, 60)}
    assert settled.wait == 60


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[privat]\nquorum = 4\n", "privat"),
        ("[private]\nqorum = 4\n", "[private] qorum"),
        ("[roster]\nquorum = 4\n", "[roster] quorum"),
        ('[private]\nquorum = "4"\n', "quorum = 4"),
        ("[private]\nquorum = true\n", "quorum = True"),
        ("[private]\ndelay = -5\n", "-5 is no time"),
        ('[private]\ndelay = "soon"\n', "soon is no time"),
        ("private = 4\n", "private"),
        ("[private\n", "line 1"),
    ],
)
def test_a_policy_with_a_slip_falls_back_to_nothing(text: str, why: str, cards: list[Path], tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        terms(cards, None, None, policy(tmp_path, text))
    assert caught.value.code == "policy-malformed"
    assert why in str(caught.value.fields["why"])


def test_a_new_file_is_written_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "request.key"
    write_new(path, b"first", 0o600)
    with pytest.raises(AlreadyExists):
        write_new(path, b"second")
    with pytest.raises(AlreadyExists):
        check_new(path)
    assert path.read_bytes() == b"first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_to_nowhere_is_no_free_name(tmp_path: Path) -> None:
    link = tmp_path / "out"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AlreadyExists):
        check_new(link)
    with pytest.raises(AlreadyExists):
        write_new(link, b"data")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [(b"word\n", "word"), (b"word", "word"), (b"a b c\r\nsecond line\n", "a b c"), ("口令\n".encode(), "口令")],
)
def test_a_passphrase_is_a_file_s_first_line(content: bytes, passphrase: str, tmp_path: Path) -> None:
    file = tmp_path / "pass"
    file.write_bytes(content)
    assert options.passphrase(tmp_path, file) == passphrase


def test_an_empty_first_line_is_no_passphrase(tmp_path: Path) -> None:
    file = tmp_path / "pass"
    file.write_bytes(b"\nsecond\n")
    with pytest.raises(Unreadable, match="passphrase-file-empty"):
        options.passphrase(tmp_path, file)


def answers(monkeypatch: pytest.MonkeyPatch, *given: str) -> None:
    """Let a person answer the next questions for a passphrase, then close the input."""
    left = list(given)

    def ask(prompt: str) -> str:
        if not left:
            raise EOFError
        return left.pop(0)

    monkeypatch.setattr("click.termui.hidden_prompt_func", ask)


def test_a_new_passphrase_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "one", "one")
    assert options.new_passphrase(Path("kit"), None) == "one"


@pytest.mark.parametrize(("given", "code"), [(("one", "two"), "passphrases-differ"), ((), "passphrase-needed")])
def test_a_passphrase_that_nobody_gives_makes_no_kit(
    given: tuple[str, ...], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, *given)
    failed = call("keeper", "new", tmp_path / "kit", "--json")
    assert failed.object["error"]["code"] == code
    assert not (tmp_path / "kit").exists()


def test_ctrl_c_at_a_question_is_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("click.termui.hidden_prompt_func", stop)
    assert call("keeper", "new", tmp_path / "kit").code == 130
