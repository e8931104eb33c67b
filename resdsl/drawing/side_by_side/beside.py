"""Networks side by side as in He et al. 2015, Fig. 3: one output size stands at one height.

Norms and activations belong to the row before them. Shortcuts are arcs at the right of their rows,
from a dot on the line to the sign where they meet main; kept tensors are lines beyond these.
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.analysis.facts import Facts
from resdsl.analysis.shortcuts import Kind, Shortcut
from resdsl.design.titles import title
from resdsl.drawing.column.legend import LINE, draw, lines
from resdsl.drawing.fragments.exits import NAME
from resdsl.drawing.layout.canvas import Canvas, Line, Sign, Text
from resdsl.drawing.layout.picture import Picture
from resdsl.drawing.side_by_side.bands import Band, are_of_strides, bands
from resdsl.drawing.side_by_side.beside_legend import form_of
from resdsl.drawing.side_by_side.beside_legend import legend as legend_of
from resdsl.drawing.side_by_side.beside_places import HEIGHT, MARGIN, SIZE, Places
from resdsl.drawing.side_by_side.column_drawing import ColumnDrawing
from resdsl.drawing.side_by_side.column_items import TOLD, items_of
from resdsl.drawing.side_by_side.column_rows import Column, lined_up
from resdsl.drawing.side_by_side.items import Row
from resdsl.drawing.tables.numbers import macs, parameters

# Of titles, and of the numbers below them.
_TITLE, _NUMBERS = 12.5, 8.5
# Of the shape of what leaves.
_OUTPUT = 9.5
# Of a figure that is not folded: He et al.'s has 1,500.
_TALL = 1650


def beside(designs: Sequence[Facts], *, legend: bool = True) -> Picture:
    """The networks in columns, in their order.

    Equal neighbours are folded where a column has many rows, or all of them together a long figure.
    """
    items = [items_of(known) for known in designs]
    columns = lined_up(items)
    more = _told_apart([arc.shortcut for column in columns for arc in column.arcs])
    if more:
        items = [items_of(known, TOLD | more) for known in designs]
        columns = lined_up(items)
    made = _Beside(designs, columns, legend)
    if made.at.foot > _TALL:
        columns = lined_up(items, 0)
        made = _Beside(designs, columns, legend)
    boxes = sum(len(column.rows) for column in columns)
    return Picture(boxes, made.canvas)


def _told_apart(shortcuts: Sequence[Shortcut]) -> frozenset[Kind]:
    """Kinds of which the look of an arc does not tell what is done on it."""
    projections = {form_of(one) for one in shortcuts if one.kind is Kind.PROJECTION}
    if len(projections) > 1:
        return frozenset({Kind.PROJECTION, Kind.PADDING})
    # Both are dotted.
    is_padded = any(one.kind is Kind.PADDING for one in shortcuts)
    return frozenset({Kind.PADDING}) if projections and is_padded else frozenset()


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
        # What stands above and below a column, and may be wider than it.
        around = [
            [*self._heads(n), *self._below(n), (self._output(n), _OUTPUT, False)]
            for n in range(len(columns))
        ]
        self.at = Places(columns, self.bands, around)
        self.drawn = Canvas("beside")

    def canvas(self) -> Canvas:
        for number in range(len(self.columns)):
            self._head(number)
            self._column(number)
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
            (self._entering(known), 9.5, False),
        ]

    def _entering(self, known: Facts) -> str:
        """The shape of what enters, and the names of the outputs that it is."""
        root = known.network.root
        given = zip(known.network.outputs, root.outputs, strict=False)
        names = ", ".join(name for name, ref in given if ref == root.input)
        return known.view.text(known.input) + (f" → {names}" if names else "")

    def _below(self, number: int) -> list[tuple[str, float, bool]]:
        """What stands below a column, and between its parts."""
        ends = [thing.exits for thing in self.columns[number].things if thing.is_end]
        return [(exit.names, NAME, True) for some in ends for exit in some]

    def _output(self, number: int) -> str:
        known = self.known[number]
        return "" if known.network.outputs else known.view.text(known.output)

    def _head(self, number: int) -> None:
        x = self.at.places[number].middle
        for (text, size, bold), y in zip(self._heads(number), (22, 37, 54), strict=True):
            look = "secondary" if size == _NUMBERS else "text"
            self.drawn.add(Text(x, y, text, size, "middle", look, bold))

    def _stage(self, number: int, row: int) -> int | None:
        is_plain = self.columns[number].rows[row].sort == "plain"
        return None if is_plain else self.stages[self.at.sizes[number][row]]

    def _column(self, number: int) -> None:
        column, place, known = self.columns[number], self.at.places[number], self.known[number]

        def tip(row: Row) -> str:
            return f"{row.path}: {known.view.text(row.shape)}"

        drawing = ColumnDrawing(
            self.drawn, column, place, self.at.sides[number], self.at.signs[number],
            self.prefixes[number], lambda row: self._stage(number, row), tip,
            self.at.repeat_lane(column) if column.times else 0.0,
        )  # fmt: skip
        drawing.draw()
        output = self._output(number)
        if output:
            self.drawn.add(Text(place.middle, drawing.foot + 8, output, _OUTPUT, "middle", "text"))

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
        """The legend, in lines as wide as the figure."""
        y, right = self.at.foot + 10, self.at.right
        if self.has_legend:
            signs = {sign.sign for sign in self.drawn.of(Sign)}
            word = "stride" if are_of_strides(self.known) else "output size"
            entries = legend_of(self.known, self.columns, signs, bool(self.stages), word)
            told = lines(entries, right - MARGIN)
            draw(self.drawn, MARGIN, y, told)
            y += LINE * len(told)
            right = max([right, *(MARGIN + entry.width for entry in entries)])
        self.drawn.width = float(round(right + MARGIN))
        self.drawn.height = float(round(y + 8))
