"""Conditions on the extents of an input, what they make equal, and what they make simple."""

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


def text_where(extent: Extent, name: str, conditions: Sequence[Condition]) -> str:
    """An extent for people, where conditions hold: under `H % 16 == 0` `2·⌊H/16⌋` is `H/8`."""
    mine = [condition for condition in conditions if condition.axis == extent.axis]
    period = lcm(extent.stride, *(condition.modulus for condition in mine))
    if extent.axis is None or not mine or period > PERIOD:
        return extent.text(name)
    rise, stride = extent.growth
    start = max(condition.least for condition in mine)
    adds = {
        stride * extent.at(h) - rise * h
        for h in range(start, start + period)
        if all(condition.holds(h) for condition in mine)
    }
    if len(adds) != 1:
        return extent.text(name)
    add = adds.pop()
    shown = name if rise == 1 else f"{rise}·{name}"
    if stride == 1:
        return shown if add == 0 else f"{shown}{add:+d}"
    return f"{shown}/{stride}" if add == 0 else f"({shown}{add:+d})/{stride}"


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
