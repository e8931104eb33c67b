"""`resdsl list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from resdsl.cli.options import debug_option

if TYPE_CHECKING:
    from resdsl.api.inventory import Item


@click.command(name="list", short_help="List the networks that come with resdsl.")
@click.argument("pattern", metavar="[PATTERN]", required=False)
@debug_option
def command(pattern: str | None) -> None:
    """List the networks of the zoo in groups: parameters and MACs at the input that they declare,
    the paper's number on arXiv, and what they are.

    PATTERN is a part of such a line, or a whole name with * and ?.
    """
    from resdsl.api import zoo
    from resdsl.api.groups import grouped
    from resdsl.api.inventory import inventory
    from resdsl.cli import status, terminal
    from resdsl.cli.errors import CommandError
    from resdsl.cli.progress import progress
    from resdsl.diagnostics.suggest import did_you_mean
    from resdsl.drawing.numbers import macs, parameters

    groups = grouped(path.stem for path in zoo.files())
    entries = zoo.entries()
    with progress("adding up the zoo"):
        items = list(inventory(list(entries)))
    shown = {
        title: [
            item
            for item in items
            if entries[item.name].path.stem in members and fits(title, item, pattern)
        ]
        for title, members in groups.items()
    }
    found = [item for part in shown.values() for item in part]
    if not found:
        help = did_you_mean(pattern or "", entries) or "`resdsl list` shows all"
        message = f"no network of the zoo is called `{pattern}`, or says it of itself; {help}"
        raise CommandError(message, status.USAGE)
    width = max(len(item.name) for item in found)
    blank = ""
    for title, part in shown.items():
        if not part:
            continue
        terminal.say(f"{blank}{title}")
        blank = "\n"
        for item in part:
            size = "family" if item.params is None else f"{parameters(item.params)} params"
            work = "" if item.macs is None else f"{macs(item.macs)} MACs"
            line = f"  {item.name:{width}}  {size:>16}  {work:>12}  {item.source:10}  {item.title}"
            terminal.say(line.rstrip())


def fits(group: str, item: Item, pattern: str | None) -> bool:
    """Whether the pattern is in a network's line, or in that of its group."""
    from fnmatch import fnmatchcase

    if pattern is None:
        return True
    if any(sign in pattern for sign in "*?["):
        return fnmatchcase(item.name, pattern)
    line = f"{item.name} {item.source} {item.title} {group}"
    return pattern.lower() in line.lower()
