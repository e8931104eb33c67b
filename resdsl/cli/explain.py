"""`resdsl explain`."""

from __future__ import annotations

import click

from resdsl.cli.options import debug_option


@click.command(name="explain", short_help="Say more of a mistake, by its code.")
@click.argument("code", metavar="[CODE]", required=False)
@debug_option
def command(code: str | None) -> None:
    """Say what a code such as E0501 means, why it is a mistake, and what would be right.

    Without a CODE all of them are listed.
    """
    from resdsl.cli import status, terminal
    from resdsl.cli.errors import CommandError
    from resdsl.diagnostics import explanations
    from resdsl.diagnostics.suggest import did_you_mean

    known = explanations.titles()
    if code is None:
        for one, title in known.items():
            terminal.say(f"{one}  {title}")
        return
    found = code.upper()
    if found not in known:
        help = did_you_mean(found, known) or "`resdsl explain` lists them all"
        raise CommandError(f"there is no code `{code}`; {help}", status.USAGE)
    terminal.say(f"{found}: {known[found]}\n\n{explanations.text(found).rstrip()}")
