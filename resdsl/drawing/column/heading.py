"""The title of an overview, its numbers, and the legend."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.analysis.facts import Facts
from resdsl.design.titles import title
from resdsl.drawing.column import legend
from resdsl.drawing.layout.canvas import Canvas, Text
from resdsl.drawing.layout.fonts import text_width
from resdsl.drawing.tables.numbers import costs

_TITLE, _NUMBERS = 16.0, 11.0


def draw(
    canvas: Canvas,
    known: Facts,
    entries: Sequence[legend.Entry],
    left: float,
    width: float,
    *,
    has_title: bool,
) -> float:
    """Where the heads of the columns stand below it."""
    y = left
    if has_title:
        name, numbers = title(known.network.name), " · ".join(costs(known))
        y += 10
        canvas.add(Text(left, y, name, _TITLE, "start", "text", True))
        beside = text_width(name, _TITLE, bold=True) + 16
        if beside + text_width(numbers, _NUMBERS) > width:
            beside, y = 0.0, y + 20
        canvas.add(Text(left + beside, y + (1 if beside else 0), numbers, _NUMBERS, "start"))
        y += 22
    lines = legend.lines(entries, width)
    legend.draw(canvas, left, y, lines)
    # A line from one column to the next runs between.
    return y + legend.LINE * len(lines) + 22
