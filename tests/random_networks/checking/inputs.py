"""What a module is given, its weights among it, and what it gives."""

from __future__ import annotations

from random import Random
from typing import Any

import torch
from torch import Tensor, nn

from resdsl import Design

BATCH = 3


def some_extents(design: Design, random: Random) -> tuple[int, ...] | None:
    """The declared extents; free ones are small and odd or even as it comes."""
    declared = design.network.input.extents
    if None not in declared:
        return tuple(n for n in declared if n is not None)
    for most in (9, 14, 20, 33):
        for _ in range(20):
            chosen = tuple(random.randint(1, most) if n is None else n for n in declared)
            if design.sizes().allows(chosen):
                return chosen
    return None


def images(design: Design, extents: tuple[int, ...], seed: int, batch: int = BATCH) -> Tensor:
    generator = torch.Generator().manual_seed(seed + 1)
    size = (batch, int(design.network.input.channels), *extents)
    return torch.randn(size, generator=generator, dtype=torch.float64)


def scramble(module: nn.Module, seed: int) -> None:
    """Weights that tell all tensors apart, running statistics too."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for key, tensor in module.state_dict().items():
            name = key.rpartition(".")[2]
            if not tensor.is_floating_point():
                tensor.fill_(3)
                continue
            noise = torch.randn(tensor.shape, generator=generator)
            if name == "running_var":
                tensor.copy_(noise.abs() + 0.5)
            elif tensor.ndim > 1:
                tensor.copy_(noise * (1.5 / tensor[0].numel()) ** 0.5)
            elif name in ("weight", "gamma"):
                tensor.copy_(1 + 0.3 * noise)
            else:
                tensor.copy_(0.2 * noise)


def results(design: Design, given: Any) -> list[Tensor]:
    """What a module gives, a tensor or several by name."""
    if len(design.network.outputs) < 2:
        return [given]
    assert tuple(given) == design.network.outputs
    return list(given.values())


def together(found: list[Tensor]) -> Tensor:
    """Several tensors as one, which is compared like one."""
    return found[0] if len(found) == 1 else torch.cat([one.flatten(1) for one in found], 1)
