"""`resdsl explain`."""

from __future__ import annotations

import click

from resdsl.cli.options import debug_option


@click.command(name="explain", short_help="Say more of a mistake, or of a name of the language.")
@click.argument("code", metavar="[CODE or NAME]", required=False)
@debug_option
def command(code: str | None) -> None:
    """Say what a code such as E0501 means, why it is a mistake, and what would be right.

    Of an operator, or a block or shortcut of the library, say what it is and takes: `resdsl explain
    bottleneck`. Without an argument all codes and names are listed.
    """
    from resdsl.api import reference
    from resdsl.cli import status, terminal
    from resdsl.cli.errors import CommandError
    from resdsl.diagnostics import explanations
    from resdsl.diagnostics.suggest import did_you_mean

    known = explanations.titles()
    if code is None:
        for one, title in known.items():
            terminal.say(f"{one}  {title}")
        terminal.say()
        for name in reference.entries().values():
            terminal.say(f"{name.kind} {name.signature}")
        return
    entry = reference.find(code)
    if entry is not None:
        terminal.say(str(entry))
        return
    found = code.upper()
    if found not in known:
        names = [*known, *reference.entries()]
        near = did_you_mean(found, known) or did_you_mean(code, names)
        help = near or "`resdsl explain` lists them all"
        raise CommandError(f"there is no code and no name `{code}`; {help}", status.USAGE)
    terminal.say(f"{found}: {known[found]}\n\n{explanations.text(found).rstrip()}")
