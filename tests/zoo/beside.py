"""A network of ours beside a library's: values, running statistics, gradients."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


def without_chance(*models: nn.Module) -> None:
    """Dropout and stochastic depth draw at other places of torch's generator."""
    for model in models:
        for module in model.modules():
            if type(module).__name__ in ("Dropout", "DropPath", "StochasticDepth"):
                module.p = module.drop_prob = 0.0  # type: ignore[assignment]


def compared(ours: nn.Module, theirs: nn.Module, x: torch.Tensor, *, training: bool) -> None:
    """Values and, in training, gradients. What flows back to one place is added up in its order."""
    without_chance(ours, theirs)
    outs: list[dict[str, Any]] = []
    for model in (ours, theirs):
        out = model.train(training)(x)
        outs.append(out if isinstance(out, dict) else {"out": out})
    one, other = outs
    assert list(one) == list(other)
    assert all(torch.equal(one[name], other[name]) for name in one)
    if not training:
        return
    buffers = dict(ours.named_buffers())
    assert all(torch.equal(buffers[name], buffer) for name, buffer in theirs.named_buffers())
    for out in outs:
        sum(tensor.square().sum() for tensor in out.values()).backward()  # type: ignore[union-attr]
    mine = dict(ours.named_parameters())
    for name, parameter in theirs.named_parameters():
        a, b = mine[name].grad, parameter.grad
        assert a is not None and b is not None, name
        assert (a - b).norm() <= 1e-4 * b.norm(), name
