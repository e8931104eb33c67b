"""Networks that are too large to be run."""

from __future__ import annotations

from math import prod
from typing import Any

import torch
from torch import nn

import resdsl
from resdsl import Design
from resdsl.targets.module import build

# What is larger is not run: it takes the time of hundreds.
MOST_PARAMS = 1_000_000
MOST_MACS = 20_000_000
MOST_ELEMENTS = 3_000_000


def elements_through(design: Design, source: str, extents: tuple[int, ...]) -> int:
    """What all modules of a network give for one sample, counted on torch's meta device.

    Where the design says that it is little, that is believed: a large one takes a while, no more.
    """
    try:
        graph = design.at(*extents).graph("op")
    except resdsl.SpecError:
        # Of too many operators; a text that is made shorter may have `x 1000000`.
        return 2 * MOST_ELEMENTS
    said = sum(prod(shape) for _, shape in graph.nodes(data="shape") if shape)
    if said <= MOST_ELEMENTS // 10:
        return said
    total = 0

    def count(_module: nn.Module, _inputs: Any, output: Any) -> None:
        nonlocal total
        parts = output.values() if isinstance(output, dict) else output
        for tensor in parts if isinstance(output, tuple | dict) else (output,):
            total += tensor.numel()

    module = build(source, design.name, "meta").eval()
    with torch.device("meta"), torch.no_grad():
        for part in module.modules():
            part.register_forward_hook(count)
        try:
            module(torch.empty(1, int(design.network.input.channels), *extents))
        except Exception:
            return 0  # what is wrong is told by the real run
    return total
