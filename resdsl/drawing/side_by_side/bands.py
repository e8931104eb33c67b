"""Bands of one output size across columns: which there are, in what order, which rows are there."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from math import inf, prod

from resdsl.analysis.facts import Facts
from resdsl.drawing.side_by_side.column_rows import Column
from resdsl.extents import Extent, Shape
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """What stands at the left of a band; `scale` orders those of one figure."""

    text: str
    scale: float


@dataclass(frozen=True, slots=True)
class Segment:
    """The rows of one column in one band, by number: `first` up to, but not, `end`."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Band:
    """`segments` by column; None where it has no rows of this size here."""

    size: Size
    segments: tuple[Segment | None, ...]


def bands(known: Sequence[Facts], columns: Sequence[Column]) -> list[Band]:
    """Every column passes through its own in its order; columns share as many as they can."""
    by_stride = are_of_strides(known)
    lines = [
        _segments([_size(facts, row.shape, by_stride) for row in column.rows])
        for facts, column in zip(known, columns, strict=True)
    ]
    order: list[Size] = []
    for line in lines:
        order = _merged(order, [size for size, _ in line])
    found: list[list[Segment | None]] = [[] for _ in order]
    for line in lines:
        left = list(line)
        for number, size in enumerate(order):
            is_next = bool(left) and left[0][0] == size
            found[number].append(left.pop(0)[1] if is_next else None)
    return [Band(size, tuple(row)) for size, row in zip(order, found, strict=True)]


def _segments(sizes: Sequence[Size]) -> list[tuple[Size, Segment]]:
    found, at = [], 0
    for size, group in groupby(sizes):
        length = sum(1 for _ in group)
        found.append((size, Segment(at, at + length)))
        at += length
    return found


def are_of_strides(known: Sequence[Facts]) -> bool:
    """Inputs differ, so that equal numbers mean nothing: bands are of one total stride."""
    return len({(facts.view.names, facts.view.extents) for facts in known}) > 1


def _size(known: Facts, shape: Shape, by_stride: bool) -> Size:
    """By its numbers, or in terms of the input's."""
    if shape.flat or all(e.is_constant and e.offset == 1 for e in shape.extents):
        return Size("global" if by_stride else "1", 0.0)
    shares = [Fraction(*extent.growth) for extent in shape.extents if not extent.is_constant]
    if by_stride and shares:
        return Size(str(1 / shares[-1]), float(shares[-1]))
    numbers = known.view.at(shape)
    if numbers is not None:
        extents = [int(n) for n in numbers[1:]]
        if not by_stride and all(n == 1 for n in extents):
            return Size("1", 0.0)
        scale = 0.01 if by_stride else prod(extents) ** (1 / len(extents))
        return Size("×".join(map(str, extents)), scale)
    names = [known.view.names[extent.axis or 0] for extent in shape.extents]
    texts = [_share(extent, name) for extent, name in zip(shape.extents, names, strict=True)]
    return Size("×".join(texts), float(prod(shares)) ** (1 / len(shares)))


def _share(extent: Extent, name: str) -> str:
    """`H`, `H/2`, `3·H/4`: what rounding takes away is left out, so that columns share bands."""
    if extent.is_constant:
        return str(extent.offset)
    rise, over = extent.growth
    shown = name if rise == 1 else f"{rise}·{name}"
    return shown if over == 1 else f"{shown}/{over}"


def _merged(one: list[Size], two: list[Size]) -> list[Size]:
    """A shortest line in which both are in order; where it may be either, the next below first."""
    length = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for i in reversed(range(len(one))):
        for j in reversed(range(len(two))):
            alike = one[i] == two[j]
            length[i][j] = (
                length[i + 1][j + 1] + 1 if alike else max(length[i + 1][j], length[i][j + 1])
            )
    found, i, j = [], 0, 0
    while i < len(one) and j < len(two):
        skip_one, skip_two = length[i + 1][j], length[i][j + 1]
        if one[i] == two[j]:
            found.append(one[i])
            i, j = i + 1, j + 1
        elif skip_one > skip_two or (skip_one == skip_two and _is_next(one[i], two[j], found)):
            found.append(one[i])
            i += 1
        else:
            found.append(two[j])
            j += 1
    return [*found, *one[i:], *two[j:]]


def _is_next(one: Size, two: Size, before: Sequence[Size]) -> bool:
    """What goes down is followed down first, through the larger sizes; then what goes up again."""
    last = before[-1].scale if before else inf
    down = one.scale <= last, two.scale <= last
    if down[0] != down[1]:
        return down[0]
    return one.scale >= two.scale if down[0] else one.scale <= two.scale
