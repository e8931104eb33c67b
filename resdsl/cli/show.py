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
) -> None:
    """Print a network as Table 1 of "Deep Residual Learning": a row a stage, with what it costs.

    MACs are multiply-accumulates of convolution and linear layers, for one sample.
    """
    from resdsl.cli import input, terminal

    design = input.design(spec, net, size, settings)
    if form == "json":
        from resdsl.api.schema import NetworkTable

        terminal.say(NetworkTable.of(design).model_dump_json(indent=2, by_alias=True))
        return
    table = design.table()
    if form is None:
        terminal.say_table(table)
    else:
        terminal.say(getattr(table, f"to_{form}")().rstrip("\n"))
