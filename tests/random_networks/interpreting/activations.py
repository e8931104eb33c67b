"""Activations, and what scales or shifts each element.

Dropout is left out: callers set p to 0.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own custom)
from torch import Tensor

from tests.random_networks.interpreting.state import Own


def activation(op: Any, x: Tensor, own: Own) -> Tensor:
    rank = x.ndim - 2
    match op.name:
        case "relu":
            return F.relu(x)
        case "leaky_relu":
            return F.leaky_relu(x, float(op.slope))
        case "prelu":
            weight = own["weight"].reshape(1, -1, *(1,) * rank)
            return torch.where(x > 0, x, weight * x)
        case "relu6" | "elu" | "gelu" | "silu" | "mish" | "softplus" | "hardswish" | "hardsigmoid":
            return getattr(F, op.name)(x)  # type: ignore[no-any-return]
        case "sigmoid" | "tanh":
            return getattr(torch, op.name)(x)  # type: ignore[no-any-return]
        case "softmax" if op.over == "positions":
            return F.softmax(x.flatten(2), 2).reshape(x.shape)
        case "softmax":
            return F.softmax(x, 1)
        case "log_softmax":
            return F.log_softmax(x, 1)
        case "identity" | "dropout" | "drop_path":
            return x
        case "scale":
            return x * float(op.factor)
        case "layer_scale":
            return x * own["gamma"].reshape(1, -1, *(1,) * rank)
        case "layer_shift":
            return x + own["beta"].reshape(1, -1, *(1,) * rank)
        case _:
            raise NotImplementedError(op.name)
