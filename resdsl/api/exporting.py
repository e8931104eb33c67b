"""From a design to a file of an inference engine: ONNX, torch.export or OpenVINO."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from resdsl import outputs
from resdsl.api.designing import design
from resdsl.api.designs import Design
from resdsl.api.modules import made_module
from resdsl.api.stored_files import WEIGHTS
from resdsl.diagnostics.exception import warn
from resdsl.exporting.placing import allowed
from resdsl.exporting.report import ExportReport
from resdsl.exporting.wishes import Wish, axes_of, batch_of, format_of
from resdsl.language.values.features import Features
from resdsl.language.values.input_sizes import InputSize
from resdsl.weights.wishes import Wishes

if TYPE_CHECKING:
    from resdsl.api.inventory import ZooNetwork
    from resdsl.weights.sources import Weights

# Of a start that nobody gave weights for: equal exports of equal designs.
_SEED = 0


def export(
    spec: str | os.PathLike[str] | ZooNetwork,
    path: str | os.PathLike[str] | None = None,
    *,
    net: str | None = None,
    input: InputSize | None = None,
    weights: Weights | None = None,
    rename: Mapping[str, str] | None = None,
    drop: str | Iterable[str] | None = None,
    key: str | None = None,
    match: Literal["names", "order"] | None = None,
    features: Features | None = None,
    output_stride: int | None = None,
    batch: int | Literal["dynamic"] = 1,
    dynamic: str | Sequence[str] = (),
    fused: bool = False,
    force: bool = False,
    settings: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> ExportReport:
    """Writes the network, in eval mode, for an inference engine, and compares what was written.

    `path` ends in `.onnx` (torch.onnx), `.pt2` (torch.export) or `.xml` (OpenVINO, which has the
    weights in a `.bin` beside it); `NAME.onnx` here if None. The input is (N, C, *extents): of
    `batch` samples, or of any number with `"dynamic"`, and of the declared extents but for those
    that `dynamic` names, `("H", "W")`, which may be whatever the design's `sizes()` allow and torch
    does not leave out. Outputs are called as in `design.outputs`. `weights`, `rename`, `drop`,
    `key` and `match` are as for `load`; without weights it is a start of seed 0. `net`, `input`,
    `features`, `output_stride`, `fused` and the parameters are as for `design`.

    The file is run by its engine on the CPU, in float32, at two batches and two sizes where these
    are free. It is kept where each output is as near to the module in float64 as four times what
    eager torch is; files beside it are never half-written, and one that is no export of resdsl's is
    kept unless `force` is given.

    Raises SpecError and WeightsError as `load` does; ExportError where torch or the engine do not
    take the network, where the results differ, and where an output does not depend on the input;
    MissingExporter (an ExportError) where a package is not installed; OutputError where the file
    cannot be written; TypeError for what is no batch.
    """
    wishes = Wishes.of(rename, drop, key, match)
    if weights is None and wishes != Wishes():
        raise TypeError("rename, drop, key and match say what to do with `weights`")
    made = design(
        spec,
        net=net,
        input=input,
        features=features,
        output_stride=output_stride,
        fused=fused,
        settings=settings,
        **parameters,
    )
    warn(made.diagnostics, stacklevel=2)
    given = {*parameters, *(settings or {})}
    how: Any = {"batch": batch, "dynamic": dynamic, "force": force}
    return written(made, path, weights, wishes, given, **how)


def written(
    made: Design,
    path: str | os.PathLike[str] | None,
    weights: Weights | None,
    wishes: Wishes,
    given: Collection[str],
    *,
    batch: int | str,
    dynamic: str | Sequence[str],
    force: bool,
) -> ExportReport:
    """As `export`, of a design. `given` are the parameters that somebody gave the network."""
    from resdsl.exporting.steps import exported
    from resdsl.targets.torch_import import torch

    place = Path(f"{made.name}.onnx" if path is None else path)
    format = format_of(place)
    wish = Wish(format, batch_of(batch), axes_of(dynamic, made.network.input.names))
    target = allowed(place, force=force)
    outputs.refuse_source(place, made.path)
    if weights is None and made.path is not None and made.path.suffix == WEIGHTS:
        weights = made.path
    notes = () if weights is not None else (f"no weights were given: it starts from seed {_SEED}",)
    how: Any = {"device": "cpu", "dtype": torch.float32, "seed": _SEED}
    module = made_module(made, weights, wishes, given, **how)
    named = tuple(made.outputs)
    report = exported(module, made.network, made.sizes(), named, target, wish, notes)
    return replace(report, file=place)
