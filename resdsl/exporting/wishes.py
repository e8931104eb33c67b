"""What an export is asked for: the format by its file's ending, the batch, the free dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from resdsl import paths
from resdsl.exporting.refusal import ExportError, MissingExporter
from resdsl.records import dataclass

DYNAMIC = "dynamic"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file, what it takes beside torch, and the extra of resdsl's that brings it."""

    name: str
    suffix: str
    packages: tuple[str, ...] = ()
    extra: str = ""


FORMATS = (
    Format("ONNX", ".onnx", ("onnx", "onnxscript", "onnxruntime"), "onnx"),
    Format("torch.export", ".pt2"),
    Format("OpenVINO", ".xml", ("openvino",), "openvino"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """`batch` is None where it is free; `axes` are the free dimensions, by their places."""

    format: Format
    batch: int | None
    axes: tuple[int, ...]


def format_of(place: Path) -> Format:
    """By the ending. Raises ExportError for another one, MissingExporter for an absent package."""
    found = next((one for one in FORMATS if one.suffix == place.suffix), None)
    if found is None:
        raise ExportError(
            f"{paths.shown(place)}: a file ends in .onnx (ONNX), .pt2 (torch.export) or .xml "
            "(OpenVINO)"
        )
    absent = [name for name in found.packages if find_spec(name) is None]
    if absent:
        raise MissingExporter(
            f"{found.name} takes {' and '.join(absent)}: pip install 'resdsl[{found.extra}]'"
        )
    return found


def batch_of(batch: object) -> int | None:
    """A number of samples, or None where it is free. Raises TypeError for what is neither."""
    if batch == DYNAMIC:
        return None
    if type(batch) is int and batch > 0:
        return batch
    if isinstance(batch, str) and batch.isascii() and batch.isdigit() and int(batch) > 0:
        return int(batch)
    raise TypeError(f'a batch is a number of samples or "dynamic", not {batch!r:.60}')


def axes_of(dynamic: object, names: Sequence[str]) -> tuple[int, ...]:
    """The places of the dimensions named, as `"H,W"` too. ExportError for one that is not there."""
    if isinstance(dynamic, str):
        dynamic = [part.strip() for part in dynamic.split(",") if part.strip()]
    if not isinstance(dynamic, Sequence) or not all(isinstance(one, str) for one in dynamic):
        raise TypeError(f'dynamic are names of dimensions, such as ("H", "W"), not {dynamic!r:.60}')
    for one in dynamic:
        if one not in names:
            known = f"they are {', '.join(names)}" if names else "its input is a vector"
            raise ExportError(f"the network has no dimension `{one}`: {known}")
    return tuple(axis for axis, name in enumerate(names) if name in dynamic)
