"""Figures as wide as a column of a paper, in letters that can be read."""

from __future__ import annotations

import re
from dataclasses import replace
from math import ceil, floor

from resdsl.drawing.layout.canvas import Band, Box, Canvas, Item, Line, Sign, Text
from resdsl.drawing.refusal import FigureError

# The smallest letters, in points.
READABLE = 6.0
_MILLIMETRE = 72 / 25.4
_UNITS = {"mm": _MILLIMETRE, "cm": 10 * _MILLIMETRE, "in": 72.0, "pt": 1.0}
# A page of two metres; a letter.
_WIDEST, _NARROWEST = 6_000.0, 10.0


def points(width: str) -> float:
    """`84mm`, `3.3in`, `240pt`, `8.4cm` in points. Raises FigureError."""
    if not isinstance(width, str):
        raise FigureError(f"a width has a unit: {width!r} could be '{width}mm'")
    match = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*(mm|cm|in|pt)\s*", width)
    if match is None:
        raise FigureError(f"{width!r} is no width: write 84mm, 8.4cm, 3.3in or 240pt")
    value = float(match[1]) * _UNITS[match[2]]
    if not _NARROWEST <= value <= _WIDEST:
        raise FigureError(f"a width of {width} is out of range: 10pt to 2000mm")
    return value


def fitted(canvas: Canvas, width: float) -> tuple[Canvas, float]:
    """A figure that is `width` points wide, whole ones, when drawn at the scale that comes with it.

    It is never made larger: what is narrower stands in the middle. Raises FigureError.
    """
    width = float(floor(width))
    scale = min(1.0, width / canvas.width)
    if readable_at(canvas) > width + 0.1:
        smallest = _smallest(canvas)
        needed = ceil(readable_at(canvas) / _MILLIMETRE)
        raise FigureError(
            f"at {width / _MILLIMETRE:.0f}mm its letters would be {smallest * scale:.1f} points "
            f"high, and what is below {READABLE:g} cannot be read: it needs {needed}mm"
        )
    # Whole points are whole pixels: a part of one would be a half transparent edge.
    if scale < 1.0:
        high = ceil(canvas.height * scale - 0.001) / scale
        return moved(canvas, 0.0, 0.0, canvas.width, high), scale
    return moved(canvas, (width - canvas.width) / 2, 0.0, width, canvas.height), 1.0


def readable_at(canvas: Canvas) -> float:
    """The least width, in points, at which all letters of a figure can be read."""
    return canvas.width * READABLE / max(_smallest(canvas), READABLE)


def _smallest(canvas: Canvas) -> float:
    return min(_sizes(canvas), default=READABLE)


def moved(canvas: Canvas, dx: float, dy: float, width: float, height: float) -> Canvas:
    """The same on another ground."""
    items = [_moved(item, dx, dy) for item in canvas.items]
    return Canvas(canvas.name, width, height, items)


def _moved(item: Item, dx: float, dy: float) -> Item:
    match item:
        case Line():
            return replace(item, points=tuple((x + dx, y + dy) for x, y in item.points))
        case Band():
            return replace(item, left=item.left + dx, top=item.top + dy)
        case _:
            return replace(item, x=item.x + dx, y=item.y + dy)


def _sizes(canvas: Canvas) -> list[float]:
    """Of all letters."""
    found: list[float] = []
    for item in canvas.items:
        match item:
            case Text():
                found.append(item.size)
            case Box(text=text, size=size) if text:
                found.append(size)
            case Sign(sign=sign) if len(sign) > 1:
                found.append(item.letters)
            case _:
                pass
    return found
