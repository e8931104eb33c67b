"""What is known of a tensor without its numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import prod
from typing import TypeAlias

from resdsl import limits, provenance
from resdsl.design.expansion import Expansion
from resdsl.design.network import Network
from resdsl.design.state import entries_of, state
from resdsl.design.walk import nesting
from resdsl.provenance import leaves
from resdsl.records import dataclass

Shape: TypeAlias = tuple[int, ...]
# Smaller ones are parts of a number whose scale stands elsewhere.
_FLOATING = ("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2")


@dataclass(frozen=True, slots=True)
class Found:
    """A tensor of a file or dict. `dtype` is a name of safetensors: F32, BF16, I64."""

    shape: Shape
    dtype: str

    @property
    def elements(self) -> int:
        return prod(self.shape)

    @property
    def is_floating(self) -> bool:
        return self.dtype in _FLOATING


Tensors: TypeAlias = Mapping[str, Found]

# What torch's norms count batches with: files of before torch 0.4.1, and those of Caffe2, lack it.
COUNTER = "num_batches_tracked"
# What torch's AveragedModel keeps beside the weights.
AVERAGED = "n_averaged"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The tensors of a design: `shapes` by key in the order of the state dict.

    `head` are the keys of the last layer where its rows are the network's outputs, of several
    outputs those of all such layers, `entry` those of the convolutions that read the input.
    `asks_head`: somebody asked for this number of outputs, which `counted_by` is the parameter for,
    if one is. `cut` are keys of what the network's outputs are not made of. `origin` is the spec's
    file without its ending.
    """

    name: str
    origin: str
    shapes: dict[str, Shape]
    head: tuple[str, ...]
    entry: tuple[str, ...]
    classes: int
    channels: int
    asks_head: bool = False
    counted_by: str | None = None
    cut: frozenset[str] = frozenset()

    @property
    def needed(self) -> list[str]:
        """The keys that a file has to have."""
        return [key for key in self.shapes if not is_counter(key)]


def is_counter(key: str) -> bool:
    return key.rpartition(".")[2] == COUNTER


def wanted(network: Network, given: Collection[str] = ()) -> Wanted:
    """`given` are the parameters that somebody gave the network."""
    shapes = {entry.key: tuple(int(n) for n in entry.tensor.shape) for entry in state(network)}
    channels = int(network.input.channels)
    outputs = network.root.shapes[network.root.output].channels
    classes = int(outputs)
    # By where the number comes from: another parameter may happen to be equal.
    counts = list(leaves(provenance.origin(outputs)))
    asks_head = any(name in given for name in counts)
    counted_by = counts[0] if len(counts) == 1 else None
    weights = [key for key, shape in shapes.items() if len(shape) > 1]
    head = _heads(shapes, classes) if network.root.others else _head(weights, shapes, classes)
    entry = _entry(weights, shapes, channels)
    origin = network.source.rpartition("/")[2].removesuffix(".res")
    return Wanted(
        network.name,
        origin,
        shapes,
        head,
        entry,
        classes,
        channels,
        asks_head,
        counted_by,
        _cut(network) - shapes.keys(),
    )


def _cut(network: Network) -> frozenset[str]:
    """The keys of the network as it was before its outputs were chosen."""
    uncut = network.uncut
    if uncut is None or nesting(uncut) > limits.DEPTH:
        return frozenset()
    if Expansion(copies=True).definition(uncut) > limits.WEIGHED:
        return frozenset()
    return frozenset(entry.key for entry in entries_of(uncut))


def _head(weights: list[str], shapes: Mapping[str, Shape], classes: int) -> tuple[str, ...]:
    if not weights or shapes[weights[-1]][0] != classes:
        return ()
    module = weights[-1].rpartition(".")[0]
    own = (key for key in shapes if key.rpartition(".")[0] == module)
    return tuple(key for key in own if shapes[key][:1] == (classes,))


def _heads(shapes: Mapping[str, Shape], classes: int) -> tuple[str, ...]:
    """Of a network of several outputs: the layers with a bias that have as many."""
    modules = {
        key.removesuffix(".bias")
        for key, shape in shapes.items()
        if key.endswith(".bias") and shape == (classes,)
    }
    layers = {module for module in modules if len(shapes.get(f"{module}.weight", ())) > 1}
    return tuple(key for key in shapes if key.rpartition(".")[0] in layers)


def _entry(weights: list[str], shapes: Mapping[str, Shape], channels: int) -> tuple[str, ...]:
    """Several where the first block has branches: all begin as the first does."""
    if not weights:
        return ()
    first = weights[0].partition(".")[0]
    return tuple(
        key
        for key in weights
        if key.partition(".")[0] == first and len(shapes[key]) > 2 and shapes[key][1] == channels
    )


def size(shape: Shape) -> str:
    """`64x3x7x7`."""
    return "x".join(map(str, shape)) or "a scalar"
