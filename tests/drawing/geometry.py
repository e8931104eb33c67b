"""What no figure may do: overlap, leave the canvas, lead lines through boxes or words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from resdsl.drawing.layout.canvas import Band, Box, Canvas, Dot, Line, Point, Sign, Text
from resdsl.drawing.layout.fonts import text_width
from resdsl.records import dataclass

# What may be touched without being entered.
_TOUCH = 0.75
# Of the height of letters, in shares of their size.
_LETTERS = 0.95


@dataclass(frozen=True, slots=True)
class _Area:
    """What a thing covers; `name` says which it is."""

    left: float
    top: float
    right: float
    bottom: float
    name: str
    is_text: bool = False

    def meets(self, other: _Area) -> bool:
        return (
            self.left < other.right - _TOUCH
            and other.left < self.right - _TOUCH
            and self.top < other.bottom - _TOUCH
            and other.top < self.bottom - _TOUCH
        )

    def holds(self, point: Point, more: float = _TOUCH) -> bool:
        x, y = point
        return (
            self.left - more <= x <= self.right + more
            and self.top - more <= y <= self.bottom + more
        )


def problems(canvas: Canvas) -> list[str]:
    """What is wrong with a figure as laid out, in words; nothing is best."""
    areas = [area for item in canvas.items if (area := _area(item)) is not None]
    return [
        *_outside(canvas, areas),
        *_overlaps(areas),
        *_too_long(canvas),
        *_crossings(canvas, areas),
        *_loose(canvas),
    ]


def _area(item: object) -> _Area | None:
    match item:
        case Box(x, y, width, height):
            name = f"box `{item.text or item.node}`"
            return _Area(x - width / 2, y - height / 2, x + width / 2, y + height / 2, name)
        case Sign(x, y, radius, sign):
            return _Area(x - radius, y - radius, x + radius, y + radius, f"sign `{sign}`")
        case Text() if item.text:
            width = text_width(item.text, item.size, bold=item.bold)
            left = item.x - {"start": 0.0, "middle": width / 2, "end": width}[item.anchor]
            half = item.size * _LETTERS / 2
            top, bottom = item.y - half, item.y + half
            return _Area(left, top, left + width, bottom, f"text `{item.text}`", is_text=True)
        case _:
            return None


def _outside(canvas: Canvas, areas: Sequence[_Area]) -> Iterator[str]:
    whole = _Area(0, 0, canvas.width, canvas.height, "canvas")
    for area in areas:
        if not (
            whole.holds((area.left, area.top), 0) and whole.holds((area.right, area.bottom), 0)
        ):
            yield f"{area.name} leaves the canvas"
    for line in canvas.of(Line):
        if not all(whole.holds(point, 0) for point in line.points):
            yield f"{_line_name(line)} leaves the canvas"
    for dot in canvas.of(Dot):
        if not whole.holds((dot.x, dot.y), -dot.radius):
            yield f"a dot at {dot.x:.0f}, {dot.y:.0f} leaves the canvas"
    for band in canvas.of(Band):
        corner = (band.left + band.width, band.top + band.height)
        if not (whole.holds((band.left, band.top), 0) and whole.holds(corner, 0)):
            yield f"band `{band.node}` leaves the canvas"


def _overlaps(areas: Sequence[_Area]) -> Iterator[str]:
    # From the top, those that are still there where the next begins.
    there: list[_Area] = []
    for area in sorted(areas, key=lambda area: area.top):
        there = [other for other in there if other.bottom > area.top]
        yield from (f"{other.name} overlaps {area.name}" for other in there if other.meets(area))
        there.append(area)


def _too_long(canvas: Canvas) -> Iterator[str]:
    for box in canvas.of(Box):
        if text_width(box.text, box.size, bold=box.bold) > box.width or box.size > box.height:
            yield f"`{box.text}` is larger than its box"


def _crossings(canvas: Canvas, areas: Sequence[_Area]) -> Iterator[str]:
    """Lines through boxes, signs and words. One may end in a box, and leave it."""
    for line in canvas.of(Line):
        if _is_stroke(line):
            continue
        ends = (line.points[0], line.points[-1])
        for area in areas:
            if not area.is_text and any(area.holds(end) for end in ends):
                inside = [point for point in line.points if area.holds(point)]
                if not any(_enters(area, *piece) for piece in _without_ends(line, area)):
                    continue
                yield f"{_line_name(line)} passes {area.name}, where it ends ({len(inside)})"
            elif any(_enters(area, one, two) for one, two in pairwise(line.points)):
                yield f"{_line_name(line)} passes {area.name}"


def _without_ends(line: Line, area: _Area) -> Iterator[tuple[Point, Point]]:
    """The pieces that neither begin nor end a line in the area."""
    pieces = list(pairwise(line.points))
    for number, (one, two) in enumerate(pieces):
        begins = number == 0 and area.holds(one)
        ends = number == len(pieces) - 1 and area.holds(two)
        if not (begins or ends):
            yield one, two


def _enters(area: _Area, one: Point, two: Point) -> bool:
    """Whether a straight piece has a part inside (Liang and Barsky 1984)."""
    low, high = 0.0, 1.0
    sides = (
        (one[0], two[0], area.left + _TOUCH, area.right - _TOUCH),
        (one[1], two[1], area.top + _TOUCH, area.bottom - _TOUCH),
    )
    for start, end, least, most in sides:
        if least >= most:
            return False
        if start == end:
            if not least < start < most:
                return False
            continue
        first, last = sorted(((least - start) / (end - start), (most - start) / (end - start)))
        low, high = max(low, first), min(high, last)
    return low < high


def _loose(canvas: Canvas) -> Iterator[str]:
    """What is named as a line's end is there, and has one name."""
    kinds = (Box, Sign, Band)
    names = [item.node for kind in kinds for item in canvas.of(kind) if item.node]
    twice = {one for one, two in pairwise(sorted(names)) if one == two}
    yield from (f"two are called `{name}`" for name in sorted(twice))
    for line in canvas.of(Line):
        for name in (line.tail, line.head):
            if name and name not in names:
                yield f"{_line_name(line)} is of `{name}`, which is not there"


def _is_stroke(line: Line) -> bool:
    return len(line.points) < 2


def _line_name(line: Line) -> str:
    (x, y), (to_x, to_y) = line.points[0], line.points[-1]
    what = f" `{line.tail}` → `{line.head}`" if line.tail or line.head else ""
    return f"the {line.look} line{what} from {x:.0f}, {y:.0f} to {to_x:.0f}, {to_y:.0f}"


def run_over(canvas: Canvas) -> list[str]:
    """Lines that run over each other for a while, but those that begin at one point."""
    pieces = [(line, one, two) for line in canvas.of(Line) for one, two in pairwise(line.points)]
    found = []
    for (line, a, b), (other, c, d) in combinations(pieces, 2):
        is_one = line.points[0] == other.points[0]
        if not is_one and _shared(a, b, c, d) > 3:
            found.append(f"{_line_name(line)} runs over {_line_name(other)}")
    return found


def _shared(a: Point, b: Point, c: Point, d: Point) -> float:
    for i in (0, 1):
        if all(abs(point[i] - a[i]) < 0.5 for point in (b, c, d)):
            low = max(min(a[1 - i], b[1 - i]), min(c[1 - i], d[1 - i]))
            return min(max(a[1 - i], b[1 - i]), max(c[1 - i], d[1 - i])) - low
    return 0.0
