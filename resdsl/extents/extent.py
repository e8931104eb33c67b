"""One extent of a tensor as a function of the input's extent in that dimension.

Every operator so far maps an extent by `floor((h + a) / s)`, and these compose:
`floor((floor((h + A) / S) + a) / s) = floor((h + A + S*a) / (S*s))`. So an extent is three numbers,
and two extents agree for every input exactly when their numbers do.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """`floor((h + offset) / stride)` of the input's extent h along `axis`; if None, `offset`."""

    axis: int | None
    offset: int = 0
    stride: int = 1

    @property
    def is_constant(self) -> bool:
        return self.axis is None

    def mapped(self, add: int, divide: int = 1) -> Extent:
        """`floor((self + add) / divide)`, divide >= 1."""
        if self.axis is None:
            return Extent(None, (self.offset + add) // divide)
        return Extent(self.axis, self.offset + self.stride * add, self.stride * divide)

    def at(self, h: int) -> int:
        """The value at an input extent of `h` along this axis."""
        return self.offset if self.axis is None else (h + self.offset) // self.stride

    def of(self, extents: tuple[Extent, ...]) -> Extent:
        """The same extent seen from further out, where the inputs are `extents`."""
        if self.axis is None:
            return self
        return extents[self.axis].mapped(self.offset, self.stride)

    def least(self, value: int) -> int:
        """The smallest input extent at which this is at least `value` (an axis is given)."""
        return value * self.stride - self.offset

    def text(self, name: str) -> str:
        """For people: `⌈H/32⌉`, `⌊(H+3)/4⌋`, `H-2`, `7`."""
        if self.axis is None:
            return str(self.offset)
        if self.stride == 1:
            return name if self.offset == 0 else f"{name}{self.offset:+d}"
        if self.offset == self.stride - 1:
            return f"⌈{name}/{self.stride}⌉"
        if self.offset == 0:
            return f"⌊{name}/{self.stride}⌋"
        return f"⌊({name}{self.offset:+d})/{self.stride}⌋"


def variable(axis: int) -> Extent:
    """The input's own extent along `axis`."""
    return Extent(axis)


def constant(value: int) -> Extent:
    return Extent(None, value)
