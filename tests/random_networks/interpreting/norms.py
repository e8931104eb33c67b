"""Norms; in training a batch norm keeps what it saw."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own custom)
from torch import Tensor

from tests.random_networks.interpreting.state import Own


def norm(op: Any, x: Tensor, own: Own) -> Tensor:
    rank, channels = x.ndim - 2, x.shape[1]
    match op.name:
        case "batchnorm":
            return batchnorm(op, x, own)
        case "groupnorm":
            weight = own["weight"] if op.affine else None
            shift = own["bias"] if op.affine else None
            return F.group_norm(x, int(op.groups), weight, shift, float(op.eps))
        case "instancenorm":
            weight = own["weight"] if op.affine else None
            shift = own["bias"] if op.affine else None
            return F.instance_norm(x, None, None, weight, shift, eps=float(op.eps))
        case "layernorm":
            weight = own["weight"] if op.affine else None
            shift = own["bias"] if op.affine else None
            y = F.layer_norm(x.movedim(1, -1), (channels,), weight, shift, float(op.eps))
            return y.movedim(-1, 1)
        case "global_response_norm":
            weight, shift = own.columns(rank, "weight", "bias")
            squares = x.square().sum(tuple(range(2, x.ndim)), keepdim=True)
            # A root has no slope at 0, where torch's norm has 0.
            root = torch.where(squares > 0, squares, 1.0).sqrt() * (squares > 0)
            share = root / (root.sum(1, keepdim=True) / channels + float(op.eps))
            return x + (weight * share * x + shift)
        case "filter_response_norm":
            weight, shift, tau = own.columns(rank, "weight", "bias", "tau")
            mean = x.square().mean(tuple(range(2, x.ndim)), keepdim=True)
            y = weight * x / (mean + float(op.eps)).sqrt() + shift
            return torch.where(y > tau, y, tau)
        case "evonorm":
            weight, shift, v = own.columns(rank, "weight", "bias", "v")
            rows = x.reshape(len(x), int(op.groups), -1)
            rows = rows - rows.mean(2, keepdim=True)
            variance = rows.square().mean(2) + float(op.eps)
            deviation = variance.sqrt().repeat_interleave(channels // int(op.groups), 1)
            y = x * torch.sigmoid(v * x) / deviation.reshape(len(x), channels, *(1,) * rank)
            return weight * y + shift
        case "local_response_norm":
            return local_response(op, x)
        case _:
            raise NotImplementedError(op.name)


def batchnorm(op: Any, x: Tensor, own: Own) -> Tensor:
    weight = own["weight"] if op.affine else None
    shift = own["bias"] if op.affine else None
    mean, var = (own[name] for name in ("running_mean", "running_var"))
    seen = own["num_batches_tracked"]
    if own.state.training:
        mean, var = mean.clone(), var.clone()
        own["num_batches_tracked"] = seen + 1
        own["running_mean"], own["running_var"] = mean, var
    return F.batch_norm(
        x, mean, var, weight, shift, own.state.training, float(op.momentum), float(op.eps)
    )


def local_response(op: Any, x: Tensor) -> Tensor:
    """Krizhevsky et al. 2012, section 3.3, alpha divided by the size, zeros at both ends."""
    size, channels = int(op.size), x.shape[1]
    sums = []
    for channel in range(channels):
        first = max(0, channel - size // 2)
        last = min(channels, channel + (size - 1) // 2 + 1)
        sums.append(x[:, first:last].square().sum(1))
    divisor = (float(op.k) + float(op.alpha) * torch.stack(sums, 1) / size) ** float(op.beta)
    return x / divisor
