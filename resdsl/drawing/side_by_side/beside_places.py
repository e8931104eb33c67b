"""Where columns and their rows stand in a figure of networks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from resdsl.drawing.column.meetings import ENTRY
from resdsl.drawing.column.side_lines import SideLines
from resdsl.drawing.fragments.exits import SHAPE, Exit
from resdsl.drawing.layout.fonts import room, text_width
from resdsl.drawing.side_by_side.bands import Band, Segment, Size
from resdsl.drawing.side_by_side.column_rows import Arc, Column
from resdsl.drawing.side_by_side.sign_sizes import SignSizes
from resdsl.records import dataclass

# Of a box; its text; between boxes.
HEIGHT, WORDS, _GAP = 16.0, 9.2, 9.0
# From the top of a figure in a box to that of the box.
INSIDE = 5.0
# A dot above a row; between the dots of arcs that begin there; the room of a kept tensor's name.
DOT, DOTS, _KEPT = 10.5, 6.0, 15.0
MARGIN, _BETWEEN = 16.0, 20.0
# From the boxes to the first arc, and to the next.
ARC, LANE = 15.0, 9.0
# From all that runs beside a line to the names of outputs.
_EXIT = 16.0
# From the top to the line that enters.
HEAD = 66.0
# Of the letters that say a size.
SIZE = 10.5
_LEAST_WIDTH = 76

# A text above or below a column, the size of its letters, whether they are bold.
Line: TypeAlias = tuple[str, float, bool]


@dataclass(slots=True)
class Place:
    """Of a column: the middle of its boxes, the width of rows and of figures in boxes, and how far
    its arcs are from the middle.

    By thing, its top and its end; `taps` where lines of kept tensors begin, by thing, and `dots`
    where arcs do. `first`: from the middle to the first line of a kept tensor; `exits`: to the
    names of outputs beside the line.
    """

    middle: float
    width: float
    wide: float
    arcs: float
    first: float
    tops: list[float]
    ends: list[float]
    taps: dict[int, float]
    dots: dict[Arc, float]
    exits: float = 0.0


class Places:
    """`rules` are the lines above each band, `sizes` by column and row; `right` and `foot` end all.

    `around` are the texts above and below each column.
    """

    def __init__(
        self, columns: Sequence[Column], bands: Sequence[Band], around: Sequence[Sequence[Line]]
    ) -> None:
        self.columns = columns
        self.bands = bands
        self.sides = [SideLines(c.things, c.links, 0.0, is_first=True) for c in columns]
        self.signs = [SignSizes(*one) for one in zip(columns, self.sides, strict=True)]
        self.numbers = [column.numbers for column in columns]
        # By column and row, the tops of rows, and the rooms of what is around them.
        self.tops = [[0.0] * len(numbers) for numbers in self.numbers]
        self.heights = [
            [self._height(n, number) for number in numbers]
            for n, numbers in enumerate(self.numbers)
        ]
        self._below = [
            [self._room_below(n, row) for row in range(len(numbers))]
            for n, numbers in enumerate(self.numbers)
        ]
        self.sizes: list[dict[int, Size]] = [{} for _ in columns]
        self.rules: list[float] = []
        self.places: list[Place] = []
        self._place_rows()
        self._place_columns(around)

    # --- downwards --------------------------------------------------------------------------------

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
            bottom = top + max(self.heights[n][row] + self._below[n][row] for n, row in rows)
            feet, slot = max(feet, bottom), slot + 1

    def _height(self, n: int, number: int) -> float:
        thing = self.columns[n].things[number]
        assert thing.row is not None
        piece = thing.row.piece
        mine = HEIGHT if piece is None else piece.height + 2 * INSIDE
        return max(mine, self.signs[n].entering(thing))

    def _above(self, n: int, row: int) -> float:
        before = self.numbers[n][row] - 1
        arcs = len(self.columns[n].begins.get(before, ()))
        return _GAP + (5.0 + DOTS * (arcs - 1) if arcs else 0) + self._name(n, before)

    def _name(self, n: int, number: int) -> float:
        return _KEPT if number in self.columns[n].kept else 0.0

    def _taps(self, n: int, number: int) -> float:
        """The room of what begins behind a thing with no row below it."""
        column = self.columns[n]
        if not column.is_left(number):
            return 0.0
        return self._name(n, number) + DOTS * len(column.begins.get(number, ())) + 3.0

    def _room_below(self, n: int, row: int) -> float:
        """The room for what stands below a row: signs, and what leaves the network."""
        column, number = self.columns[n], self.numbers[n][row]
        end = [*self.numbers[n], len(column.things)][row + 1]
        below = column.things[number + 1 : end]
        total = sum(self._taps(n, one.number - 1) + self.signs[n].height(one) for one in below)
        if row == len(self.numbers[n]) - 1:
            is_told = bool(below) and below[-1].is_end
            total += self._taps(n, number + len(below)) + (0.0 if is_told else 30.0)
        return total

    # --- to the sides -----------------------------------------------------------------------------

    def _place_columns(self, around: Sequence[Sequence[Line]]) -> None:
        labels = [room(band.size.text, SIZE, bold=True) for band in self.bands]
        x = MARGIN + max([*labels, room("output", 9.5)]) + 6
        for n, column in enumerate(self.columns):
            rows = column.rows
            texts = [room(row.text, WORDS) for row in rows if row.piece is None]
            words = max([*texts, float(_LEAST_WIDTH), 2 * self.signs[n].left() - 6])
            width = 2 * round(words / 2 + 0.5) + 6
            pieces = [row.piece.width for row in rows if row.piece is not None]
            wide = max(width, 2 * round(max(pieces, default=0.0) / 2 + 0.5) + 12)
            wide = wide if pieces else width
            lines = around[n]
            half = max(text_width(text, size, bold=bold) for text, size, bold in lines) / 2 + 4
            arcs = max(wide / 2, self.signs[n].reach()) + ARC
            depths = [arc.depth for arc in column.arcs]
            right = arcs + LANE * max(depths) + 3 if depths else wide / 2
            right, first = self._beyond(n, max(right, arcs - ARC, _at_ends(column)))
            told = _beside(column)
            exits = right + _EXIT
            right = exits + max(one.width for one in told) if told else right
            left = wide / 2 + self._repeat_room(column)
            middle = round(x + max(left, half))
            place = self._place(n, middle, width, wide, arcs, first)
            place.exits = exits
            self.places.append(place)
            x = middle + max(right, half) + _BETWEEN
        self.right = x - _BETWEEN

    def _beyond(self, n: int, right: float) -> tuple[float, float]:
        """Where the lines of kept tensors end at the right, and where they begin."""
        side = self.sides[n]
        if not side.links:
            return right, 0.0
        side.half = right
        first = side.first(right)
        return first + side.width, first

    def _place(
        self, n: int, middle: float, width: float, wide: float, arcs: float, first: float
    ) -> Place:
        column = self.columns[n]
        place = Place(middle, width, wide, arcs, first, [], [], {}, {})
        numbers = {number: row for row, number in enumerate(self.numbers[n])}
        y = HEAD - 5.0
        for number in range(ENTRY, len(column.things)):
            if number != ENTRY:
                row = numbers.get(number)
                if row is not None:
                    y = self.tops[n][row]
                place.tops.append(y)
                y += (
                    self.heights[n][row]
                    if row is not None
                    else self.signs[n].height(column.things[number])
                )
                place.ends.append(y)
            after = numbers.get(number + 1)
            y = self._put_taps(n, place, number, y, after)
        return place

    def _put_taps(self, n: int, place: Place, number: int, y: float, after: int | None) -> float:
        """Those behind a thing: right above the next row, or below what is above."""
        column = self.columns[n]
        arcs = column.begins.get(number, [])
        if after is not None:
            at = self.tops[n][after] - DOT - DOTS * (len(arcs) - 1)
        else:
            at = y + self._name(n, number) + DOTS / 2
        for i, arc in enumerate(arcs):
            place.dots[arc] = at + DOTS * i
        if number in column.kept:
            place.taps[number] = at - DOTS
        return y if after is not None else y + self._taps(n, number)

    def _repeat_room(self, column: Column) -> float:
        depths = [times.depth for times in column.times]
        return (max(depths) + 1) * self.repeat_lane(column) + 4 if depths else 0.0

    def repeat_lane(self, column: Column) -> float:
        return max(text_width(f"×{times.count}", 10, bold=True) for times in column.times) + 15


def _beside(column: Column) -> list[Exit]:
    """What is told of outputs beside the line."""
    told = [exit for thing in column.things if not thing.is_end for exit in thing.exits]
    return told + [exit for row in column.rows for exit in row.inner]


def _at_ends(column: Column) -> float:
    """From the line to the ends of shapes beside it, where outputs end it."""
    told = [exit for thing in column.things if thing.is_end for exit in thing.exits]
    return max((8 + text_width(exit.shape, SHAPE) for exit in told), default=0.0)
