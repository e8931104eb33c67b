"""What the generator knows of a tensor while it writes: channels and extents, both symbolic.

In a block neither is a number: channels are a linear combination of `in.channels` and parameters,
extents are the windows and strides on the way from the block's input. A call puts the caller's in.
Written on its own, so that it can be wrong in other places than resdsl.extents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import TypeAlias

Number: TypeAlias = "int | tuple[int, ...]"


@dataclass(frozen=True)
class Channels:
    """A linear combination of the texts of expressions; "" is the constant's."""

    terms: tuple[tuple[str, Fraction], ...]

    @staticmethod
    def of(value: int | str) -> Channels:
        if isinstance(value, str):
            return Channels(((value, Fraction(1)),))
        return Channels((("", Fraction(value)),) if value else ())

    def __add__(self, other: Channels) -> Channels:
        total = dict(self.terms)
        for text, factor in other.terms:
            total[text] = total.get(text, Fraction(0)) + factor
        return Channels(tuple(sorted((t, f) for t, f in total.items() if f)))

    def times(self, factor: int | Fraction) -> Channels:
        return Channels(tuple((text, f * factor) for text, f in self.terms if factor))

    @property
    def number(self) -> int | None:
        """The value of a constant."""
        if all(text == "" for text, _ in self.terms):
            return int(sum(factor for _, factor in self.terms))
        return None

    @property
    def unknown(self) -> bool:
        """Nobody can say how many: those of a map of unknown extents that was flattened."""
        return any(text.startswith("?") for text, _ in self.terms)

    def within(self, values: Mapping[str, Channels]) -> Channels:
        """With other combinations in the place of the texts."""
        total = Channels(())
        for text, factor in self.terms:
            total += values.get(text, Channels.of(text) if text else Channels.of(1)).times(factor)
        return total

    def divisor(self, divisors: Mapping[str, int]) -> int:
        """A number that divides the value for sure."""
        found = 0
        for text, factor in self.terms:
            part = factor * (1 if text == "" else divisors.get(text, 1))
            if part.denominator != 1:
                return 1
            found = gcd(found, part.numerator)
        return found or 1

    def __str__(self) -> str:
        parts = []
        for text, factor in self.terms:
            if text == "":
                parts.append(str(factor))
            elif factor == 1:
                parts.append(text)
            elif factor.denominator == 1:
                parts.append(f"{factor} * {text}")
            else:
                scaled = text if factor.numerator == 1 else f"{factor.numerator} * {text}"
                parts.append(f"{scaled} // {factor.denominator}")
        return " + ".join(parts) or "0"


# --- extents -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ceil:
    """`ceil(h / stride)`: what strided steps make that lose no element. A str is a parameter."""

    stride: Number | str

    def at(self, h: int, axis: int) -> int:
        assert not isinstance(self.stride, str)
        return -(-h // along(self.stride, axis))


@dataclass(frozen=True)
class Window:
    k: Number
    stride: Number
    padding: Number
    dilation: Number = 1
    ceil: bool = False
    # Where torch refuses whatever the padding is.
    least: Number = 1

    def at(self, h: int, axis: int) -> int:
        """0 where it does not fit."""
        k, s, p, d, least = (
            along(n, axis) for n in (self.k, self.stride, self.padding, self.dilation, self.least)
        )
        rest = h + 2 * p - d * (k - 1) - 1
        if h < least or (rest < 0 and not self.ceil):
            return 0
        if not self.ceil:
            return rest // s + 1
        found = -(-rest // s) + 1
        return max(found - 1 if (found - 1) * s >= h + p else found, 0)


@dataclass(frozen=True)
class Fixed:
    """What global and adaptive pools give."""

    size: Number

    def at(self, h: int, axis: int) -> int:
        return along(self.size, axis) if h >= 1 else 0


@dataclass(frozen=True)
class Padded:
    """Zeros around a map."""

    more: int

    def at(self, h: int, axis: int) -> int:
        return h + self.more if h >= 1 else 0


@dataclass(frozen=True)
class Scaled:
    """What makes a map larger."""

    times: int
    more: int = 0

    def at(self, h: int, axis: int) -> int:
        return max(self.times * h + self.more, 0) if h >= 1 else 0


Step: TypeAlias = Ceil | Window | Fixed | Padded | Scaled
Extents: TypeAlias = tuple[Step, ...]


def along(value: Number, axis: int) -> int:
    return value[axis] if isinstance(value, tuple) else value


def window(step: Window) -> Step:
    """The simplest form of a window."""
    sides = [n if isinstance(n, tuple) else (n,) for n in (step.k, step.padding, step.dilation)]
    rank = max(map(len, sides))
    pads = [along(step.padding, i) for i in range(rank)]
    reach = [along(step.dilation, i) * (along(step.k, i) - 1) for i in range(rank)]
    even = all(2 * pad == far for pad, far in zip(pads, reach, strict=True))
    if even and not step.ceil and step.least == 1:
        return Ceil(step.stride)
    return step


def then(before: Extents, after: Extents) -> Extents:
    """One way after the other, with strides in a row multiplied."""
    found = list(before)
    for step in after:
        last = found[-1] if found else None
        match step, last:
            case Fixed(), _:
                found = [step]
            case Ceil(1) | Padded(0) | Scaled(1, 0), _:
                pass
            case Ceil(int() as one), Ceil(int() as two):
                found[-1] = Ceil(one * two)
            case Ceil(str()), Ceil(int() | tuple()):
                # The parameter first: the order of strides does not matter.
                found.insert(-1, step)
            case _:
                found.append(step)
    return tuple(found)


def with_stride(extents: Extents, strides: Mapping[str, Number | str]) -> Extents:
    """The parameters among the strides replaced."""
    found: Extents = ()
    for step in extents:
        if isinstance(step, Ceil) and isinstance(step.stride, str):
            step = Ceil(strides.get(step.stride, step.stride))
        found = then(found, (step,))
    return found


def numbers(extents: Extents, start: Sequence[int]) -> tuple[int, ...] | None:
    """The extents from those of the input; None where a window does not fit."""
    found = []
    for axis, h in enumerate(start):
        for step in extents:
            h = step.at(h, axis)
            if h < 1:
                return None
        found.append(h)
    return tuple(found)


def is_one(extents: Extents) -> bool:
    """1 for every input size."""
    return bool(extents) and isinstance(extents[0], Fixed) and extents == (Fixed(1),)


@dataclass(frozen=True)
class Shape:
    channels: Channels
    extents: Extents = ()
    flat: bool = False

    def to(self, channels: Channels | int) -> Shape:
        found = Channels.of(channels) if isinstance(channels, int) else channels
        return Shape(found, self.extents, self.flat)

    def down(self, *steps: Step) -> Shape:
        return Shape(self.channels, then(self.extents, steps), self.flat)
