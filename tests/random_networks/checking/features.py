"""A network of which some tensors are outputs: by itself, and as a part of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import torch

from resdsl import Design
from resdsl.design.taps import taps
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.elaborate.outputs import with_outputs
from resdsl.targets import load
from tests.random_networks.checking.designs import failures
from tests.random_networks.checking.failures import Failure
from tests.random_networks.checking.inputs import images, results, scramble, some_extents
from tests.random_networks.checking.limits import (
    MOST_ELEMENTS,
    MOST_MACS,
    MOST_PARAMS,
    elements_through,
)
from tests.random_networks.checking.values import alike
from tests.random_networks.interpreting.interpreter import Interpreter
from tests.random_networks.interpreting.state import State

# How kinds of failures begin that are of a network with outputs of its own.
FEATURES = "features: "


def feature_failures(design: Design, seed: int, kind: str) -> Iterator[Failure]:
    """Some of its tensors as outputs: a network by itself, whose tensors are those of the whole."""
    random = Random(seed)
    known = list(taps(design.network.root.body))
    if not known:
        return
    names = random.sample(known, min(len(known), random.randint(1, 3)))
    sink = Sink()
    network = with_outputs(design.network, tuple((name, name) for name in names), sink)
    if network is None:
        if any(one.code.id != "E0201" for one in sink.diagnostics):  # it fits several
            yield Failure(f"{FEATURES}refused", str(sink.diagnostics[0].message))
        return
    part = Design(network)
    for failure in failures(part, seed, kind.removeprefix(FEATURES)):
        yield Failure(f"{FEATURES}{failure.kind}", f"features={names}: {failure.message}")
    # Of the sizes of the part: what the whole does not call asks nothing of its own.
    extents = some_extents(part, Random(seed))
    if extents is None or design.params > MOST_PARAMS or (part.macs or 0) > MOST_MACS:
        return
    if elements_through(part, part.source(), extents) > MOST_ELEMENTS:
        return
    whole = replace(network, root=replace(network.root, body=design.network.root.body))
    module = load(network, part.source(), seed=0)
    filled = load(design.network, design.source(), seed=0).double().eval()
    scramble(filled, seed)
    state = filled.state_dict()
    module.load_state_dict({key: state[key] for key in module.state_dict()})
    x = images(design, extents, seed)
    with torch.no_grad():
        wanted = Interpreter(whole, State(dict(state))).results(x, network.root.outputs)
        made = results(part, module.double().eval()(x))
    for name, one, other in zip(network.outputs, wanted, made, strict=True):
        yield from alike(f"{FEATURES}of the whole", one.tensor, other, name)
