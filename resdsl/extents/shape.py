"""The shape of one sample: channels and extents."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from resdsl.extents.extent import Extent
from resdsl.extents.size import Size
from resdsl.records import dataclass

# What the dimensions of a picture, or of what has fewer or more of them, are called.
AXES: dict[int, tuple[str, ...]] = {0: (), 1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}


@dataclass(frozen=True, slots=True)
class Shape:
    """`(C, *extents)`; after `flatten` (`flat`) the `C * prod(extents)` features of one vector."""

    channels: int
    extents: tuple[Extent, ...]
    flat: bool = False

    # Shapes are the keys of all that is known by what is fed: they are hashed again and again.
    def __hash__(self) -> int:
        return hash((self.channels, self.extents))

    @property
    def rank(self) -> int:
        """The number of spatial dimensions: 0 for a flat tensor."""
        return 0 if self.flat else len(self.extents)

    @property
    def features(self) -> int | None:
        """The features of a flat tensor where they are the same for every input, else None."""
        if all(extent.is_constant for extent in self.extents):
            return self.channels * prod(extent.offset for extent in self.extents)
        return None

    def with_channels(self, channels: int) -> Shape:
        return Shape(channels, self.extents, self.flat)

    def with_extents(self, extents: Sequence[Extent]) -> Shape:
        return Shape(self.channels, tuple(extents), self.flat)

    def of(self, extents: tuple[Extent, ...]) -> Shape:
        """The same shape seen from further out, where the input's extents are `extents`."""
        return self.with_extents([extent.of(extents) for extent in self.extents])

    def at(self, input_extents: Sequence[int]) -> Size:
        """The numbers at an input size: `(C, H, W)`, or `(features,)` of a flat tensor."""
        values = [
            extent.at(0 if extent.axis is None else input_extents[extent.axis])
            for extent in self.extents
        ]
        if self.flat:
            return Size((int(self.channels) * prod(values),))
        return Size((int(self.channels), *values))
