"""Where columns and their rows stand in a figure of networks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from resdsl.drawing.layout.fonts import room, text_width
from resdsl.drawing.side_by_side.bands import Band, Segment, Size
from resdsl.drawing.side_by_side.column_rows import Column
from resdsl.records import dataclass

# Of a box; its text; between boxes.
HEIGHT, WORDS, _GAP = 16.0, 9.2, 9.0
# A sum below a row; the dot above one.
SUM, RADIUS, DOT = 13.0, 4.5, 10.5
# Between the dots of arcs that begin before one row.
DOTS = 6.0
MARGIN, _BETWEEN = 16.0, 20.0
# From the boxes to the first arc, and to the next.
ARC, LANE = 15.0, 9.0
# From the top to the line that enters.
HEAD = 66.0
# Of the letters that say a size.
SIZE = 10.5
_LEAST_WIDTH = 76

# A text above a column, the size of its letters, whether they are bold.
Line: TypeAlias = tuple[str, float, bool]


@dataclass(slots=True)
class Place:
    """Of a column: the middle of its boxes, their width, their tops by row."""

    middle: float
    width: float
    tops: list[float]


class Places:
    """`rules` are the lines above each band, `sizes` by column and row; `right` and `foot` end all.

    `heads` are the texts above each column.
    """

    def __init__(
        self, columns: Sequence[Column], bands: Sequence[Band], heads: Sequence[Sequence[Line]]
    ) -> None:
        self.columns = columns
        self.bands = bands
        self.tops = [[0.0] * len(column.rows) for column in columns]
        self.sizes: list[dict[int, Size]] = [{} for _ in columns]
        self.rules: list[float] = []
        self.places: list[Place] = []
        self._place_rows()
        self._place_columns(heads)

    def _place_rows(self) -> None:
        y = HEAD
        for band in self.bands:
            self.rules.append(y)
            y = self._place_band(band, y)
        self.foot = y

    def _place_band(self, band: Band, y: float) -> float:
        """Rows of one number in the band stand at one height, unless that would tear columns."""
        there = [(n, segment) for n, segment in enumerate(band.segments) if segment is not None]
        alone = [self._stack([one], band.size, y) for one in there]
        together = self._stack(there, band.size, y)
        if together > max(alone) + 1:
            for one in there:
                self._stack([one], band.size, y)
            return max(alone) + _GAP
        return together + _GAP

    def _stack(self, there: Sequence[tuple[int, Segment]], size: Size, y: float) -> float:
        """Places rows below `y`, those of one number at one height; where they end."""
        bottom, feet, slot = y + 2, y, 0
        while True:
            rows = [(n, part.first + slot) for n, part in there if part.first + slot < part.end]
            if not rows:
                return feet
            top = bottom + max(self._above(n, row) for n, row in rows)
            for n, row in rows:
                self.tops[n][row] = top
                self.sizes[n][row] = size
            bottom = top + HEIGHT + max(self._below(n, row) for n, row in rows)
            feet, slot = max(feet, bottom), slot + 1

    def _above(self, number: int, row: int) -> float:
        arcs = len(self.columns[number].begins(row))
        return _GAP + (5.0 + DOTS * (arcs - 1) if arcs else 0)

    def _below(self, number: int, row: int) -> float:
        """The room for what stands below a row: sums, and what leaves the network."""
        column = self.columns[number]
        leaving = 30.0 if row == len(column.rows) - 1 else 0.0
        return SUM * len(column.ends(row)) + leaving

    def _place_columns(self, heads: Sequence[Sequence[Line]]) -> None:
        labels = [room(band.size.text, SIZE, bold=True) for band in self.bands]
        x = MARGIN + max([*labels, room("output", 9.5)]) + 6
        for number, column in enumerate(self.columns):
            words = max([room(row.text, WORDS) for row in column.rows] + [_LEAST_WIDTH])
            width = 2 * round(words / 2 + 0.5) + 6
            lines = heads[number]
            half = max(text_width(text, size, bold=bold) for text, size, bold in lines) / 2 + 4
            arcs = [arc.depth for arc in column.arcs]
            right = width / 2 + (ARC + LANE * max(arcs) + 3 if arcs else 0)
            left = width / 2 + self._repeat_room(column)
            middle = round(x + max(left, half))
            self.places.append(Place(middle, width, self.tops[number]))
            x = middle + max(right, half) + _BETWEEN
        self.right = x - _BETWEEN

    def _repeat_room(self, column: Column) -> float:
        depths = [times.depth for times in column.times]
        return (max(depths) + 1) * self.repeat_lane(column) + 4 if depths else 0.0

    def repeat_lane(self, column: Column) -> float:
        return max(text_width(f"×{times.count}", 10, bold=True) for times in column.times) + 15
