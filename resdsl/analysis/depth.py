"""Depth: convolution and linear layers on the longest path from input to output, gates included."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from resdsl.analysis.path_fold import Paths
from resdsl.ops import Op


class Depths(Paths[int]):
    """Longest paths."""

    def through(self, op: Op, value: int) -> int:
        return value + int(op.is_weighted)

    def meet(self, values: Iterable[int]) -> int:
        return max(values, default=0)

    def repeated(self, copy: Callable[[int], int], start: int, count: int) -> int:
        """A copy gives max(x + a, c): from the second one on, each adds `a`."""
        first = copy(start)
        return first + (count - 1) * (copy(first) - first)

    def relative(self, inputs: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(depth - min(inputs) for depth in inputs)

    def absolute(self, result: int, inputs: tuple[int, ...]) -> int:
        return result + min(inputs)
