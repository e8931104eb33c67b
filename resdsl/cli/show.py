"""`resdsl show`."""

from __future__ import annotations

from typing import Any

import click

from resdsl.cli.options import network_options, spec_argument

FORMS = ("json", "markdown", "latex", "html")


@click.command(name="show", short_help="Print the table of a network's stages.")
@spec_argument
@click.option("--json", "form", flag_value="json", help="As JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="As a Markdown table.")
@click.option("--latex", "form", flag_value="latex", help="As a LaTeX table.")
@click.option("--html", "form", flag_value="html", help="As an HTML table.")
@network_options
def command(
    spec: str, form: str | None, net: str | None, settings: dict[str, Any], size: str | None
) -> int:
    """Print a network as Table 1 of "Deep Residual Learning": a row a stage, with what it costs.

    MACs are multiply-accumulates of convolution and linear layers, for one sample. A network that
    breaks its contracts is shown too; the exit status says so.
    """
    from resdsl.cli import input, status, terminal
    from resdsl.diagnostics.model import Sink

    broken = Sink()
    design = input.design(spec, net, size, settings, broken=broken)
    if form == "json":
        from resdsl.api.schema import NetworkTable

        terminal.say(NetworkTable.of(design).model_dump_json(indent=2, by_alias=True))
    elif form is None:
        terminal.say_table(design.table())
    else:
        terminal.say(getattr(design.table(), f"to_{form}")().rstrip("\n"))
    return status.of(broken.diagnostics)
