"""Where the tensors of a block come in and leave that have names."""

from __future__ import annotations

from dataclasses import replace

from resdsl.drawing.fragments.exits import NAME, SHAPE, Exit, end_height, exits, put_end
from resdsl.drawing.fragments.fragments import BEND, GAP, Fragment, Open
from resdsl.drawing.layout.canvas import Canvas, Dot, Text
from resdsl.drawing.layout.fonts import room
from resdsl.drawing.trees.flow import Node
from resdsl.drawing.trees.series import Chain, Leaf, Mesh, Parallel
from resdsl.records import dataclass

# Of a name with its shape below it; of the arrow to the names at an end.
ENTRY_HEIGHT, _LEAD = 25.0, 20.0
# From the top of a piece of a spine to what leaves it; from there to what it leads to.
_TAPPED, _APART = 4.0, 24.0


def begins_named(chain: Chain) -> bool:
    """Whether what enters a tree does so at entries, so that nothing leads to it."""
    match chain.items:
        case (Leaf(node), *_):
            return node.kind == "entry"
        case (Parallel(columns), *_):
            return begins_named(columns[0])
        case (Mesh(by_number), *_):
            return any(map(begins_named, by_number.values()))
        case _:
            return False


@dataclass(slots=True)
class Entry(Fragment):
    """The name and shape of a tensor that comes in."""

    name: str
    shape: str

    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:  # noqa: ARG002
        canvas.add(Text(x, y + 6, self.name, NAME, "middle", "text", True))
        if self.shape:
            canvas.add(Text(x, y + 18, self.shape, SHAPE))
        return Open("", ((x, y + self.height),))


def entry(node: Node) -> Entry:
    half = max(room(node.text, NAME, bold=True), room(node.tip, SHAPE)) / 2 + 2
    height = ENTRY_HEIGHT if node.tip else ENTRY_HEIGHT - 12
    return Entry(half, half, height, node.text, node.tip)


@dataclass(slots=True)
class End(Fragment):
    """The arrow to the names of a tensor that leaves."""

    told: tuple[Exit, ...]

    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:  # noqa: ARG002
        put_end(canvas, self.told, above, y, _LEAD)
        return Open("", ())


def end(node: Node) -> End:
    told = exits((name, node.tip) for name in node.text.split(", "))
    half = max(room(one.names, NAME, bold=True) for one in told) / 2
    beside = max(room(one.shape, SHAPE) for one in told) + 8
    return End(half, max(half, beside), end_height(told, _LEAD), told)


@dataclass(slots=True)
class Head(Fragment):
    """What leads to other results, beside the spine that goes on."""

    inner: Fragment
    aside: float

    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:
        y += _TAPPED
        canvas.line((*above.points, (x, y)), arrow=False, tail=above.tail)
        canvas.add(Dot(x, y))
        lane = x + self.aside
        begun = Open(above.tail, ((x, y), (lane, y)), above.count)
        self.inner.draw(canvas, lane, y + BEND / 2 + GAP, begun)
        return replace(above, points=((x, y),))


def head(inner: Fragment) -> Head:
    aside = inner.left + _APART
    height = _TAPPED + BEND / 2 + GAP + inner.height
    return Head(0.0, aside + inner.right, height, inner, aside)


@dataclass(slots=True)
class Beside(Fragment):
    """Trees that share nothing, side by side, their tops in line."""

    parts: tuple[Fragment, ...]

    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:
        left = x - self.left
        for part in self.parts:
            part.draw(canvas, left + part.left, y, above)
            left += part.left + part.right + _APART
        return Open("", ())


def beside(parts: tuple[Fragment, ...]) -> Fragment:
    if len(parts) == 1:
        return parts[0]
    width = sum(part.left + part.right + _APART for part in parts) - _APART
    return Beside(width / 2, width / 2, max(part.height for part in parts), parts)
