"""`resdsl export`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.options import fused_option, network_options, output_option, spec_argument
from resdsl.cli.weights_options import weights_options, weights_wishes

if TYPE_CHECKING:
    from resdsl.language.values.features import Wanted


def _batch(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    from resdsl.exporting.wishes import batch_of

    try:
        batch_of(value)
    except TypeError:
        message = f"`{value}` is neither a number of samples nor `dynamic`"
        raise click.BadParameter(message) from None
    return value


@click.command(name="export", short_help="Write a network for ONNX Runtime, torch or OpenVINO.")
@spec_argument
@output_option("Where to: FILE.onnx, FILE.pt2 or FILE.xml; NAME.onnx in the current folder if not.")
@weights_options("A safetensors file, or one of torch.save; without, it is a start.")
@click.option(
    "--batch",
    metavar="N",
    default="1",
    callback=_batch,
    help="Samples of the input (1), or `dynamic` for any number.",
)
@click.option(
    "--dynamic",
    metavar="NAMES",
    default="",
    help="Dimensions of the input that may have any valid size, as H,W.",
)
@fused_option
@click.option("--force", is_flag=True, help="Overwrite a file that resdsl did not export.")
@network_options
def command(
    spec: str,
    output: str | None,
    weights: str | None,
    rename: dict[str, str],
    drop: tuple[str, ...],
    key: str | None,
    batch: str,
    dynamic: str,
    fused: bool,
    force: bool,
    net: str | None,
    settings: dict[str, Any],
    size: str | None,
    features: Wanted,
    output_stride: int | None,
) -> None:
    """Write a network, in eval mode, as a file of an inference engine, and compare it.

    The file is run by its engine at two batches and two sizes, where these are dynamic, and is kept
    where it is as near to the module in float64 as torch itself is, times four.
    """
    from resdsl.api.exporting import written
    from resdsl.cli import input, terminal
    from resdsl.cli.failures import CommandError
    from resdsl.cli.progress import progress
    from resdsl.cli.status import TOOL_MISSING, USAGE
    from resdsl.exporting.refusal import ExportError, MissingExporter
    from resdsl.paths import shown

    wishes = weights_wishes(weights, rename, drop, key)
    design = input.design(spec, net, size, settings, features, output_stride, fused=fused)
    try:
        with progress(f"exporting {design.name}"):
            report = written(
                design,
                output,
                weights,
                wishes,
                tuple(settings),
                batch=batch,
                dynamic=dynamic,
                force=force,
            )
    except MissingExporter as error:
        raise CommandError(str(error), TOOL_MISSING) from error
    except ExportError as error:
        raise CommandError(f"{design.name}: {error}", USAGE) from error
    terminal.say(f"wrote {shown(report.file)}")
    terminal.say(str(report))
    for note in report.notes:
        terminal.note(note)
