"""The command line: one file per verb, each an argument, a call and what is printed."""

from holdfast.cli.main import main

__all__ = ["main"]
