"""`resdsl new`."""

from __future__ import annotations

import click

from resdsl.cli.options import completed, debug_option


@click.command(name="new", short_help="Write a spec to start from.")
@click.argument("name", metavar="NAME", shell_complete=completed("networks"))
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@debug_option
def command(name: str, force: bool) -> None:
    """Write NAME.res: a copy of the zoo's network of this name, or a first spec of your own.

    A copy brings what it imports; the library (`from std.…`) stays where it is. NAME may begin with
    a folder.
    """
    from pathlib import Path

    from resdsl import limits
    from resdsl.api.specs import SUFFIX
    from resdsl.api.starting import copies
    from resdsl.cli import status, terminal
    from resdsl.cli.failures import CommandError
    from resdsl.diagnostics.exception import SpecError
    from resdsl.outputs import check, standing, write
    from resdsl.paths import shown

    path = Path(name.removesuffix(SUFFIX) + SUFFIX)
    try:
        texts = copies(path)
    except SpecError as error:
        first = error.diagnostics[0]
        reason = first.message + (f"; {first.help[0]}" if first.help else "")
        raise CommandError(
            f"`{shown(path.stem)}` cannot name a network: {reason}", status.USAGE
        ) from error
    for place, text in texts.items():
        check(place)
        there = None if force else standing(place, limits.FILE_BYTES + 1)
        if there is not None and there.replace(b"\r\n", b"\n") != text.encode():
            raise CommandError(
                f"{shown(place)}: there is a file of this name; --force overwrites it", status.USAGE
            )
    for place, text in texts.items():
        terminal.say(f"wrote {shown(write(place, text))}")
    terminal.say(f"next: resdsl check {shown(path)}")
