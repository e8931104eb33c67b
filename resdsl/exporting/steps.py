"""From a module to a file that has been compared with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from resdsl.design.network import Network
from resdsl.exporting.comparing import compared, expected
from resdsl.exporting.engines import input_name, opened, write
from resdsl.exporting.placing import draft
from resdsl.exporting.report import ExportedInput, ExportReport
from resdsl.exporting.silence import quiet
from resdsl.exporting.tracing import traced
from resdsl.exporting.wishes import Wish

if TYPE_CHECKING:
    import torch

    from resdsl.analysis.valid_sizes import ValidSizes

_ENGINES = {".onnx": "ONNX Runtime", ".pt2": "the file that was read back", ".xml": "OpenVINO"}


def exported(
    module: torch.nn.Module,
    network: Network,
    sizes: ValidSizes,
    outputs: tuple[str, ...],
    place: Path,
    wish: Wish,
    notes: tuple[str, ...],
) -> ExportReport:
    """Traces, writes, runs and compares; the file is at `place` only where all of that went well.

    Raises ExportError, and OutputError where the file cannot be written.
    """
    module.eval()
    trace = traced(module, sizes, int(network.input.channels), wish.batch, wish.axes)
    expectations = expected(module, trace.probes)
    engine = _ENGINES[wish.format.suffix]
    with draft(place) as path:
        with quiet(f"the export to {wish.format.name}"):
            write(wish.format, trace, path, network.name, outputs)
        with quiet(f"running the export in {engine}"):
            checks = compared(opened(wish.format, path), expectations, engine)
    given = ExportedInput(input_name(wish.format, trace), trace.shape, trace.ranges)
    return ExportReport(place, wish.format.name, (given,), outputs, checks, (*notes, *trace.notes))
