"""Reads from the source what it says to people: the errors that it raises, and the texts that it shows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from holdfast.cli.help import Context, example_lines, paragraphs_of
from holdfast.cli.main import holdfast

SOURCE = Path(__file__).parents[1] / "src" / "holdfast"
ERRORS = ("Refused", "Unverified", "Unreadable", "NotFound", "AlreadyExists", "Unsupported")
CODE = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Raise(NamedTuple):
    """One place where an error is made."""

    code: str
    error: str
    fields: frozenset[str]
    place: str


def raises() -> list[Raise]:
    """Give every error that the package makes; what is raised under a name is looked up in the same module."""
    return [found for path in sorted(SOURCE.rglob("*.py")) for found in _raises(path)]


def _raises(path: Path) -> Iterator[Raise]:
    tree = ast.parse(path.read_text())
    for call in _calls(tree):
        if _called(call) in ERRORS and call.args:
            fields = {keyword.arg for keyword in call.keywords if keyword.arg}
            place = f"{path.relative_to(SOURCE).as_posix()}:{call.lineno}"
            for code in _codes(tree, call.args[0]):
                yield Raise(code, _called(call), frozenset(fields), place)


def _codes(tree: ast.AST, code: ast.expr) -> list[str]:
    """Give what an error's code can be: itself, either side of a choice, or what its name is given in this module."""
    if isinstance(code, ast.Name | ast.Attribute):
        name = code.id if isinstance(code, ast.Name) else code.attr
        return [text for given in _given(tree, name) for text in _literals(given)]
    return _literals(code)


def _literals(code: ast.expr) -> list[str]:
    if isinstance(code, ast.IfExp):
        return _literals(code.body) + _literals(code.orelse)
    match code:
        case ast.Constant(value=str(text)) if CODE.fullmatch(text):
            return [text]
    return []


def _given(tree: ast.AST, name: str) -> Iterator[ast.expr]:
    """Give the constants and choices that are assigned to a name, or passed to a parameter of that name."""
    takers = {
        node.name: [argument.arg for argument in node.args.args].index(name)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and name in [argument.arg for argument in node.args.args]
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            yield node.value
        elif isinstance(node, ast.Call):
            yield from (keyword.value for keyword in node.keywords if keyword.arg == name)
            if (place := takers.get(_called(node))) is not None and place < len(node.args):
                yield node.args[place]


def said() -> dict[str, str]:
    """Give every literal that the command line says, with its place; anything but a literal is named by its code."""
    return {
        _literal(call.args[0]): path.name
        for path in sorted((SOURCE / "cli").glob("*.py"))
        for call in _calls(ast.parse(path.read_text()))
        if _called(call) == "say" and call.args
    }


def _literal(text: ast.expr) -> str:
    match text:
        case ast.Constant(value=str(value)):
            return value
    return f"={ast.unparse(text)}"


def helped() -> dict[str, str]:
    """Give every text of the help pages, with the verb that shows it."""
    found: dict[str, str] = {}
    for path, command in verbs():
        texts = [*paragraphs_of(command.help or ""), *example_lines(command.epilog or "")]
        options = [p for p in command.get_params(context_of(command, path)) if isinstance(p, click.Option)]
        texts += [option.help or "" for option in options]
        found |= {text: path for text in texts if text and not text.startswith("  ")}
    return found


def verbs(group: click.Group = holdfast, path: str = "holdfast") -> Iterator[tuple[str, click.Command]]:
    """Give every command with its path, the groups among them, in the order of the help."""
    yield path, group
    context = context_of(group, path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from verbs(command, f"{path} {name}")
        elif command is not None:
            yield f"{path} {name}", command


def context_of(command: click.Command, path: str) -> Context:
    """Give what a command's help page is written in."""
    return Context(command, info_name=path, terminal_width=100, help_option_names=["-h", "--help"])


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
