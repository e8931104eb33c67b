"""Where columns and their rows stand in a figure of networks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TypeAlias

from resdsl.drawing.column.block_content import Piece
from resdsl.drawing.layout.fonts import room, text_width
from resdsl.drawing.side_by_side.bands import Band, Segment, Size
from resdsl.drawing.side_by_side.column_rows import Column, Foot, Link, Tap
from resdsl.records import dataclass

# Of a box; its text; between boxes.
HEIGHT, WORDS, _GAP = 16.0, 9.2, 9.0
# A sum below a row; the dot above one.
SUM, RADIUS, DOT = 13.0, 4.5, 10.5
# Between the dots of arcs that begin before one row.
DOTS = 6.0
MARGIN, _BETWEEN = 16.0, 20.0
# A sign with words on the line into it, a factor; a dot where a kept value leaves.
_WORDED, _TAP = 23.0, 9.0
# Of the letters beside lines; around a picture in a box; lines of kept values that have a lane.
SMALL, _AROUND, MOST_LANES = 8.0, 5.0, 12
STUB = 12.0
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
    """Of a column: the middle of its boxes, their width, their tops by row.

    `half` is from the middle to the side of the widest; names of kept values begin at `names`, and
    their lanes are right of these.
    """

    middle: float
    width: float
    tops: list[float]
    half: float
    names: float
    lane: float
    lanes: dict[Link, int]


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
            bottom = top + max(self.height(n, row) + self._below(n, row) for n, row in rows)
            feet, slot = max(feet, bottom), slot + 1

    def _above(self, number: int, row: int) -> float:
        column = self.columns[number]
        arcs = len(column.begins(row))
        before = 0.0 if row else sum(map(entry_height, column.below(-1)))
        return _GAP + before + (5.0 + DOTS * (arcs - 1) if arcs else 0)

    def height(self, number: int, row: int) -> float:
        piece = self.columns[number].rows[row].piece
        return HEIGHT if piece is None else float(ceil(piece.height + 2 * _AROUND))

    def below(self, number: int, row: int) -> list[float]:
        """The middles of what stands below a row (-1: above the first), downwards."""
        y = self.tops[number][row] + self.height(number, row) if row >= 0 else HEAD - 5.0
        found = []
        for entry in self.columns[number].below(row):
            y += entry_height(entry)
            found.append(y - 5.0)
        return found

    def _below(self, number: int, row: int) -> float:
        """The room for what stands below a row: sums, and what leaves the network."""
        column = self.columns[number]
        leaving = 30.0 if row == len(column.rows) - 1 else 0.0
        return sum(map(entry_height, column.below(row))) + leaving

    def _place_columns(self, heads: Sequence[Sequence[Line]]) -> None:
        labels = [room(band.size.text, SIZE, bold=True) for band in self.bands]
        x = MARGIN + max([*labels, room("output", 9.5)]) + 6
        for number, column in enumerate(self.columns):
            texts = [room(row.text, WORDS) for row in column.rows if row.piece is None]
            texts += [2 * room(arc_words(entry), SMALL) + 26 for entry in _feet(column)]
            words = max([*texts, _LEAST_WIDTH])
            width = 2 * round(words / 2 + 0.5) + 6
            wide = max([width, *(picture_width(row.piece) for row in column.rows if row.piece)])
            lines = heads[number]
            half = max(text_width(text, size, bold=bold) for text, size, bold in lines) / 2 + 4
            arcs = [arc.depth for arc in column.arcs]
            right = wide / 2 + (ARC + LANE * max(arcs) + 3 if arcs else 0)
            left = wide / 2 + self._repeat_room(column)
            middle = round(x + max(left, half))
            lanes = _lanes(column.links)
            place = Place(middle, width, self.tops[number], wide / 2, right + 5, 0.0, lanes)
            if column.links:
                names = max(room(link.text, SMALL) for link in column.links)
                place.lane = place.names + max(names, STUB) + 6
                right = place.lane + LANE * (max(lanes.values(), default=0) + 1)
            self.places.append(place)
            x = middle + max(right, half) + _BETWEEN
        self.right = x - _BETWEEN

    def _repeat_room(self, column: Column) -> float:
        depths = [times.depth for times in column.times]
        return (max(depths) + 1) * self.repeat_lane(column) + 4 if depths else 0.0

    def repeat_lane(self, column: Column) -> float:
        return max(text_width(f"×{times.count}", 10, bold=True) for times in column.times) + 15


def entry_height(entry: Foot | Tap) -> float:
    """Of what stands below a row: its middle is 5 above its end."""
    if isinstance(entry, Tap):
        return _TAP
    met = entry.meet.meeting
    if met.factor or arc_words(entry):
        return _WORDED
    return SUM if entry.arc is not None else SUM + 5.0


def _feet(column: Column) -> list[Foot]:
    below = (column.below(row) for row in range(-1, len(column.rows)))
    return [entry for entries in below for entry in entries if isinstance(entry, Foot)]


def arc_words(foot: Foot) -> str:
    """What stands on the arc into a sign."""
    if foot.arc is None:
        return ""
    met = foot.meet.meeting
    words = [word for operand in met.operands for word in operand.words]
    return "  ".join([*words, *(["first"] if met.order[:1] == ("shortcut",) else [])])


def picture_width(piece: Piece) -> float:
    return 2.0 * ceil(piece.width / 2 + _AROUND + 1)


def _lanes(links: Sequence[Link]) -> dict[Link, int]:
    """Shorter lines nearer to the column; those of more than there are lanes have none."""
    taken: list[list[tuple[int, int]]] = []
    found: dict[Link, int] = {}
    for link in sorted(links, key=lambda link: (link.end - link.begin, link.begin)):
        for lane in range(MOST_LANES):
            if lane == len(taken):
                taken.append([])
            if all(end < link.begin or link.end < begin for begin, end in taken[lane]):
                taken[lane].append((link.begin, link.end))
                found[link] = lane
                break
    return found if len(found) == len(links) else {}
