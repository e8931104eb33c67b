"""Pools: of windows, blurring, of the whole map, to a given size."""

from __future__ import annotations

from math import comb
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own custom)
from torch import Tensor

from tests.random_networks.interpreting.sizes import each, padded, surrounded
from tests.random_networks.interpreting.state import Own


def pool(op: Any, x: Tensor, own: Own) -> Tensor:
    rank = x.ndim - 2
    match op.name:
        case "maxpool" | "avgpool":
            return pooled(op, x)
        case "blur_pool":
            return blurred(op, x)
        case "global_avgpool":
            return x.mean(tuple(range(2, x.ndim)), keepdim=True)
        case "global_maxpool":
            # amax would share the gradient among equals.
            at = x.flatten(2).argmax(2, keepdim=True)
            return x.flatten(2).gather(2, at).reshape(*x.shape[:2], *(1,) * rank)
        case "adaptive_avgpool" | "adaptive_maxpool":
            kind = op.name.removeprefix("adaptive_").removesuffix("pool")
            pooling = getattr(F, f"adaptive_{kind}_pool{rank}d")
            return pooling(x, each(op.size, rank))  # type: ignore[no-any-return]
        case "attention_pool":
            bias = own["bias"] if op.bias else None
            weights = F.conv1d(x.flatten(2), own["weight"].flatten(2), bias)
            shares = F.softmax(weights, 2)
            return (x.flatten(2) * shares).sum(2).reshape(*x.shape[:2], *(1,) * rank)
        case _:
            raise NotImplementedError(op.name)


def pooled(op: Any, x: Tensor) -> Tensor:
    rank = x.ndim - 2
    k = each(op.k, rank)
    stride = k if op.stride is None else each(op.stride, rank)
    if op.name == "avgpool":
        pooling = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[rank - 1]
        if op.padding == "same":
            ones = (1,) * rank
            means = pooling(surrounded(x, k, stride, ones), k, stride)
            if op.count_include_pad:
                return means
            return means / pooling(surrounded(torch.ones_like(x), k, stride, ones), k, stride)
        padding = padded(op.padding, k, stride, (1,) * rank)
        return pooling(x, k, stride, padding, op.ceil, op.count_include_pad)
    dilation = each(op.dilation, rank)
    pooling = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1]
    if op.padding == "same":
        x = surrounded(x, k, stride, dilation, -torch.inf)
        return pooling(x, k, stride, 0, dilation)  # type: ignore[no-any-return]
    padding = padded(op.padding, k, stride, dilation)
    return pooling(x, k, stride, padding, dilation, op.ceil)  # type: ignore[no-any-return]


def blurred(op: Any, x: Tensor) -> Tensor:
    """Along one dimension after the other, by the rows of Pascal's triangle."""
    rank, k = x.ndim - 2, int(op.k)
    p = (k - 1) // 2 if op.padding == "auto" else int(op.padding)
    x = F.pad(x, [p] * (2 * rank), mode=op.mode)
    for axis, stride in enumerate(each(op.stride, rank), 2):
        steps = [x.narrow(axis, i, x.shape[axis] - k + 1) for i in range(k)]
        x = sum(comb(k - 1, i) * step for i, step in enumerate(steps)) / 2 ** (k - 1)
        x = x.index_select(axis, torch.arange(0, x.shape[axis], stride))
    return x
