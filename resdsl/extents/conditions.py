"""Conditions on the extents of an input, and what they make equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt, lcm

from resdsl.extents.extent import PERIOD, Extent


@dataclass(frozen=True, slots=True)
class Condition:
    """`h % modulus == residue` and `h >= least`, for the extent `h` along an axis."""

    axis: int
    modulus: int = 1
    residue: int = 0
    least: int = 1

    def holds(self, h: int) -> bool:
        return h % self.modulus == self.residue and h >= self.least

    def text(self, name: str) -> str:
        """As one would write it: `H % 16 == 0`."""
        if self.modulus > 1:
            return f"{name} % {self.modulus} == {self.residue}"
        return f"{name} >= {self.least}"


def agree_where(left: Extent, right: Extent, conditions: Sequence[Condition]) -> bool:
    """Whether two extents are equal at every size that the conditions allow."""
    if left.axis != right.axis or left.axis is None or left.growth != right.growth:
        return False
    mine = [condition for condition in conditions if condition.axis == left.axis]
    period = lcm(left.stride, right.stride, *(condition.modulus for condition in mine))
    if not mine or period > PERIOD:
        return False
    start = max(1, left.least(1), right.least(1), *(condition.least for condition in mine))
    return all(
        left.at(h) == right.at(h)
        for h in range(start, start + period)
        if all(condition.holds(h) for condition in mine)
    )


def cure(left: Extent, right: Extent) -> Condition | None:
    """The weakest condition `h % n == 0` under which two extents of one axis are equal."""
    if left.axis is None or left.axis != right.axis:
        return None
    period = lcm(left.stride, right.stride)
    if period > PERIOD:
        return None
    small = [n for n in range(1, isqrt(period) + 1) if period % n == 0]
    for modulus in sorted({*small, *(period // n for n in small)}):
        condition = Condition(left.axis, modulus)
        if agree_where(left, right, [condition]):
            return condition
    return None
