"""`resdsl check`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.options import completed, form_option, network_options
from resdsl.cli.weights_options import weights_options, weights_wishes

# Times that a fix may bring up another one.
_ROUNDS = 10

if TYPE_CHECKING:
    from resdsl.api.designs import Design
    from resdsl.api.reports import Report
    from resdsl.diagnostics.diagnostic import Diagnostic
    from resdsl.language.values.features import Wanted
    from resdsl.weights.wishes import Wishes


@click.command(name="check", short_help="Find mistakes; say what each network costs.")
@click.argument(
    "specs", metavar="SPEC...", nargs=-1, required=True, shell_complete=completed("specs")
)
@form_option(
    "--format",
    "text",
    "json",
    "github",
    help="For people, for programs, or as annotations of a GitHub workflow.",
)
@form_option("--json", "json", help="The same as --format json.")
@click.option(
    "-W",
    "warnings",
    type=click.Choice(["error"]),
    help="Warnings count as errors for the exit status.",
)
@click.option("--fix", is_flag=True, help="First mend, in the files, what can be mended safely.")
@weights_options("Also say whether this safetensors file fits the network, and if not why.")
@network_options
def command(
    specs: tuple[str, ...],
    warnings: str | None,
    fix: bool,
    weights: str | None,
    rename: dict[str, str],
    drop: tuple[str, ...],
    key: str | None,
    net: str | None,
    settings: dict[str, Any],
    size: str | None,
    features: Wanted,
    output_stride: int | None,
    form: str = "text",
) -> int:
    """Find the mistakes in specs, and say what each network costs and at which sizes it is valid.

    A folder means all specs in it and below. Every network of a spec is checked, with its
    contracts, unless --net names one. `resdsl explain CODE` says more of a mistake; a comment
    `# allow W1003` on its line silences a warning.
    """
    from resdsl.cli import status, terminal

    names = list(_expanded(specs))
    asked = _asked(weights, rename, drop, key, len(names))
    if fix:
        for name in names:
            _mend(name)
    reports = [
        (
            name,
            _checked(
                name,
                net,
                size,
                settings,
                features,
                output_stride,
                form,
                asked,
                prefix=len(names) > 1,
            ),
        )
        for name in names
    ]
    every = [found for _, report in reports for found in report.diagnostics]
    if form == "json":
        from resdsl.api.schema import CheckForm, WeightsCheckForm

        kind = CheckForm if asked is None else WeightsCheckForm
        terminal.say(kind.of(reports).model_dump_json(indent=2, by_alias=True))
    elif form == "text" and every:
        from resdsl.diagnostics.text import summary

        terminal.error_line(summary(every))
    if warnings and every:
        return status.of(every) or status.SPEC_ERRORS
    return status.of(every)


def _asked(
    weights: str | None,
    rename: dict[str, str],
    drop: tuple[str, ...],
    key: str | None,
    specs: int,
) -> tuple[str, Wishes] | None:
    """The file that is asked about, and what is said of its keys."""
    from resdsl.cli.failures import CommandError
    from resdsl.cli.status import USAGE

    wishes = weights_wishes(weights, rename, drop, key)
    if weights is None:
        return None
    if specs > 1:
        raise CommandError(
            f"--weights are those of one spec, and there are {specs}: name one", USAGE
        )
    return weights, wishes


def _mend(name: str) -> None:
    """Applies the safe fixes to one file, as often as that brings up others."""
    from resdsl import outputs
    from resdsl.api.reports import examined
    from resdsl.api.specs import locate
    from resdsl.cli import input, status, terminal
    from resdsl.cli.failures import CommandError
    from resdsl.diagnostics.diagnostic import Sink
    from resdsl.diagnostics.fixes import applied
    from resdsl.paths import is_stream

    if not os.path.isfile(name):  # noqa: PTH113 - a name may be too long to ask
        if name == input.STDIN or is_stream(name) or locate(name, Sink()):
            raise CommandError(f"{name}: only a file can be mended", status.USAGE)
        return  # the check says what is wrong with it
    mended = 0
    for _ in range(_ROUNDS):
        located = locate(Path(name), Sink())
        if located is None:
            return
        found = [d.fix for d in examined(located).diagnostics if d.fix and d.fix.is_safe]
        text, count = applied(located.source, found)
        if not count:
            break
        outputs.write(name, text)
        mended += count
    if mended:
        terminal.error_line(f"{name}: mended {_plural(mended, 'mistake')}")


def _expanded(specs: tuple[str, ...]) -> Iterator[str]:
    """Every spec once; the specs in a folder instead of the folder."""
    from resdsl.cli.failures import CommandError
    from resdsl.cli.status import USAGE

    seen: set[str] = set()
    for spec in specs:
        names = [spec]
        if os.path.isdir(spec):  # noqa: PTH112 - a name may be too long to ask
            inside = sorted(path for path in Path(spec).rglob("*.res") if not path.is_dir())
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
    spec: str,
    net: str | None,
    size: str | None,
    settings: dict[str, Any],
    features: Wanted,
    output_stride: int | None,
    form: str,
    asked: tuple[str, Wishes] | None,
    *,
    prefix: bool,
) -> Report:
    """Checks one spec and says what came out, for people a line a network."""
    from resdsl.api.reports import Report, examined, with_weights
    from resdsl.cli import input, terminal
    from resdsl.cli.progress import progress
    from resdsl.diagnostics.diagnostic import Sink

    sink = Sink()
    located = input.found(spec, sink)
    alone = report = Report(tuple(sink.diagnostics))
    if located is not None:
        with progress(f"checking {spec}"):
            alone = report = examined(
                located, net, input.given_size(size), settings, features, output_stride
            )
            if asked is not None:
                report = with_weights(alone, *asked, settings)
    if form == "github":
        from resdsl.diagnostics.github import annotation

        for found in report.diagnostics:
            terminal.say(annotation(found))
    if form != "text":
        return report
    _show(alone.diagnostics)
    before = f"{spec}: " if prefix else ""
    for line in _lines(report):
        terminal.say(before + line)
    # What is said of weights, which are none of the spec, stands below what the spec is.
    _show(report.diagnostics[len(alone.diagnostics) :])
    if report.weights is not None:
        for line in report.weights.lines():
            terminal.say(before + line)
    if report.ok and not (report.designs or report.families):
        terminal.say(f"{spec}: ok, {_plural(report.definitions, 'definition')} and no network")
    return report


def _show(found: Sequence[Diagnostic]) -> None:
    from resdsl.cli import terminal

    terminal.show(found)
    if found:
        terminal.error_line("")


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
    if design.skips_contracts:
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
