"""The line of a column while it is made: how far it is, and the names of what stands on it."""

from __future__ import annotations

from resdsl.design.join_expressions import Use
from resdsl.design.model import Fork, Instance, Join, Residual, Unit
from resdsl.drawing.side_by_side.items import Point, Row, Sort
from resdsl.drawing.trees.names import Names
from resdsl.extents import Shape
from resdsl.ops import Op


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
        return self.names.free(f"{path}{step.shortcut.key}.{_last_join(step.shortcut.unit)}")


def _last_join(unit: Unit) -> str:
    """What a graph calls the join that a shortcut ends with; the first of several is `join`."""
    if isinstance(unit, Op):
        return "join"
    body = unit.definition.body if isinstance(unit, Instance) else unit.body
    joins = [
        one.output
        for one in body.steps
        if isinstance(one, Join | Fork) and not isinstance(one.join, Use)
    ]
    place = joins.index(body.output) if body.output in joins else 0
    return f"join_{place}" if place else "join"
