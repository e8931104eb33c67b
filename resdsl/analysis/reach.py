"""Receptive field and total stride of every value, per dimension.

Araujo, Norris and Sim 2019 ("Computing Receptive Fields of Convolutional Neural Networks"): a
window of k widens the field by (k - 1) steps of its input, a stride multiplies the step. Through a
join the widest path counts. After a global pool the field is the whole input and there is no step:
None; a gate of that kind does not change the step of what it scales.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TypeAlias

from resdsl.analysis.path_fold import Paths
from resdsl.ops import Op
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """In one dimension: the input elements that a value sees, and its step in input elements."""

    field: Fraction | None = Fraction(1)
    stride: Fraction | None = Fraction(1)


Reaches: TypeAlias = tuple[Reach, ...]


def start(rank: int) -> Reaches:
    return (Reach(),) * rank


def through(op: Op, reaches: Reaches) -> Reaches:
    """What the result of an operator sees."""
    if all(reach.stride is None for reach in reaches):
        # What was a vector may have got other dimensions than the input has.
        return reaches
    windows, steps = op.field(len(reaches)), op.sampling(len(reaches))
    if windows is None or steps is None:
        return (Reach(None, None),) * len(reaches)
    found = []
    for reach, window, step in zip(reaches, windows, steps, strict=True):
        if reach.stride is None:
            found.append(reach)
            continue
        # Behind a gate that pools globally the field is the whole input, and steps go on.
        field = None if reach.field is None else reach.field + (window - 1) * reach.stride
        found.append(Reach(field, reach.stride * Fraction(int(step[0]), int(step[1]))))
    return tuple(found)


def widest(paths: Iterable[Reaches]) -> Reaches:
    """What a join of these values sees."""
    return tuple(_widest(reaches) for reaches in zip(*paths, strict=False))


def _widest(reaches: tuple[Reach, ...]) -> Reach:
    fields = [reach.field for reach in reaches if reach.field is not None]
    strides = [reach.stride for reach in reaches if reach.stride is not None]
    field = max(fields) if len(fields) == len(reaches) else None
    return Reach(field, max(strides, default=None))


class Fields(Paths[Reaches]):
    """Follows reaches through definitions."""

    def through(self, op: Op, value: Reaches) -> Reaches:
        return through(op, value)

    def meet(self, values: Iterable[Reaches]) -> Reaches:
        return widest(values)

    def repeated(self, copy: Callable[[Reaches], Reaches], start: Reaches, count: int) -> Reaches:
        """Where a copy keeps the step, each widens the field by the same."""
        before = copy(start)
        for left in range(count - 1, 0, -1):
            after = copy(before)
            if [r.stride for r in after] == [r.stride for r in before]:
                return tuple(
                    Reach(
                        None
                        if one.field is None or two.field is None
                        else one.field + left * (two.field - one.field),
                        two.stride,
                    )
                    for one, two in zip(before, after, strict=True)
                )
            before = after
        return before

    def relative(self, inputs: tuple[Reaches, ...]) -> tuple[Reaches, ...]:
        places = _places(inputs)
        return tuple(tuple(map(_from, reaches, places)) for reaches in inputs)

    def absolute(self, result: Reaches, inputs: tuple[Reaches, ...]) -> Reaches:
        return tuple(map(_behind, result, _places(inputs)))


# A field, and a step. Fields count from the one, in the other.
_Place: TypeAlias = tuple[Fraction, Fraction]


def _places(inputs: tuple[Reaches, ...]) -> tuple[_Place, ...]:
    """Per dimension, the least field and the first step of values."""
    found: list[_Place] = []
    for reaches in zip(*inputs, strict=False):
        fields = [reach.field for reach in reaches if reach.field is not None]
        strides = [reach.stride for reach in reaches if reach.stride is not None]
        found.append((min(fields, default=Fraction(1)), (strides or [Fraction(1)])[0]))
    return tuple(found)


def _from(reach: Reach, place: _Place) -> Reach:
    least, step = place
    return Reach(
        None if reach.field is None else 1 + (reach.field - least) / step,
        None if reach.stride is None else reach.stride / step,
    )


def _behind(reach: Reach, place: _Place) -> Reach:
    """A reach from there as one from the network's input."""
    least, step = place
    return Reach(
        None if reach.field is None else least + (reach.field - 1) * step,
        None if reach.stride is None else reach.stride * step,
    )
