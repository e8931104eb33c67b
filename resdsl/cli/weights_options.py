"""`--weights`, and what is to be done with the keys of that file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from resdsl.cli.options import completed

if TYPE_CHECKING:
    from resdsl.weights.wishes import Wishes

F = TypeVar("F", bound=Callable[..., Any])


def _renamed(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in values:
        old, equals, new = value.partition("=")
        if not (equals and old):
            raise click.BadParameter(f"`{value}` is not of the form OLD=NEW, as se=tail")
        found[old] = new
    return found


def weights_options(help: str) -> Callable[[F], F]:
    """`help` says what the command does with the file."""

    def options(command: F) -> F:
        for option in (
            click.option(
                "--weights", metavar="FILE", shell_complete=completed("weights"), help=help
            ),
            click.option(
                "--rename",
                metavar="OLD=NEW",
                multiple=True,
                callback=_renamed,
                help="Of the keys of the weights, rename components, as se=tail; may be repeated.",
            ),
            click.option(
                "--key",
                metavar="NAME",
                help="Of the weights, the prefix that those of the network are under.",
            ),
            click.option(
                "--drop",
                metavar="KEY",
                multiple=True,
                help="Of the weights, leave out a tensor, a module, or what a pattern fits; may be "
                "repeated.",
            ),
        ):
            command = option(command)
        return command

    return options


def weights_wishes(
    weights: str | None, rename: dict[str, str], drop: tuple[str, ...], key: str | None
) -> Wishes:
    """What is said of the keys of a file. Raises CommandError where there is none."""
    from resdsl.cli.failures import CommandError
    from resdsl.cli.status import USAGE
    from resdsl.weights.wishes import Wishes

    if weights is None and (rename or drop or key):
        raise CommandError("--rename, --drop and --key say what to do with --weights", USAGE)
    return Wishes.of(rename, drop, key)
