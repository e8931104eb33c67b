"""Conditions on the extents of an input, what they make equal, and what they make simple."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import gcd, lcm

from resdsl.extents.extent import PERIOD, Extent, divisors
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """`h % modulus == residue` and `h >= least`, for the extent `h` along an axis."""

    axis: int
    modulus: int = 1
    residue: int = 0
    least: int = 1

    def holds(self, h: int) -> bool:
        return h % self.modulus == self.residue and h >= self.least

    def excludes(self, other: Condition) -> bool:
        """Whether no size meets both. Some size meets several unless two exclude each other."""
        return self.axis == other.axis and together(self, other) is None

    def text(self, name: str) -> str:
        """As one would write it: `H % 16 == 0`."""
        if self.modulus > 1:
            return f"{name} % {self.modulus} == {self.residue}"
        return f"{name} >= {self.least}"


def together(one: Condition, other: Condition) -> Condition | None:
    """The condition that holds where both do, by the Chinese remainder theorem.

    Both are of one axis, or each dimension has the same extent. None if no size meets both.
    """
    common, step = gcd(one.modulus, other.modulus), other.residue - one.residue
    if step % common:
        return None
    rest = other.modulus // common
    times = step // common * pow(one.modulus // common, -1, rest) % rest
    modulus, residue = one.modulus * rest, one.residue + one.modulus * times
    return Condition(one.axis, modulus, residue, max(one.least, other.least))


def meant(conditions: Iterable[Condition], low: int, period: int = 1) -> Sequence[int]:
    """The sizes from `low` on that all these conditions allow, smallest first.

    One period of the conditions, and of what else repeats with `period`; of one with more than
    PERIOD sizes these, and one more.
    """
    found: Condition | None = Condition(0)
    for condition in conditions:
        found = found and together(found, condition)
    if found is None:
        return ()
    low = max(low, found.least)
    first = low + (found.residue - low) % found.modulus
    return range(first, low + lcm(period, found.modulus), found.modulus)[: PERIOD + 1]


def _is_period(sizes: Sequence[int]) -> bool:
    """Whether `meant` left nothing out."""
    return len(sizes) <= PERIOD


@lru_cache(4096)
def agree_where(left: Extent, right: Extent, conditions: tuple[Condition, ...]) -> bool:
    """Whether two extents are equal at every size that the conditions allow."""
    if left.axis != right.axis or left.axis is None or left.growth != right.growth:
        return False
    mine = [condition for condition in conditions if condition.axis == left.axis]
    start = max(1, left.least(1), right.least(1))
    sizes = meant(mine, start, lcm(left.stride, right.stride))
    return bool(mine) and _is_period(sizes) and all(left.at(h) == right.at(h) for h in sizes)


def text_where(extent: Extent, name: str, conditions: Sequence[Condition]) -> str:
    """An extent for people, where conditions hold: under `H % 16 == 0` `2·⌊H/16⌋` is `H/8`."""
    mine = [condition for condition in conditions if condition.axis == extent.axis]
    sizes = meant(mine, 1, extent.stride)
    if not mine or not _is_period(sizes):
        return extent.text(name)
    rise, stride = extent.growth
    adds = {stride * extent.at(h) - rise * h for h in sizes}
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
    for modulus in divisors(period):
        condition = Condition(left.axis, modulus)
        if agree_where(left, right, (condition,)):
            return condition
    return None
