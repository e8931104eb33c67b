"""Sizes of windows: one number for each dimension, and the paddings called `auto` and `same`."""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F  # noqa: N812 (torch's own custom)
from torch import Tensor

from resdsl.extents import Size


def each(value: Any, rank: int) -> tuple[int, ...]:
    """One number per dimension."""
    return tuple(map(int, value)) if isinstance(value, Size) else (int(value),) * rank


def padded(padding: Any, k: Any, stride: Any, dilation: Any) -> tuple[int, ...]:
    """`auto` is `dilation*(k-1)//2` where windows overlap and 0 where they do not."""
    if padding != "auto":
        return each(padding, len(k))
    return tuple(
        d * (n - 1) // 2 if s < n else 0 for n, s, d in zip(k, stride, dilation, strict=True)
    )


def surrounded(x: Tensor, k: Any, stride: Any, dilation: Any, value: float = 0.0) -> Tensor:
    """`same`: as many windows fit as there are steps on the map, the last perhaps a part of one."""
    sides: list[int] = []
    for extent, n, s, d in zip(x.shape[2:], k, stride, dilation, strict=True):
        last = len(range(0, extent, s)) - 1
        more = max(last * s + d * (n - 1) + 1 - extent, 0)
        sides = [more // 2, -(-more // 2), *sides]
    return F.pad(x, sides, value=value)
