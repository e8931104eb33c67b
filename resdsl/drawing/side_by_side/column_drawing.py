"""One column of a figure of networks side by side: its boxes, signs, arcs, and kept tensors."""

from __future__ import annotations

from collections.abc import Callable

from resdsl.drawing.column.branch_pieces import put_sign, sign_reach
from resdsl.drawing.column.lanes import ENTERING
from resdsl.drawing.column.line_words import KEPT, NAMES, PILL, order_lines, pill_width
from resdsl.drawing.column.line_words import WORDS as PILL_WORDS
from resdsl.drawing.column.meetings import ARC, ENTRY, Meeting
from resdsl.drawing.column.side_lines import End, SideLines, put_words
from resdsl.drawing.fragments.exits import ABOVE, INNER, put_beside, put_end
from resdsl.drawing.fragments.fragments import Open
from resdsl.drawing.layout.arcs import DASHES
from resdsl.drawing.layout.canvas import Band, Box, Canvas, Dot, Text
from resdsl.drawing.side_by_side.beside_places import HEAD, LANE, WORDS, Place
from resdsl.drawing.side_by_side.column_rows import Arc, Column, Thing, Times
from resdsl.drawing.side_by_side.items import Row
from resdsl.drawing.side_by_side.sign_sizes import LARGE, LEAD, ORDER, SignSizes, Spot
from resdsl.records import dataclass

# Of arcs, by dash, how thick they are.
WEIGHTS = {"dotted": 1.4}


@dataclass(slots=True)
class ColumnDrawing:
    """`prefix` stands before the names of its nodes. `stage` tells the colour of a row by its
    number in the column; None: it has none. `tip` is what a reader is told at a row."""

    canvas: Canvas
    column: Column
    place: Place
    side: SideLines
    signs: SignSizes
    prefix: str
    stage: Callable[[int], int | None]
    tip: Callable[[Row], str]
    repeat_lane: float = 0.0

    def draw(self) -> None:
        place, rows = self.place, 0
        ends: dict[int, End] = {}
        looks: dict[int, str] = {}
        y, before, look = HEAD - 5.0, "", "line"
        self.side.x = place.middle
        self._dots(ENTRY)
        for thing in self.column.things:
            if thing.row is not None:
                stage = self.stage(rows)
                # A scaling or a dropout has no colour: an arc around it has that of its layers.
                look = look if stage is None else f"stage{stage}"
                y, before = self._row(thing, thing.row, stage, y, before)
                rows += 1
            elif thing.meetings:
                y, before = self._meet(thing, y, before, ends, look)
            elif thing.exits:
                y, before = self._leave(thing, y, before)
            looks[thing.number] = look
            self._dots(thing.number)
        if not self.is_told:
            self._down(y, y + 15, before, "")
        for arc in self.column.arcs:
            self._arc(arc, ends[arc.target], looks[arc.target])
        self.side.taps = place.taps
        self.side.run(self.canvas, place.first)
        for times in self.column.times:
            self._times(times)

    @property
    def is_told(self) -> bool:
        """What leaves the network has names, which stand there."""
        things = self.column.things
        return any(thing.exits or (thing.row and thing.row.inner) for thing in things)

    @property
    def foot(self) -> float:
        """Where the line that leaves ends."""
        return self.place.ends[-1] + 15

    def _name(self, thing: Thing) -> str:
        return self.prefix + thing.path

    def _down(self, y: float, end: float, tail: str, head: str, *, arrow: bool = True) -> None:
        x = self.place.middle
        self.canvas.line(((x, y), (x, end)), arrow=arrow, weight=0.9, tail=tail, head=head)

    def _dots(self, number: int) -> None:
        """Where lines to the side begin behind a thing."""
        places = [self.place.dots[arc] for arc in self.column.begins.get(number, ())]
        if number in self.place.taps:
            places.append(self.place.taps[number])
        self.canvas.add(*(Dot(self.place.middle, y, 1.7) for y in places))

    def _stub(self, number: int, y: float, before: str) -> None:
        """The line ends with what begins at its side: the thing `number` does not read it."""
        arcs = [self.place.dots[arc] for arc in self.column.begins.get(number - 1, ())]
        ends = [*arcs, self.place.taps.get(number - 1, y)]
        if max(ends) > y:
            self._down(y, max(ends), before, "", arrow=False)

    def _row(
        self, thing: Thing, row: Row, stage: int | None, y: float, before: str
    ) -> tuple[float, str]:
        place, name = self.place, self._name(thing)
        top, end = place.tops[thing.number], place.ends[thing.number]
        if thing.is_broken:
            self._stub(thing.number, y, before)
        else:
            self._down(y, top, before, name)
        look = "neutral" if stage is None else f"row{stage}"
        x, middle = place.middle, (top + end) / 2
        width = place.width if row.piece is None else place.wide
        if row.piece is None:
            tip = self.tip(row)
            self.canvas.add(
                Box(x, middle, width, end - top, look, row.text, WORDS, node=name, tip=tip)
            )
        else:
            self.canvas.add(Band(x - width / 2, top, width, end - top, look, name, self.tip(row)))
            ink = "line" if stage is None else f"stage{stage}"
            high = (end - top - row.piece.height) / 2
            row.piece.draw(self.canvas, x, top + high, ink)
            for is_open, at in ((row.piece.begins, top), (row.piece.ends, end - high)):
                if is_open:
                    ends = ((x, at), (x, at + high))
                    self.canvas.line(ends, arrow=False, look=ink, weight=0.9)
        key = (thing.number, ENTERING)
        self.side.end(self.canvas, key, (x, middle), width / 2, name, is_round=False)
        if row.inner:
            begin = (x + width / 2, top + INNER)
            put_beside(self.canvas, row.inner, begin, x + place.exits, name)
        return end, name

    def _leave(self, thing: Thing, y: float, before: str) -> tuple[float, str]:
        """Outputs: beside the line, or at its end."""
        x, top = self.place.middle, self.place.tops[thing.number]
        if thing.is_end:
            above = Open(before, ((x, y),))
            put_end(self.canvas, thing.exits, above, top, LEAD)
            return self.place.ends[thing.number], ""
        at = top + ABOVE
        self._down(y, at, before, "", arrow=False)
        self.canvas.add(Dot(x, at, 1.7))
        put_beside(self.canvas, thing.exits, (x, at), x + self.place.exits, before)
        return at, before

    # --- where tensors meet -----------------------------------------------------------------------

    def _meet(
        self, thing: Thing, y: float, before: str, ends: dict[int, End], look: str
    ) -> tuple[float, str]:
        x, top = self.place.middle, self.place.tops[thing.number]
        if thing.is_broken:
            self._stub(thing.number, y, before)
        names = self._names(thing)
        for number, spot in enumerate(self.signs.spots(thing)):
            meeting, name = thing.meetings[number], names[number]
            at = (x, top + spot.middle)
            if not meeting.sign and not meeting.factor:
                # What comes from the side goes on, and what is above does not.
                self.canvas.add(Dot(*at))
                self._sides(thing, number, spot, "", ends, look)
                y, before = at[1], ""
                continue
            self._down(y, at[1] - spot.radius, before, name, arrow=False)
            if meeting.factor:
                width = pill_width(meeting.factor)
                word = Box(*at, width, PILL, "gate", meeting.factor, PILL_WORDS, node=name)
                self.canvas.add(word)
            else:
                put_sign(self.canvas, at, spot.radius, meeting.sign, name)
                self._sides(thing, number, spot, name, ends, look)
                self._order(meeting, at[1])
            y, before = at[1] + spot.radius, name
        return y, before

    def _names(self, thing: Thing) -> list[str]:
        """The first sign has the name of the whole."""
        name = self._name(thing)
        first = next((i for i, meeting in enumerate(thing.meetings) if meeting.sign), 0)
        return [name if i == first else f"{name}...{i}" for i in range(len(thing.meetings))]

    def _sides(
        self, thing: Thing, number: int, spot: Spot, name: str, ends: dict[int, End], look: str
    ) -> None:
        """The lines that end at one meeting."""
        meeting = thing.meetings[number]
        at = (self.place.middle, self.place.tops[thing.number] + spot.middle)
        reach = sign_reach(meeting.sign, spot.radius) if meeting.sign else 0.0
        arcs = [operand for operand in meeting.operands if operand.source == ARC]
        key, is_round = (thing.number, number), reach == spot.radius
        arc = self.side.end(
            self.canvas, key, at, reach, name, is_round=is_round, has_arc=bool(arcs)
        )
        if arc is not None:
            ends[thing.number] = put_words(self.canvas, arcs[0].words, arc, name, look)

    def _order(self, meeting: Meeting, middle: float) -> None:
        x = self.place.middle - LARGE - ORDER
        for number, line in enumerate(order_lines(meeting)):
            self.canvas.add(Text(x, middle + number * NAMES, line, KEPT, "end"))

    def _arc(self, arc: Arc, end: End, look: str) -> None:
        begin = self.place.dots[arc]
        x, lane = self.place.middle, self.place.middle + self.place.arcs + LANE * arc.depth
        dash = DASHES[arc.kind]
        self.canvas.line(
            ((x, begin), (lane, begin), (lane, end.point[1]), end.point),
            look=look,
            dash=dash,
            weight=WEIGHTS.get(dash, 1.1),
            radius=13.0,
            tail=self._before(arc.source),
            head=end.node,
            arrow=end.is_arrow or not end.node,
        )

    def _before(self, number: int) -> str:
        """The name of what the line behind a thing comes from."""
        while number >= 0:
            thing = self.column.things[number]
            if thing.row is not None:
                return self._name(thing)
            if thing.meetings:
                last = thing.meetings[-1]
                return self._names(thing)[-1] if last.sign or last.factor else ""
            number -= 1
        return ""

    def _times(self, times: Times) -> None:
        place = self.place
        x = place.middle - place.wide / 2 - 7 - self.repeat_lane * times.depth
        inside = [a for a in self.column.begins.get(times.first - 1, ()) if a.target <= times.last]
        first = self.column.things[times.first]
        begin = place.tops[times.first] + (0.0 if first.row is not None or first.meetings else 5.0)
        top = min([begin, *(place.dots[arc] for arc in inside)]) - 1
        end = place.ends[times.last] + 1
        points = ((x + 4, top), (x, top), (x, end), (x + 4, end))
        self.canvas.line(points, arrow=False, look="secondary", weight=0.9, radius=3.0)
        text = f"×{times.count}"
        self.canvas.add(Text(x - 4, (top + end) / 2, text, 10, "end", "text", bold=True))
