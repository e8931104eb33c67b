"""The extents of an input that a design takes, along one dimension."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, product

from resdsl.analysis.valid_sizes import ValidSizes

# All extents from the least on are asked for, so many of them; then some, each so much larger than
# the one before, to so many times the size that is traced.
_DENSE = 1_024
_GROWTH = 1.3
_TIMES = 16

# From a large extent on, so many are tried for one that every join takes.
_SEARCH = 256

# Where an input declares no extent, one of at least so many elements is traced.
_USUAL = 64


def along(sizes: ValidSizes, extents: Sequence[int], axis: int) -> list[int]:
    """Valid extents of an axis, smallest first, with the others as they are."""

    def is_valid(n: int) -> bool:
        return sizes.allows([*extents[:axis], n, *extents[axis + 1 :]])

    low, end = sizes.least[axis], _TIMES * extents[axis]
    found = {n for n in range(low, low + _DENSE) if is_valid(n)} | {extents[axis]}
    large = float(low + _DENSE)
    while large < end:
        near = _from(int(large), is_valid)
        found |= set() if near is None else {near}
        large *= _GROWTH
    return sorted(found)


def _from(low: int, is_valid: Callable[[int], bool]) -> int | None:
    return next((n for n in range(low, low + _SEARCH) if is_valid(n)), None)


def step_of(valid: Sequence[int]) -> int:
    """How far apart valid extents are; 1 where that differs."""
    steps = {b - a for a, b in pairwise(valid[:_SEARCH])}
    return steps.pop() if len(steps) == 1 else 1


def chosen(sizes: ValidSizes, axes: Sequence[int], times: int = 1) -> tuple[int, ...] | None:
    """The extents to trace: as declared, those of free axes so many times as large, where they are
    valid; None where none near them are."""
    base = [n or max(low, _USUAL) for n, low in zip(sizes.declared, sizes.least, strict=True)]
    for more in range(_SEARCH):
        found = [times * n + more if axis in axes else n for axis, n in enumerate(base)]
        if sizes.allows(found):
            return tuple(found)
    return None


def another(
    sizes: ValidSizes,
    extents: Sequence[int],
    allowed: dict[int, list[int]],
    holds: Callable[[tuple[int, ...]], bool],
) -> tuple[int, ...] | None:
    """A second size to compare at: as small as may be, and no square, where errors would show."""
    choices = [allowed[axis][:5] if axis in allowed else [n] for axis, n in enumerate(extents)]
    found = [
        size
        for size in product(*choices)
        if size != tuple(extents) and sizes.allows(size) and holds(size)
    ]
    return max(found, key=lambda size: (len(set(size)), [-n for n in size]), default=None)
