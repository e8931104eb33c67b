"""The sampling step of tensors: what `stride` of a residual's main is.

Per dimension, the product of the strides on the way from the start; upsampling divides. A way
through a global pool is left out (None). Ways that differ conflict.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd
from typing import Any

from resdsl.extents import Size
from resdsl.language.values.context import CONFLICT, Conflict, Sampling

# By rank: most steps keep the sampling.
_SAME = tuple(((1, 1),) * rank for rank in range(4))


def start(rank: int) -> Sampling:
    return _SAME[rank]


def times(one: Sampling | Conflict, two: Sampling | Conflict) -> Sampling | Conflict:
    if isinstance(one, Conflict) or isinstance(two, Conflict):
        return CONFLICT
    if one is None or two is None or len(one) != len(two):
        return None
    if two == _SAME[len(two)]:
        return one
    return tuple(_reduced(_product(a, c), b * d) for (a, b), (c, d) in zip(one, two, strict=True))


def ratio(one: Sampling | Conflict, two: Sampling | Conflict) -> Sampling | Conflict:
    """What the second is multiplied with to give the first."""
    if one is two:
        return None if one is None else start(len(one)) if not isinstance(one, Conflict) else one
    if isinstance(one, Conflict) or isinstance(two, Conflict):
        return CONFLICT
    if one is None or two is None or len(one) != len(two):
        return None
    return times(one, tuple((d, int(n)) for n, d in two))


def _product(a: Any, b: Any) -> Any:
    """A factor of 1 leaves the other's origin as it is."""
    if b == 1:
        return a
    return b if a == 1 else a * b


def _reduced(numerator: Any, denominator: int) -> tuple[Any, int]:
    if denominator == 1:
        return numerator, 1
    common = gcd(int(numerator), denominator)
    return int(numerator) // common, denominator // common


def meet(ways: Iterable[Sampling | Conflict]) -> Sampling | Conflict:
    """The step where ways meet."""
    found: Sampling = None
    for way in ways:
        if isinstance(way, Conflict):
            return CONFLICT
        if way is None:
            continue
        if found is not None and _plain(found) != _plain(way):
            return CONFLICT
        found = found or way
    return found


def _plain(way: tuple[tuple[Any, int], ...]) -> list[tuple[int, int]]:
    return [(int(a), b) for a, b in way]


def as_stride(way: Sampling | Conflict) -> Any:
    """An int where all dimensions agree, else a size; None where it cannot be read."""
    if isinstance(way, Conflict) or way is None or any(d != 1 for _, d in way):
        return None
    steps = [n for n, _ in way]
    if not steps:
        return 1
    if len({int(n) for n in steps}) == 1:
        return steps[0]
    return Size(steps)
