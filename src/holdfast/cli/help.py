"""Help pages in the language spoken, wrapped by what a terminal shows: a Chinese character is two cells wide."""

import inspect
import re
from collections.abc import Iterable, Iterator
from unicodedata import east_asian_width

import click

from holdfast.cli.language import say

WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
TOKEN = re.compile(rf" ?[（「《]*(?:[{WIDE}]|[^\s{WIDE}]+)[，。、；：！？）」》]*")
"""What stays on one line: a word, or one wide character with the punctuation that must not leave it."""


def cells(text: str) -> int:
    """Give how many cells of a terminal `text` takes."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def wrap(text: str, width: int) -> Iterator[str]:
    """Give `text` in lines of at most `width` cells, but for a single word that is longer."""
    line = ""
    for token in TOKEN.findall(" ".join(text.split())):
        if line and cells(line + token) > width:
            yield line
            line = token.lstrip()
        else:
            line += token
    yield line


class Page(click.HelpFormatter):
    """A help page."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a verb is spelled."""
        self._hang(f"{say('Usage:')} {prog}", [args], cells(f"{say('Usage:')} {prog} "))

    def write_heading(self, heading: str) -> None:
        """Write what a section holds."""
        self.write(f"{heading}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs, translated one by one."""
        paragraphs = [say(part) for part in paragraphs_of(text)]
        for number, paragraph in enumerate(paragraphs):
            self.write("\n" * bool(number))
            for line in wrap(paragraph, self.width - self.current_indent):
                self.write(f"{'':>{self.current_indent}}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names and what they mean in two columns."""
        rows = list(rows)
        column = min(max(cells(first) for first, _ in rows), col_max) + col_spacing + self.current_indent
        for first, second in rows:
            self._hang(f"{'':>{self.current_indent}}{first}", paragraphs_of(second), column)

    def _hang(self, first: str, texts: list[str], column: int) -> None:
        """Write `first`, and beside it, or below it where it is too long, the text from `column` on."""
        lines = [line for text in texts for line in wrap(text, max(self.width - column, 20))]
        if cells(first) < column and lines:
            first += " " * (column - cells(first)) + lines.pop(0)
        self.write("\n".join([first.rstrip(), *(" " * column + line for line in lines)]) + "\n")


def paragraphs_of(text: str) -> list[str]:
    """Give the paragraphs of a text, each as one line: so they stand in the catalogues."""
    return [" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n") if part.strip()]


class Context(click.Context):
    """A click context that writes our pages."""

    formatter_class = Page


class Verb(click.Command):
    """A verb whose help speaks the reader's language; its epilog is its example."""

    context_class = Context
    allow_extra_args = True

    @classmethod
    def of(cls, command: click.Command) -> "Verb":
        """Give a plain command as a verb."""
        return cls(
            command.name, callback=command.callback, params=command.params, help=command.help, epilog=command.epilog
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse what the verb does not take."""
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise click.UsageError(say("This verb does not take: {words}", words=" ".join(rest)), ctx)
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Give everything that must be typed, in order."""
        return [piece for param in self.get_params(ctx) for piece in _usage(param, ctx)] + [say("[OPTIONS]")]

    def get_short_help_str(self, limit: int = 45) -> str:
        """Give the first paragraph of the help."""
        return _short(self)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each option means."""
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example."""
        _write_example(self, formatter)


class Verbs(click.Group):
    """A group of verbs whose help speaks the reader's language."""

    context_class = Context

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Give how a verb is called."""
        return [say("[OPTIONS]"), say("VERB"), "..."]

    def get_short_help_str(self, limit: int = 45) -> str:
        """Give the first paragraph of the help."""
        return _short(self)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each option means, then the verbs."""
        _write_options(self, ctx, formatter)
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section(say("Verbs:")):
            formatter.write_dl([(name, c.get_short_help_str()) for name, c in commands if c is not None])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example."""
        _write_example(self, formatter)


def _usage(param: click.Parameter, ctx: click.Context) -> list[str]:
    if isinstance(param, click.Option):
        return [f"{max(param.opts, key=len)} {param.make_metavar(ctx)}"] if param.required else []
    return param.get_usage_pieces(ctx)


def _short(command: click.Command) -> str:
    return say(paragraphs_of(command.help or "")[0])


def _write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    options = [p for p in command.get_params(ctx) if isinstance(p, click.Option) and not p.hidden]
    with formatter.section(say("Options:")):
        formatter.write_dl([(option.get_help_spec(ctx), _meaning(option)) for option in options])


def _meaning(option: click.Option) -> str:
    text = say(option.help or "")
    return text + say(" (required)") if option.required else text


def example_lines(epilog: str) -> list[str]:
    """Give an epilog's lines; what is typed is indented."""
    return inspect.cleandoc(epilog).replace("Example: ", "Example:\n  ").splitlines()


def _write_example(command: click.Command, formatter: click.HelpFormatter) -> None:
    """Write what is typed as it stands: a wrapped command cannot be copied."""
    formatter.write_paragraph()
    for line in example_lines(command.epilog or ""):
        formatter.write((line if line.startswith("  ") else say(line)) + "\n")
