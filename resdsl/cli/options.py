"""Arguments and options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from resdsl.cli.debugging import turn_on

F = TypeVar("F", bound=Callable[..., Any])


def _settings(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, Any]:
    """`classes=10` as the text of an expression, which the language reads."""
    from resdsl.language.spec import Text

    found: dict[str, Any] = {}
    for value in values:
        name, equals, expression = value.partition("=")
        if not (equals and name.strip() and expression.strip()):
            raise click.BadParameter(f"`{value}` is not of the form NAME=VALUE, as classes=10")
        if name.strip() in found:
            raise click.BadParameter(f"`{name.strip()}` is set twice")
        found[name.strip()] = Text(expression.strip())
    return found


def spec_argument(command: F) -> F:
    return click.argument("spec", metavar="SPEC")(command)


def network_options(command: F) -> F:
    """`--net`, `--set` and `--input`: which network, and what to change in it."""
    for option in (
        click.option("--input", "size", metavar="SIZE", help="Another input, as 3x256x256."),
        click.option(
            "--set",
            "settings",
            metavar="NAME=VALUE",
            multiple=True,
            callback=_settings,
            help="A parameter of the network, as classes=10; may be repeated.",
        ),
        click.option("--net", metavar="NAME", help="Which network, where the spec has several."),
    ):
        command = option(command)
    return debug_option(command)


def output_option(help: str) -> Callable[[F], F]:
    return click.option("-o", "--output", metavar="FILE", help=help)


def debug_option(command: F) -> F:
    return click.option("--debug", is_flag=True, hidden=True, expose_value=False, callback=turn_on)(
        command
    )
