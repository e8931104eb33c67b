"""One extent of a tensor as a function of the input's extent in that dimension.

Most operators map an extent by `floor((h + a) / s)`, and these compose:
`floor((floor((h + A) / S) + a) / s) = floor((h + A + S*a) / (S*s))`. Such an extent is three
numbers, and two of them agree for every input exactly when their numbers do.

What multiplies extents (upsampling, transposed convolutions) makes other maps, all of which are
quasi-linear: `f(h + period) = f(h) + rise`. Their canonical form is one period of values. Where
that has more than PERIOD of them a map is opaque: it is known by the steps that make it alone.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from math import gcd, isqrt

from resdsl.records import dataclass

# Values that are compared to know whether two maps are one.
PERIOD = 1 << 16

# Steps of a closed form that a person can still read.
_READABLE = 4


@dataclass(frozen=True, slots=True)
class Extent:
    """`floor((h + offset) / stride)` of the input's extent h along `axis`; if None, `offset`.

    With `rise` it is another quasi-linear map: `rise * (h // stride) + values[h % stride]`. `how`
    are the steps `floor((times * x + add) / divide)` that make it; an opaque one has no `values`.
    """

    axis: int | None
    offset: int = 0
    stride: int = 1
    rise: int = 0
    values: tuple[int, ...] = ()
    how: _Steps = ()

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Extent) and self._key == other._key)

    def __hash__(self) -> int:
        # The values of a period are seldom all that differs.
        return hash((self.axis, self.offset, self.stride, self.rise))

    @property
    def _key(self) -> object:
        how = () if self.values else self.how
        return self.axis, self.offset, self.stride, self.rise, self.values, how

    @property
    def is_constant(self) -> bool:
        return self.axis is None

    @property
    def is_opaque(self) -> bool:
        """Two of these may agree everywhere without being equal."""
        return bool(self.how) and not self.values

    @property
    def weight(self) -> int:
        """What it took to make it: its steps at all of its values, else its digits."""
        return len(self.how) * (len(self.values) or 4) or self.stride.bit_length() // 8

    @property
    def growth(self) -> tuple[int, int]:
        """How much it rises over how many elements of the input, in lowest terms."""
        rise = self.rise or 1
        common = gcd(rise, self.stride)
        return rise // common, self.stride // common

    def mapped(self, add: int, divide: int = 1) -> Extent:
        """`floor((self + add) / divide)`, divide >= 1."""
        if self.axis is None:
            return Extent(None, (self.offset + add) // divide)
        if self.how:
            return _canonical(self.axis, (*self.how, (1, add, divide)))
        return Extent(self.axis, self.offset + self.stride * add, self.stride * divide)

    def scaled(self, times: int, add: int = 0) -> Extent:
        """`times * self + add`, times >= 1."""
        if times == 1:
            return self.mapped(add)
        if self.axis is None:
            return Extent(None, times * self.offset + add)
        return _canonical(self.axis, (*self._steps, (times, add, 1)))

    @property
    def _steps(self) -> _Steps:
        return self.how or ((1, self.offset, self.stride),)

    def at(self, h: int) -> int:
        """The value at an input extent of `h` along this axis."""
        if self.axis is None:
            return self.offset
        if not self.how:
            return (h + self.offset) // self.stride
        return _applied(self.how, h)

    def of(self, extents: tuple[Extent, ...]) -> Extent:
        """The same extent seen from further out, where the inputs are `extents`."""
        if self.axis is None:
            return self
        found = extents[self.axis]
        for times, add, divide in self._steps:
            found = found.scaled(times, add) if times > 1 else found.mapped(add)
            found = found.mapped(0, divide)
        return found

    def least(self, value: int) -> int:
        """The smallest input extent at which this is at least `value` (an axis is given)."""
        if not self.how:
            return value * self.stride - self.offset
        # The map rises: between two extents it is halved.
        low, high = -1, 1
        while self.at(high) < value:
            high *= 2
        while self.at(low) >= value:
            low *= 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.at(middle) >= value else (middle, high)
        return high

    def text(self, name: str) -> str:
        """For people: `⌈H/32⌉`, `⌊(H+3)/4⌋`, `H-2`, `7`, `2·⌈H/2⌉`; of many steps `≈ 27/8·H`."""
        if self.axis is None:
            return str(self.offset)
        if len(self._steps) > _READABLE:
            rise, stride = self.growth
            return f"≈ {rise}/{stride}·{name}" if stride > 1 else f"≈ {rise}·{name}"
        shown = name
        for times, add, divide in self._steps:
            if times > 1:
                shown = f"{times}·{_bracketed(shown)}"
            shown = _divided(shown, add, divide)
        return shown


_Steps = tuple[tuple[int, int, int], ...]


def variable(axis: int) -> Extent:
    """The input's own extent along `axis`."""
    return Extent(axis)


def constant(value: int) -> Extent:
    return Extent(None, value)


def _applied(how: _Steps, h: int) -> int:
    for times, add, divide in how:
        h = (times * h + add) // divide
    return h


@lru_cache(4096)
def _canonical(axis: int, how: _Steps) -> Extent:
    """The one extent for all steps that come to the same map."""
    how = _joined(how)
    period, rise = 1, 1
    for times, _, divide in how:
        rise *= times
        more = divide // gcd(rise, divide)
        period, rise = period * more, rise * more // divide
    if period > PERIOD:
        return Extent(axis, 0, period, rise, (), how)
    values = list(range(period))
    for times, add, divide in how:
        values = [(times * value + add) // divide for value in values]
    for shorter in divisors(period)[:-1]:
        if rise * shorter % period == 0:
            step = rise * shorter // period
            if all(values[h + shorter] == values[h] + step for h in range(period - shorter)):
                values, period, rise = values[:shorter], shorter, step
                break
    if rise == 1:
        # One step up in a period.
        first = values[0]
        above = period - bisect_right(values, first)
        if values[period - above :] == [first + 1] * above:
            return Extent(axis, period * first + above, period)
    return Extent(axis, 0, period, rise, tuple(values), how)


def divisors(number: int) -> list[int]:
    """All of them, the smallest first."""
    small = [n for n in range(1, isqrt(number) + 1) if number % n == 0]
    return sorted({*small, *(number // n for n in small)})


def _joined(how: _Steps) -> _Steps:
    """With steps that are one: floors after each other, and factors before anything else."""
    found: list[tuple[int, int, int]] = []
    for times, add, divide in how:
        while True:
            # floor((g*t*x + a) / (g*d)) = floor((t*x + floor(a / g)) / d)
            common = gcd(times, divide)
            times, add, divide = times // common, add // common, divide // common
            if found and times == 1:
                # floor((floor((t*x + A) / D) + a) / d) = floor((t*x + A + D*a) / (D*d))
                before, offset, stride = found.pop()
                times, add, divide = before, offset + stride * add, stride * divide
            elif found and found[-1][2] == 1:
                before, offset, _ = found.pop()
                times, add = before * times, offset * times + add
            else:
                break
        found.append((times, add, divide))
    return tuple(found)


def _divided(shown: str, add: int, divide: int) -> str:
    if divide == 1:
        return shown if add == 0 else f"{shown}{add:+d}"
    if add == divide - 1:
        return f"⌈{_bracketed(shown)}/{divide}⌉"
    if add == 0:
        return f"⌊{_bracketed(shown)}/{divide}⌋"
    return f"⌊({shown}{add:+d})/{divide}⌋"


def _bracketed(shown: str) -> str:
    """A product of one factor and what stands in brackets needs no more of them."""
    inner = shown.rpartition("·")[2]
    is_one = inner.isalnum() or (inner[:1] in "⌊⌈" and inner[-1:] in "⌋⌉")
    return shown if is_one else f"({shown})"
