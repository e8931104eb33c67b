"""`resdsl check`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.options import network_options

if TYPE_CHECKING:
    from resdsl.api.designs import Design
    from resdsl.api.reports import Report
    from resdsl.diagnostics.model import Diagnostic


@click.command(name="check", short_help="Find mistakes; say what each network costs.")
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True)
@network_options
def command(
    specs: tuple[str, ...], net: str | None, settings: dict[str, Any], size: str | None
) -> int:
    """Find the mistakes in specs, and say what each network costs and at which sizes it is valid.

    A folder means all specs in it and below. Every network of a spec is checked, with its
    contracts, unless --net names one.
    """
    from resdsl.cli import status, terminal

    every: list[Diagnostic] = []
    names = list(_expanded(specs))
    for name in names:
        report = _checked(name, net, size, settings, prefix=len(names) > 1)
        every += report.diagnostics
    if every:
        from resdsl.diagnostics.text import summary

        terminal.error_line(summary(every))
    return status.of(every)


def _expanded(specs: tuple[str, ...]) -> Iterator[str]:
    """Every spec once; the specs in a folder instead of the folder."""
    from resdsl.cli.errors import CommandError
    from resdsl.cli.status import USAGE

    seen: set[str] = set()
    for spec in specs:
        names = [spec]
        if spec and Path(spec).is_dir():
            inside = sorted(Path(spec).rglob("*.res"))
            names = [str(path) for path in inside if not _hidden(path.relative_to(spec))]
            if not names:
                raise CommandError(f"{spec}: there is no .res file in this folder", USAGE)
        for name in names:
            if name not in seen:
                seen.add(name)
                yield name


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _checked(
    spec: str, net: str | None, size: str | None, settings: dict[str, Any], prefix: bool
) -> Report:
    """Checks one spec and says what came out, a line a network."""
    from resdsl.api.reports import Report, examined
    from resdsl.cli import input, terminal
    from resdsl.cli.progress import progress
    from resdsl.diagnostics.model import Sink

    sink = Sink()
    located = input.found(spec, sink)
    if located is None:
        report = Report(tuple(sink.diagnostics))
    else:
        with progress(f"checking {spec}"):
            report = examined(located, net, size, settings)
    terminal.show(report.diagnostics)
    if report.diagnostics:
        terminal.error_line("")
    before = f"{spec}: " if prefix else ""
    for line in _lines(report):
        terminal.say(before + line)
    if report.ok and not (report.designs or report.families):
        terminal.say(f"{spec}: ok, {_plural(report.definitions, 'definition')} and no network")
    return report


def _lines(report: Report) -> Iterator[str]:
    for design in report.designs:
        yield f"{design.name}: ok, {_essentials(design)}"
    for name in report.failed:
        yield f"{name}: has errors"
    for family in report.families:
        needed = [parameter.name for parameter in family.parameters if parameter.default is None]
        yield f"{family.name}: ok, a family to be given {', '.join(needed)}"


def _essentials(design: Design) -> str:
    text = f"{design.params:,} params, {_work(design.macs)}"
    if design.network.input.names:
        text += f", {design.sizes().text()}"
    if design.elaborated.overridden and design.elaborated.contracts:
        text += "; its contracts were not checked, as they are of the network without changes"
    return text


def _work(macs: int | None) -> str:
    if macs is None:
        return "MACs depend on the input"
    if macs < 10**6:
        return f"{macs:,} MACs"
    return f"{macs / 10**9:.2f} GMACs" if macs >= 10**8 else f"{macs / 10**6:.2f} MMACs"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"
