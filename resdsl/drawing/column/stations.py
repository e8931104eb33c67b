"""What stands on the spine of an overview, in order, and how large it is."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from resdsl.analysis.cost import Cost
from resdsl.analysis.elements import Element
from resdsl.analysis.facts import Facts
from resdsl.analysis.shortcuts import Shortcut
from resdsl.drawing.column.block_content import Piece
from resdsl.drawing.column.block_pieces import Pieces
from resdsl.drawing.column.drawn_sections import Part
from resdsl.drawing.column.kept_lines import Meeting, kinship
from resdsl.drawing.layout.fonts import room, text_width
from resdsl.records import dataclass

# From what stands above to the box, and what it is longer where a line leaves the spine there.
LEAD, SPLIT, TAP = 28.0, 11.0, 16.0
# From a box to the sign below it, and between signs.
FOOT, RADIUS = 9.0, 8.0
LAYER, NAME, TIMES, SHAPE, LABEL = 11.0, 9.0, 14.0, 9.0, 9.0
_LAYER_HEIGHT, _NARROWEST = 26.0, 132.0
# Of a label: the height of a line, and how many there are at most.
_MOST = 6
LINE = 12.0


@dataclass(slots=True)
class Station:
    """An element as drawn: `width` and `height` are those of its box, if it has one.

    `before` and `after` are the shapes that flow above and below it. `is_source`: a line to what
    reads its result far below leaves the spine under it.
    """

    number: int
    element: Element
    part: Part
    name: str
    before: str
    after: str
    tip: str
    piece: Piece | None
    meetings: tuple[Meeting, ...]
    is_broken: bool
    width: float = 0.0
    height: float = 0.0
    is_source: bool = False
    # The height of all of it.
    room: float = 0.0

    @property
    def is_join(self) -> bool:
        """Signs alone, without a box."""
        return self.height == 0

    @property
    def arc(self) -> Shortcut | None:
        """The shortcut, but one that comes from far above."""
        return None if self.meetings else self.element.shortcut

    @property
    def has_sum(self) -> bool:
        return self.element.shortcut is not None

    @property
    def label(self) -> list[str]:
        lines = self.arc.label.split("\n") if self.arc is not None and self.arc.label else []
        return lines if len(lines) <= _MOST else [*lines[: _MOST - 1], "…"]

    @property
    def above(self) -> float:
        """From the top of its room to that of its box."""
        return LEAD + (SPLIT if self.arc is not None else 0)


def _room(station: Station) -> float:
    above = station.above
    if station.is_join:
        inside = sum(_high(meeting) for meeting in station.meetings)
        inside += FOOT * max(len(station.meetings) - 1, 0)
    else:
        inside = station.height + (FOOT + 2 * RADIUS if station.has_sum else 0)
        if station.arc is not None:
            top, lines = label_top(station)
            inside = max(inside, top + lines * LINE + 3 - above)
    return above + inside + (TAP if station.is_source else 0)


def label_top(station: Station) -> tuple[float, int]:
    """Where the label of an arc begins, from the top of the station's room, and its lines."""
    lines = len(station.label) + (station.element.count > 1)
    begin = station.above - LEAD + SPLIT - 1
    middle = (begin + station.above + station.height + FOOT + RADIUS) / 2
    return max(middle - lines * LINE / 2, 4.0), lines


def _high(meeting: Meeting) -> float:
    return 18.0 if meeting.factor else 2 * RADIUS if meeting.sign else 4.0


def stations(known: Facts, parts: Sequence[Part]) -> list[Station]:
    elements = [element for part in parts for element in part.elements]
    kin = kinship(known, elements)
    pieces = Pieces(known)
    sources = {number for met in kin.meetings.values() for m in met for number, _ in m.sources}
    found: list[Station] = []
    before = known.view.text(known.input)
    for part in parts:
        for element, name in zip(part.elements, part.names, strict=True):
            number = len(found)
            piece = pieces.of(element, kin.sources.get(number)) if element.is_block else None
            after = known.view.text(element.output)
            met = kin.meetings.get(number, ())
            station = Station(
                number, element, part, name, before, after, _tip(element, after), piece, met,
                number in kin.broken, is_source=number in sources,
            )  # fmt: skip
            found.append(station)
            before = after
    _sized(found)
    return found


def _sized(stations: Sequence[Station]) -> None:
    """All boxes of blocks are as wide as the widest, and all of layers."""
    blocks = [station for station in stations if station.piece is not None]
    layers = [s for s in stations if s.piece is None and not (s.meetings and not s.has_sum)]
    width = max((2 * _half(station) for station in blocks), default=0.0)
    for station in blocks:
        assert station.piece is not None
        station.width, station.height = _even(width), _even(station.piece.height + 14)
    wide = max((_layer_width(station) for station in layers), default=0.0)
    for station in layers:
        station.width, station.height = _even(max(wide, _NARROWEST)), _LAYER_HEIGHT
    for station in stations:
        station.room = _room(station)


def _half(station: Station) -> float:
    """From the middle of a block's box to its sides."""
    assert station.piece is not None
    count = station.element.count
    name = room(station.name, NAME) if station.name else 0.0
    times = room(f"×{count}", TIMES, bold=True) if count > 1 else 0.0
    beside = max(name, times) + 12 if name or times else 10.0
    # Shapes stand right of the spine, and no arc runs through them.
    shapes = max(text_width(text, SHAPE) for text in (station.before, station.after)) + 12
    return max(station.piece.width / 2 + beside, shapes, 70.0)


def _layer_width(station: Station) -> float:
    element = station.element
    times = room(f"×{element.count}", 12, bold=True) if element.count > 1 else 0.0
    return room(element.text, LAYER) + times + 14


def _even(length: float) -> float:
    return 2.0 * ceil(length / 2)


def _tip(element: Element, shape: str) -> str:
    path = element.path if element.count == 1 else f"{element.path} and {element.count - 1} more"
    return cost_tip(f"{path}: {shape}", element.cost)


def cost_tip(what: str, cost: Cost) -> str:
    text = f"{what} · {cost.params:,} parameters"
    return text if cost.macs is None else f"{text} · {cost.macs:,} MACs"
