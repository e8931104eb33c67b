"""The legend under the title: only what occurs in the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from resdsl.analysis.shortcuts import Kind
from resdsl.drawing.column.branch_pieces import Inset
from resdsl.drawing.column.stations import Station
from resdsl.drawing.layout.arcs import DASHES, Dash
from resdsl.drawing.layout.canvas import Canvas, Line, Sign, Text
from resdsl.drawing.layout.fonts import text_width
from resdsl.drawing.trees.rows import block_name
from resdsl.records import dataclass

_SIGNS = {"-": "difference", "*": "product", "|": "concatenation"}

SIZE, LINE = 9.0, 15.0
_BETWEEN, _ICON, _BESIDE = 16.0, 18.0, 5.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase, behind a piece of a line or a sign where it explains one."""

    text: str
    dash: Dash | None = None
    sign: str = ""

    @property
    def icon(self) -> float:
        """The room of what stands before the text."""
        return _ICON + _BESIDE if self.dash else 10 + _BESIDE if self.sign else 0.0

    @property
    def width(self) -> float:
        return self.icon + text_width(self.text, SIZE)


def legend(stations: Iterable[Station], rank: int, signs: Iterable[str]) -> list[Entry]:
    """What is explained. `signs` are those in the picture."""
    shown = list(stations)
    of_blocks = [station for station in shown if station.element.is_block]
    blocks = [station.element for station in of_blocks]
    # What is drawn as it is made has none.
    in_brackets = [s.element for s in of_blocks if not isinstance(s.piece, Inset)]
    found: list[Entry] = []
    if in_brackets:
        window = "×".join("k" * max(rank, 1)) if rank > 1 else "k"
        kinds = list(dict.fromkeys(block.kind for block in in_brackets if block.kind))
        named = f" {' or '.join(map(block_name, kinds))}" if 0 < len(kinds) < 3 else ""
        found.append(Entry(f"[{window}, channels]{named}"))
    texts = [row.text for block in blocks for row in block.rows]
    texts += [station.element.text for station in shown]
    if any(", C=" in text for text in texts):
        found.append(Entry("C: cardinality"))
    if any(" dw, " in text for text in texts):
        found.append(Entry("dw: depthwise"))
    if any(", d=" in text for text in texts):
        found.append(Entry("d: dilation"))
    if any("GAP" in text for text in texts):
        found.append(Entry("GAP: global average pool"))
    if any(station.element.count > 1 for station in shown):
        found.append(Entry("×N: N in a row"))
    arcs = [(s.arc.kind, s.element.count > 1) for s in shown if s.arc is not None]
    kinds_of_arcs = {kind for kind, _ in arcs}
    # One entry for all arcs that look alike.
    alike: dict[Dash, list[str]] = {}
    for kind in Kind:
        if kind in kinds_of_arcs:
            alike.setdefault(DASHES[kind], []).append(kind.value.removesuffix(" shortcut"))
    found += [Entry(f"{' or '.join(words)} shortcut", dash) for dash, words in alike.items()]
    if any(many for _, many in arcs):
        found.append(Entry("×N at an arc: one around each block"))
    known = set(signs)
    if any(block.cost.norms for block in blocks):
        # A product of two convolutions would be another thing than a gate.
        gates = ", a gate's sigmoid too" if "*" in known else ""
        found.append(Entry(f"brackets leave out norms and activations{gates}"))
    return found + [Entry(text, sign=sign) for sign, text in _SIGNS.items() if sign in known]


def lines(entries: Iterable[Entry], width: float) -> list[list[Entry]]:
    """Entries in lines up to so many points wide."""
    found: list[list[Entry]] = []
    used = 0.0
    for entry in entries:
        if found and used + _BETWEEN + entry.width <= width:
            found[-1].append(entry)
            used += _BETWEEN + entry.width
        else:
            found.append([entry])
            used = entry.width
    return found


def draw(canvas: Canvas, left: float, y: float, lines: Sequence[Sequence[Entry]]) -> None:
    """The first line's middle is at `y`."""
    for number, line in enumerate(lines):
        x, middle = left, y + number * LINE
        for entry in line:
            if entry.dash:
                ends = ((x, middle), (x + _ICON, middle))
                canvas.add(Line(ends, arrow=False, dash=entry.dash, weight=1.3))
            elif entry.sign:
                canvas.add(Sign(x + 5, middle, 5, entry.sign))
            canvas.add(Text(x + entry.icon, middle, entry.text, SIZE, "start"))
            x += entry.width + _BETWEEN
