"""An operator on a tensor whose elements lie apart: those between came of strides not taken.

Its window sees the elements that it saw with the strides: its dilation and padding are multiplied,
and a stride that is not taken either is 1 (Yu and Koltun 2016, "Multi-Scale Context Aggregation by
Dilated Convolutions"; Chen et al. 2017, "Rethinking Atrous Convolution", section 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resdsl.extents import Shape, Size
from resdsl.ops.base import Op


def dilated(op: Op, rank: int, apart: Sequence[int], is_taken: Sequence[bool]) -> Op | str:
    """`apart`: per dimension, how far the elements lie apart; `is_taken`: whether the stride is.

    In words, why there is no such operator: a window is even, so that what it sees has no middle,
    or the torch call has no dilation.
    """
    window = op.window
    if window is None:
        if all(is_taken):
            return op
        steps = op.sampling(rank) or ()
        kept = [n if taken else 1 for (n, _), taken in zip(steps, is_taken, strict=True)]
        return op.with_arguments(stride=_size(kept))
    if window.kind == "transposed convolution":
        return "its window lies in what it makes, between the elements"
    k, stride, padding, dilation = window.geometry(rank)
    whole = zip(k, apart, is_taken, strict=True)
    if any(n % 2 == 0 and (by > 1 or not taken) for n, by, taken in whole):
        return f"a window of {window.text(rank)} is even, so what it sees has no middle"
    if not all(is_taken) and getattr(op, "ceil", False):
        return "`ceil=true` has a last window that only the stride has"
    changes: dict[str, Any] = {}
    if not all(is_taken):
        kept = [s if taken else 1 for s, taken in zip(stride, is_taken, strict=True)]
        changes["stride"] = _size(kept)
        lost = zip(k, is_taken, strict=True)
        if window.is_same and any(n > 1 and not taken for n, taken in lost):
            return '`padding="same"` puts windows where the stride has them'
    wide = [d if n == 1 or by == 1 else d * by for n, d, by in zip(k, dilation, apart, strict=True)]
    if wide != list(dilation):
        if all(parameter.name != "dilation" for parameter in op.parameters()):
            return "torch has no such window with a dilation"
        changes["dilation"] = _size(wide)
    if not window.is_same:
        around = [p if by == 1 else p * by for p, by in zip(padding, apart, strict=True)]
        if window.is_pool and any(2 * p > n for p, n in zip(around, k, strict=True)):
            return "torch pads a pool by half of its window at most"
        changes["padding"] = _size(around)
        if window.padding == "auto":
            alike = op.with_arguments(**{**changes, "padding": "auto"})
            assert alike.window is not None
            if list(alike.window.geometry(rank)[2]) == around:
                return alike
    return op.with_arguments(**changes)


def misplaced(op: Op, shape: Shape, result: Shape, apart: Sequence[int]) -> str | None:
    """Why an operator without a window, and without a stride, cannot be applied to elements that
    lie so far apart; a pool of all of them can."""
    if all(n == 1 for n in apart):
        return None
    if op.flattens:
        return "elements that lie apart would become features beside each other"
    if op.role == "pooling" or result.rank != shape.rank:
        return None
    whole = zip(shape.extents, result.extents, apart, strict=True)
    if any(by > 1 and one != other for one, other, by in whole):
        return "it makes elements between them, or takes some away"
    return None


def _size(numbers: Sequence[int]) -> int | Size:
    """One number where all dimensions have it."""
    return numbers[0] if len(set(map(int, numbers))) == 1 else Size(numbers)
