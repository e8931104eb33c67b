"""Files of the three formats: written, and run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from resdsl import __version__
from resdsl.exporting.tracing import Trace
from resdsl.exporting.wishes import Format

if TYPE_CHECKING:
    import torch

# Of (N, C, *extents), the outputs in order.
Run: TypeAlias = "Callable[[torch.Tensor], Sequence[torch.Tensor]]"

# What the input is called where a file has a name for it.
INPUT = "input"

# In each file, by which it is known for one of ours.
MARK = "resdsl.export"


def write(format: Format, trace: Trace, place: Path, name: str, outputs: Sequence[str]) -> None:
    """One file at `place`, and beside it what the format keeps apart."""
    {".onnx": _write_onnx, ".pt2": _write_pt2, ".xml": _write_openvino}[format.suffix](
        trace, place, name, outputs
    )


def opened(format: Format, place: Path) -> Run:
    """A file in its engine, on the CPU, in float32."""
    return {".onnx": _open_onnx, ".pt2": _open_pt2, ".xml": _open_openvino}[format.suffix](place)


def input_name(format: Format, trace: Trace) -> str:
    is_argument = format.suffix == ".pt2"
    return str(trace.program.graph_signature.user_inputs[0]) if is_argument else INPUT


# --- ONNX -----------------------------------------------------------------------------------------


def _write_onnx(trace: Trace, place: Path, name: str, outputs: Sequence[str]) -> None:
    from resdsl.targets.torch_import import torch

    program = torch.onnx.export(
        trace.program,
        input_names=[INPUT],
        output_names=list(outputs),
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    renamed: dict[Any, str] = {
        symbol: str(free)
        for symbol, free in zip(trace.symbols, trace.shape, strict=True)
        if symbol is not None
    }
    if renamed:
        program.rename_axes(renamed)
    model = program.model
    model.producer_name, model.producer_version = "resdsl", __version__
    model.graph.name = name
    model.metadata_props[MARK] = __version__
    program.save(place)


def _open_onnx(place: Path) -> Run:
    import onnxruntime

    from resdsl.targets.torch_import import torch

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # it writes to the terminal past Python
    session = onnxruntime.InferenceSession(str(place), options, providers=["CPUExecutionProvider"])

    def run(x: torch.Tensor) -> list[torch.Tensor]:
        return [torch.from_numpy(y) for y in session.run(None, {INPUT: x.numpy()})]

    return run


# --- torch.export ---------------------------------------------------------------------------------


def _write_pt2(trace: Trace, place: Path, name: str, outputs: Sequence[str]) -> None:  # noqa: ARG001
    from resdsl.targets.torch_import import torch

    torch.export.save(trace.program, place, extra_files={MARK: f"{name} {__version__}"})


def _open_pt2(place: Path) -> Run:
    from resdsl.targets.torch_import import torch

    module = torch.export.load(place).module()

    def run(x: torch.Tensor) -> list[torch.Tensor]:
        found = module(x)
        return [found] if isinstance(found, torch.Tensor) else list(found.values())

    return run


# --- OpenVINO -------------------------------------------------------------------------------------


def _write_openvino(trace: Trace, place: Path, name: str, outputs: Sequence[str]) -> None:
    import openvino

    model: Any = openvino.convert_model(trace.program)
    ranges = {one.name: (one.least, -1 if one.most is None else one.most) for one in trace.ranges}
    if ranges:
        bounds = [(n, n) if isinstance(n, int) else ranges[n] for n in trace.shape]
        model.reshape(openvino.PartialShape([openvino.Dimension(*both) for both in bounds]))
    model.inputs[0].get_tensor().set_names({INPUT})
    for port, output in zip(model.outputs, outputs, strict=True):
        port.get_tensor().set_names({output})
    model.set_friendly_name(name)
    model.set_rt_info(__version__, [MARK])
    openvino.save_model(model, place, compress_to_fp16=False)


def _open_openvino(place: Path) -> Run:
    import openvino

    from resdsl.targets.torch_import import torch

    # Where the processor has bfloat16 or float16, OpenVINO would compute in it.
    compiled = openvino.Core().compile_model(place, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def run(x: torch.Tensor) -> list[torch.Tensor]:
        found = compiled([x.numpy()])
        return [torch.from_numpy(found[port].copy()) for port in compiled.outputs]

    return run
