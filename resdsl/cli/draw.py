"""`resdsl draw`."""

from __future__ import annotations

from typing import Any

import click

from resdsl.cli.options import network_options, output_option, spec_argument


@click.command(name="draw", short_help="Draw a network.")
@spec_argument
@output_option("Where to; the suffix is the format: .svg .png .pdf .dot. NAME.svg if not given.")
@click.option("--force", is_flag=True, help="Overwrite a file that resdsl did not draw.")
@network_options
def command(
    spec: str,
    output: str | None,
    force: bool,
    net: str | None,
    settings: dict[str, Any],
    size: str | None,
) -> int:
    """Draw a network: its stages, their blocks and shortcuts, with shapes and costs.

    One that breaks its contracts is drawn too; the exit status says so. Pictures are made by
    Graphviz's dot, or by graphviz-pure: pip install 'resdsl[draw]'.
    """
    from pathlib import Path

    from resdsl.cli import input, status, terminal
    from resdsl.cli.failures import CommandError
    from resdsl.cli.progress import progress
    from resdsl.diagnostics.diagnostic import Sink
    from resdsl.drawing.picture_files import FORMATS
    from resdsl.drawing.render import DrawingError, MissingRenderer
    from resdsl.paths import shown

    suffix = None if output is None else Path(output).suffix[1:].lower()
    if suffix is not None and suffix not in FORMATS:
        endings = ", ".join(f".{name}" for name in FORMATS)
        raise CommandError(
            f"{output}: the suffix says the format; it is one of {endings}", status.USAGE
        )
    broken = Sink()
    design = input.design(spec, net, size, settings, broken=broken)
    try:
        with progress(f"drawing {design.name}"):
            path = design.draw(output, force=force)
    except MissingRenderer as error:
        raise CommandError(str(error), status.TOOL_MISSING) from error
    except DrawingError as error:
        raise CommandError(str(error), status.USAGE) from error
    terminal.say(f"wrote {shown(path)}")
    return status.of(broken.diagnostics)
