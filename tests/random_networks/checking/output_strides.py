"""A network whose strides are not all taken: the same network, whose elements are among more."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import torch
from torch import Tensor

import resdsl
from resdsl import Design
from resdsl.analysis.facts import Facts
from resdsl.analysis.shapes import view
from resdsl.design.model import Keep
from resdsl.extents import Extent
from resdsl.targets import load
from tests.random_networks.checking.designs import failures
from tests.random_networks.checking.failures import Failure, raised
from tests.random_networks.checking.inputs import images, scramble, some_extents
from tests.random_networks.checking.limits import (
    MOST_ELEMENTS,
    MOST_MACS,
    MOST_PARAMS,
    elements_through,
)
from tests.random_networks.checking.values import alike
from tests.random_networks.interpreting.interpreter import Interpreter
from tests.random_networks.interpreting.nodes import Value
from tests.random_networks.interpreting.state import State

# How kinds of failures begin that are of a network with an output stride.
STRIDED = "output stride: "


def strided_failures(
    design: Design, text: str, seed: int, kind: str, *, whole: bool = True
) -> Iterator[Failure]:
    """The network at an output stride, if it has such a form: its module is what the interpreter
    makes of it, and where elements are made of those around them, every n-th is what it was."""
    most = Random(seed).choice([1, 1, 2, 4])
    try:
        made = resdsl.design(f"{text}\n", net=design.name, output_stride=most)
        str(made)
    except resdsl.SpecError:
        # Tensors may not meet any more, by their sizes or by how far their elements lie apart.
        return
    except Exception as error:
        yield raised(f"{STRIDED}design", error)
        return
    # Without what was asked for, which a text tells and JSON does not.
    bounded = Design(made.network)
    if bounded.to_json() == design.to_json():
        return
    for failure in failures(bounded, seed, kind.removeprefix(STRIDED), whole=whole):
        yield Failure(f"{STRIDED}{failure.kind}", f"at {most}: {failure.message}")
    yield from _every_nth(design, bounded, seed, most)


def _every_nth(design: Design, bounded: Design, seed: int, most: int) -> Iterator[Failure]:
    extents = some_extents(bounded, Random(seed))
    if extents is None or not design.sizes().allows(extents):
        return
    if bounded.params > MOST_PARAMS or (bounded.at(*extents).macs or 0) > MOST_MACS:
        return
    if elements_through(bounded, bounded.source(), extents) > MOST_ELEMENTS:
        return
    module = load(design.network, design.source(), seed=0).double().eval()
    scramble(module, seed)
    state = module.state_dict()
    keys = {key: tensor.shape for key, tensor in state.items()}
    others = load(bounded.network, bounded.source(), device="meta").state_dict()
    if keys != {key: tensor.shape for key, tensor in others.items()}:
        yield Failure(f"{STRIDED}state", f"at {most} it has other tensors")
        return
    facts = [Facts(one.network, view(one.network)) for one in (design, bounded)]
    plain, made = (_values(known, state, images(design, extents, seed)) for known in facts)
    for ref in plain.keys() & made.keys():
        if plain[ref].is_local and made[ref].is_local:
            pairs = zip(*(known.shapes[ref].extents for known in facts), strict=True)
            steps = [_apart(*pair) for pair in pairs]
            taken = made[ref].tensor[(..., *(slice(None, None, n) for n in steps))]
            where = f"at {most}, value {ref}"
            yield from alike(f"{STRIDED}every n-th", plain[ref].tensor, taken, where)


def _values(facts: Facts, state: dict[str, Tensor], x: Tensor) -> dict[int, Value]:
    """What the steps of a network make of which its outputs are made."""
    steps = [one for one in facts.network.root.body.steps if not isinstance(one, Keep)]
    refs = list(dict.fromkeys(one.output for one in steps if facts.liveness.is_read(one)))
    with torch.no_grad():
        found = Interpreter(facts.network, State(dict(state))).results(x, refs)
    return dict(zip(refs, found, strict=True))


def _apart(plain: Extent, bounded: Extent) -> int:
    """How many elements of the finer map there are for one of the other."""
    if plain.is_constant:
        return 1
    (rise, over), (finer, under) = plain.growth, bounded.growth
    return (over * finer) // (rise * under)
