"""A laid-out figure as DOT with every position pinned: Graphviz draws it as it stands.

`layout=nop2` in the text itself, so that `dot -Tsvg` of whatever version changes nothing. What was
learnt of Graphviz 2.43 and 16.1: node sizes are whole points; the canvas is what is drawn, so two
invisible points hold its corners; bold is `<B>` in an HTML label; one font name (Arial) is known to
all renderers; backgrounds are clusters with a `bb`.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import hypot

import graphviz  # type: ignore[import-untyped]

from resdsl.drawing.layout.canvas import Band, Box, Canvas, Dot, Line, Point, Sign, Text
from resdsl.drawing.layout.fonts import room
from resdsl.drawing.layout.splines import dashes, rounded, shortened
from resdsl.drawing.layout.theme import THEMES, Theme

FONT = "Arial"
# The text of a line's pieces.
_LONGEST = 8_000
# Of an arrowhead, in points.
_HEAD = 5.6
# Nothing is smaller, so that it holds a corner of the canvas.
_LEAST = 0.72
_GRAPH = {
    "layout": "nop2",
    "pad": "0",
    "margin": "0",
    "outputorder": "edgesfirst",
    "splines": "true",
}
_NODE = {"shape": "box", "fixedsize": "true", "margin": "0", "label": "", "fontname": FONT}
_NOTHING = {"shape": "point", "width": "0.01", "height": "0.01", "style": "invis"}
# The outline of a head reaches over its tip (before Graphviz 7): an unfilled circle would show it.
_OVER = 0.8
# The middle of small letters is below that of the line.
_DROP = 0.07


def dot(canvas: Canvas, theme: str = "light", scale: float = 1.0) -> str:
    """The DOT text; all lengths, those of letters too, `scale` times as large."""
    return _Writer(canvas, THEMES[theme], scale).text()


def plain(text: str) -> str:
    """A label that shows a text as it is: no escapes, no entities, and never taken for HTML."""
    # A string type of the package's own says so: `str()` of it would forget it.
    safe: str = graphviz.escape(_printable(text).replace("&", "&amp;"))
    return safe


def hint(text: str) -> str:
    """The same as a tooltip, in which Graphviz looks for escapes twice."""
    return plain(text.replace("\\", "\\\\"))


def strong(text: str) -> str:
    """A text in bold, for a label in angle brackets."""
    inside = escape(_printable(text)).replace("\\", "&#92;&#92;")
    return f"<B>{inside}</B>"


def _printable(text: str) -> str:
    """Without what an XML document may not hold, and marks that turn the line around."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


class _Writer:
    def __init__(self, canvas: Canvas, theme: Theme, scale: float) -> None:
        self.canvas = canvas
        self.theme = theme
        self.scale = scale
        self.width, self.height = canvas.width * scale, canvas.height * scale
        # Names of nodes in DOT, by what they stand for.
        self.names: dict[str, str] = {}
        self.signs = {sign.node for sign in canvas.of(Sign) if sign.node}
        self.graph = graphviz.Digraph(
            plain(canvas.name),
            graph_attr=_GRAPH | {"bgcolor": theme.ground},
            node_attr=_NODE,
            edge_attr={
                "dir": "none",
                "arrowhead": "normal",
                "arrowsize": _number(_HEAD * scale / 10, 3),
                "color": theme.line,
            },
        )

    def text(self) -> str:
        corner = _LEAST / 2
        for name, x, y in (("o", 0.0, 0.0), ("z", self.width, self.height)):
            at = f"{_number(abs(x - corner))},{_number(abs(y - corner))}"
            self.graph.node(name, pos=at, **_NOTHING)
        for i, band in enumerate(self.canvas.of(Band)):
            self._band(band, i)
        for i, item in enumerate(self.canvas.items):
            match item:
                case Box():
                    self._box(item, f"n{i}")
                case Sign():
                    self._sign(item, f"n{i}")
                case Dot():
                    self._dot(item, f"n{i}")
                case Text():
                    self._text(item, f"n{i}")
                case _:
                    pass
        for line in self.canvas.of(Line):
            self._line(line)
        return str(self.graph.source)

    # --- nodes ------------------------------------------------------------------------------------

    def _box(self, box: Box, name: str) -> None:
        look = self.theme.look(box.look)
        self.names.setdefault(box.node, name)
        known = {
            "style": "filled" if box.plain else "filled,rounded",
            "fillcolor": look.fill,
            "color": look.line,
            "penwidth": self._pen(1.0),
        }
        if box.text:
            known |= self._words(box.text, box.size, look.ink, bold=box.bold)
        self._node(name, box.x, box.y, box.width, box.height, known | _told(box.node, box.tip))

    def _sign(self, sign: Sign, name: str) -> None:
        self.names.setdefault(sign.node, name)
        known = {"shape": "circle", "color": self.theme.line, "penwidth": self._pen(1.1)}
        if sign.sign not in _STROKES:
            known |= self._words(sign.sign, sign.letters, self.theme.text)
        size = 2 * sign.radius
        self._node(name, sign.x, sign.y, size, size, known | _told(sign.node, sign.tip))
        for x0, y0, x1, y1 in _STROKES.get(sign.sign, ()):
            reach = sign.radius * 0.55
            points = (
                (sign.x + x0 * reach, sign.y + y0 * reach),
                (sign.x + x1 * reach, sign.y + y1 * reach),
            )
            self._line(Line(points, arrow=False, weight=1.3))

    def _dot(self, dot: Dot, name: str) -> None:
        ink = self.theme.ink(dot.look)
        known = {"shape": "circle", "style": "filled", "fillcolor": ink, "penwidth": "0"}
        self._node(name, dot.x, dot.y, 2 * dot.radius, 2 * dot.radius, known)

    def _text(self, text: Text, name: str) -> None:
        ink = self.theme.ink(text.look)
        # What reaches over the edge would make the figure wider.
        right = self.canvas.width - text.x
        there = {"start": right, "end": text.x, "middle": 2 * min(text.x, right)}[text.anchor]
        # A table that is as wide as its node is said to be too wide.
        around = 2 if text.bold else 0
        width = round(min(room(text.text, text.size, bold=text.bold), there - around))
        x = text.x + {"start": width / 2, "end": -width / 2, "middle": 0}[text.anchor]
        side = {"start": "l", "end": "r", "middle": ""}[text.anchor]
        known = self._words(text.text, text.size, ink, bold=text.bold, side=side, width=width)
        y = text.y + text.size * _DROP
        self._node(name, x, y, width + around, round(text.size * 1.7), {"shape": "none"} | known)

    def _words(
        self,
        text: str,
        size: float,
        ink: str,
        *,
        bold: bool = False,
        side: str = "",
        width: float = 0,
    ) -> dict[str, str]:
        if bold and text.strip():
            label = _bold(text, side, width * self.scale)
        else:
            label = f"{plain(text)}\\{side}" if side else plain(text)
        return {"label": label, "fontsize": _number(size * self.scale), "fontcolor": ink}

    def _node(
        self, name: str, x: float, y: float, width: float, height: float, known: dict[str, str]
    ) -> None:
        size = {
            "width": _number(width * self.scale / 72, 4),
            "height": _number(height * self.scale / 72, 4),
        }
        self.graph.node(name, pos=self._at((x, y)), **size, **known)

    # --- lines and grounds ------------------------------------------------------------------------

    def _line(self, line: Line) -> None:
        spline = rounded(line.points, line.radius)
        known = {"color": self.theme.ink(line.look), "penwidth": self._pen(line.weight)}
        tip = None
        if line.arrow:
            spline, tip = shortened(spline, _HEAD)
            known["dir"] = "forward"
            if line.head in self.signs:
                before, tip = tip, _back(spline[-1], tip, _OVER)
                moved = (tip[0] - before[0], tip[1] - before[1])
                spline[-3:] = [(x + moved[0], y + moved[1]) for x, y in spline[-3:]]
        pieces = [spline] if line.dash == "solid" else dashes(spline, line.dash) or [spline]
        texts = [" ".join(map(self._at, piece)) for piece in pieces]
        if tip is not None:
            texts[-1] = f"e,{self._at(tip)} {texts[-1]}"
        tail, head = (self.names.get(name, "o") for name in (line.tail, line.head))
        *parts, last = _in_parts(texts)
        for part in parts:
            self.graph.edge("o", "o", pos=";".join(part), **(known | {"dir": "none"}))
        self.graph.edge(tail, head, pos=";".join(last), **known)

    def _band(self, band: Band, number: int) -> None:
        look = self.theme.look(band.look)
        self.names.setdefault(band.node, f"b{number}")
        left, top = band.left * self.scale, band.top * self.scale
        right, bottom = left + band.width * self.scale, top + band.height * self.scale
        corners = (left, self.height - bottom, right, self.height - top)
        known = {
            "bb": ",".join(map(_number, corners)),
            "style": "filled,dashed,rounded" if band.dashed else "filled,rounded",
            "fillcolor": look.fill,
            "color": look.line,
            "label": "",
            "penwidth": self._pen(0.8),
        } | (_told(band.node, band.tip) or {"id": f"band{number}"})
        middle = f"{_number((left + right) / 2)},{_number(self.height - (top + bottom) / 2)}"
        with self.graph.subgraph(name=f"cluster_{number}") as cluster:
            cluster.attr("graph", **known)
            cluster.node(f"b{number}", pos=middle, **_NOTHING)

    def _at(self, point: Point) -> str:
        return f"{_number(point[0] * self.scale)},{_number(self.height - point[1] * self.scale)}"

    def _pen(self, weight: float) -> str:
        return _number(weight * self.scale)


# The strokes of signs, in shares of their reach from the middle: x0, y0, x1, y1.
_STROKES: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "+": ((-1, 0, 1, 0), (0, -1, 0, 1)),
    "-": ((-1, 0, 1, 0),),
    "*": ((-0.75, -0.75, 0.75, 0.75), (0.75, -0.75, -0.75, 0.75)),
    "|": ((-0.4, -1, -0.4, 1), (0.4, -1, 0.4, 1)),
}


def _bold(text: str, side: str, width: float) -> str:
    """Two points of nothing above put bold letters in the middle, where plain ones stand.

    Graphviz puts a node's name for `\\N` here too, though it looks for no `\\n`.
    """
    align = {"l": ' ALIGN="LEFT"', "r": ' ALIGN="RIGHT"', "": ""}[side]
    wide = f' WIDTH="{width:.0f}"' if side else ""
    inside = strong(text)
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"{wide}>'
        f'<TR><TD HEIGHT="2"></TD></TR><TR><TD{align}>{inside}</TD></TR></TABLE>>'
    )


def _told(node: str, tip: str) -> dict[str, str]:
    """What a reader of the SVG finds: the module's path, and what is said of it."""
    return {"id": plain(node), "tooltip": hint(tip or node)} if node else {}


def _in_parts(texts: Sequence[str]) -> list[list[str]]:
    """The pieces of a line, a few thousand letters together: Graphviz reads no text of 16,384."""
    parts: list[list[str]] = [[]]
    length = 0
    for text in texts:
        length += len(text) + 1
        if length > _LONGEST and parts[-1]:
            parts.append([])
            length = len(text) + 1
        parts[-1].append(text)
    return parts


def _back(start: Point, tip: Point, length: float) -> Point:
    whole = hypot(tip[0] - start[0], tip[1] - start[1]) or 1.0
    return (
        tip[0] + (start[0] - tip[0]) * length / whole,
        tip[1] + (start[1] - tip[1]) * length / whole,
    )


def _number(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") or "0"
