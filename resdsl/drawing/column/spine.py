"""A column of an overview: its boxes and signs below each other, arcs at their right."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.drawing.column.branch_pieces import put_sign, sign_reach
from resdsl.drawing.column.lanes import ENTERING, LEADING, Link
from resdsl.drawing.column.line_words import KEPT, NAMES, PILL, WORDS, order_lines, pill_width
from resdsl.drawing.column.meetings import ARC, ENTRY, Meeting
from resdsl.drawing.column.side_lines import End, SideLines, put_words
from resdsl.drawing.column.station_boxes import ink_of, put_box
from resdsl.drawing.column.stations import (
    ARC_BESIDE,
    BEGUN,
    ENTER,
    FOOT,
    LABEL,
    LEAD,
    LINE,
    RADIUS,
    SHAPE,
    TAP,
    Station,
    high,
    label_top,
)
from resdsl.drawing.fragments.exits import ABOVE as EXIT_ABOVE
from resdsl.drawing.fragments.exits import (
    ASIDE,
    Exit,
    beside_height,
    put_beside,
    put_end,
    put_tap,
)
from resdsl.drawing.fragments.fragments import Open
from resdsl.drawing.layout.arcs import DASHES
from resdsl.drawing.layout.canvas import Anchor, Box, Canvas, Dot, Point, Text
from resdsl.drawing.layout.fonts import room, text_width

# From arcs to their labels; an arc's corners.
_LABEL, _BEND = 6.0, 16.0
_TIMES_AT_ARC = 11.0


class Column:
    """`x` is the spine, `half` the half of the widest box of the whole picture."""

    def __init__(
        self,
        stations: Sequence[Station],
        links: Sequence[Link],
        half: float,
        entry: Sequence[Exit] = (),
        *,
        is_first: bool,
    ) -> None:
        self.stations = stations
        # Outputs that are what enters.
        self.entry = entry if is_first else ()
        self.half = half
        self.side = SideLines(stations, links, half, is_first)
        self.has_entry_tap = is_first and any(link.source == ENTRY for link in links)
        self.first_lane = self.side.first(self._beside())
        self._x = 0.0
        # Where the arc of the block that is drawn ends, and in what.
        self._arc_end = End((0.0, 0.0), "", is_arrow=False)

    @property
    def x(self) -> float:
        return self._x

    @x.setter
    def x(self, x: float) -> None:
        self._x = self.side.x = x

    def _inner_place(self, station: Station) -> float:
        """From the spine to the names of what leaves a box."""
        return self.half + ASIDE + (ARC_BESIDE if station.has_arc else 0.0)

    def _beside(self) -> float:
        """From the spine to the end of all labels and shapes."""
        told = [ASIDE + exit.width for station in self.stations for exit in station.exits]
        told += [
            self._inner_place(station) + exit.width
            for station in self.stations
            for exit in station.inner
        ]
        told += [ASIDE + exit.width for exit in self.entry]
        shapes = [text_width(station.before, SHAPE) for station in self.stations]
        beside = max([self.half, 6 + max(shapes, default=0.0), *told])
        arcs = [station for station in self.stations if station.arc is not None]
        if arcs:
            beside = max(beside, self.half + ARC_BESIDE + max(map(_label_width, arcs)))
        return beside

    @property
    def right(self) -> float:
        """The room right of the spine."""
        return self.first_lane + self.side.width

    @property
    def height(self) -> float:
        taps = beside_height(self.entry) + (TAP if self.has_entry_tap else 0)
        return sum(s.room for s in self.stations) + taps

    # --- drawing ----------------------------------------------------------------------------------

    def draw(self, canvas: Canvas, above: Open, y: float) -> tuple[Open, dict[int, float]]:
        """Draws it from `y` down; the line that is open below it, and the middles of its boxes."""
        middles: dict[int, float] = {}
        sources = {link.source for link in self.side.links if link.operand.inside is None}
        told = self.entry
        if self.has_entry_tap:
            above = self._tap(canvas, above, ENTRY, y + TAP - 4)
            y += TAP
        if self.entry:
            above = put_tap(canvas, self.entry, above, self.x, y + EXIT_ABOVE)
            y += beside_height(self.entry)
        for station in self.stations:
            at = y + station.above
            if station.leading:
                above = self._led(canvas, station, y + station.led - 8)
            is_cut = station.is_broken and station.number - 1 in sources
            # What stands beside the outputs above it is not said again.
            is_told = any(exit.shape == station.before for exit in told)
            if station.leading or not (is_cut or is_told):
                place = y + station.led + 10
                canvas.add(Text(self.x + 6, place, station.before, SHAPE, "start"))
            if station.is_join:
                above = self._signs(canvas, station, above, at, _join_names(station))
                middles[station.number] = at + RADIUS
            else:
                above = self._boxed(canvas, station, above, y)
                middles[station.number] = at + station.height / 2
            y += station.room
            above = self._below(canvas, station, above, y - station.below)
            told = station.exits
        self.side.run(canvas, self.first_lane)
        return above, middles

    def _led(self, canvas: Canvas, station: Station, y: float) -> Open:
        """What is read from far above goes on along the spine."""
        canvas.add(Dot(self.x, y))
        key = (station.number, LEADING)
        self.side.end(canvas, key, (self.x, y), 0.0, "", is_round=False)
        return Open("", ((self.x, y),))

    def _below(self, canvas: Canvas, station: Station, above: Open, y: float) -> Open:
        """What leaves the spine below a station, from `y` down."""
        if station.is_source:
            y += TAP
            above = self._tap(canvas, above, station.number, y - 4)
        if station.is_end and station.exits:
            put_end(canvas, station.exits, above, y, LEAD)
            return Open("", (above.points[-1],))
        if station.exits:
            above = put_tap(canvas, station.exits, above, self.x, y + EXIT_ABOVE)
        return above

    def _tap(self, canvas: Canvas, above: Open, number: int, y: float) -> Open:
        point = (self.x, y)
        canvas.line((*above.points, point), arrow=False, tail=above.tail)
        canvas.add(Dot(*point))
        self.side.taps[number] = y
        return Open(above.tail, (point,))

    def _boxed(self, canvas: Canvas, station: Station, above: Open, y: float) -> Open:
        x, top, path = self.x, y + station.above, station.node
        entering, arc_y = above.tail, y + station.led + 21
        if station.arc is not None:
            canvas.add(Dot(x, arc_y))
        if station.leading or not station.is_broken:
            above.end(canvas, (x, top), path)
        put_box(canvas, station, x, top)
        bottom = top + station.height
        entry = (x, top + (station.height / 2 if station.arc is None else ENTER))
        key = (station.number, ENTERING)
        self.side.end(canvas, key, entry, station.width / 2, path, is_round=False)
        if station.inner:
            begin = (x + station.width / 2, top + station.inner_y)
            put_beside(canvas, station.inner, begin, x + self._inner_place(station), path)
        for number, value in enumerate(reversed(station.begun)):
            point = (x + station.width / 2, bottom - BEGUN * (number + 1))
            self.side.inner[station.number, value] = point
        if not station.meetings:
            return Open(path, ((x, bottom),))
        names = _foot_names(station)
        below = self._signs(canvas, station, Open(path, ((x, bottom),)), bottom + FOOT, names)
        if station.arc is not None:
            self._arc(canvas, station, entering, y, arc_y)
        return below

    def _signs(
        self, canvas: Canvas, station: Station, above: Open, y: float, names: Sequence[str]
    ) -> Open:
        """What is met on the spine, from `y` down."""
        tip = station.tip if station.is_join else f"{station.element.path}: sum"
        for number, (meeting, name) in enumerate(zip(station.meetings, names, strict=True)):
            x, key = self.x, (station.number, number)
            if meeting.factor:
                above.end(canvas, (x, y), name, arrow=False)
                width, middle = pill_width(meeting.factor), y + PILL / 2
                canvas.add(
                    Box(
                        x, middle, width, PILL, "gate", meeting.factor, WORDS,
                        node=name, tip=tip,
                    )
                )  # fmt: skip
                above = Open(name, ((x, y + PILL),))
            elif meeting.sign:
                # Of a block's box: a short line.
                above.end(canvas, (x, y), name, arrow=station.is_join)
                middle = y + RADIUS
                put_sign(canvas, (x, middle), RADIUS, meeting.sign, name, tip)
                self._sides(canvas, station, meeting, key, (x, middle), name)
                self._order(canvas, meeting, middle)
                above = Open(name, ((x, y + 2 * RADIUS),))
            else:
                # What comes from the side goes on, and what is above does not.
                canvas.add(Dot(x, y + 2))
                self.side.end(canvas, key, (x, y + 2), 0.0, "", is_round=False)
                above = Open("", ((x, y + 2),))
            y += high(meeting) + FOOT
        return above

    def _sides(
        self,
        canvas: Canvas,
        station: Station,
        meeting: Meeting,
        key: tuple[int, int],
        at: Point,
        name: str,
    ) -> None:
        reach = sign_reach(meeting.sign, RADIUS)
        has_arc = any(operand.source == ARC for operand in meeting.operands)
        arc = self.side.end(
            canvas, key, at, reach, name, is_round=reach == RADIUS, has_arc=has_arc
        )  # fmt: skip
        if arc is not None:
            look = ink_of(station)
            self._arc_end = put_words(canvas, station.arc_words or (), arc, name, look)
        elif station.element.count > 1 and station.piece is not None and station.arc is None:
            canvas.add(_times(at[0] - reach - 4, at[1], station, "end"))

    def _order(self, canvas: Canvas, meeting: Meeting, middle: float) -> None:
        lines = order_lines(meeting)
        y = middle - max(0.0, (len(lines) - 1) * NAMES / 2 - RADIUS / 2) if lines else middle
        for line in lines:
            canvas.add(Text(self.x - RADIUS - 5, y, line, KEPT, "end"))
            y += NAMES

    def _arc(self, canvas: Canvas, station: Station, tail: str, top: float, begin: float) -> None:
        assert station.arc is not None
        x, lane = self.x, self.x + self.half + ARC_BESIDE
        dash = DASHES[station.arc.kind]
        end = self._arc_end
        points = ((x, begin), (lane, begin), (lane, end.point[1]), end.point)
        canvas.line(
            points,
            look=ink_of(station),
            dash=dash,
            weight=1.6 if dash == "dotted" else 1.2,
            radius=_BEND,
            tail=tail,
            head=end.node,
            arrow=end.is_arrow,
        )
        y = top + label_top(station)[0] + LINE / 2
        for line in station.label:
            canvas.add(Text(lane + _LABEL, y, line, LABEL, "start", ink_of(station)))
            y += LINE
        if station.element.count > 1:
            canvas.add(_times(lane + _LABEL, y, station, "start"))


def _foot_names(station: Station) -> list[str]:
    """The first sign below a block's box is its sum."""
    path = station.element.path
    first = next((i for i, meeting in enumerate(station.meetings) if meeting.sign), 0)
    count = len(station.meetings)
    return [f"{path}.sum" if i == first else f"{path}.sum.{i}" for i in range(count)]


def _join_names(station: Station) -> list[str]:
    path = f"{station.element.path}.{station.number}"
    count = len(station.meetings)
    return [path if i == 0 else f"{path}.{i}" for i in range(count)]


def _times(x: float, y: float, station: Station, anchor: Anchor) -> Text:
    text = f"×{station.element.count}"
    return Text(x, y, text, _TIMES_AT_ARC, anchor, ink_of(station), True)


def _label_width(station: Station) -> float:
    widths = [room(line, LABEL) for line in station.label]
    if station.element.count > 1:
        widths.append(room(f"×{station.element.count}", _TIMES_AT_ARC, bold=True))
    return _LABEL + max(widths, default=0.0)
