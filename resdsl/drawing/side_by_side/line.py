"""The line of a column while it is made: how far it is, and the names of what stands on it."""

from __future__ import annotations

from resdsl.design.model import Residual
from resdsl.drawing.side_by_side.items import Point, Row, Sort
from resdsl.drawing.trees.names import Names
from resdsl.extents import Shape


class Line:
    """`place` counts what stands on it so far."""

    def __init__(self) -> None:
        self.place = 0
        self._points = 0
        self.names = Names()

    def row(self, text: str, shape: Shape, sort: Sort, path: str) -> Row:
        self.place += 1
        return Row(text, shape, sort, path, () if shape.flat else shape.extents)

    def point(self, path: str) -> Point:
        self._points += 1
        return Point(f"{path}#{self._points}")

    def sum(self, step: Residual, path: str) -> str:
        """What main and shortcut make: what the shortcut does, where it reads main."""
        if step.adds or step.shortcut is None:
            return self.names.free(f"{path}{'sum' if step.adds else 'from'}")
        return self.names.free(f"{path}{step.shortcut.key}.join")
