"""Dropout and drop path: without effect where values are compared, once at work in backward."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from resdsl import Design
from tests.random_networks.checking.failures import Failure, raised
from tests.random_networks.checking.inputs import images, results, together


def set_rates(module: nn.Module, rate: float | None) -> list[tuple[nn.Module, float]]:
    """Sets what is dropped; returns what it was."""
    before = []
    for part in module.modules():
        if type(part).__name__.rstrip("_") in ("Dropout", "DropPath") and hasattr(part, "p"):
            before.append((part, part.p))
            if rate is not None:
                part.p = rate  # type: ignore[assignment]
    return before  # type: ignore[return-value]


def trained_as_written(
    module: nn.Module, design: Design, extents: tuple[int, ...], seed: int
) -> Iterator[Failure]:
    """With dropout at work: nothing to compare, but backward must find what it needs."""
    if not set_rates(module, None):
        return
    before = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    x = images(design, extents, seed).requires_grad_()
    try:
        together(results(design, module.train()(x))).square().sum().backward()
    except Exception as error:
        yield raised("backward with dropout", error)
    module.zero_grad()
    module.load_state_dict(before)
