"""`resdsl list`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from resdsl.cli.options import completed, debug_option

if TYPE_CHECKING:
    from resdsl.api.inventory import ZooNetwork

# Of `specs/libraries.json`.
LIBRARIES = ("torchvision", "timm")

Bounds: TypeAlias = tuple[float | None, float | None]


def _amount(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Any:
    """`10M`, as numbers of the language are written."""
    from resdsl.diagnostics.diagnostic import Sink
    from resdsl.source import Source, Span
    from resdsl.syntax.literals import number

    if value is None:
        return None
    sink = Sink()
    found = None
    if re.fullmatch(r"\d[\d_]*(\.\d+)?([eE][+-]?\d+|[KMG])?", value, re.ASCII):
        found = number(value, Span(Source("", value), 0, len(value)), sink)
    if found is None or sink.errors:
        raise click.BadParameter(f"`{value}` is no number, as 25_557_032, 26M or 4.1G")
    return found


def _bound(flag: str, help: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(flag, metavar="N", callback=_amount, help=help)


@click.command(name="list", short_help="List the networks that come with resdsl.")
@click.argument(
    "pattern", metavar="[PATTERN]", required=False, shell_complete=completed("networks")
)
@_bound("--max-params", "At most so many parameters, as 10M.")
@_bound("--min-params", "At least so many.")
@_bound("--max-macs", "At most so many MACs, as 1.5G.")
@_bound("--min-macs", "At least so many.")
@click.option("--since", metavar="YEAR", type=int, help="Of papers of this year or later.")
@click.option("--until", metavar="YEAR", type=int, help="Of papers of this year or earlier.")
@click.option(
    "--keys",
    type=click.Choice(LIBRARIES),
    help="With the keys of this library's model, in its state dict.",
)
@click.option(
    "--loads",
    type=click.Choice(LIBRARIES),
    help="That take this library's weights strictly, by its keys or others.",
)
@click.option(
    "--sort",
    type=click.Choice(["family", "year", "params", "macs"]),
    default="family",
    show_default=True,
    help="In which order: in groups, or all in one row.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, a list of objects.")
@debug_option
def command(
    pattern: str | None,
    max_params: float | None,
    min_params: float | None,
    max_macs: float | None,
    min_macs: float | None,
    since: int | None,
    until: int | None,
    keys: str | None,
    loads: str | None,
    sort: str,
    as_json: bool,
) -> None:
    """List the networks of the zoo in groups: parameters and MACs at the input that they declare,
    the paper's number on arXiv, the libraries whose weights they take, with the name that they have
    there where it is another, and what they are.

    PATTERN is a part of such a line, or a whole name with * and ?.
    """
    from resdsl.api import zoo
    from resdsl.api.inventory import networks
    from resdsl.cli import status, terminal
    from resdsl.cli.failures import CommandError
    from resdsl.cli.progress import progress
    from resdsl.diagnostics.suggest import did_you_mean

    found = list(networks(pattern))
    if not found:
        help = did_you_mean(pattern or "", zoo.entries()) or "`resdsl list` shows all"
        message = f"no network of the zoo is called `{pattern}`, or says it of itself; {help}"
        raise CommandError(message, status.USAGE)
    found = [one for one in found if _within(one.year, (since, until))]
    if loads is not None:
        found = [one for one in found if loads in one.libraries]
    if keys is not None:
        found = [one for one in found if one.libraries.get(keys) in ("same", "order")]
    with progress("adding up the zoo"):
        found = [
            one
            for one in found
            if _within(one.params, (min_params, max_params))
            and _within(one.macs, (min_macs, max_macs))
        ]
    if not found:
        raise CommandError("no network of the zoo is like that", status.USAGE)
    if sort != "family":
        found.sort(key=lambda one: _order(getattr(one, sort)))
    if as_json:
        terminal.say(_json(found))
    elif sort == "family":
        _say_in_groups(found)
    else:
        _say(found, found)


def _within(value: float | None, bounds: Bounds) -> bool:
    """What has no value is within no bounds."""
    least, most = bounds
    if least is None and most is None:
        return True
    return value is not None and (least or 0) <= value and (most is None or value <= most)


def _order(value: int | None) -> tuple[bool, int]:
    """What has no value stands last."""
    return (value is None, value or 0)


def _say_in_groups(found: list[ZooNetwork]) -> None:
    from itertools import groupby

    from resdsl.cli import terminal

    blank = ""
    for title, part in groupby(found, lambda one: one.group):
        terminal.say(f"{blank}{title}")
        blank = "\n"
        _say(list(part), found, "  ")
    if len(found) > 1:
        terminal.say(f"\n{len(found)} networks")


def _say(part: list[ZooNetwork], found: list[ZooNetwork], margin: str = "") -> None:
    """A line each, in columns that are as wide as all that is found needs."""
    from resdsl.cli import terminal
    from resdsl.drawing.tables.numbers import macs, parameters

    width = max(len(one.name) for one in found)
    beside = max(len(_libraries(one)) for one in found)
    for one in part:
        size = "family" if one.params is None else f"{parameters(one.params)} params"
        work = "" if one.macs is None else f"{macs(one.macs)} MACs"
        columns = [f"{one.name:{width}}", f"{size:>16}", f"{work:>12}", f"{one.paper:10}"]
        columns += [f"{_libraries(one):{beside}}"] if beside else []
        terminal.say(f"{margin}{'  '.join([*columns, one.title])}".rstrip())


def _libraries(one: ZooNetwork) -> str:
    """Those whose weights it takes: `torchvision timm:mobilenetv2_100`."""
    called = {library: one.models[library].partition("(")[0] for library in one.libraries}
    names = (key if name == one.name else f"{key}:{name}" for key, name in called.items())
    return " ".join(sorted(names, reverse=True))


def _json(found: list[ZooNetwork]) -> str:
    import json

    listed = [
        {
            "name": one.name,
            "group": one.group,
            "params": one.params,
            "macs": one.macs,
            "paper": one.paper or None,
            "year": one.year,
            "title": one.title,
            "libraries": {
                library: {"model": model, "keys": one.libraries.get(library)}
                for library, model in one.models.items()
            },
        }
        for one in found
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False)
