"""A network in one file: its weights as safetensors, its design in the metadata. No code is in it.

`resdsl.load` makes both again, every command takes the file for a spec, and what reads safetensors
reads the tensors: their names are those of the state dict.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resdsl import __version__, limits, outputs, paths
from resdsl.api.model_card import write_card
from resdsl.api.stored_files import DESIGN, WEIGHTS, WEIGHTS_FILE
from resdsl.weights.header import read
from resdsl.weights.refusal import WeightsError
from resdsl.weights.tensors import wanted

if TYPE_CHECKING:
    import torch

    from resdsl.api.designs import Design
    from resdsl.design.model import Network

VERSION = "resdsl.version"


class SaveError(ValueError):
    """A module that one file cannot hold: the message says why, and what would help."""


def save(
    model: torch.nn.Module,
    path: str | os.PathLike[str],
    *,
    design: Design | None = None,
    metadata: Mapping[str, Any] | None = None,
    force: bool = False,
) -> Path:
    """Writes a module's tensors and its design to one safetensors file, and returns the path.

    A path that does not end in `.safetensors` is a folder as on the Hugging Face hub: the file is
    `model.safetensors` in it, beside a `README.md`, which is kept if there is one.
    `model` is a module of `resdsl.load`, also within `torch.compile` or `DataParallel`; for one of
    a compiled file, `design` says of which design. `metadata` are further texts to be kept with it.
    The file appears whole or not at all; one that `save` did not write is kept unless `force` is
    given.
    Raises SaveError where the module is no such, or has other tensors than its design; OutputError
    where the file cannot be written.
    """
    from safetensors.torch import save as stored

    from resdsl.targets.torch_import import torch

    if not isinstance(model, torch.nn.Module):
        raise SaveError(f"{type(model).__name__} is no module: save the module, not its state dict")
    place = Path(path)
    is_folder = place.suffix != WEIGHTS
    if is_folder:
        _make(place)
        place /= WEIGHTS_FILE
    said = dict(metadata or {})
    for name, text in said.items():
        if not isinstance(text, str) or str(name).startswith("resdsl."):
            raise SaveError(f"metadata are texts, and no name begins with resdsl.: {name!r:.60}")
    bare = _bare(model)
    network = _network(bare) if design is None else design.network
    tensors = bare.state_dict()
    _verify({key: tuple(tensor.shape) for key, tensor in tensors.items()}, network)
    outputs.check(place)
    _refuse_to_lose(place, force)
    content = stored(
        {key: tensor.detach().cpu().contiguous() for key, tensor in tensors.items()},
        {"format": "pt"} | said | {DESIGN: _text(network), VERSION: __version__},
    )
    _refuse_to_lose(place, force)
    outputs.write(place, _in_order(content))
    if is_folder:
        write_card(network, place.parent)
    return Path(path)


def _in_order(content: bytes) -> bytes:
    """The same file with its metadata in order: the library's is another every time."""
    length = int.from_bytes(content[:8], "little")
    head = json.loads(content[8 : 8 + length])
    head = {"__metadata__": dict(sorted(head.pop("__metadata__").items()))} | head
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    # The tensors begin at a multiple of eight, as the format asks.
    text += b" " * (-len(text) % 8)
    return b"".join((len(text).to_bytes(8, "little"), text, memoryview(content)[8 + length :]))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        why = paths.why(error)
        raise outputs.OutputError(f"{paths.shown(folder)}: cannot be made ({why})") from error


def _bare(model: torch.nn.Module) -> torch.nn.Module:
    """What is within wrappers that add a prefix to all keys."""
    for name in ("_orig_mod", "module"):
        inner = model._modules.get(name)
        if inner is not None and len(model._modules) == 1:
            return _bare(inner)
    return model


def _network(model: torch.nn.Module) -> Network:
    from resdsl.api.pickling import network_of

    found = network_of(model)
    if found is None:
        raise SaveError(
            f"{type(model).__name__} is no network of `resdsl.load`: of one that a compiled file "
            "made, `design=resdsl.design(…)` says what it is"
        )
    return found


def _text(network: Network) -> str:
    from resdsl.exchange.writing import written

    text = written(network).model_dump_json(by_alias=True)
    if len(text.encode()) > limits.DESIGN_BYTES:
        raise SaveError(f"the design of {network.name} is larger than one may be")
    return text


def _verify(shapes: Mapping[str, tuple[int, ...]], network: Network) -> None:
    """Raises SaveError where these are not the tensors of the design."""
    ours = wanted(network).shapes
    for key, shape in ours.items():
        if key not in shapes:
            raise SaveError(f"`{key}` of the design {network.name} is not there")
        if shapes[key] != shape:
            raise SaveError(
                f"`{key}` is {_times(shapes[key])}, and {_times(shape)} in the design "
                f"{network.name}: save a model whose design has that size"
            )
    more = next((key for key in shapes if key not in ours), None)
    if more is not None:
        raise SaveError(f"`{more:.80}` is not in the design {network.name}")


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "one number"


def _refuse_to_lose(place: Path, force: bool) -> None:
    """Only what `save` wrote is replaced without being asked."""
    if force or not place.exists():
        return
    try:
        is_ours = DESIGN in read(place).metadata
    except WeightsError:
        is_ours = False
    if not is_ours:
        raise outputs.KeptError(f"{paths.shown(place)}: was not written by resdsl.save")
