"""Lines of a figure as Graphviz takes them: cubic splines of 3n + 1 points, dashes cut by us.

Graphviz has one dashed and one dotted pattern, and they differ between its versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import dist, hypot

from resdsl.drawing.layout.canvas import Point

# Of a quarter of a circle as a cubic.
_ROUND = 0.5523
PATTERNS = {"dashed": (4.5, 2.8), "dotted": (1.5, 2.4)}


def rounded(points: Sequence[Point], radius: float) -> list[Point]:
    """Straight pieces as one spline, with corners of `radius` or as much as fits."""
    at = points[0]
    made = [at]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        one, two = dist(before, corner), dist(corner, after)
        reach = min(radius, one / 2, two / 2)
        start, end = _towards(corner, before, reach), _towards(corner, after, reach)
        made += straight(at, start)
        bend = reach * (1 - _ROUND)
        made += [_towards(corner, before, bend), _towards(corner, after, bend), end]
        at = end
    return made + straight(at, points[-1])


def straight(start: Point, end: Point) -> list[Point]:
    """The control points and the end of a straight piece."""
    return [_between(start, end, 1 / 3), _between(start, end, 2 / 3), end]


def shortened(spline: Sequence[Point], length: float) -> tuple[list[Point], Point]:
    """A spline whose last piece is straight, without its last `length`; and where it ended."""
    start, tip = spline[-4], spline[-1]
    whole = hypot(tip[0] - start[0], tip[1] - start[1]) or 1.0
    end = _between(tip, start, min(length, whole - 0.1) / whole)
    return [*spline[:-3], *straight(start, end)], tip


def dashes(spline: Sequence[Point], pattern: str) -> list[list[Point]]:
    """A spline as the pieces that are seen."""
    on, off = PATTERNS[pattern]
    made: list[list[Point]] = []
    now, left, is_on = [spline[0]], on, True
    for i in range(0, len(spline) - 3, 3):
        piece = list(spline[i : i + 4])
        length = _length(piece)
        while length > left:
            first, piece = _cut(piece, left / length)
            length -= left
            if is_on:
                made.append(now + first[1:])
            is_on = not is_on
            now, left = [piece[0]], on if is_on else off
        left -= length
        if is_on:
            now += piece[1:]
    return [*made, now] if is_on and len(now) > 3 else made


def _between(one: Point, two: Point, share: float) -> Point:
    return one[0] + (two[0] - one[0]) * share, one[1] + (two[1] - one[1]) * share


def _towards(start: Point, end: Point, length: float) -> Point:
    whole = dist(start, end)
    return _between(start, end, length / whole) if whole else start


def _cut(piece: Sequence[Point], share: float) -> tuple[list[Point], list[Point]]:
    """De Casteljau: a cubic up to a share of its parameter, and from there."""
    one, two, three, four = piece
    a, b, c = _between(one, two, share), _between(two, three, share), _between(three, four, share)
    d, e = _between(a, b, share), _between(b, c, share)
    middle = _between(d, e, share)
    return [one, a, d, middle], [middle, e, c, four]


def _length(piece: Sequence[Point]) -> float:
    straight = dist(piece[0], piece[3])
    if abs(sum(dist(one, two) for one, two in pairwise(piece)) - straight) < 1e-9:
        return straight
    points = [_cut(piece, i / 8)[0][3] for i in range(9)]
    return sum(dist(one, two) for one, two in pairwise(points))
