"""From a design to torch: the module's file, and the module itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from resdsl import limits, outputs
from resdsl.api.channels import input_with
from resdsl.api.designing import design
from resdsl.api.designs import Design
from resdsl.api.modules import made_module
from resdsl.api.pickling import register
from resdsl.api.stored_files import WEIGHTS
from resdsl.diagnostics.exception import warn
from resdsl.language.values.features import Features
from resdsl.language.values.input_sizes import InputSize
from resdsl.language.values.outside_values import told, understood
from resdsl.outputs import OutputError

if TYPE_CHECKING:
    import torch

    from resdsl.api.inventory import ZooNetwork
    from resdsl.weights.sources import Weights

JSON = ".json"


def load(
    spec: str | os.PathLike[str] | ZooNetwork,
    *,
    net: str | None = None,
    input: InputSize | None = None,
    device: str | torch.device | None = None,
    dtype: torch.dtype | None = None,
    seed: int | None = None,
    weights: Weights | None = None,
    rename: Mapping[str, str] | None = None,
    drop: str | Iterable[str] | None = None,
    key: str | None = None,
    match: Literal["names", "order"] | None = None,
    in_channels: int | None = None,
    features: Features | None = None,
    output_stride: int | None = None,
    freeze: str | None = None,
    checkpointing: str | Sequence[str] | None = None,
    face: Literal["timm"] | None = None,
    fused: bool = False,
    settings: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> torch.nn.Module:
    """The network as a torch module in training mode, its weights initialised or taken.

    It takes (N, C, *extents), gives a tensor, or by name those of several outputs, and is what
    `compile` writes, executed: `inspect.getsource` and tracebacks show that text. Equal seeds give
    equal weights, whatever the number of threads; without one it is drawn from torch's global
    generator. `net`, `input`, `features`, `output_stride`, `freeze`, `checkpointing`, `face`,
    `fused` and the parameters are as for `design`; `in_channels` alone replaces the declared
    channels. With `fused` the weights are those of the network as it is trained, whose numbers the
    module's are made of in float64 and compared with there; it is in eval, and stays there.

    A file that `save` wrote is a spec that has its weights with it. Otherwise `weights` are a
    safetensors file, one of `torch.save` (read with `weights_only=True` alone) or a
    state dict, in whatever dicts it lies; all of it has to fit, by keys and shapes, and
    `weights_report` of the module says how it did. They are of `dtype`, float32 if None.
    `rename={"se": "tail"}` renames runs of components of their keys; `drop=["aux*"]` leaves out
    what a pattern or a module's name fits; `key` names the dict or prefix that they are under;
    `match="order"` goes by order, which a safetensors file has not.

    Raises SpecError if the spec has errors or a value does not fit, WeightsError (a SpecError) for
    weights that do not fit or cannot be read, TypeError as `design` does and for a seed that is no
    int or a dtype that is no torch.dtype. Norms that cannot be fused, as with a negative variance,
    are a WeightsError that is a ValueError too. What a check warns of is a SpecWarning of Python's.
    """
    from resdsl.targets.torch_import import torch
    from resdsl.weights.wishes import Wishes

    wanted: object = dtype
    if not (wanted is None or isinstance(wanted, torch.dtype)):
        raise TypeError(f"dtype is a torch.dtype such as torch.float16, not {told(wanted)}")
    number = None if seed is None else understood(seed)
    if number is not None and type(number) is not int:
        raise TypeError(f"a seed is an int, not {told(seed)}")
    wishes = Wishes.of(rename, drop, key, match)
    asked: Any = {
        "net": net,
        "features": features,
        "output_stride": output_stride,
        "freeze": freeze,
        "checkpointing": checkpointing,
        "face": face,
        "fused": fused,
        "settings": settings,
    }
    size = input
    made = design(spec, input=size, **asked, **parameters)
    if in_channels is not None:
        size = input_with(in_channels, made.network.input)
        made = design(spec, input=size, **asked, **parameters)
    warn(made.diagnostics, stacklevel=2)
    if weights is None and made.path is not None and made.path.suffix == WEIGHTS:
        weights = made.path
    if weights is None and wishes != Wishes():
        raise TypeError("rename, drop, key and match say what to do with `weights`")
    given = {*parameters, *(settings or {})}
    how: Any = {"device": device, "dtype": dtype, "seed": number}
    module = made_module(made, weights, wishes, given, **how)
    register(sys.modules[type(module).__module__], made.network, made.source())
    return module


def compile(
    spec: str | os.PathLike[str] | ZooNetwork,
    path: str | os.PathLike[str] | None = None,
    *,
    net: str | None = None,
    input: InputSize | None = None,
    features: Features | None = None,
    output_stride: int | None = None,
    freeze: str | None = None,
    checkpointing: str | Sequence[str] | None = None,
    face: Literal["timm"] | None = None,
    fused: bool = False,
    force: bool = False,
    settings: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> Path:
    """Writes the network's Python module to `path` (`NAME.py` here if None) and returns the path.

    The module is built once on torch's meta device and compared with the design. A path that ends
    in `.json` gets the design itself, which every command takes as a spec. `net`, `input`,
    `features`, `output_stride`, `freeze`, `checkpointing`, `face`, `fused` and the parameters are
    as for `design`. Raises SpecError if the spec has errors, OutputError if the file cannot be
    written or was edited by hand since it was compiled; `force` overwrites it. What a check warns
    of is a SpecWarning of Python's.
    """
    asked: Any = {
        "features": features,
        "output_stride": output_stride,
        "freeze": freeze,
        "checkpointing": checkpointing,
        "face": face,
        "fused": fused,
        "settings": settings,
    }
    made = design(spec, net=net, input=input, **asked, **parameters)
    warn(made.diagnostics, stacklevel=2)
    place = target(made, path, force=force)
    if place.suffix != JSON:
        verified(made)
    return written(made, place, force=force)


def target(made: Design, path: str | os.PathLike[str] | None, *, force: bool) -> Path:
    """Where the module of a design, or itself, is to go; OutputError if it may not go there."""
    place = Path(f"{made.name}.py" if path is None else path)
    if os.path.isdir(place):  # noqa: PTH112 - a name may be too long to ask
        place /= f"{made.name}.py"
    if place.suffix not in (".py", JSON):
        raise OutputError(f"{place}: a Python module ends in .py, a design in .json")
    outputs.check(place)
    _refuse_to_lose(place, force)
    outputs.refuse_source(place, made.path)
    return place


def written(made: Design, place: Path, *, force: bool) -> Path:
    """Writes a design's module, or itself, unless somebody edited the file in the meantime."""
    _refuse_to_lose(place, force)
    return outputs.write(place, made.to_json() if place.suffix == JSON else made.source())


def verified(made: Design) -> str:
    """Builds the module without weights and compares it with the design.

    Returns what was compared, for people. A difference is a bug of ours, and raises.
    """
    from resdsl.targets import verify

    return verify(made.network, made.source())


def replaced(made: Design, place: Path) -> str | None:
    """What a module that stands at a place is of, where that is something else than is written."""
    from resdsl.targets import made_of

    old = None if place.suffix == JSON else outputs.standing(place, limits.DESIGN_BYTES)
    before = None if old is None else made_of(old.decode(errors="replace"))
    return None if before == made_of(made.source()) else before


def _refuse_to_lose(place: Path, force: bool) -> None:
    """Only what resdsl wrote, and nobody changed, is replaced without being asked."""
    from resdsl.exchange.writing import is_design
    from resdsl.targets import is_pristine

    is_ours = is_design if place.suffix == JSON else is_pristine
    outputs.refuse_to_lose(place, lambda old: is_ours(old.decode(errors="replace")), force=force)
