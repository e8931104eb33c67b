"""What a design says of its costs and its shapes, and what torch and the interpreter count."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resdsl import Design
from tests.random_networks.checking.failures import Failure
from tests.random_networks.checking.inputs import images
from tests.random_networks.interpreting.nodes import Value


def costs(design: Design, module: nn.Module, extents: tuple[int, ...]) -> Iterator[Failure]:
    made = counted(design, module, extents)
    said = design.at(*extents).macs
    if made != said:
        yield Failure("macs", f"the design says {said}, torch counts {made}")


def counted(design: Design, module: nn.Module, extents: tuple[int, ...]) -> int:
    """Multiply-adds of one sample."""
    module.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(images(design, extents, 0, batch=2))
    return int(counter.get_total_flops()) // 4


def measured(
    design: Design, values: list[Value], activations: int, extents: tuple[int, ...]
) -> Iterator[Failure]:
    """The depth, the activations of a sample and the shapes of the outputs."""
    depth = max(value.depth for value in values)
    if depth != design.depth:
        yield Failure("design: depth", f"{design.depth}, and counted {depth}")
    at = design.at(*extents)
    if at.activations != activations:
        yield Failure("design: activations", f"{at.activations}, and counted {activations}")
    shapes = [tuple(value.tensor.shape[1:]) for value in values]
    if list(at.outputs.values()) != shapes:
        yield Failure("design: output", f"{at.outputs}, and is {shapes}")
