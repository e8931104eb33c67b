"""Arguments and options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from resdsl.cli.debugging import turn_on

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Complete: TypeAlias = "Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]"
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


def _features(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[tuple[str, str], ...]:
    from resdsl.language.values.features import wanted

    try:
        return wanted(value)
    except TypeError:
        message = f"`{value}` is no list of names, as layer2,layer4 or c4=layer2"
        raise click.BadParameter(message) from None


def completed(what: str) -> Complete:
    """`shell_complete=` by a function of `completing.py`, which is imported when a shell asks."""

    def complete(
        context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        from resdsl.cli import completing

        answers: Complete = getattr(completing, what)
        return answers(context, parameter, incomplete)

    return complete


def spec_argument(command: F) -> F:
    return click.argument("spec", metavar="SPEC", shell_complete=completed("specs"))(command)


def network_options(command: F) -> F:
    """`--net`, `--set`, `--input`, `--features` and `--output-stride`: which network, and what to
    change in it."""
    for option in (
        click.option(
            "--output-stride",
            metavar="N",
            type=click.IntRange(min=1),
            help="Strides beyond it are not taken: what is behind them is dilated, as at 16 or 8.",
        ),
        click.option(
            "--features",
            metavar="NAMES",
            callback=_features,
            shell_complete=completed("features"),
            help="The outputs, instead of its own: layer2,layer4, or c4=layer2; or pyramid.",
        ),
        click.option(
            "--input",
            "size",
            metavar="SIZE",
            help="Another input, as 256 for every extent, or 3x256x256; 1x103 is a signal.",
        ),
        click.option(
            "--set",
            "settings",
            metavar="NAME=VALUE",
            multiple=True,
            callback=_settings,
            shell_complete=completed("settings"),
            help="A parameter of the network, as classes=10 or depths=3,4,6,3; may be repeated.",
        ),
        click.option(
            "--net",
            metavar="NAME",
            shell_complete=completed("nets"),
            help="Which network, where the spec has several.",
        ),
    ):
        command = option(command)
    return debug_option(command)


def fused_option(command: F) -> F:
    return click.option(
        "--fused",
        is_flag=True,
        help="In fewer layers, for eval alone: norms folded into convolutions, branches merged.",
    )(command)


def form_option(flag: str, *forms: str, help: str) -> Callable[[F], F]:
    """Gives the command's parameter `form` a value: a flag for one form, or one chosen of several.

    The last that is given counts, and where none is, the command's default. Not by click's
    `flag_value`: what an option that is not given does to a parameter that it shares is different
    in click 8.1, 8.2.2 and 8.3.
    """
    is_flag = len(forms) == 1

    def chosen(context: click.Context, _parameter: click.Parameter, value: bool | str) -> None:
        if value:
            context.params["form"] = forms[0] if is_flag else value

    kind = None if is_flag else click.Choice(forms)
    return click.option(
        flag, type=kind, is_flag=is_flag, expose_value=False, callback=chosen, help=help
    )


def output_option(help: str) -> Callable[[F], F]:
    return click.option(
        "-o", "--output", metavar="FILE", shell_complete=completed("outputs"), help=help
    )


def debug_option(command: F) -> F:
    return click.option("--debug", is_flag=True, hidden=True, expose_value=False, callback=turn_on)(
        command
    )
