"""`resdsl compile`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.options import (
    completed,
    fused_option,
    network_options,
    output_option,
    spec_argument,
)

if TYPE_CHECKING:
    from resdsl.language.values.features import Wanted


def _checkpointing(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[str, ...]:
    from resdsl.language.values.features import checkpointing

    try:
        return checkpointing(value)
    except TypeError as error:
        raise click.BadParameter(str(error)) from None


@click.command(name="compile", short_help="Write the torch module of a network.")
@spec_argument
@output_option("Where to; NAME.py in the current folder if not given, - for standard output.")
@click.option(
    "--freeze",
    metavar="NAME",
    shell_complete=completed("features"),
    help="Not train what this stage, label or kept tensor is made of, as layer2.",
)
@click.option(
    "--checkpointing",
    metavar="NAMES",
    callback=_checkpointing,
    shell_complete=completed("features"),
    help="Keep no activations of these stages or labels, as layer3,layer4, or of all by `stages`: "
    "backward computes them again.",
)
@click.option(
    "--face",
    type=click.Choice(["timm"]),
    help="With the methods that timm asks its models for.",
)
@fused_option
@click.option("--force", is_flag=True, help="Overwrite a file that was edited by hand.")
@network_options
def command(
    spec: str,
    output: str | None,
    freeze: str | None,
    checkpointing: tuple[str, ...],
    face: str | None,
    fused: bool,
    force: bool,
    net: str | None,
    settings: dict[str, Any],
    size: str | None,
    features: Wanted,
    output_stride: int | None,
) -> None:
    """Write the Python module of a network, which needs torch alone.

    The module is built once without memory for weights, and its parameters and output are compared
    with the design. With --fused its weights are those that `resdsl.load(SPEC, fused=True)` makes
    of the network as it is trained. `-o NAME.json` writes the design itself, which every command
    takes as SPEC.
    """
    from resdsl.api.building import JSON, replaced, target, verified, written
    from resdsl.cli import input, terminal
    from resdsl.cli.progress import progress
    from resdsl.paths import shown

    trained: Any = {
        "freeze": freeze,
        "checkpointing": checkpointing,
        "face": face or "",
        "fused": fused,
    }
    design = input.design(spec, net, size, settings, features, output_stride, **trained)
    place = None if output == "-" else target(design, output, force=force)
    build = None
    if place is None or place.suffix != JSON:
        with progress(f"building {design.name} on torch's meta device"):
            build = verified(design)
    if place is None:
        terminal.say(design.source().rstrip("\n"))
        return
    other = replaced(design, place)
    written(design, place, force=force)
    terminal.say_table(design.table())
    terminal.say()
    instead = "" if other is None else f", which replaces the module of {other}"
    terminal.say(f"wrote {shown(place)}{instead}")
    if build is not None:
        terminal.say(build)
    if design.fused is not None:
        terminal.say(design.fused.text())
