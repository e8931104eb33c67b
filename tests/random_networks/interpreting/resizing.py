"""Operators that change the extents: padding, cropping, subsampling, upsampling, flattening."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from tests.random_networks.interpreting.sizes import each
from tests.random_networks.interpreting.state import Own


def resized(op: Any, x: Tensor, own: Own) -> Tensor:
    rank, channels = x.ndim - 2, x.shape[1]
    match op.name:
        case "pad":
            befores, afters = each(op.before, rank), each(op.after, rank)
            made = x.new_zeros(
                *x.shape[:2], *map(sum, zip(x.shape[2:], befores, afters, strict=True))
            )
            inside = [slice(b, b + n) for b, n in zip(befores, x.shape[2:], strict=True)]
            made[(..., *inside)] = x
            return made
        case "crop":
            for axis, sides in enumerate(zip(each(op.before, rank), each(op.after, rank)), 2):  # noqa: B905
                x = x.narrow(axis, sides[0], x.shape[axis] - sum(sides))
            return x
        case "subsample":
            return x[(..., *(slice(None, None, s) for s in each(op.stride, rank)))]
        case "upsample":
            return upsampled(op, x)
        case "pixel_shuffle":
            n = int(op.scale)
            parts = x.unflatten(1, (channels // (n * n), n, n))
            return parts.permute(0, 1, 4, 2, 5, 3).flatten(4, 5).flatten(2, 3)
        case "flatten":
            return x.reshape(x.shape[0], -1)
        case "unflatten":
            return x.reshape(*x.shape, *(1,) * int(op.rank))
        case _:
            raise NotImplementedError(op.name)


def upsampled(op: Any, x: Tensor) -> Tensor:
    """Along one dimension after the other: elements repeated, or lines between their middles."""
    rank = x.ndim - 2
    sizes = op.size and each(op.size, rank)
    made = sizes or [n * times for n, times in zip(x.shape[2:], each(op.scale, rank), strict=True)]
    return interpolated(op, x, made)


def like(op: Any, x: Tensor, sizes: Sequence[int]) -> Tensor:
    """With the extents of another tensor; of what is added or taken, half stands before."""
    if op.name == "upsample":
        return interpolated(op, x, sizes)
    for axis, to in enumerate(sizes, 2):
        have = x.shape[axis]
        if op.name == "crop":
            if have < to:
                raise ValueError("nothing to crop")
            x = x.narrow(axis, (have - to) // 2, to)
        else:
            if have > to:
                raise ValueError("nothing to pad")
            sides = list(x.shape)
            sides[axis] = (to - have) // 2
            first = x.new_zeros(sides)
            sides[axis] = to - have - (to - have) // 2
            x = torch.cat([first, x, x.new_zeros(sides)], axis)
    return x


def interpolated(op: Any, x: Tensor, sizes: Sequence[int]) -> Tensor:
    for axis, to in enumerate(sizes, 2):
        size = x.shape[axis]
        if op.mode == "nearest":
            x = x.index_select(axis, torch.arange(to) * size // to)
            continue
        at = ((torch.arange(to, dtype=x.dtype) + 0.5) * (size / to) - 0.5).clamp(min=0)
        low = at.floor().long().clamp(max=size - 1)
        high = (low + 1).clamp(max=size - 1)
        part = (at - low).to(x.dtype).reshape(-1, *(1,) * (x.ndim - axis - 1))
        x = x.index_select(axis, low) * (1 - part) + x.index_select(axis, high) * part
    return x
