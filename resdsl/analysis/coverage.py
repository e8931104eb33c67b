"""Which elements of a network's input enter a window that leads to a value, per dimension.

A 1x1 convolution of stride 2 reads every second element. That loses nothing behind a window that
had seen its neighbours, and a part of the picture at the start of a network. A value's element i
sees the input's `i * step + offset` for each of its offsets; a stride multiplies the step, a window
adds its own offsets, in steps. What is seen is everything if the offsets leave no remainder of the
step out. Edges, where the last window may end before the input does, are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import lcm
from typing import TypeAlias

from resdsl.analysis.path_fold import Paths
from resdsl.ops import Op
from resdsl.records import dataclass

# Offsets in a row that no later stride can leave gaps between, in steps; and the most of them.
_DENSE = 8
_MOST = 512
# The largest step of a join of unlike paths.
_WIDEST = 4_096
# Copies of a unit that are followed, if each sees something else.
_FOLLOWED = 64


@dataclass(frozen=True, slots=True)
class Seen:
    """In one dimension. What is `settled` loses nothing any more: the elements with these
    remainders are seen, whatever comes behind (a global pool, a join of unlike paths)."""

    step: int = 1
    offsets: frozenset[int] = frozenset({0})
    settled: bool = False

    @property
    def remainders(self) -> frozenset[int]:
        return frozenset(offset % self.step for offset in self.offsets)

    @property
    def missing(self) -> int:
        """How many of every `step` elements nothing sees."""
        return self.step - len(self.remainders)


EVERYTHING = Seen(settled=True)
Coverage: TypeAlias = tuple[Seen, ...]


def start(rank: int) -> Coverage:
    return (Seen(),) * rank


def _through(seen: Seen, windows: range, stride: int) -> Seen:
    if len(seen.offsets) * len(windows) > _MOST * _DENSE:
        return EVERYTHING
    offsets = frozenset(offset + seen.step * at for offset in seen.offsets for at in windows)
    step = seen.step * stride
    in_a_row = max(offsets) - min(offsets) == len(offsets) - 1
    if len(offsets) > _MOST or (in_a_row and len(offsets) >= _DENSE * step):
        return EVERYTHING
    return Seen(step, offsets)


def _settled(seen: Seen) -> Seen:
    return EVERYTHING if seen.missing == 0 else Seen(seen.step, seen.remainders, settled=True)


def _together(one: Seen, two: Seen) -> Seen:
    if EVERYTHING in (one, two):
        return EVERYTHING
    if one.step == two.step and not one.settled and not two.settled:
        return Seen(one.step, one.offsets | two.offsets)
    step = lcm(one.step, two.step)
    if step > _WIDEST:
        return EVERYTHING
    seen = (
        frozenset(rest + more for rest in part.remainders for more in range(0, step, part.step))
        for part in (one, two)
    )
    return _settled(Seen(step, frozenset().union(*seen)))


class Windows(Paths[Coverage]):
    """Follows coverage through definitions."""

    def through(self, op: Op, value: Coverage) -> Coverage:
        if all(seen.settled for seen in value):
            return value
        around, steps = op.windows(len(value)), op.sampling(len(value))
        if around is None or steps is None:
            return tuple(_settled(seen) for seen in value)
        parts = zip(value, around, steps, strict=True)
        return tuple(
            seen
            if seen.settled
            # Between the elements of its input it makes others.
            else _settled(seen)
            if step[1] > 1
            else _through(seen, windows, int(step[0]))
            for seen, windows, step in parts
        )

    def meet(self, values: Iterable[Coverage]) -> Coverage:
        met: Coverage | None = None
        for value in values:
            if met is None or len(met) != len(value):
                met = value
            else:
                met = tuple(_together(*pair) for pair in zip(met, value, strict=True))
        return met or ()

    def repeated(
        self, copy: Callable[[Coverage], Coverage], start: Coverage, count: int
    ) -> Coverage:
        value = start
        for _ in range(min(count, _FOLLOWED)):
            after = copy(value)
            if after == value:
                return value
            value = after
        return value if count <= _FOLLOWED else (EVERYTHING,) * len(value)

    def relative(self, inputs: tuple[Coverage, ...]) -> tuple[Coverage, ...]:
        return inputs

    def absolute(self, result: Coverage, inputs: tuple[Coverage, ...]) -> Coverage:  # noqa: ARG002
        return result
