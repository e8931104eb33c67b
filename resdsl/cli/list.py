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
    from resdsl.api import zoo
    from resdsl.api.groups import grouped
    from resdsl.api.inventory import inventory
    from resdsl.cli import status, terminal
    from resdsl.cli.errors import CommandError
    from resdsl.cli.progress import progress
    from resdsl.diagnostics.suggest import did_you_mean
    from resdsl.drawing.numbers import macs, parameters

    entries = zoo.entries()
    groups = grouped(path.stem for path in zoo.files())
    titles = {stem: title for title, stems in groups.items() for stem in stems}

    def group(name: str) -> str:
        return titles[entries[name].path.stem]

    def wanted(name: str, title: str, source: str) -> bool:
        return fits(pattern, name, f"{name} {source} {title} {group(name)}")

    with progress("adding up the zoo"):
        found = list(inventory(list(entries), wanted))
    if not found:
        help = did_you_mean(pattern or "", entries) or "`resdsl list` shows all"
        message = f"no network of the zoo is called `{pattern}`, or says it of itself; {help}"
        raise CommandError(message, status.USAGE)
    width = max(len(item.name) for item in found)
    blank = ""
    for title in groups:
        part = [item for item in found if group(item.name) == title]
        if part:
            terminal.say(f"{blank}{title}")
            blank = "\n"
        for item in part:
            size = "family" if item.params is None else f"{parameters(item.params)} params"
            work = "" if item.macs is None else f"{macs(item.macs)} MACs"
            line = f"  {item.name:{width}}  {size:>16}  {work:>12}  {item.source:10}  {item.title}"
            terminal.say(line.rstrip())


def fits(pattern: str | None, name: str, line: str) -> bool:
    """Whether a network is asked for: by its whole name, or by a part of what is said of it."""
    from fnmatch import fnmatchcase

    if pattern is None:
        return True
    if any(sign in pattern for sign in "*?["):
        return fnmatchcase(name, pattern)
    return pattern.lower() in line.lower()
