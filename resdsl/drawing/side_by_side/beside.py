"""Networks side by side as in He et al. 2015, Fig. 3: one output size stands at one height.

Norms and activations belong to the row before them. Shortcuts are arcs at the right of their rows,
from a dot on the line to the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from resdsl.analysis.facts import Facts
from resdsl.design.titles import title
from resdsl.drawing.column.branch_pieces import put_sign, sign_reach
from resdsl.drawing.layout.arcs import DASHES
from resdsl.drawing.layout.canvas import Band, Box, Canvas, Dot, Line, Text
from resdsl.drawing.layout.fonts import text_width
from resdsl.drawing.layout.picture import Picture
from resdsl.drawing.side_by_side.bands import Band as SizeBand
from resdsl.drawing.side_by_side.bands import are_of_strides, bands
from resdsl.drawing.side_by_side.beside_key import WEIGHTS, Key
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
    SMALL,
    STUB,
    WORDS,
    Places,
    arc_words,
    picture_width,
)
from resdsl.drawing.side_by_side.column_items import items_of
from resdsl.drawing.side_by_side.column_rows import Arc, Column, Foot, Tap, lined_up
from resdsl.drawing.side_by_side.items import Row
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
    boxes = sum(len(column.rows) for column in columns)
    return Picture(boxes, made.canvas)


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
        # By column and arc, or by where a value is kept: the height, and what it is of.
        self.tails: dict[tuple[int, object], tuple[float, str]] = {}
        # By column and place, signs: height, name, radius.
        self.feet: dict[tuple[int, tuple[int, int]], tuple[float, str, float]] = {}
        # What stands above and below a column, and may be wider than it.
        ends = [[*self._heads(number), self._output(number)] for number in range(len(columns))]
        self.at = Places(columns, self.bands, ends)
        self.places = self.at.places
        self.drawn = Canvas("beside")

    def canvas(self) -> Canvas:
        for number in range(len(self.columns)):
            self._head(number)
            self._spine(number)
            self._kept(number)
            self._repeats(number)
        self._sizes()
        self._note()
        return self.drawn

    def _has_layers(self, band: SizeBand) -> bool:
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

    def _output(self, number: int) -> tuple[str, float, bool]:
        known = self.known[number]
        return known.view.text(known.output), 9.5, False

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
        for n in range(-1, len(column.rows)):
            if n >= 0:
                row = column.rows[n]
                top = place.tops[n]
                name = self.prefixes[number] + row.path
                self._down(x, y, top, before, name)
                for arc in column.begins(n):
                    dot = self._dot_at(number, arc)
                    self.drawn.add(Dot(x, dot, 1.7))
                    self.tails[number, arc] = (dot, before)
                self._box(number, n, row, name)
                y, before = top + self.at.height(number, n), name
            heights = self.at.below(number, n)
            for index, (entry, middle) in enumerate(zip(column.below(n), heights, strict=True)):
                if isinstance(entry, Tap):
                    self._down(x, y, middle, before, "", arrow=False)
                    self.drawn.add(Dot(x, middle, 1.7))
                    self.tails[number, (n, index)] = (middle, before)
                    y = middle
                else:
                    y, before = self._foot(number, (n, index), entry, y, middle, before)
        self._down(x, y, y + 15, before, "")
        output, size, _ = self._output(number)
        self.drawn.add(Text(x, y + 23, output, size, "middle", "text"))

    def _foot(
        self, number: int, where: tuple[int, int], foot: Foot, y: float, middle: float, before: str
    ) -> tuple[float, str]:
        """A sign or factor; where the line goes on, and from what."""
        x, met = self.places[number].middle, foot.meet.meeting
        name = self.prefixes[number] + foot.meet.path
        self.feet[number, where] = (middle, name, sign_reach(met.sign, RADIUS))
        if foot.is_begin:
            self.feet[number, where] = (middle, "", 0.0)
            return middle, ""
        if met.factor:
            width = text_width(met.factor, SMALL) + 10
            self._down(x, y, middle - 7, before, name, arrow=False)
            self.drawn.add(Box(x, middle, width, 13, "gate", met.factor, SMALL, node=name))
            return middle + 6.5, name
        self._down(x, y, middle - RADIUS, before, name, arrow=False)
        put_sign(self.drawn, (x, middle), RADIUS, met.sign, name)
        if foot.arc is not None:
            self._arc(number, foot.arc, foot, middle)
        return middle + RADIUS, name

    def _box(self, number: int, n: int, row: Row, name: str) -> None:
        place = self.places[number]
        top, height = place.tops[n], self.at.height(number, n)
        tip = f"{row.path}: {self.known[number].view.text(row.shape)}"
        stage = self._stage(number, n)
        look = "neutral" if stage is None else f"row{stage}"
        x, y, width = place.middle, top + height / 2, place.width
        if row.piece is None:
            self.drawn.add(Box(x, y, width, HEIGHT, look, row.text, WORDS, node=name, tip=tip))
            return
        width = max(picture_width(row.piece), width)
        self.drawn.add(Band(x - width / 2, top, width, height, look, name, tip))
        inner, first = Canvas(), top + (height - row.piece.height) / 2
        row.piece.draw(inner, x, first, "line")
        for is_open, ends in (
            (row.piece.begins, (top, first)),
            (row.piece.ends, (first + row.piece.height, top + height)),
        ):
            if is_open:
                self.drawn.line(tuple((x, end) for end in ends), arrow=False, weight=0.9)
        moved = Canvas()
        for item in inner.items:
            names = {
                key: row.base + value.removeprefix(row.origin)
                for key in ("node", "tail", "head")
                if (value := getattr(item, key, ""))
            }
            moved.add(replace(item, **names))  # type: ignore[arg-type]
        self.drawn.take(moved, self.prefixes[number])

    def _kept(self, number: int) -> None:
        """The lines of kept values, each in a lane beside the column."""
        place = self.places[number]
        x = place.middle
        for link in self.columns[number].links:
            begin, tail = self.tails[number, link.source]
            end, head, reach = self.feet[number, link.target]
            name = x + place.names
            self.drawn.add(Text(name, end - 5, link.text, SMALL, "start"))
            known: dict[str, Any] = {"weight": 1.0, "look": "secondary", "radius": 5.0}
            if link in place.lanes:
                lane = x + place.lane + LANE * place.lanes[link]
                points = ((x, begin), (lane, begin), (lane, end), (x + reach, end))
                is_into = bool(head)
                self.drawn.line(points, arrow=is_into, tail=tail, head=head, **known)
                continue
            self.drawn.line(((x, begin), (name + STUB, begin)), arrow=False, **known)
            self.drawn.line(((name + STUB, end), (x + reach, end)), head=head, **known)
        if place.lanes:
            return
        for source in dict.fromkeys(link.source for link in self.columns[number].links):
            links = [link for link in self.columns[number].links if link.source == source]
            begin, _ = self.tails[number, source]
            text = links[0].text.split("  ")[0]
            self.drawn.add(Text(x + place.names, begin - 5, text, SMALL, "start"))

    def _down(
        self, x: float, y: float, end: float, tail: str, head: str, *, arrow: bool = True
    ) -> None:
        self.drawn.line(((x, y), (x, end)), arrow=arrow, weight=0.9, tail=tail, head=head)

    def _dot_at(self, number: int, arc: Arc) -> float:
        inner = self.columns[number].begins(arc.first).index(arc)
        return self.places[number].tops[arc.first] - DOT - DOTS * inner

    def _arc(self, number: int, arc: Arc, foot: Foot, end: float) -> None:
        place = self.places[number]
        top, tail = self.tails[number, arc]
        lane = place.middle + place.half + ARC + LANE * arc.depth
        x, reach = place.middle, sign_reach(foot.meet.meeting.sign, RADIUS)
        points = ((x, top), (lane, top), (lane, end), (x + reach, end))
        style = DASHES[arc.kind]
        self.drawn.line(
            points,
            look=self._arc_look(number, arc),
            dash=style,
            weight=WEIGHTS.get(style, 1.1),
            radius=13.0,
            tail=tail,
            head=self.prefixes[number] + foot.meet.path,
        )
        words = arc_words(foot)
        if words:
            self.drawn.add(Text(x + reach + 6, end - 6, words, SMALL, "start", "text"))

    def _arc_look(self, number: int, arc: Arc) -> str:
        stage = self._stage(number, arc.last)
        return "line" if stage is None else f"stage{stage}"

    def _repeats(self, number: int) -> None:
        column, place = self.columns[number], self.places[number]
        for times in column.times:
            x = place.middle - place.half - 7 - self.at.repeat_lane(column) * times.depth
            begins = [arc for arc in column.begins(times.first) if arc.last <= times.last]
            dots = DOT + DOTS * (len(begins) - 1) if begins else 0
            top = place.tops[times.first] - dots - 1
            below = [place.tops[times.last] + self.at.height(number, times.last) + 1]
            below += [y + 5 for y in self.at.below(number, times.last)[: times.below]]
            end = below[-1]
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
        """What the arcs, signs and colours are, of those that there are."""
        self.drawn.width = self.at.right
        # A column without rows ends below its signs.
        lowest = max((text.y for text in self.drawn.of(Text)), default=0.0) + 8
        y = max(self.at.foot, lowest) + 10
        if self.has_legend:
            y = Key(self.drawn, y).of(self.columns, len(self.stages))
        self.drawn.width = float(round(max(self.drawn.width, self.at.right) + MARGIN))
        self.drawn.height = float(round(y + 8))
