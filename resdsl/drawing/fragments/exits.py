"""Where outputs leave a spine: an arrow to their names, beside it or at its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from resdsl.drawing.fragments.fragments import Fragment, Open
from resdsl.drawing.layout.canvas import Canvas, Dot, Text
from resdsl.drawing.layout.fonts import text_width
from resdsl.drawing.trees.flow import Node
from resdsl.records import dataclass

NAME, SHAPE = 11.0, 9.0
# Of lines of names; from the spine to names beside it; between a name and its shape.
LINE, ASIDE, _BETWEEN = 14.0, 34.0, 8.0
# Names wider than this go on in the next line.
_WIDEST = 150.0
# From a box or sign to the line that leaves below it, and from that to what is next.
ABOVE, BELOW = 12.0, 8.0
# From the top of a box to what leaves it there.
INNER = 9.0
# Of a piece of a spine, above and below the line that leaves it.
_TAPPED = 4.0
# From the middle of names at an end to what is next.
_APART = 14.0


@dataclass(frozen=True, slots=True)
class Exit:
    """A line of what is told of outputs: names of one tensor, behind the last its shape."""

    names: str
    shape: str

    @property
    def width(self) -> float:
        return self.place + text_width(self.shape, SHAPE)

    @property
    def place(self) -> float:
        """From the names' beginning to the shape."""
        return text_width(self.names, NAME, bold=True) + _BETWEEN


def exits(outputs: Iterable[tuple[str, str]]) -> tuple[Exit, ...]:
    """Lines of (name, shape) pairs: names of one shape together."""
    by_shape: dict[str, list[str]] = {}
    for name, shape in outputs:
        by_shape.setdefault(shape, []).append(name)
    found: list[Exit] = []
    for shape, names in by_shape.items():
        lines = _in_lines(names)
        found += [Exit(line, "") for line in lines[:-1]]
        found.append(Exit(lines[-1], shape))
    return tuple(found)


def _in_lines(names: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for number, name in enumerate(names):
        part = name if number == len(names) - 1 else f"{name}, "
        if lines and text_width(lines[-1] + part, NAME, bold=True) <= _WIDEST:
            lines[-1] += part
        else:
            lines.append(part)
    return [line.rstrip() for line in lines]


def beside_height(told: Sequence[Exit]) -> float:
    """Of an arrow to the side and the names at its end."""
    return ABOVE + LINE * (len(told) - 1) + BELOW if told else 0.0


def inner_height(told: Sequence[Exit]) -> float:
    """Of what leaves a box near its top, up to what may enter below."""
    return INNER + LINE * len(told)


def put_beside(
    canvas: Canvas, told: Sequence[Exit], begin: tuple[float, float], x: float, tail: str = ""
) -> None:
    """An arrow from a point to the right, to what is told from `x` on."""
    _, y = begin
    canvas.line((begin, (x - 4, y)), tail=tail)
    _put(canvas, told, x, y)


def put_tap(canvas: Canvas, told: Sequence[Exit], above: Open, x: float, y: float) -> Open:
    """A line goes on along the spine, and an arrow leaves it at `y`; what is open below."""
    canvas.line((*above.points, (x, y)), arrow=False, tail=above.tail)
    canvas.add(Dot(x, y))
    put_beside(canvas, told, (x, y), x + ASIDE, above.tail)
    return replace(above, points=((x, y),))


def _put(canvas: Canvas, told: Sequence[Exit], x: float, y: float) -> None:
    for one in told:
        canvas.add(Text(x, y, one.names, NAME, "start", "text", True))
        if one.shape:
            canvas.add(Text(x + one.place, y + 0.5, one.shape, SHAPE, "start"))
        y += LINE


@dataclass(slots=True)
class Leaving(Fragment):
    """Where a tensor leaves a spine and goes on there as well.

    `is_output`: by an arrow to what it is called outside; else a line to a name that stands
    elsewhere, too.
    """

    told: tuple[Exit, ...]
    is_output: bool

    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:
        y += _TAPPED
        if self.is_output:
            return put_tap(canvas, self.told, above, x, y)
        canvas.line((*above.points, (x, y)), arrow=False, tail=above.tail)
        canvas.add(Dot(x, y))
        canvas.line(((x, y), (x + ASIDE - 4, y)), arrow=False, look="secondary")
        canvas.add(Text(x + ASIDE, y, self.told[0].names, SHAPE, "start"))
        return replace(above, points=((x, y),))


def leaving(node: Node) -> Leaving:
    """That of a node that says so."""
    is_output = node.look == "output"
    told = exits((name, node.tip if is_output else "") for name in node.text.split(", "))
    told = told if is_output else (Exit(node.text, ""),)
    # Names that are no outputs are in smaller letters, which are not bold.
    height = 2 * _TAPPED + LINE * (len(told) - 1)
    return Leaving(0.0, ASIDE + max(one.width for one in told), height, told, is_output)


def end_height(told: Sequence[Exit], lead: float) -> float:
    """Of an arrow of a length down, and of the names below it."""
    return lead + 9 + LINE * (len(told) - 1) + _APART if told else 0.0


def put_end(canvas: Canvas, told: Sequence[Exit], above: Open, y: float, lead: float) -> None:
    """The spine's end: an arrow down to names; the shape of the first of them is beside it."""
    x = above.points[-1][0]
    shapes = [one.shape for one in told if one.shape]
    if shapes:
        canvas.add(Text(x + 6, y + 10, shapes[0], SHAPE, "start"))
    above.end(canvas, (x, y + lead), "")
    y += lead + 9
    for one in told:
        other = f" {one.shape}" if one.shape not in ("", *shapes[:1]) else ""
        canvas.add(Text(x, y, one.names + other, NAME, "middle", "text", True))
        y += LINE
