"""What goes past: main on the spine, the other column beside it, the sign where they meet."""

from __future__ import annotations

from resdsl.drawing.fragments.fragments import BEND, GAP, RADIUS, Fragment, Open, put_sign
from resdsl.drawing.layout.canvas import Canvas, Dot
from resdsl.drawing.trees.flow import Node
from resdsl.records import dataclass


@dataclass(slots=True)
class Skip(Fragment):
    """What goes past: `main` on the spine, `side` at its right, and the sign where they meet.

    `turn` is −1 where `side` stands at the left: the first part of a concatenation does.
    """

    main: Fragment
    side: Fragment
    sign: Node
    count: int
    lane: float
    is_bare: bool
    turn: int

    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:
        top, first, last = y + BEND / 2, y + BEND + GAP, y + self.height - RADIUS
        lane = x + self.turn * self.lane
        canvas.add(Dot(x, top))
        beside = Open(above.tail, ((x, top), (lane, top)), above.count)
        inner = self.height - BEND - 2 * GAP - 2 * RADIUS
        below = self.main.draw(canvas, x, first, above)
        below.end(canvas, (x, last - RADIUS), self.sign.name, count=self.count)
        if not self.is_bare:
            start = first + (inner - self.side.height) / 2
            beside = self.side.draw(canvas, lane, start, beside)
        end = (x + self.turn * RADIUS, last)
        beside.to((lane, last)).end(canvas, end, self.sign.name, count=self.count)
        return put_sign(canvas, x, last, self.sign, self.count)
