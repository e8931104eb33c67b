"""`resdsl list`."""

from __future__ import annotations

import click

from resdsl.cli.options import completed, debug_option


@click.command(name="list", short_help="List the networks that come with resdsl.")
@click.argument(
    "pattern", metavar="[PATTERN]", required=False, shell_complete=completed("networks")
)
@debug_option
def command(pattern: str | None) -> None:
    """List the networks of the zoo in groups: parameters and MACs at the input that they declare,
    the paper's number on arXiv, and what they are.

    PATTERN is a part of such a line, or a whole name with * and ?.
    """
    from itertools import groupby

    from resdsl.api import zoo
    from resdsl.api.inventory import networks
    from resdsl.cli import status, terminal
    from resdsl.cli.failures import CommandError
    from resdsl.cli.progress import progress
    from resdsl.diagnostics.suggest import did_you_mean
    from resdsl.drawing.tables.numbers import macs, parameters

    found = networks(pattern)
    if not found:
        help = did_you_mean(pattern or "", zoo.entries()) or "`resdsl list` shows all"
        message = f"no network of the zoo is called `{pattern}`, or says it of itself; {help}"
        raise CommandError(message, status.USAGE)
    with progress("adding up the zoo"):
        costs = {one.name: (one.params, one.macs) for one in found}
    width = max(len(one.name) for one in found)
    blank = ""
    for title, part in groupby(found, lambda one: one.group):
        terminal.say(f"{blank}{title}")
        blank = "\n"
        for one in part:
            elements, work = costs[one.name]
            size = "family" if elements is None else f"{parameters(elements)} params"
            work_text = "" if work is None else f"{macs(work)} MACs"
            line = f"  {one.name:{width}}  {size:>16}  {work_text:>12}  {one.paper:10}  {one.title}"
            terminal.say(line.rstrip())
