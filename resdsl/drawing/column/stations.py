"""What stands on the spine of an overview, in order, and how large it is."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.analysis.cost import Cost
from resdsl.analysis.element import Element
from resdsl.analysis.facts import Facts
from resdsl.analysis.shortcuts import Shortcut
from resdsl.design.join_expressions import Ref
from resdsl.drawing.column.block_content import Piece
from resdsl.drawing.column.block_pieces import Pieces
from resdsl.drawing.column.drawn_sections import Part
from resdsl.drawing.column.kept_lines import Kinship, kinship
from resdsl.drawing.column.line_words import (
    KEPT,
    NAMES,
    PILL,
    even,
    names,
    order_lines,
    words_width,
)
from resdsl.drawing.column.meetings import ARC, ENTRY, Meeting, Operand
from resdsl.drawing.fragments.exits import LINE as EXIT_LINE
from resdsl.drawing.fragments.exits import Exit, beside_height, end_height, exits
from resdsl.drawing.layout.fonts import room, text_width
from resdsl.records import dataclass

# From what stands above to the box, and what it is longer where a line leaves the spine there.
LEAD, SPLIT, TAP = 28.0, 11.0, 16.0
# What it is longer where it begins with a line from far above.
LED = 22.0
# From a box to the sign below it, and between signs.
FOOT, RADIUS = 9.0, 8.0
LAYER, NAME, TIMES, SHAPE, LABEL = 11.0, 9.0, 14.0, 9.0, 9.0
_LAYER_HEIGHT, _NARROWEST = 26.0, 132.0
# Of a label: the height of a line, and how many there are at most.
_MOST = 6
LINE = 12.0
# Where lines from far above enter a box that has an arc, from its top.
ENTER = 9.0
# Between lines that begin at a box, from its foot on; from those to what enters in its middle.
BEGUN, _ENTERED = 12.0, 16.0
# From the widest box to the arcs.
ARC_BESIDE = 16.0


@dataclass(slots=True)
class Station:
    """An element as drawn: `width` and `height` are those of its box, if it has one.

    `before` and `after` are the shapes that flow above and below it. `is_source`: a line to what
    reads its result far below leaves the spine under it; such lines of other values, which are made
    in its box, leave that (`begun`). `leading` goes on along the spine there in place of what is
    above. `exits` are the outputs that its result is, `inner` those that are made
    in it; `is_end`: its result goes on nowhere else.
    """

    number: int
    # What its box is called.
    node: str
    element: Element
    part: Part
    look: str
    name: str
    before: str
    after: str
    tip: str
    piece: Piece | None
    meetings: tuple[Meeting, ...]
    entering: tuple[Operand, ...]
    is_broken: bool
    width: float = 0.0
    height: float = 0.0
    is_source: bool = False
    leading: tuple[Operand, ...] = ()
    exits: tuple[Exit, ...] = ()
    inner: tuple[Exit, ...] = ()
    begun: tuple[Ref, ...] = ()
    is_end: bool = False
    # The height of all of it.
    room: float = 0.0

    @property
    def is_join(self) -> bool:
        """Signs alone, without a box."""
        return self.piece is None and bool(self.meetings)

    @property
    def arc(self) -> Shortcut | None:
        """The shortcut, but one that does not read what enters the block."""
        return self.element.shortcut if self.arc_words is not None else None

    @property
    def has_arc(self) -> bool:
        return self.arc_words is not None

    @property
    def arc_words(self) -> tuple[str, ...] | None:
        """What stands on the arc; None where there is none."""
        for meeting in self.meetings:
            for operand in meeting.operands:
                if operand.source == ARC:
                    return operand.words
        return None

    @property
    def operands(self) -> tuple[Operand, ...]:
        """All that comes from far above."""
        mine = (operand for meeting in self.meetings for operand in meeting.operands)
        others = (*self.leading, *self.entering, *mine)
        return tuple(operand for operand in others if operand.source != ARC)

    @property
    def label(self) -> list[str]:
        lines = self.arc.label.split("\n") if self.arc is not None and self.arc.label else []
        return lines if len(lines) <= _MOST else [*lines[: _MOST - 1], "…"]

    @property
    def above(self) -> float:
        """From the top of its room to that of its box."""
        return self.led + LEAD + (SPLIT if self.arc is not None else 0)

    @property
    def led(self) -> float:
        """From the top of its room to what is read from far above, and goes on there."""
        return LED if self.leading else 0.0

    @property
    def below(self) -> float:
        """The height of what leaves the spine below it."""
        told = end_height(self.exits, LEAD) if self.is_end else beside_height(self.exits)
        return told + (TAP if self.is_source else 0)

    @property
    def inner_y(self) -> float:
        """Where what is made inside leaves the box, from its top: below what enters there."""
        enters = self.entering and self.arc is not None
        return 2 * ENTER + NAMES * len(names(self.entering)) if enters else ENTER


def _room(station: Station) -> float:
    above = station.above
    signs = sum(FOOT + high(meeting) for meeting in station.meetings)
    inside = signs - FOOT if station.is_join else station.height + signs
    if station.arc is not None:
        top, lines = label_top(station)
        inside = max(inside, top + lines * LINE + 3 - above)
    return above + inside + station.below


def label_top(station: Station) -> tuple[float, int]:
    """Where the label of an arc begins, from the top of the station's room, and its lines."""
    lines = len(station.label) + (station.element.count > 1)
    begin = station.above - LEAD + SPLIT - 1
    middle = (begin + station.above + station.height + FOOT + RADIUS) / 2
    # Lines from far above enter the box over it.
    least = station.above + ENTER + LINE / 2 if station.entering else 4.0
    if station.inner:
        least = station.above + station.inner_y + EXIT_LINE * len(station.inner)
    return max(middle - lines * LINE / 2, least), lines


def high(meeting: Meeting) -> float:
    """Of what stands on the spine, and the names beside it."""
    if meeting.factor:
        return PILL
    lines = len(names(meeting.operands))
    beside = (RADIUS if lines > 1 else 0.0) + NAMES * lines
    order = NAMES * len(order_lines(meeting))
    return max(2 * RADIUS if meeting.sign else 4.0, beside if lines > 1 else 0.0, order)


def stations(known: Facts, parts: Sequence[Part]) -> list[Station]:
    elements = [element for part in parts for element in part.elements]
    kin = kinship(known, elements)
    pieces = Pieces(known)
    read = [operand for met in kin.meetings.values() for m in met for operand in m.operands]
    read += [operand for some in kin.entering.values() for operand in some]
    read += [operand for operand, _ in kin.leads.values()]
    sources = {operand.source for operand in read if operand.inside is None}
    beside = dict.fromkeys((one.source, one.inside) for one in read if one.inside is not None)
    found: list[Station] = []
    looks = _looks_of_modules(parts)
    before = known.view.text(known.input)
    for part in parts:
        for element, name in zip(part.elements, part.names, strict=True):
            number = len(found)
            piece = pieces.of(element, kin.sources.get(number)) if element.is_block else None
            after = known.view.text(element.output)
            met = kin.meetings.get(number, ())
            shown = kin.sources.get(number)
            # A residual is called as its first module, which stands in its box by itself.
            inner = shown is not None and shown.whole is not None and shown.run is None
            node = f"{element.path}.block" if inner else element.path
            if element.again or (element.is_single and not element.is_block):
                node = f"{element.path}.{number}"  # all joins beside each other have one path
            look = looks.get(element.again, part.look)
            station = Station(
                number, node, element, part, look, name, before, after, _tip(element, after), piece,
                met, kin.entering.get(number, ()), number in kin.broken,
                is_source=number in sources,
            )  # fmt: skip
            found.append(station)
            before = after
    for source, value in beside:
        found[source].begun += (value,)
    _led(known, found, kin)
    _left(known, found)
    _sized(found)
    return found


def _looks_of_modules(parts: Sequence[Part]) -> dict[str, str]:
    """By module path, that of its first part: it is met again in that."""
    found: dict[str, str] = {}
    for part in parts:
        for element in part.elements:
            path = "" if element.again else element.path
            while path:
                found.setdefault(path, part.look)
                path = path.rpartition(".")[0]
    return found


def _led(known: Facts, stations: Sequence[Station], kin: Kinship) -> None:
    for number, (operand, shape) in kin.leads.items():
        stations[number].leading = (operand,)
        stations[number].before = known.view.text(shape)


def _left(known: Facts, stations: Sequence[Station]) -> None:
    """Enters where outputs leave."""
    told: dict[tuple[int, bool], list[tuple[str, str]]] = {}
    for name, ref in zip(known.network.outputs, known.network.root.outputs, strict=False):
        place = known.elements.places.at[ref]
        at = max((s.number for s in stations if s.element.first <= place.number), default=ENTRY)
        pair = (name, known.view.text(known.shapes[ref]))
        told.setdefault((at, place.is_inside), []).append(pair)
    for station in stations:
        station.exits = exits(told.get((station.number, False), ()))
        station.inner = exits(told.get((station.number, True), ()))
        after = station.number + 1
        station.is_end = after == len(stations) or stations[after].is_broken


def entry_exits(known: Facts) -> tuple[Exit, ...]:
    """What is told of outputs that are the input."""
    given = zip(known.network.outputs, known.network.root.outputs, strict=False)
    places, text = known.elements.places.at, known.view.text
    entering = ((name, known.shapes[ref]) for name, ref in given if places[ref].number == ENTRY)
    return exits((name, text(shape)) for name, shape in entering)


def _sized(stations: Sequence[Station]) -> None:
    """All boxes of blocks are as wide as the widest, and all of layers."""
    blocks = [station for station in stations if station.piece is not None]
    layers = [station for station in stations if station.piece is None and not station.meetings]
    width = max((2 * _half(station) for station in blocks), default=0.0)
    for station in blocks:
        assert station.piece is not None
        inner = _beside(station)
        station.width, station.height = even(width), even(max(station.piece.height + 14, inner))
    wide = max((_layer_width(station) for station in layers), default=0.0)
    for station in layers:
        height = max(_LAYER_HEIGHT, _beside(station))
        station.width, station.height = even(max(wide, _NARROWEST)), even(height)
    for station in stations:
        if station.is_join:
            lines = [line for meeting in station.meetings for line in order_lines(meeting)]
            beside = max((text_width(line, KEPT) + 8 for line in lines), default=0.0)
            station.width = even(2 * (RADIUS + beside)) if lines else 0.0
        station.room = _room(station)


def _beside(station: Station) -> float:
    """The least height of a box beside which lines begin and end, and names stand."""
    begun, enters = BEGUN * len(station.begun), bool(station.entering)
    if not station.inner:
        return 2 * (begun + _ENTERED * enters) if begun else 0.0
    told = station.inner_y + EXIT_LINE * len(station.inner)
    # What enters a box without an arc does so in its middle, what else begins at its foot.
    return told * (2 if (enters and station.arc is None) or begun else 1) + begun


def _half(station: Station) -> float:
    """From the middle of a block's box to its sides."""
    assert station.piece is not None
    count = station.element.count
    name = room(station.name, NAME) if station.name else 0.0
    times = room(f"×{count}", TIMES, bold=True) if count > 1 else 0.0
    beside = max(name, times) + 12 if name or times else 10.0
    # Shapes stand right of the spine, and no arc runs through them.
    shapes = max(text_width(text, SHAPE) for text in (station.before, station.after)) + 12
    # An arc's words stand between it and its sign.
    words = words_width(station.arc_words or ()) + RADIUS - ARC_BESIDE
    return max(station.piece.width / 2 + beside, shapes, words, 70.0)


def _layer_width(station: Station) -> float:
    element = station.element
    times = room(f"×{element.count}", 12, bold=True) if element.count > 1 else 0.0
    return room(element.text, LAYER) + times + 14


def _tip(element: Element, shape: str) -> str:
    path = element.path if element.count == 1 else f"{element.path} and {element.count - 1} more"
    return cost_tip(f"{path}: {shape}", element.cost)


def cost_tip(what: str, cost: Cost) -> str:
    text = f"{what} · {cost.params:,} parameters"
    return text if cost.macs is None else f"{text} · {cost.macs:,} MACs"
