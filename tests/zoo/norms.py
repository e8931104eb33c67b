"""Norms as they are after training."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import nn


def disturb(model: nn.Module, seed: int = 0, std: float = 0.1) -> None:
    """Norms of every dimension, and gains, are not the identity: nothing is left out unnoticed."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            assert module.running_mean is not None
            assert module.running_var is not None
            for tensor in (module.bias, module.running_mean):
                if tensor is not None:
                    tensor.data.normal_(std=std, generator=generator)
            for tensor in (module.weight, module.running_var):
                if tensor is not None:
                    tensor.data.uniform_(0.5, 1.5, generator=generator)
        elif "Norm" in type(module).__name__:
            for name, tensor in module.named_parameters(recurse=False):
                if name == "weight":
                    tensor.data.uniform_(0.5, 1.5, generator=generator)
                else:
                    tensor.data.normal_(std=std, generator=generator)
    # Those of networks without norms, which may start at 0 and hide all that they multiply.
    for name, tensor in model.named_parameters():
        if name.endswith("gain"):
            tensor.data.uniform_(0.5, 1.5, generator=generator)


def calibrate(model: nn.Module, x: torch.Tensor) -> None:
    """Running statistics as they are of `x`, so that nothing vanishes in a deep network."""
    import torch

    norms = [
        module
        for module in model.modules()
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)
    ]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = None  # the mean of all batches, of which there is one
        norm.reset_running_stats()
    with torch.no_grad():
        model.train()(x)
    for norm, momentum in zip(norms, before, strict=True):
        norm.momentum = momentum
