"""Figures of blocks: panels side by side, their tops and captions in line."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, inf
from string import ascii_lowercase

from resdsl.drawing.fragments.fragments import Fragment, Open
from resdsl.drawing.layout.canvas import Canvas, Text
from resdsl.drawing.layout.fitting import READABLE, moved
from resdsl.drawing.layout.fonts import text_width
from resdsl.records import dataclass

# Around the figure; between panels; from a shape to the block.
_MARGIN, _BETWEEN, _LEAD = 18.0, 32.0, 22.0
_SHAPE, _CAPTION = 10.0, 12.0
# Panels whose heights differ by less end in one line.
_EVEN = 70.0


@dataclass(frozen=True, slots=True)
class Panel:
    """A block laid out; `before` and `after` are the shapes that enter and leave it."""

    fragment: Fragment
    before: str
    after: str
    caption: str
    # In grey below: the network, and where in it.
    place: str
    # Before the names of its nodes, where another panel has the same.
    prefix: str = ""

    @property
    def sides(self) -> tuple[float, float]:
        """The room that it needs left and right of its spine."""
        half = max(text_width(text, _SHAPE) for text in (self.before, self.after)) / 2
        words = max(text_width(self.caption, _CAPTION, bold=True), text_width(self.place, _SHAPE))
        middle = self.middle
        left = max(self.fragment.left, half, words / 2 - middle)
        return left, max(self.fragment.right, half, words / 2 + middle)

    @property
    def middle(self) -> float:
        """Where its captions stand, from its spine."""
        return (self.fragment.right - self.fragment.left) / 2


def figure(panels: Sequence[Panel], name: str, width: float | None = None) -> Canvas:
    """The panels in rows that stay, drawn in letters that can be read, within `width` points."""
    canvas = Canvas(name)
    rows = _rows(panels, width)
    widest, top = max(map(_width, rows)), 0.0
    for row in rows:
        tall = max(panel.fragment.height for panel in row)
        x = (widest - _width(row)) / 2
        for panel in row:
            left, right = panel.sides
            _draw(canvas, panel, x + left, top, tall)
            x += left + right + _BETWEEN
        top += 10 + _LEAD + tall + 34 + max(map(_words, row)) + _MARGIN
    canvas.width, canvas.height = float(ceil(widest + 2 * _MARGIN)), float(ceil(top + _MARGIN))
    return moved(canvas, _MARGIN, 0.0, canvas.width, canvas.height)


def _words(panel: Panel) -> float:
    """The height of what is written below."""
    return 46.0 if panel.place else 30.0 if panel.caption else 0.0


def _width(row: Sequence[Panel]) -> float:
    return sum(sum(panel.sides) + _BETWEEN for panel in row) - _BETWEEN


def _rows(panels: Sequence[Panel], width: float | None) -> list[list[Panel]]:
    most = inf if width is None else width * _SHAPE / READABLE
    rows: list[list[Panel]] = []
    left = 0.0
    for panel in panels:
        mine = sum(panel.sides) + _BETWEEN
        if not rows or mine > left:
            rows.append([])
            left = most + _BETWEEN - 2 * _MARGIN
        rows[-1].append(panel)
        left -= mine
    return rows


def lettered(captions: Sequence[str]) -> list[str]:
    """`(a) basic`, `(b) bottleneck`, … of several."""
    if len(captions) == 1 or all(text.startswith("(") for text in captions):
        return list(captions)
    return [f"({letters(number)}) {text}".rstrip() for number, text in enumerate(captions)]


def letters(number: int) -> str:
    """`a` to `z`, `aa` to `zz`, `aaa` …, from 0."""
    before, last = divmod(number, len(ascii_lowercase))
    return (letters(before - 1) if before else "") + ascii_lowercase[last]


def _draw(canvas: Canvas, panel: Panel, x: float, start: float, tall: float) -> None:
    top = start + _MARGIN + 10
    first = top + _LEAD
    height = panel.fragment.height
    canvas.add(Text(x, top - 4, panel.before, _SHAPE))
    inside = Canvas()
    below = panel.fragment.draw(inside, x, first, Open("", ((x, top + 5),)))
    reach = tall if tall - height < _EVEN else height
    below.end(inside, (x, first + reach + 20), "")
    canvas.take(inside, panel.prefix)
    canvas.add(Text(x, first + reach + 30, panel.after, _SHAPE))
    middle = x + panel.middle
    if panel.caption:
        canvas.add(Text(middle, first + tall + 58, panel.caption, _CAPTION, "middle", "text", True))
    if panel.place:
        canvas.add(Text(middle, first + tall + 74, panel.place, _SHAPE))
