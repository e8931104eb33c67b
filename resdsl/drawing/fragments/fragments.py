"""The pieces of a figure: each hangs on a spine, enters at its top, leaves at its foot.

A fragment says how much room it takes left and right of its spine and how high it is; then it is
put somewhere and drawn. A line is drawn once it is known where it ends: what hangs on a spine is
handed the line that is open above it and hands on its own.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil
from typing import TypeAlias

from resdsl.drawing.layout.canvas import Box, Canvas, Point, Sign
from resdsl.drawing.layout.fonts import room, text_width
from resdsl.drawing.trees.flow import Node
from resdsl.drawing.trees.series import Chain
from resdsl.records import dataclass

# Between what stands below each other; for a bend; between columns.
GAP, BEND, LANE = 13.0, 13.0, 26.0
RADIUS = 8.0
_NARROWEST = 58.0

# By look: height, size of the text, bold.
FORMS: dict[str, tuple[float, float, bool]] = {
    "weight": (25, 12, True),
    "norm": (18, 10, False),
    "activation": (18, 10, False),
    "gate": (18, 10, False),
    "pool": (22, 11, False),
    "other": (20, 10.5, False),
    "neutral": (25, 11, False),
}


@dataclass(frozen=True, slots=True)
class Open:
    """A line that has not ended yet: from which node, and the points so far."""

    tail: str
    points: tuple[Point, ...]
    # For how many operators of the network it stands.
    count: int = 1

    def to(self, *points: Point) -> Open:
        return replace(self, points=(*self.points, *points))

    def end(
        self, canvas: Canvas, point: Point, head: str, *, arrow: bool = True, count: int = 1
    ) -> None:
        """In a node that stands for `count` of its kind."""
        many = max(self.count, count)
        points = (*self.points, point)
        canvas.line(points, arrow=arrow, tail=self.tail, head=head, count=many)


@dataclass(slots=True)
class Fragment:
    """The room it takes `left` and `right` of its spine, and its `height`."""

    left: float
    right: float
    height: float

    @abstractmethod
    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:
        """Draws it with its spine at `x` from `y` down; `above` ends in it or goes on."""


LaidOut: TypeAlias = "Callable[[Chain, float, int], Fragment]"
"""What lays out a tree: whose boxes are at least so wide, and stand for so many operators."""


@dataclass(slots=True)
class Placed(Fragment):
    """A box on a spine."""

    node: Node
    count: int

    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:
        height, size, bold = FORMS[self.node.look]
        above.end(canvas, (x, y), self.node.name, count=self.count)
        canvas.add(
            Box(
                x,
                y + height / 2,
                self.left + self.right,
                height,
                self.node.look,
                self.node.text,
                size,
                bold,
                node=self.node.name,
                tip=self.node.tip,
                count=self.count,
            )
        )
        return Open(self.node.name, ((x, y + height),), self.count)


@dataclass(slots=True)
class Rows(Fragment):
    """Fragments below each other."""

    parts: Sequence[Fragment]

    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:
        for number, part in enumerate(self.parts):
            y += GAP if number else 0
            above = part.draw(canvas, x, y, above)
            y += part.height
        return above


def box_width(node: Node) -> float:
    _, size, bold = FORMS[node.look]
    # An even number of points, so that its sides are whole ones.
    return 2 * ceil(max(_NARROWEST, room(node.text, size, bold=bold)) / 2)


def put_sign(canvas: Canvas, x: float, y: float, node: Node, count: int) -> Open:
    canvas.add(Sign(x, y, RADIUS, node.text, node.name, node.tip or node.name, count))
    return Open(node.name, ((x, y + RADIUS),), count)


PILL = 16.0


def pill(
    canvas: Canvas, x: float, y: float, node: Node, line: Open, count: int, *, is_upright: bool
) -> Open:
    """A few words on a line."""
    width = 2 * ceil(max(24, text_width(node.text, 10) + 12) / 2)
    start = line.points[-1]
    if is_upright:
        enter, leave = (x, y - PILL / 2), (x, y + PILL / 2)
    else:
        half = width / 2 if start[0] < x else -width / 2
        enter, leave = (x - half, y), (x + half, y)
    line.end(canvas, enter, node.name, arrow=False, count=count)
    canvas.add(
        Box(x, y, width, PILL, "gate", node.text, 10, node=node.name, tip=node.name, count=count)
    )
    return Open(node.name, (leave,), count)


def same_place(one: float, two: float) -> bool:
    return abs(one - two) < 0.01
