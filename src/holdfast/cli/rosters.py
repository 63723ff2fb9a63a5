"""Rosters as people read them."""

from collections.abc import Iterable, Mapping

from holdfast.cli.language import say
from holdfast.custody.contents import Rule


def compartment(name: str) -> str:
    """Give a compartment's name in the language spoken."""
    return {"public": say("public"), "private": say("private"), "identity": say("identity")}.get(name, name)


def compartments(names: Iterable[str]) -> str:
    """Give several compartments' names in the language spoken."""
    return say(", ").join(map(compartment, names))


def reason(code: str) -> str:
    """Give why something was asked for, in the language spoken."""
    return {
        "restore": say("to restore the account"),
        "evidence": say("as evidence"),
        "owner-asks": say("because the owner asks for it"),
        "drill": say("as a drill"),
    }.get(code, code)


def duration(seconds: int) -> str:
    """Give a wait as people say it."""
    if seconds == 0:
        return say("no wait")
    for unit, text in (
        (86_400, say("a wait of {n} d")),
        (3_600, say("a wait of {n} h")),
        (60, say("a wait of {n} min")),
    ):
        if seconds % unit == 0:
            return text.format(n=seconds // unit)
    return say("a wait of {n} s", n=seconds)


def rule_lines(rules: Mapping[str, Rule], wait: int, keepers: int) -> list[str]:
    """Give a line for each compartment, and one for roster changes."""
    text = say("  {name}: any {t} of {n} keepers open it, {delay}")
    lines = [text.format(name=compartment(c), t=r.quorum, n=keepers, delay=duration(r.delay)) for c, r in rules.items()]
    return [*lines, say("  a new roster: {delay}", delay=duration(wait))]
