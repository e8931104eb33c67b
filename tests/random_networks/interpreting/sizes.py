"""Sizes of windows: one number for each dimension, and the padding that is called `auto`."""

from __future__ import annotations

from typing import Any

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
