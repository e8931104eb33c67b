"""`resdsl draw`."""

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


@click.command(name="draw", short_help="Draw a network, or its blocks.")
@spec_argument
@output_option("Where to; the suffix is the format: .svg .png .pdf .dot. NAME.svg if not given.")
@click.option(
    "--block",
    "blocks",
    multiple=True,
    metavar="PATH",
    shell_complete=completed("blocks"),
    help="Draw this block: a module's path (layer1.1) or a definition's name. Again for more.",
)
@click.option(
    "--beside",
    multiple=True,
    metavar="SPEC",
    shell_complete=completed("specs"),
    help="Draw this network beside it; with --block, the block of each.",
)
@click.option("--detail", is_flag=True, help="Draw every block, with all its operators.")
@click.option("--column", is_flag=True, help="Draw stages below each other, a U-Net's as well.")
@click.option(
    "--caption",
    "captions",
    multiple=True,
    metavar="TEXT",
    help="Below a block, instead of its definition's name; in order.",
)
@click.option("--width", metavar="WIDTH", help="How wide the figure is: 84mm, 3.3in, 240pt.")
@click.option(
    "--no-title",
    is_flag=True,
    help="Leave out the title, where blocks are from, and the name of one alone.",
)
@click.option("--legend/--no-legend", default=None, help="Say what signs and colours mean, or not.")
@click.option(
    "--theme",
    type=click.Choice(["light", "dark", "print"]),
    default="light",
    help="Colours; print is read in grey.",
)
@fused_option
@click.option("--force", is_flag=True, help="Overwrite a file that resdsl did not draw.")
@network_options
def command(
    spec: str,
    output: str | None,
    blocks: tuple[str, ...],
    beside: tuple[str, ...],
    detail: bool,
    column: bool,
    captions: tuple[str, ...],
    width: str | None,
    no_title: bool,
    legend: bool | None,
    theme: Any,
    fused: bool,
    force: bool,
    net: str | None,
    settings: dict[str, Any],
    size: str | None,
    features: Wanted,
    output_stride: int | None,
) -> int:
    """Draw a network: its stages, their blocks and shortcuts, with shapes and costs.

    With --block, what is inside of blocks, side by side; with --beside, networks next to each
    other. One that breaks its contracts is drawn too; the exit status says so. Pictures are made by
    Graphviz's dot, or by graphviz-pure: pip install 'resdsl[draw]'.
    """
    import warnings
    from pathlib import Path

    from resdsl.cli import input, status, terminal
    from resdsl.cli.failures import CommandError
    from resdsl.cli.progress import progress
    from resdsl.diagnostics.diagnostic import Sink
    from resdsl.drawing.picture_files import format_of
    from resdsl.drawing.refusal import FigureError
    from resdsl.drawing.render import DrawingError, MissingRenderer
    from resdsl.paths import shown

    if output is not None:
        try:
            format_of(Path(output))
        except FigureError as error:
            raise CommandError(str(error), status.USAGE) from error
    broken = Sink()
    design = input.design(
        spec, net, size, settings, features, output_stride, fused=fused, broken=broken
    )
    others = [input.design(other, broken=broken) for other in beside]
    try:
        with progress(f"drawing {design.name}"), warnings.catch_warnings(record=True) as notes:
            warnings.simplefilter("always")
            path = design.draw(
                output,
                view="detail" if detail else "column" if column else None,
                block=blocks,
                beside=others,
                caption=captions,
                width=width,
                title=not no_title,
                legend=legend,
                theme=theme,
                force=force,
            )
    except MissingRenderer as error:
        raise CommandError(str(error), status.TOOL_MISSING) from error
    except (DrawingError, FigureError) as error:
        raise CommandError(str(error), status.USAGE) from error
    for note in notes:
        terminal.note(str(note.message))
    terminal.say(f"wrote {shown(path)}")
    return status.of(broken.diagnostics)
