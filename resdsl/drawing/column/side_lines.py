"""Lines at the right of a column: tensors that are read far below where they are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from resdsl.design.join_expressions import Ref
from resdsl.drawing.column.lanes import ENTERING, MOST_LANES, Link, Reader, lanes
from resdsl.drawing.column.line_words import (
    ARROW,
    BESIDE,
    KEPT,
    NAMES,
    PILL,
    WORDS,
    names,
    pill_width,
    words_width,
)
from resdsl.drawing.column.meetings import ENTRY
from resdsl.drawing.column.stations import ARC_BESIDE
from resdsl.drawing.layout.canvas import Box, Canvas, Point, Text
from resdsl.drawing.layout.fonts import text_width
from resdsl.records import dataclass

# Between lines that run beside each other; before the first.
_LANE, _BEFORE_LANES = 9.0, 10.0
# From the widest box to names.
_NAME = 6.0


@dataclass(frozen=True, slots=True)
class End:
    """Where a line ends, and in which node; without an arrow in words."""

    point: Point
    node: str
    is_arrow: bool


@dataclass(slots=True)
class SideLines:
    """Those of one column, whose spine is at `x` and whose widest box has the half width `half`.

    What begins and ends in the column has a lane; else its name stands at both ends.
    """

    stations: Sequence[Reader]
    links: Sequence[Link]
    half: float
    is_first: bool
    x: float = 0.0
    # By line that begins and ends here, its lane.
    lanes: dict[Link, int] = field(default_factory=dict)
    # By a meeting's station and number, the lines that end there, from the nearest lane on.
    ending: dict[tuple[int, int], list[Link]] = field(default_factory=dict)
    # Where lines leave the spine, and those of what is made in a box, by its value, the box; where
    # they end: the point, and the node there.
    taps: dict[int, float] = field(default_factory=dict)
    inner: dict[tuple[int, Ref], Point] = field(default_factory=dict)
    ends: dict[Link, End] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = {station.number for station in self.stations}
        if self.is_first:
            numbers.add(ENTRY)
        self.lanes = lanes([n for n in self.links if {n.source, n.target} <= numbers])
        for link in sorted(self.links, key=lambda link: self.lanes.get(link, MOST_LANES)):
            self.ending.setdefault((link.target, link.meeting), []).append(link)

    def first(self, beside: float) -> float:
        """From the spine to the first lane, behind all names and words on lines; `beside` is the
        room that all else needs."""
        for key, some in self.ending.items():
            lines = names([link.operand for link in some])
            wide = max((text_width(line, KEPT) for line in lines), default=0.0)
            words = max(words_width(link.operand.words) for link in some)
            beside = max(beside, max(self._aside(key), words + 16) + 5 + wide)
        starts = [text_width(link.operand.name, KEPT) for link in self.lanes]
        starts += [text_width(", ".join(words), KEPT) for words in self._gone().values()]
        return max(beside, self.half + _NAME + max(starts, default=0.0)) + _BEFORE_LANES

    def _aside(self, key: tuple[int, int]) -> float:
        """From the spine to the names of a meeting: beyond the arc that a line to a box crosses."""
        number, meeting = key
        has_arc = any(s.number == number and s.has_arc for s in self.stations)
        return self.half + _NAME + (ARC_BESIDE if has_arc and meeting == ENTERING else 0.0)

    @property
    def width(self) -> float:
        return _LANE * len(set(self.lanes.values()))

    def end(
        self,
        canvas: Canvas,
        key: tuple[int, int],
        at: Point,
        reach: float,
        head: str,
        *,
        is_round: bool,
        has_arc: bool = False,
    ) -> Point | None:
        """Where the lines of one meeting end: right of what is `reach` wide from its middle, `at`.

        Below each other, as the lanes are beside each other: no line crosses another. Where an arc
        ends there too, this is where.
        """
        mine = self.ending.get(key, [])
        running = [link for link in mine if link in self.lanes]
        named = [link for link in mine if link not in self.lanes]
        count = len(running) + has_arc
        step = min(5.0, 10.0 / max(count, 1))
        places = [(i - (count - 1) / 2) * step for i in range(count)]
        if named and count:
            # What is told by its name comes in below the lines.
            step = min(5.0, 5.0 / max(count - 1, 1))
            places = [-6.0 + i * step for i in range(count)]

        def point(off: float) -> Point:
            return at[0] + ((reach**2 - off**2) ** 0.5 if is_round else reach), at[1] + off

        arc = point(places.pop(0)) if has_arc else None
        for link, off in zip(running, places, strict=True):
            self.ends[link] = self._words(canvas, link.operand.words, point(off), head)
        if named:
            self._named(canvas, named, point(5.0 if count else 0.0), head, self._aside(key))
        return arc

    def _words(self, canvas: Canvas, words: Sequence[str], end: Point, head: str) -> End:
        """Puts words on a line before its end."""
        return put_words(canvas, words, end, head, "secondary")

    def _named(
        self, canvas: Canvas, links: Sequence[Link], end: Point, head: str, aside: float
    ) -> None:
        """Lines whose beginnings are elsewhere: one for all, with their names."""
        into = self._words(canvas, links[0].operand.words, end, head)
        x, y = into.point
        place = max(self.x + aside, x + ARROW)
        canvas.line(
            ((place - 3, y), (x, y)), look="secondary", head=into.node, arrow=into.is_arrow,
            count=len(links),
        )  # fmt: skip
        for line in names([link.operand for link in links]):
            canvas.add(Text(place, y, line, KEPT, "start"))
            y += NAMES

    def run(self, canvas: Canvas, first: float) -> None:
        """Draws the lanes, the first of them so far from the spine."""
        begun: set[Point] = set()
        named: set[Point] = set()
        place = self.x + self.half + _NAME
        for link, lane in self.lanes.items():
            x, end = self.x + first + lane * _LANE, self.ends[link]
            begin = self._begin(link.source, link.operand.inside)
            assert begin is not None
            points = (begin, (x, begin[1]), (x, end.point[1]), end.point)
            canvas.line(points, look="secondary", head=end.node, arrow=end.is_arrow, radius=5)
            begun.add(begin)
            if link.operand.name and begin not in named:
                canvas.add(Text(place, begin[1] - 7, link.operand.name, KEPT, "start"))
                named.add(begin)
        for (source, inside), words in self._gone().items():
            begin = self._begin(source, inside)
            if begin is None or begin in named:
                continue
            above = 7 if begin in begun else 0
            if not above:
                canvas.line((begin, (place, begin[1])), look="secondary")
            canvas.add(Text(place + 3, begin[1] - above, ", ".join(words), KEPT, "start"))

    def _gone(self) -> dict[tuple[int, Ref | None], dict[str, None]]:
        """By where they begin, the names of lines that end in another column."""
        found: dict[tuple[int, Ref | None], dict[str, None]] = {}
        for link in self.links:
            if link not in self.lanes:
                begin = (link.source, link.operand.inside)
                found.setdefault(begin, {})[link.operand.name or "kept"] = None
        return found

    def _begin(self, source: int, inside: Ref | None) -> Point | None:
        """Where a line begins, if that is in this column."""
        if inside is not None:
            return self.inner.get((source, inside))
        y = self.taps.get(source)
        return None if y is None else (self.x, y)


def put_words(canvas: Canvas, words: Sequence[str], end: Point, head: str, look: str) -> End:
    """Puts words on a line that comes from the right, the last of them before its end.

    Where the line to the first of them ends.
    """
    x, y = end
    for number, word in enumerate(reversed(words)):
        gap, width = ARROW if number == 0 else BESIDE, pill_width(word)
        name = f"{head}..{number}" if head else ""
        canvas.line(((x + gap, y), (x, y)), look=look, head=head, arrow=number == 0, tail=name)
        x += gap
        canvas.add(Box(x + width / 2, y, width, PILL, "gate", word, WORDS, node=name))
        x, head = x + width, name
    return End((x, y), head, is_arrow=bool(head) and not words)
