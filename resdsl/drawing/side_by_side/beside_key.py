"""What the arcs, signs, words and colours of networks side by side mean."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.analysis.shortcuts import Kind, Shortcut
from resdsl.drawing.layout.arcs import DASHES, Dash
from resdsl.drawing.layout.canvas import Box, Canvas, Sign, Text
from resdsl.drawing.layout.fonts import room
from resdsl.drawing.side_by_side.beside_places import MARGIN
from resdsl.drawing.side_by_side.column_rows import Column

# By dash, how thick arcs are that are not as thick as others.
WEIGHTS: dict[Dash, float] = {"dotted": 1.4}
_SIGNS = {"+": "sum", "*": "product", "|": "concatenation"}
_WORDS = {
    ", C=": "C: cardinality (groups)",
    " dw, ": "dw: depthwise",
    "GAP": "GAP: global average pool",
}
_TEXT, _LINE = MARGIN + 32, 14.0


class Key:
    """Writes it below a figure, from `y` down; the canvas is at least as wide as it is."""

    def __init__(self, canvas: Canvas, y: float) -> None:
        self.canvas = canvas
        self.y = y

    def of(self, columns: Sequence[Column], colours: int) -> float:
        """Only what there is in the columns; where it ends."""
        # Before it writes signs of its own.
        signs = {sign.sign for sign in self.canvas.of(Sign)}
        shown = [text.text for text in (*self.canvas.of(Text), *self.canvas.of(Box))]
        for dash, text in _phrases(columns):
            points = ((MARGIN, self.y), (MARGIN + 24, self.y))
            self.canvas.line(points, dash=dash, weight=WEIGHTS.get(dash, 1.1))
            self._say(text)
        if any(column.links for column in columns):
            points = ((MARGIN, self.y), (MARGIN + 24, self.y))
            self.canvas.line(points, look="secondary", weight=1.0)
            self._say("kept tensor, by its name; first: of a concatenation")
        for sign, text in _SIGNS.items():
            if sign in signs and signs != {"+"}:
                self.canvas.add(Sign(MARGIN + 12, self.y, 4.5, sign))
                self._say(text)
        if any(column.times for column in columns):
            self.canvas.add(Text(MARGIN + 12, self.y, "×N", 9.5, "middle", "text", bold=True))
            self._say("stands N times in a row")
        for part, text in _WORDS.items():
            if any(part in one for one in shown):
                self._say(text, MARGIN)
        if colours > 1:
            self._say("colour: the output size, as at the left", MARGIN)
        return self.y

    def _say(self, text: str, left: float = _TEXT) -> None:
        self.canvas.add(Text(left, self.y, text, 9, "start"))
        self.canvas.width = max(self.canvas.width, left + room(text, 9))
        self.y += _LINE


def _phrases(columns: Sequence[Column]) -> list[tuple[Dash, str]]:
    """By dash of arcs, what has it."""
    words: dict[Dash, dict[str, None]] = {}
    found = [arc.shortcut for column in columns for arc in column.arcs]
    for kind in Kind:
        for shortcut in found:
            if shortcut.kind is kind:
                words.setdefault(DASHES[kind], {})[_told(shortcut)] = None
    return [(dash, _listed(list(texts))) for dash, texts in words.items()]


def _told(shortcut: Shortcut) -> str:
    """The kind; what is of no kind, by what it does, if that is one operator."""
    is_short = "\n" not in shortcut.label and len(shortcut.label) < 24
    if shortcut.kind in (Kind.SCALED, Kind.OTHER) and shortcut.label and is_short:
        return f"{shortcut.kind.value} ({shortcut.label})"
    return shortcut.kind.value


def _listed(texts: list[str]) -> str:
    shown = texts if len(texts) < 4 else [*texts[:2], f"{len(texts) - 2} others"]
    return " or ".join(shown)
