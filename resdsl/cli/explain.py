"""`resdsl explain`."""

from __future__ import annotations

import click

from resdsl.cli.options import completed, debug_option


@click.command(name="explain", short_help="Say more of a mistake, or of a name of the language.")
@click.argument(
    "code", metavar="[CODE or NAME]", required=False, shell_complete=completed("explained")
)
@debug_option
def command(code: str | None) -> None:
    """Say what a code such as E0501 means, why it is a mistake, and what would be right.

    Of an operator, a block or shortcut of the library, a word, type or function of the language, a
    module of the library or a network of the zoo, say what it is and takes: `resdsl explain
    bottleneck`, `stage`, `std.dense`, `resnet50`. Without an argument all of them are listed.
    """
    from resdsl.api import explaining
    from resdsl.cli import status, terminal
    from resdsl.cli.failures import CommandError

    if code is None:
        for line in explaining.overview():
            terminal.say(line)
        return
    try:
        terminal.say(explaining.explain(code))
    except explaining.UnknownNameError as error:
        raise CommandError(str(error), status.USAGE) from error
