"""`resdsl show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.options import form_option, fused_option, network_options, spec_argument

if TYPE_CHECKING:
    from resdsl.api.designs import Design
    from resdsl.diagnostics.diagnostic import Sink
    from resdsl.language.values.features import Wanted

# As in resdsl.analysis.size_table, which `resdsl --help` need not import.
DTYPES = ("fp64", "fp32", "tf32", "fp16", "bf16", "int8")


def _sizes(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[int, ...], ...]:
    """`224`, for every dimension, or `256x320`."""
    from resdsl.language.values.input_sizes import whole_numbers

    found = []
    for value in values:
        size = whole_numbers(value)
        if size is None:
            raise click.BadParameter(f"`{value}` is not a size, as 224 or 256x320")
        found.append(size)
    return tuple(found)


def _runs(design: Design, size: tuple[int, ...], sink: Sink) -> bool:
    """Whether the network runs at a size; else the sink has why it does not."""
    from resdsl.diagnostics.exception import SpecError

    try:
        design.at(*size)
    except SpecError as error:
        sink.take(error.diagnostics)
        return False
    return True


@click.command(name="show", short_help="Print the table of a network's stages.")
@spec_argument
@form_option("--json", "json", help="As JSON.")
@form_option("--markdown", "markdown", help="As a Markdown table.")
@form_option("--latex", "latex", help="As a LaTeX table.")
@form_option("--html", "html", help="As an HTML table.")
@click.option(
    "--at",
    "sizes",
    metavar="SIZE",
    multiple=True,
    callback=_sizes,
    help="Compare input sizes, as 224 or 256x320; may be repeated.",
)
@click.option("--batch", default=1, type=click.IntRange(1), help="Samples, for --at's memory (1).")
@click.option("--dtype", default="fp32", type=click.Choice(DTYPES), help="Of --at's memory (fp32).")
@click.option(
    "--paths",
    is_flag=True,
    help="What stands on the way of the signal past the residuals, stage by stage.",
)
@fused_option
@network_options
def command(
    spec: str,
    sizes: tuple[tuple[int, ...], ...],
    batch: int,
    dtype: str,
    paths: bool,
    fused: bool,
    net: str | None,
    settings: dict[str, Any],
    size: str | None,
    features: Wanted,
    output_stride: int | None,
    form: str | None = None,
) -> int:
    """Print a network as Table 1 of "Deep Residual Learning": a row a stage, with what it costs.

    MACs are multiply-accumulates of convolution and linear layers, for one sample. A network that
    breaks its contracts is shown too; the exit status says so. Of several outputs each has a row
    below the total. With --at a column for each size at which it runs: outputs, MACs, and the
    memory of parameters and of what convolution and linear layers give; `stride` and `field` are a
    stage's step and receptive field, in elements of the input (– behind a global pool, which sees
    all of it). With --paths what stands on the way from x_l to x_L ("Identity Mappings in Deep
    Residual Networks").
    """
    from resdsl.cli import input, status, terminal
    from resdsl.cli.failures import CommandError
    from resdsl.diagnostics.diagnostic import Sink

    broken = Sink()
    design = input.design(
        spec, net, size, settings, features, output_stride, fused=fused, broken=broken
    )
    if paths and (sizes or form):
        raise CommandError("--paths stands alone: it is shown as text", status.USAGE)
    if paths:
        terminal.say(str(design.shortcut_path()))
    elif sizes:
        if form == "json":
            raise CommandError(
                "--at has no JSON: it is shown as text, --markdown, --latex or --html", status.USAGE
            )
        names = design.network.input.names
        if any(len(one) not in (1, len(names)) for one in sizes):
            message = f"--at takes one number, or one for each of {' x '.join(names)}"
            raise CommandError(message, status.USAGE)
        refused = Sink()
        runs = [one for one in sizes if _runs(design, one, refused)]
        if runs:
            table = design.size_table(*runs, batch=batch, dtype=dtype)
            if form is None:
                terminal.say_table(table)
            else:
                terminal.say(getattr(table, f"to_{form}")().rstrip("\n"))
        terminal.show(refused.diagnostics)
        broken.take(refused.diagnostics)
    elif form == "json":
        from resdsl.api.schema import NetworkTable

        terminal.say(NetworkTable.of(design).model_dump_json(indent=2, by_alias=True))
    elif form is None:
        terminal.say_table(design.table())
    else:
        terminal.say(getattr(design.table(), f"to_{form}")().rstrip("\n"))
    return status.of(broken.diagnostics)
