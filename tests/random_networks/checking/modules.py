"""A loaded module: its state, starts, values, costs and sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from torch import nn

from resdsl import Design
from tests.random_networks.checking.costs import costs
from tests.random_networks.checking.dropout import trained_as_written
from tests.random_networks.checking.failures import Failure, raised
from tests.random_networks.checking.inputs import scramble, some_extents
from tests.random_networks.checking.limits import MOST_ELEMENTS, elements_through
from tests.random_networks.checking.rounding import settled
from tests.random_networks.checking.sizes import other_sizes
from tests.random_networks.checking.starts import starts
from tests.random_networks.checking.state import difference
from tests.random_networks.interpreting.state_shapes import tensors


def module_failures(
    design: Design, module: nn.Module, source: str, seed: int, kind: str
) -> Iterator[Failure]:
    wanted = tensors(design.network)
    made = {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()}
    if list(made.items()) != list(wanted.items()):
        yield Failure("module: state", difference(wanted, made))
        return
    if not kind or kind.startswith(("start: ", "construct: ")):
        yield from starts(design, source)
    extents = some_extents(design, Random(seed))
    if extents is None or elements_through(design, source, extents) > MOST_ELEMENTS:
        return
    scramble(module, seed)
    module.double()
    stages: list[tuple[str, Callable[[], Iterator[Failure]]]] = [
        ("backward with", lambda: trained_as_written(module, design, extents, seed)),
        ("eval", lambda: settled(design, module, extents, seed, training=False)),
        ("train", lambda: settled(design, module, extents, seed, training=True)),
        ("macs", lambda: costs(design, module, extents)),
        ("sizes", lambda: other_sizes(design, module, seed)),
    ]
    chosen = [stage for stage in stages if kind.startswith(stage[0])] if kind else stages
    try:
        for _, stage in chosen or stages:
            yield from stage()
    except Exception as error:
        yield raised("module", error)
