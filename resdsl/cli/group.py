"""`resdsl` itself: finds the command that was asked for and imports only that."""

from __future__ import annotations

from importlib import import_module

import click

from resdsl import __version__
from resdsl.cli.debugging import turn_on

COMMANDS = ("check", "compile", "export", "draw", "show", "list", "new", "explain", "completion")


class Commands(click.Group):
    """Commands by name, each in a module of its own."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = import_module(f"resdsl.cli.{name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from resdsl.diagnostics.suggest import did_you_mean

            help = did_you_mean(name, COMMANDS) or f"the commands are {', '.join(COMMANDS)}"
            ctx.fail(f"no such command `{name}`; {help}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
)
@click.version_option(__version__, message="resdsl %(version)s")
@click.option(
    "--debug", is_flag=True, expose_value=False, callback=turn_on, help="Show a bug's traceback."
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Check, compile and draw residual networks that are written as the papers' tables.

    SPEC is a .res file, a network of the zoo (`resdsl list`), or - for standard input.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
