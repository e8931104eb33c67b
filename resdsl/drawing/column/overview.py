"""The overview: a paper's Table 1 and Figure 3 in one picture.

A straight spine, a block for each group of equal blocks, shortcuts as arcs on its right, and the
table at its left, each row beside its stage. A long spine goes on in further columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from resdsl.analysis.facts import Facts
from resdsl.design.titles import title as title_of
from resdsl.drawing.column import heading
from resdsl.drawing.column.drawn_sections import Part, parts
from resdsl.drawing.column.lanes import Link, links
from resdsl.drawing.column.legend import legend as entries_of
from resdsl.drawing.column.narrow import Narrow
from resdsl.drawing.column.spine import Column
from resdsl.drawing.column.stage_rows import TABLE_COLUMNS, StageRows, TableColumn, row_stations
from resdsl.drawing.column.stations import LEAD, Station, entry_exits, stations
from resdsl.drawing.column.wrapping import wrapped
from resdsl.drawing.fragments.fragments import Open
from resdsl.drawing.layout.canvas import Canvas, Text
from resdsl.drawing.layout.fonts import room
from resdsl.drawing.layout.picture import Picture

_MARGIN = 20.0
# Between the table and the boxes; around the line from one column to the next.
_BESIDE, _GUTTER = 26.0, 14.0
# From a column to the line below it that goes on in the next, and what is below the last.
_TURN, _END = 14.0, 22.0
# The title, a line of the legend, the heads of the columns.
_HEAD = 86.0
# A page is less than this times as wide as high.
_WIDEST = 2.8


def overview(
    known: Facts, *, title: bool = True, legend: bool = True, width: float | None = None
) -> Picture:
    """The overview of a network, at the size of `known`.

    Where it could not be read in a `width`, in points, it leaves out columns of its table.
    """
    drawn = parts(known.sections)
    # Whatever stands beside it and however it is split, once.
    spine = cache(lambda: stations(known, drawn))

    def lay_out(table: Sequence[TableColumn] = TABLE_COLUMNS, is_split: bool = True) -> Canvas:
        return _Overview(known, drawn, spine(), title, legend, table, is_split).canvas()

    if width is None:
        return Picture(_boxes(drawn), lay_out)
    narrow = Narrow(lay_out, width)
    return Picture(_boxes(drawn), narrow.canvas, note=narrow.note)


def _boxes(drawn: Sequence[Part]) -> int:
    elements = [element for part in drawn for element in part.elements]
    sums = sum(element.shortcut is not None for element in elements)
    return len(elements) + sums + sum(part.has_row for part in drawn)


class _Overview:
    def __init__(
        self,
        known: Facts,
        drawn: Sequence[Part],
        spine: Sequence[Station],
        title: bool,
        legend: bool,
        table: Sequence[TableColumn],
        is_split: bool,
    ) -> None:
        self.known = known
        self.has_title, self.has_legend = title, legend
        self.is_split = is_split
        self.rows = StageRows(known, drawn, table)
        self.stations = spine
        self.half = max((station.width / 2 for station in self.stations), default=60.0)
        self.left = self.half + (self.rows.width + _BESIDE if table else 0.0)
        self.columns = self._columns()

    def _columns(self) -> list[Column]:
        found = links(self.stations)
        entry = entry_exits(self.known)
        whole = Column(self.stations, found, self.half, entry, is_first=True)
        width = self.left + whole.right
        if not self.is_split:
            return [whole]
        around = (2 * _MARGIN, 2 * _MARGIN + _HEAD + LEAD + _END)
        split = wrapped(self.stations, width, 2 * _GUTTER, around)
        if len(split) == 1:
            return [whole]
        at = {station.number: i for i, column in enumerate(split) for station in column}
        at[-1] = 0
        mine: list[list[Link]] = [[] for _ in split]
        for link in found:
            for i in {at[link.source], at[link.target]}:
                mine[i].append(link)
        return [
            Column(column, some, self.half, entry, is_first=i == 0)
            for i, (column, some) in enumerate(zip(split, mine, strict=True))
        ]

    def canvas(self) -> Canvas:
        canvas = Canvas(title_of(self.known.network.name))
        width = sum(self.left + column.right for column in self.columns)
        width += 2 * _GUTTER * (len(self.columns) - 1)
        top = self._heading(canvas, width)
        y = top + 12
        above = self._begin(canvas, top)
        beside = row_stations(self.stations)
        left, lowest = _MARGIN, 0.0
        for column in self.columns:
            column.x = left + self.left
            self.rows.draw_head(canvas, left, top)
            above, middles = column.draw(canvas, above, y)
            self._table(canvas, left, column, middles, beside)
            bottom = y + column.height
            lowest = max(lowest, bottom)
            left += self.left + column.right + _GUTTER
            if column is not self.columns[-1]:
                next_x = left + _GUTTER + self.left
                over = top - 14
                above = above.to(
                    (column.x, bottom + _TURN), (left, bottom + _TURN), (left, over), (next_x, over)
                )
            left += _GUTTER
        lowest = max(lowest + _TURN, self._end(canvas, above, bottom))
        reach = max(
            (text.x + room(text.text, text.size, bold=text.bold))
            for text in canvas.of(Text)
            if text.anchor == "start"
        )
        canvas.width = float(round(max(left - 2 * _GUTTER, reach) + _MARGIN))
        canvas.height = float(round(max(lowest + _MARGIN, canvas.width / _WIDEST)))
        return canvas

    # --- its parts --------------------------------------------------------------------------------

    def _heading(self, canvas: Canvas, width: float) -> float:
        """The title and the legend; the height of what is next."""
        signs = [met.sign for station in self.stations for met in station.meetings]
        for station in self.stations:
            signs += station.piece.signs if station.piece is not None else ()
        entries = entries_of(self.stations, self.known.input.rank, signs)
        return heading.draw(
            canvas,
            self.known,
            entries if self.has_legend else (),
            _MARGIN,
            width,
            has_title=self.has_title,
        )

    def _begin(self, canvas: Canvas, y: float) -> Open:
        word = {1: "signal", 2: "image", 3: "volume"}.get(self.known.input.rank, "input")
        x = _MARGIN + self.left
        canvas.add(Text(x, y, word, 11, "middle", "text", True))
        return Open("", ((x, y + 9),))

    def _table(
        self,
        canvas: Canvas,
        left: float,
        column: Column,
        middles: dict[int, float],
        beside: set[int],
    ) -> None:
        for number, middle in middles.items():
            part = self.stations[number].part
            if number in beside:
                self.rows.draw(canvas, left, middle, part)
        if not column.stations:
            return
        first = column.stations[0]
        before = self.stations[first.number - 1] if first.number else None
        again = before is not None and before.part is first.part and first.part.has_row
        if again and first.number not in beside:
            self.rows.draw_again(canvas, left, middles[first.number], first.part)

    def _end(self, canvas: Canvas, above: Open, y: float) -> float:
        """The output below the last column; where it ends. Those with names stand there already."""
        x = self.columns[-1].x
        if self.known.network.outputs:
            return y
        last: Station | None = self.stations[-1] if self.stations else None
        flat = self.known.output.flat
        word = "logits" if flat and last is not None and last.element.cost.linears else "output"
        canvas.add(Text(x + 6, y + 10, self.known.view.text(self.known.output), 9, "start"))
        above.end(canvas, (x, y + LEAD), "")
        canvas.add(Text(x, y + LEAD + 9, word, 11, "middle", "text", True))
        return y + LEAD + _END
