"""What stays an argument of the module, at other values."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import torch

import resdsl
from resdsl import Design
from resdsl.targets import load
from resdsl.targets.module import build
from tests.arguments import unlike
from tests.random_networks.checking.failures import Failure
from tests.random_networks.checking.inputs import images, results, scramble, some_extents
from tests.random_networks.checking.limits import (
    MOST_ELEMENTS,
    MOST_MACS,
    MOST_PARAMS,
    elements_through,
)
from tests.random_networks.checking.values import alike


def argument_failures(design: Design, text: str, seed: int) -> Iterator[Failure]:
    """Other values of what stays an argument of the module."""

    def again(values: dict[str, Any]) -> Design:
        return resdsl.design(f"{text}\n", net=design.name, settings=values)

    try:
        again({})
    except resdsl.SpecError:
        return  # another network of the text has a mistake
    for line in unlike(design, again):
        yield Failure("argument", line)
    for variant in design.network.variants:
        other = again(dict(variant.flags))
        yield from _flagged(design, other, list(variant.flags.values()), seed)


def _flagged(design: Design, other: Design, flags: list[bool], seed: int) -> Iterator[Failure]:
    """With these truth values a module gives what another compile's does, and starts so."""
    kind = f"argument: {flags}"
    extents = some_extents(other, Random(seed))
    if extents is None or other.params > MOST_PARAMS or (other.macs or 0) > MOST_MACS:
        return
    if elements_through(other, other.source(), extents) > MOST_ELEMENTS:
        return
    wanted = load(other.network, other.source(), seed=0).double().eval()
    made = build(design.source(), design.name, flags=flags).double().eval()
    scramble(wanted, seed)
    made.load_state_dict(wanted.state_dict())
    x = images(other, extents, seed)
    with torch.no_grad():
        pairs = zip(results(other, wanted(x)), results(design, made(x)), strict=True)
    for one, two in pairs:
        yield from alike(kind, one, two)
    for module in (wanted, made):
        torch.manual_seed(seed)
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    states = zip(wanted.state_dict().items(), made.state_dict().values(), strict=True)
    for (name, one), two in states:
        yield from alike(f"{kind} start", one, two, name)
