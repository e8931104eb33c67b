"""A column of an overview: its boxes and signs below each other, arcs and lines at their right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from resdsl.drawing.column.branch_pieces import put_sign, sign_reach
from resdsl.drawing.column.kept_lines import ENTRY
from resdsl.drawing.column.lanes import MOST_LANES, Link, lanes
from resdsl.drawing.column.station_boxes import ink_of, put_box
from resdsl.drawing.column.stations import (
    FOOT,
    LABEL,
    LINE,
    RADIUS,
    SHAPE,
    TAP,
    Station,
    label_top,
)
from resdsl.drawing.fragments.fragments import Open
from resdsl.drawing.layout.arcs import DASHES
from resdsl.drawing.layout.canvas import Box, Canvas, Dot, Point, Sign, Text
from resdsl.drawing.layout.fonts import room, text_width
from resdsl.records import dataclass

# From boxes to arcs, and from these to their labels; an arc's corners.
_ARC, _LABEL, _BEND = 16.0, 6.0, 16.0
# Between lines that run beside each other; before the first.
_LANE, _BEFORE_LANES = 9.0, 10.0
_KEPT = 8.5
_TIMES_AT_ARC = 11.0


@dataclass(slots=True)
class Column:
    """`x` is the spine, `half` the half of the widest box of the whole picture."""

    stations: Sequence[Station]
    links: Sequence[Link]
    half: float
    is_first: bool
    x: float = 0.0
    # By line that begins and ends here, its lane.
    lanes: dict[Link, int] = field(default_factory=dict)
    # By a meeting's station and number, the lines that end there, from the nearest lane on.
    ending: dict[tuple[int, int], list[Link]] = field(default_factory=dict)
    # Where lines leave the spine and end at it.
    taps: dict[int, float] = field(default_factory=dict)
    ends: dict[Link, tuple[Point, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = {station.number for station in self.stations}
        if self.is_first:
            numbers.add(ENTRY)
        self.lanes = lanes([n for n in self.links if {n.source, n.target} <= numbers])
        for link in sorted(self.links, key=lambda link: self.lanes.get(link, MOST_LANES)):
            self.ending.setdefault((link.target, link.meeting), []).append(link)

    @property
    def has_entry_tap(self) -> bool:
        return self.is_first and any(link.source == ENTRY for link in self.links)

    @property
    def first_lane(self) -> float:
        """From the spine to the first lane, behind all labels."""
        names = [text_width(link.name, _KEPT) for link in self.links]
        shapes = [text_width(station.before, SHAPE) for station in self.stations]
        beside = self.half + 11 + max(names, default=0.0)
        beside = max(beside, 6 + max(shapes, default=0.0))
        arcs = [station for station in self.stations if station.arc is not None]
        if arcs:
            beside = max(beside, self.half + _ARC + max(map(_label_width, arcs)))
        return beside + _BEFORE_LANES

    @property
    def right(self) -> float:
        """The room right of the spine."""
        return self.first_lane + _LANE * len(set(self.lanes.values()))

    @property
    def height(self) -> float:
        return sum(s.room for s in self.stations) + (TAP if self.has_entry_tap else 0)

    # --- drawing ----------------------------------------------------------------------------------

    def draw(self, canvas: Canvas, above: Open, y: float) -> tuple[Open, dict[int, float]]:
        """Draws it from `y` down; the line that is open below it, and the middles of its boxes."""
        middles: dict[int, float] = {}
        sources = {link.source for link in self.links}
        if self.has_entry_tap:
            above = self._tap(canvas, above, ENTRY, y + TAP - 4)
            y += TAP
        for station in self.stations:
            at = y + station.above
            if not (station.is_broken and station.number - 1 in sources):
                canvas.add(Text(self.x + 6, y + 10, station.before, SHAPE, "start"))
            if station.is_join:
                above = self._join(canvas, station, above, at)
                middles[station.number] = at + RADIUS
            else:
                above = self._boxed(canvas, station, above, y)
                middles[station.number] = at + station.height / 2
            y += station.room
            if station.is_source:
                above = self._tap(canvas, above, station.number, y - 4)
        self._run_lanes(canvas)
        return above, middles

    def _tap(self, canvas: Canvas, above: Open, number: int, y: float) -> Open:
        point = (self.x, y)
        canvas.line((*above.points, point), arrow=False, tail=above.tail)
        canvas.add(Dot(*point))
        self.taps[number] = y
        return Open(above.tail, (point,))

    def _boxed(self, canvas: Canvas, station: Station, above: Open, y: float) -> Open:
        x, top = self.x, y + station.above
        element, path = station.element, station.element.path
        arc_y = y + 21
        if station.arc is not None:
            canvas.add(Dot(x, arc_y))
        above.end(canvas, (x, top), path)
        put_box(canvas, station, x, top)
        bottom = top + station.height
        if station.meetings and not station.has_sum:
            for number, _ in enumerate(station.meetings):
                point = (x + station.width / 2, top + station.height / 2)
                self._ends(canvas, station, number, point, path)
        if not station.has_sum:
            return Open(path, ((x, bottom),))
        total, middle = f"{path}.sum", bottom + FOOT + RADIUS
        canvas.line(((x, bottom), (x, middle - RADIUS)), arrow=False, tail=path, head=total)
        canvas.add(Sign(x, middle, RADIUS, "+", total, f"{path}: sum"))
        if station.arc is not None:
            self._arc(canvas, station, above.tail, (y, arc_y, middle))
        for number, _ in enumerate(station.meetings):
            self._ends(canvas, station, number, (x, middle), total)
        if element.count > 1 and station.arc is None:
            canvas.add(_times(x + RADIUS + 4, middle, station))
        return Open(total, ((x, middle + RADIUS),))

    def _arc(
        self, canvas: Canvas, station: Station, tail: str, ends: tuple[float, float, float]
    ) -> None:
        assert station.arc is not None
        x, lane = self.x, self.x + self.half + _ARC
        top, begin, end = ends
        dash = DASHES[station.arc.kind]
        points = ((x, begin), (lane, begin), (lane, end), (x + RADIUS, end))
        canvas.line(
            points,
            look=ink_of(station),
            dash=dash,
            weight=1.6 if dash == "dotted" else 1.2,
            radius=_BEND,
            tail=tail,
            head=f"{station.element.path}.sum",
        )
        lines = station.label
        many = station.element.count > 1
        y = top + label_top(station)[0] + LINE / 2
        for line in lines:
            canvas.add(Text(lane + _LABEL, y, line, LABEL, "start", ink_of(station)))
            y += LINE
        if many:
            canvas.add(_times(lane + _LABEL, y, station))

    # --- where tensors meet -----------------------------------------------------------------------

    def _join(self, canvas: Canvas, station: Station, above: Open, y: float) -> Open:
        path = f"{station.element.path}.{station.number}"
        x = self.x
        for number, meeting in enumerate(station.meetings):
            name = path if number == 0 else f"{path}.{number}"
            if meeting.factor:
                width = 2 * round(room(meeting.factor, 10) / 2)
                above.end(canvas, (x, y), name)
                look = "gate"
                box = Box(x, y + 9, width, 18, look, meeting.factor, 10, node=name, tip=station.tip)
                canvas.add(box)
                above, y = Open(name, ((x, y + 18),)), y + 18 + FOOT
            elif meeting.sign:
                above.end(canvas, (x, y), name)
                put_sign(canvas, (x, y + RADIUS), RADIUS, meeting.sign, name, station.tip)
                self._ends(canvas, station, number, (x, y + RADIUS), name)
                above, y = Open(name, ((x, y + 2 * RADIUS),)), y + 2 * RADIUS + FOOT
            else:
                # What comes from the side goes on, and what is above does not.
                canvas.add(Dot(x, y + 2))
                self._ends(canvas, station, number, (x, y + 2), "")
                above, y = Open("", ((x, y + 2),)), y + 4 + FOOT
        return above

    def _ends(self, canvas: Canvas, station: Station, number: int, point: Point, head: str) -> None:
        """Where the lines of one meeting end: a sign's right side, or a point."""
        mine = self.ending.get((station.number, number), [])
        sign = station.meetings[number].sign
        step = min(5.0, 10.0 / max(len(mine), 1))
        for i, link in enumerate(mine):
            off = (i - (len(mine) - 1) / 2) * step
            reach = sign_reach(sign, RADIUS) if sign else 0.0
            if reach == RADIUS:
                reach = (RADIUS**2 - off**2) ** 0.5
            end = (point[0] + reach, point[1] + off)
            if link in self.lanes:
                self.ends[link] = end, head
                continue
            place = self.x + self.half + 6
            self._tag(canvas, place, end[1], link)
            canvas.line(((place - 3, end[1]), end), look="secondary", head=head, arrow=bool(head))

    def _tag(self, canvas: Canvas, x: float, y: float, link: Link) -> None:
        canvas.add(Text(x, y, link.name or "kept", _KEPT, "start"))

    def _run_lanes(self, canvas: Canvas) -> None:
        first = self.x + self.first_lane
        named: set[int] = set()
        for link, lane in self.lanes.items():
            place, begin = first + lane * _LANE, self.taps[link.source]
            (end, head) = self.ends[link]
            points = ((self.x, begin), (place, begin), (place, end[1]), end)
            canvas.line(points, look="secondary", head=head, arrow=bool(head), radius=5)
            if link.name and link.source not in named:
                x = self.x + self.half + 6
                canvas.add(Text(x, begin - 7, link.name, _KEPT, "start"))
            named.add(link.source)
        for link in self.links:
            if link.source in self.taps and link not in self.lanes and link.source not in named:
                named.add(link.source)
                y, place = self.taps[link.source], self.x + self.half + 6
                canvas.line(((self.x, y), (place, y)), look="secondary")
                self._tag(canvas, place + 3, y, link)


def _times(x: float, y: float, station: Station) -> Text:
    text = f"×{station.element.count}"
    return Text(x, y, text, _TIMES_AT_ARC, "start", ink_of(station), True)


def _label_width(station: Station) -> float:
    widths = [room(line, LABEL) for line in station.label]
    if station.element.count > 1:
        widths.append(room(f"×{station.element.count}", _TIMES_AT_ARC, bold=True))
    return _LABEL + max(widths, default=0.0)
