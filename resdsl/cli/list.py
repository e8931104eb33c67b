"""`resdsl list`."""

from __future__ import annotations

import click

from resdsl.cli.options import debug_option


@click.command(name="list", short_help="List the networks that come with resdsl.")
@click.argument("pattern", metavar="[PATTERN]", required=False)
@debug_option
def command(pattern: str | None) -> None:
    """List the networks of the zoo, with their costs at the input that they declare.

    PATTERN is a part of a name, or a whole one with * and ?.
    """
    from collections import Counter
    from fnmatch import fnmatchcase

    from resdsl.api import zoo
    from resdsl.api.inventory import inventory
    from resdsl.cli import status, terminal
    from resdsl.cli.errors import CommandError
    from resdsl.cli.progress import progress
    from resdsl.diagnostics.suggest import did_you_mean
    from resdsl.drawing.numbers import macs, parameters

    files = Counter(entry.path for entry in zoo.entries().values())
    # A file of many would push the others out of sight.
    names = sorted(zoo.entries(), key=lambda name: files[zoo.entries()[name].path] > 1)
    if pattern is not None:
        whole = pattern if any(sign in pattern for sign in "*?[") else f"*{pattern}*"
        names = [name for name in names if fnmatchcase(name, whole)]
    if not names:
        help = did_you_mean(pattern or "", zoo.entries()) or "`resdsl list` shows all"
        raise CommandError(f"no network of the zoo is called `{pattern}`; {help}", status.USAGE)
    width = max(map(len, names))
    with progress("adding up the zoo"):
        items = list(inventory(names))
    for item in items:
        size = "family" if item.params is None else f"{parameters(item.params)} params"
        work = "" if item.macs is None else f"{macs(item.macs)} MACs"
        terminal.say(f"{item.name:{width}}  {size:>16}  {work:>12}  {item.title}".rstrip())
