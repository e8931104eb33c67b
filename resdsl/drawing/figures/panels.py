"""Figures of blocks: panels side by side, their tops and captions in line."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, combinations, islice
from math import ceil, inf
from string import ascii_lowercase

from resdsl.drawing.fragments.fragments import Fragment, Open
from resdsl.drawing.layout.canvas import Canvas, Text
from resdsl.drawing.layout.fitting import READABLE, moved
from resdsl.drawing.layout.fonts import room
from resdsl.records import dataclass

# Around the figure; between panels; from a shape to the block.
_MARGIN, _BETWEEN, _LEAD = 18.0, 32.0, 22.0
_SHAPE, _CAPTION = 10.0, 12.0
# From the shape that leaves to the words; between lines of these.
_WORDS, _LINE = 28.0, 16.0
# From the names of what enters to where a shape stands; what names of what leaves take below that.
_NAMED, _TOLD = 10.0, 34.0
# What is written below goes on in a further line where it is wider, also where there is room.
_WIDEST = 280.0
# Panels whose heights differ by less end in one line.
_EVEN = 70.0
# Panels above which rows are filled one after the other.
_EVENED = 64


@dataclass(frozen=True, slots=True)
class Panel:
    """A block laid out; `before` and `after` are the shapes that enter and leave it.

    Where these are empty, what enters or leaves has names, which stand in the fragment.
    """

    fragment: Fragment
    before: str
    after: str
    caption: str
    # In grey below: the network, and where in it.
    place: str
    # Before the names of its nodes, where another panel has the same.
    prefix: str = ""
    # What is written below goes on in a further line where it is wider, and wider than the block.
    widest: float = _WIDEST

    @property
    def height(self) -> float:
        """That of the block, without the names of what enters and leaves."""
        named = 0.0 if self.before else _LEAD + _NAMED
        return self.fragment.height - named - (0.0 if self.after else _TOLD)

    @property
    def sides(self) -> tuple[float, float]:
        """The room that it needs left and right of its spine."""
        half = max(room(text, _SHAPE) for text in (self.before, self.after)) / 2
        words = max((room(text, size, bold=bold) for text, size, bold in self.words), default=0)
        middle = self.middle
        left = max(self.fragment.left, half, words / 2 - middle)
        return left, max(self.fragment.right, half, words / 2 + middle)

    @property
    def words(self) -> list[tuple[str, float, bool]]:
        """The lines below it: text, size, bold."""
        wide = max(self.widest, self.fragment.left + self.fragment.right)
        caption = _lines(self.caption, _CAPTION, wide, bold=True)
        place = _lines(self.place, _SHAPE, wide, bold=False)
        return [
            *((one, _CAPTION, True) for one in caption),
            *((one, _SHAPE, False) for one in place),
        ]

    @property
    def middle(self) -> float:
        """Where its captions stand, from its spine."""
        return (self.fragment.right - self.fragment.left) / 2


def figure(panels: Sequence[Panel], name: str, width: float | None = None) -> Canvas:
    """The panels in rows that stay, drawn in letters that can be read, within `width` points."""
    canvas = Canvas(name)
    most = inf if width is None else width * _SHAPE / READABLE - 2 * _MARGIN
    panels = [replace(panel, widest=min(_WIDEST, most)) for panel in panels]
    rows = _rows(panels, most)
    widest, top = max(map(_width, rows)), 0.0
    for row in rows:
        tall = max(panel.height for panel in row)
        x = (widest - _width(row)) / 2
        for panel in row:
            left, right = panel.sides
            _draw(canvas, panel, x + left, top, tall)
            x += left + right + _BETWEEN
        top += 10 + _LEAD + tall + 34 + max(map(_below, row)) + _MARGIN
    canvas.width, canvas.height = float(ceil(widest + 2 * _MARGIN)), float(ceil(top + _MARGIN))
    return moved(canvas, _MARGIN, 0.0, canvas.width, canvas.height)


def _below(panel: Panel) -> float:
    """The height of what is written below."""
    lines = len(panel.words)
    return 14.0 + _LINE * lines if lines else 0.0


def _lines(text: str, size: float, width: float, *, bold: bool) -> list[str]:
    """As it is, or its words in lines that are as wide; a word that is wider has its own."""
    if room(text, size, bold=bold) <= width:
        return [text] if text else []
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and room(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _width(row: Sequence[Panel]) -> float:
    return sum(sum(panel.sides) + _BETWEEN for panel in row) - _BETWEEN


def _rows(panels: Sequence[Panel], most: float) -> list[list[Panel]]:
    """As few rows as the width allows, and these as even as they can be."""
    widths = [sum(panel.sides) for panel in panels]
    counts = _filled(widths, most)
    if len(counts) > 1 and len(panels) <= _EVENED:
        counts = _even(widths, counts)
    rest = iter(panels)
    return [list(islice(rest, count)) for count in counts]


def _filled(widths: Sequence[float], most: float) -> list[int]:
    """How many stand in each row."""
    counts: list[int] = []
    left = 0.0
    for width in widths:
        if counts and width + _BETWEEN <= left:
            counts[-1] += 1
            left -= width + _BETWEEN
        else:
            counts.append(1)
            left = most - width
    return counts


def _even(widths: Sequence[float], counts: list[int]) -> list[int]:
    """In no more rows, the widest of which is as narrow as can be."""
    ends = list(accumulate(width + _BETWEEN for width in widths))
    spans = {end - start for start, end in combinations((0.0, *ends), 2)}
    # A little more, as sums are rounded. The number of rows falls as the width grows.
    candidates = sorted(span - _BETWEEN + 0.01 for span in spans)
    enough = bisect_left(candidates, -len(counts), key=lambda most: -len(_filled(widths, most)))
    return _filled(widths, candidates[enough])


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
    inside = Canvas()
    if panel.before:
        canvas.add(Text(x, top - 4, panel.before, _SHAPE))
        below = panel.fragment.draw(inside, x, first, Open("", ((x, top + 5),)))
    else:
        below = panel.fragment.draw(inside, x, top - _NAMED, Open("", ()))
    reach = tall if tall - panel.height < _EVEN else panel.height
    if panel.after:
        below.end(inside, (x, first + reach + 20), "")
    canvas.take(inside, panel.prefix)
    if panel.after:
        canvas.add(Text(x, first + reach + 30, panel.after, _SHAPE))
    middle = x + panel.middle
    for number, (text, size, bold) in enumerate(panel.words):
        y = first + tall + 30 + _WORDS + number * _LINE
        canvas.add(Text(middle, y, text, size, "middle", "text" if bold else "secondary", bold))
