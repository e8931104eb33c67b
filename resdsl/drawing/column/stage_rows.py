"""The table at the left of an overview's spine: each stage's row beside its first box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from resdsl.analysis.facts import Facts
from resdsl.drawing.column.drawn_sections import Part
from resdsl.drawing.column.stations import Station
from resdsl.drawing.layout.canvas import Canvas, Text
from resdsl.drawing.layout.fonts import text_width
from resdsl.drawing.tables.numbers import macs, parameters

_SIZE = 11.0
_BETWEEN = 16.0
TableColumn: TypeAlias = Literal["stage", "output", "params", "MACs"]
TABLE_COLUMNS: tuple[TableColumn, ...] = get_args(TableColumn)


class StageRows:
    """The cells of all rows, and how wide their columns are. `columns` are those that it has."""

    def __init__(
        self, known: Facts, parts: Sequence[Part], columns: Sequence[TableColumn] = TABLE_COLUMNS
    ) -> None:
        self.known = known
        left_out = () if known.cost.macs is not None else ("MACs",)
        self.head = [word for word in columns if word not in left_out]
        rows = [self._cells(part) for part in parts if part.has_row]
        self.widths = [
            max(
                max((text_width(row[i], _SIZE, bold=i == 0) for row in rows), default=0.0),
                text_width(word, _SIZE),
            )
            for i, word in enumerate(self.head)
        ]
        self.width = sum(self.widths) + _BETWEEN * max(len(self.widths) - 1, 0)

    def _cells(self, part: Part) -> list[str]:
        section, cost = part.section, part.section.cost
        cells: dict[TableColumn, str] = {
            "stage": section.name,
            "output": self.known.view.text(section.output),
            "params": parameters(cost.params),
            "MACs": macs(cost.macs),
        }
        return [cells[word] for word in self.head]

    def draw_head(self, canvas: Canvas, left: float, y: float) -> None:
        self._draw(canvas, left, y, self.head, ["secondary"] * len(self.head), is_bold=False)

    def draw(self, canvas: Canvas, left: float, y: float, part: Part) -> None:
        name = "text" if part.look == "neutral" else part.look
        looks = [{"stage": name, "output": "text"}.get(word, "secondary") for word in self.head]
        self._draw(canvas, left, y, self._cells(part), looks, is_bold=True)

    def draw_again(self, canvas: Canvas, left: float, y: float, part: Part) -> None:
        """Of a stage that goes on in the next column."""
        if not self.head:
            return
        look = "text" if part.look == "neutral" else part.look
        canvas.add(Text(left, y - 6, part.section.name, _SIZE, "start", look, True))
        canvas.add(Text(left, y + 8, "continued", 9, "start"))

    def _draw(
        self,
        canvas: Canvas,
        left: float,
        y: float,
        cells: Sequence[str],
        looks: Sequence[str],
        *,
        is_bold: bool,
    ) -> None:
        for i, (cell, width) in enumerate(zip(cells, self.widths, strict=True)):
            if i == 0:
                canvas.add(Text(left, y, cell, _SIZE, "start", looks[i], is_bold))
            else:
                canvas.add(Text(left + width, y, cell, _SIZE, "end", looks[i]))
            left += width + _BETWEEN


def row_stations(stations: Sequence[Station]) -> set[int]:
    """The numbers of the stations that a row stands beside."""
    found: set[int] = set()
    first: dict[int, int] = {}
    for station in stations:
        first.setdefault(id(station.part), station.number)
    for station in stations:
        part = station.part
        if part.has_row and station.number == first[id(part)] + part.beside:
            found.add(station.number)
    return found
