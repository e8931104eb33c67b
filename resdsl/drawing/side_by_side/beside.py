"""Networks side by side as in He et al. 2015, Fig. 3: one output size stands at one height.

Norms and activations belong to the row before them. Shortcuts are arcs at the right of their rows,
from a dot on the line to the sum.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from resdsl.analysis.facts import Facts
from resdsl.analysis.shortcuts import Kind, Shortcut
from resdsl.design.model import Join
from resdsl.design.titles import title
from resdsl.drawing.layout.arcs import DASHES, Dash
from resdsl.drawing.layout.canvas import Box, Canvas, Dot, Line, Sign, Text
from resdsl.drawing.layout.fonts import room
from resdsl.drawing.layout.picture import Picture
from resdsl.drawing.side_by_side.bands import Band, are_of_strides, bands
from resdsl.drawing.side_by_side.beside_places import (
    ARC,
    DOT,
    DOTS,
    HEAD,
    HEIGHT,
    LANE,
    MARGIN,
    RADIUS,
    SIZE,
    SUM,
    WORDS,
    Places,
)
from resdsl.drawing.side_by_side.column_items import Row, items_of
from resdsl.drawing.side_by_side.column_rows import Arc, Column, lined_up
from resdsl.drawing.tables.numbers import macs, parameters

# Of titles, and of the numbers below them.
_TITLE, _NUMBERS = 12.5, 8.5
# Of a figure that is not folded: He et al.'s has 1,500.
_TALL = 1650


def beside(designs: Sequence[Facts], *, legend: bool = True) -> Picture:
    """The networks in columns, in their order.

    Equal neighbours are folded where a column has many rows, or all of them together a long figure.
    """
    items = [items_of(known) for known in designs]
    columns = lined_up(items)
    made = _Beside(designs, columns, legend)
    if made.at.foot > _TALL:
        columns = lined_up(items, 0)
        made = _Beside(designs, columns, legend)
    kept = [known.network.name for known in designs if _joins_kept(known)]
    told = ", ".join(dict.fromkeys(kept))
    note = f"{told}: where kept tensors are joined is told in words, without their lines"
    boxes = sum(len(column.rows) for column in columns)
    return Picture(boxes, made.canvas, note=note if kept else "")


def _joins_kept(known: Facts) -> bool:
    return any(isinstance(step, Join) for step in known.network.root.body.steps)


class _Beside:
    def __init__(self, designs: Sequence[Facts], columns: list[Column], legend: bool) -> None:
        self.known = designs
        self.has_legend = legend
        self.columns = columns
        self.bands = bands(designs, self.columns)
        names = [known.network.name for known in designs]
        # Modules of several networks, or of one twice, may have one path.
        self.prefixes = [
            f"{name}." if names.count(name) == 1 else f"{name}#{number + 1}."
            for number, name in enumerate(names)
        ]
        sizes = dict.fromkeys(band.size for band in self.bands if self._has_layers(band))
        self.stages = {size: number for number, size in enumerate(sizes)}
        self.styles = _styles({arc.kind for column in columns for arc in column.arcs})
        heads = [self._heads(number) for number in range(len(columns))]
        self.at = Places(columns, self.bands, heads)
        self.places = self.at.places
        self.drawn = Canvas("beside")

    def canvas(self) -> Canvas:
        for number in range(len(self.columns)):
            self._head(number)
            self._spine(number)
            for arc in self.columns[number].arcs:
                self._arc(number, arc)
            self._repeats(number)
        self._sizes()
        self._note()
        return self.drawn

    def _has_layers(self, band: Band) -> bool:
        return any(
            segment is not None
            and any(
                row.sort == "layer" for row in self.columns[n].rows[segment.first : segment.end]
            )
            for n, segment in enumerate(band.segments)
        )

    # --- what is drawn ----------------------------------------------------------------------------

    def _heads(self, number: int) -> list[tuple[str, float, bool]]:
        known = self.known[number]
        numbers = f"{parameters(known.cost.params)} params"
        if known.cost.macs is not None:
            numbers += f" · {macs(known.cost.macs)} MACs"
        return [
            (title(known.network.name), _TITLE, True),
            (numbers, _NUMBERS, False),
            (known.view.text(known.input), 9.5, False),
        ]

    def _head(self, number: int) -> None:
        x = self.places[number].middle
        for (text, size, bold), y in zip(self._heads(number), (22, 37, 54), strict=True):
            look = "secondary" if size == _NUMBERS else "text"
            self.drawn.add(Text(x, y, text, size, "middle", look, bold))

    def _stage(self, number: int, row: int) -> int | None:
        is_plain = self.columns[number].rows[row].sort == "plain"
        return None if is_plain else self.stages[self.at.sizes[number][row]]

    def _spine(self, number: int) -> None:
        column, place = self.columns[number], self.places[number]
        x, y, before = place.middle, HEAD - 5.0, ""
        for n, row in enumerate(column.rows):
            top = place.tops[n]
            name = self.prefixes[number] + row.path
            self._down(x, y, top, before, name)
            self.drawn.add(*(Dot(x, self._dot_at(number, arc), 1.7) for arc in column.begins(n)))
            self.drawn.add(self._box(number, n, row, name))
            y, before = top + HEIGHT, name
            for arc in column.ends(n):
                middle = self._sum_at(number, arc)
                name = self._sum_name(number, arc)
                self._down(x, y, middle - RADIUS, before, name, arrow=False)
                self.drawn.add(Sign(x, middle, RADIUS, "+", name))
                y, before = middle + RADIUS, name
        self._down(x, y, y + 15, before, "")
        output = self.known[number].view.text(self.known[number].output)
        self.drawn.add(Text(x, y + 23, output, 9.5, "middle", "text"))

    def _box(self, number: int, n: int, row: Row, name: str) -> Box:
        place = self.places[number]
        y = place.tops[n] + HEIGHT / 2
        tip = f"{row.path}: {self.known[number].view.text(row.shape)}"
        stage = self._stage(number, n)
        look = "neutral" if stage is None else f"row{stage}"
        return Box(place.middle, y, place.width, HEIGHT, look, row.text, WORDS, node=name, tip=tip)

    def _down(
        self, x: float, y: float, end: float, tail: str, head: str, *, arrow: bool = True
    ) -> None:
        self.drawn.line(((x, y), (x, end)), arrow=arrow, weight=0.9, tail=tail, head=head)

    def _dot_at(self, number: int, arc: Arc) -> float:
        inner = self.columns[number].begins(arc.first).index(arc)
        return self.places[number].tops[arc.first] - DOT - DOTS * inner

    def _sum_at(self, number: int, arc: Arc) -> float:
        place = self.places[number]
        inner = self.columns[number].ends(arc.last).index(arc)
        return place.tops[arc.last] + HEIGHT + 8 + SUM * inner

    def _sum_name(self, number: int, arc: Arc) -> str:
        return self.prefixes[number] + arc.path

    def _arc(self, number: int, arc: Arc) -> None:
        place = self.places[number]
        top, end = self._dot_at(number, arc), self._sum_at(number, arc)
        lane = place.middle + place.width / 2 + ARC + LANE * arc.depth
        x = place.middle
        points = ((x, top), (lane, top), (lane, end), (x + RADIUS, end))
        style = self.styles[arc.kind]
        self.drawn.line(
            points,
            look=self._arc_look(number, arc),
            dash=style,
            weight=_WEIGHTS.get(style, 1.1),
            radius=13.0,
            tail=self._before(number, arc.first),
            head=self._sum_name(number, arc),
        )

    def _before(self, number: int, row: int) -> str:
        """The name of what the line above a row comes from."""
        if not row:
            return ""
        sums = self.columns[number].ends(row - 1)
        if sums:
            return self._sum_name(number, sums[-1])
        return self.prefixes[number] + self.columns[number].rows[row - 1].path

    def _arc_look(self, number: int, arc: Arc) -> str:
        stage = self._stage(number, arc.last)
        return "line" if stage is None else f"stage{stage}"

    def _repeats(self, number: int) -> None:
        column, place = self.columns[number], self.places[number]
        for times in column.times:
            x = place.middle - place.width / 2 - 7 - self.at.repeat_lane(column) * times.depth
            begins = [arc for arc in column.begins(times.first) if arc.last <= times.last]
            dots = DOT + DOTS * (len(begins) - 1) if begins else 0
            top = place.tops[times.first] - dots - 1
            sums = sum(arc.first >= times.first for arc in column.ends(times.last))
            end = place.tops[times.last] + HEIGHT + (SUM * sums or 1)
            points = ((x + 4, top), (x, top), (x, end), (x + 4, end))
            self.drawn.line(points, arrow=False, look="secondary", weight=0.9, radius=3.0)
            text = f"×{times.count}"
            self.drawn.add(Text(x - 4, (top + end) / 2, text, 10, "end", "text", bold=True))

    def _sizes(self) -> None:
        word = "stride" if are_of_strides(self.known) else "output"
        self.drawn.add(Text(MARGIN, 54, word, 9.5, "start"))
        for number, band in enumerate(self.bands):
            y = self.at.rules[number]
            if number:
                points = ((MARGIN - 4, y), (self.at.right + 4, y))
                rule = Line(points, arrow=False, look="hair", dash="dashed", weight=0.8)
                self.drawn.items.insert(0, rule)
            first = min(
                self.at.tops[n][segment.first]
                for n, segment in enumerate(band.segments)
                if segment is not None
            )
            label = Text(MARGIN, first + HEIGHT / 2, band.size.text, SIZE, "start", "text", True)
            self.drawn.add(label)

    def _note(self) -> None:
        """What the arcs are, of those that there are."""
        y, right = self.at.foot + 10, 0.0
        for style, text in self._phrases() if self.has_legend else ():
            points = ((MARGIN, y), (MARGIN + 24, y))
            self.drawn.line(points, dash=style, weight=_WEIGHTS.get(style, 1.1))
            self.drawn.add(Text(MARGIN + 32, y, text, 9, "start"))
            right, y = max(right, MARGIN + 32 + room(text, 9)), y + 14
        if self.has_legend and any(column.times for column in self.columns):
            text = "stands N times in a row"
            self.drawn.add(Text(MARGIN + 12, y, "×N", 9.5, "middle", "text", bold=True))
            self.drawn.add(Text(MARGIN + 32, y, text, 9, "start"))
            right, y = max(right, MARGIN + 32 + room(text, 9)), y + 14
        self.drawn.width = float(round(max(self.at.right, right) + MARGIN))
        self.drawn.height = float(round(y + 8))

    def _phrases(self) -> list[tuple[str, str]]:
        """By style of arcs, what has it."""
        words: dict[str, dict[str, None]] = {}
        found = [arc.shortcut for column in self.columns for arc in column.arcs]
        for kind in Kind:
            for shortcut in found:
                if shortcut.kind is kind:
                    words.setdefault(self.styles[kind], {})[_told(shortcut)] = None
        return [(style, _listed(list(texts))) for style, texts in words.items()]


_WEIGHTS = {"dotted": 1.4}


def _told(shortcut: Shortcut) -> str:
    """The kind; what is of no kind, by what it does, if that is one operator."""
    is_short = "\n" not in shortcut.label and len(shortcut.label) < 24
    if shortcut.kind in (Kind.SCALED, Kind.OTHER) and shortcut.label and is_short:
        return f"{shortcut.kind.value} ({shortcut.label})"
    return shortcut.kind.value


def _listed(texts: list[str]) -> str:
    shown = texts if len(texts) < 4 else [*texts[:2], f"{len(texts) - 2} others"]
    return " or ".join(shown)


def _styles(kinds: Set[Kind]) -> dict[Kind, Dash]:
    """How arcs are drawn; two of the paper's options in one figure are told from each other."""
    styles = dict(DASHES)
    is_dashed = any(DASHES[kind] == "dashed" for kind in kinds)
    if {Kind.PROJECTION, Kind.PADDING} <= kinds and not is_dashed:
        styles[Kind.PADDING] = "dashed"
    return styles
