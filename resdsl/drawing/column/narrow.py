"""Overviews that have to fit into a width: what they leave out so that they can be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field

from resdsl.drawing.column.stage_rows import TABLE_COLUMNS, TableColumn
from resdsl.drawing.layout.canvas import Canvas
from resdsl.drawing.layout.fitting import readable_at
from resdsl.records import dataclass

# Shapes stand along the spine as well, and names of stages tell most.
_TABLES: tuple[tuple[TableColumn, ...], ...] = (
    TABLE_COLUMNS,
    ("stage", "params", "MACs"),
    ("stage",),
    (),
)
# By its width, how high an overview may be.
_TALLEST = 2.8


@dataclass(slots=True)
class Narrow:
    """`lay_out` makes an overview with some columns of its table, its spine in several columns or
    in one."""

    lay_out: Callable[[Sequence[TableColumn], bool], Canvas]
    width: float
    left_out: list[TableColumn] = field(default_factory=list)

    def canvas(self) -> Canvas:
        """The first that can be read, or the narrowest."""
        found: list[Canvas] = []
        for table in _TABLES:
            for is_split in (True, False):
                canvas = self.lay_out(table, is_split)
                if not is_split and canvas.height > _TALLEST * canvas.width:
                    continue
                if readable_at(canvas) <= self.width:
                    self.left_out = [word for word in TABLE_COLUMNS if word not in table]
                    return canvas
                found.append(canvas)
        return min(found, key=readable_at)

    def note(self) -> str:
        """What the reader of an overview that leaves something out is told."""
        if not self.left_out:
            return ""
        if len(self.left_out) == len(TABLE_COLUMNS):
            return "no room for the table: it is left out"
        *first, last = self.left_out
        words = f"{', '.join(first)} and {last}" if first else last
        return f"no room for all of the table: {words} left out"
