"""`resdsl list`."""

from __future__ import annotations

import click

from resdsl.cli.options import debug_option


@click.command(name="list", short_help="List the networks that come with resdsl.")
@click.argument("pattern", metavar="[PATTERN]", required=False)
@debug_option
def command(pattern: str | None) -> None:
    """List the networks of the zoo in groups: parameters and MACs at the input that they declare,
    the paper's number on arXiv, and what they are.

    PATTERN is a part of a name, or a whole one with * and ?.
    """
    from fnmatch import fnmatchcase

    from resdsl.api import zoo
    from resdsl.api.groups import grouped
    from resdsl.api.inventory import inventory
    from resdsl.cli import status, terminal
    from resdsl.cli.errors import CommandError
    from resdsl.cli.progress import progress
    from resdsl.diagnostics.suggest import did_you_mean
    from resdsl.drawing.numbers import macs, parameters

    whole = f"*{pattern or ''}*"
    if pattern is not None and any(sign in pattern for sign in "*?["):
        whole = pattern
    names = [name for name in zoo.entries() if fnmatchcase(name, whole)]
    if not names:
        help = did_you_mean(pattern or "", zoo.entries()) or "`resdsl list` shows all"
        raise CommandError(f"no network of the zoo is called `{pattern}`; {help}", status.USAGE)
    groups = grouped(path.stem for path in zoo.files())
    width = max(map(len, names))
    with progress("adding up the zoo"):
        items = list(inventory(names))
    blank = ""
    for title, members in groups.items():
        shown = [item for item in items if zoo.entries()[item.name].path.stem in members]
        if not shown:
            continue
        terminal.say(f"{blank}{title}")
        blank = "\n"
        for item in shown:
            size = "family" if item.params is None else f"{parameters(item.params)} params"
            work = "" if item.macs is None else f"{macs(item.macs)} MACs"
            line = f"  {item.name:{width}}  {size:>16}  {work:>12}  {item.source:10}  {item.title}"
            terminal.say(line.rstrip())
