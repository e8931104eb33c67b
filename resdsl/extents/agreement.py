"""When shapes that meet in a join agree."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.extents.extent import Extent
from resdsl.extents.shape import Shape
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two shapes make together.

    `shape` is the result, as good as it can be told. `kinds` (a map and a vector, maps of other
    ranks, or vectors whose lengths depend on the input in other ways) and `channels` say whether
    these differ; `extents` lists the dimensions whose extents are
    different functions of the input: they may still be equal at some sizes.
    """

    shape: Shape
    kinds: bool = False
    channels: bool = False
    extents: tuple[tuple[int, Extent, Extent], ...] = ()

    @property
    def perfect(self) -> bool:
        return not (self.kinds or self.channels or self.extents)


def agree(one: Shape, two: Shape, *, broadcast: bool, concat: bool = False) -> Agreement:
    """`one` and `two` element by element, or side by side on channels (`concat`).

    With `broadcast` a channel count of 1 and an extent that is 1 for every input stretch.
    """
    if one.flat != two.flat or (not one.flat and one.rank != two.rank):
        return Agreement(one, kinds=True)
    if one.flat:
        return _agree_flat(one, two, broadcast, concat)
    channels = one.channels
    differ = False
    if concat:
        channels = one.channels + two.channels
    elif one.channels != two.channels:
        differ = not (broadcast and 1 in (one.channels, two.channels))
        channels = two.channels if one.channels == 1 else one.channels
    extents, different = _agree_extents(one.extents, two.extents, broadcast and not concat)
    return Agreement(Shape(channels, extents), channels=differ, extents=different)


def _agree_extents(
    ones: Sequence[Extent], twos: Sequence[Extent], broadcast: bool
) -> tuple[tuple[Extent, ...], tuple[tuple[int, Extent, Extent], ...]]:
    extents, different = [], []
    for axis, (one, two) in enumerate(zip(ones, twos, strict=True)):
        stretch = broadcast and one.is_constant and one.offset == 1
        extents.append(two if stretch else one)
        unit = two.is_constant and two.offset == 1
        if one != two and not stretch and not (broadcast and unit):
            different.append((axis, one, two))
    return tuple(extents), tuple(different)


def _agree_flat(one: Shape, two: Shape, broadcast: bool, concat: bool) -> Agreement:
    mine, other = one.features, two.features
    if mine is None or other is None:
        # Vectors whose length depends on the input only meet their equals.
        if concat and one.extents == two.extents:
            return Agreement(Shape(one.channels + two.channels, one.extents, flat=True))
        return Agreement(one, kinds=concat or one != two)
    if concat:
        return Agreement(Shape(mine + other, (), flat=True))
    differ = mine != other and not (broadcast and 1 in (mine, other))
    return Agreement(Shape(other if mine == 1 else mine, (), flat=True), channels=differ)
