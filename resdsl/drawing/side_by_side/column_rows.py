"""A column's items as rows in a line, with what stands beside them, by row numbers.

Where a column would be too long, equal neighbours are folded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import field, replace

from resdsl.analysis.shortcuts import Kind, Shortcut
from resdsl.drawing.column.meetings import ARC, Operand
from resdsl.drawing.side_by_side.items import (
    Around,
    Item,
    Mark,
    Meet,
    Repeat,
    Row,
    rows_in,
)
from resdsl.records import dataclass

# Rows up to which columns are written out: those of ResNet-34 and VGG-19 are.
LONGEST = 40
# Equal neighbours from which on they are folded in a longer one.
_MANY = 3


@dataclass(frozen=True, slots=True)
class Arc:
    """What goes around the rows `first` to `last`; `depth` arcs lie inside it."""

    first: int
    last: int
    shortcut: Shortcut
    depth: int
    path: str

    @property
    def kind(self) -> Kind:
        return self.shortcut.kind


@dataclass(slots=True, eq=False)
class Foot:
    """A sign or factor below a row; `arc` or a kept line comes into it."""

    meet: Meet
    arc: Arc | None = None

    @property
    def is_begin(self) -> bool:
        """What comes in from the side goes on along the line, and what is above does not."""
        return not self.meet.meeting.sign and not self.meet.meeting.factor


@dataclass(slots=True, eq=False)
class Tap:
    """A dot on the line where a kept value leaves it."""


@dataclass(frozen=True, slots=True)
class Link:
    """From where a value is kept to the sign that reads it, as (row above, which of those below
    it); `begin` and `end` count what is below rows, from the top."""

    source: tuple[int, int]
    target: tuple[int, int]
    begin: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Times:
    """The rows `first` to `last` stand `count` times in a row, with `below` of what is below the
    last. `depth` of these lie inside it."""

    first: int
    last: int
    count: int
    depth: int
    below: int = 0


@dataclass(slots=True)
class Column:
    """`below` a row (-1: above the first) stand signs and dots, downwards."""

    rows: list[Row] = field(default_factory=list)
    arcs: list[Arc] = field(default_factory=list)
    times: list[Times] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    _below: defaultdict[int, list[Foot | Tap]] = field(default_factory=lambda: defaultdict(list))
    _begins: defaultdict[int, list[Arc]] = field(default_factory=lambda: defaultdict(list))
    # By number of a mark, where it stands last: copies of a group have marks of their own.
    _taps: dict[int, tuple[tuple[int, int], int]] = field(default_factory=dict)
    _count: int = 0

    def add_arc(self, arc: Arc) -> None:
        """What lies inside an arc is added before it."""
        self.arcs.append(arc)
        self._begins[arc.first].append(arc)

    def put(self, what: Foot | Tap) -> tuple[int, int]:
        """Below the last row; where that is."""
        last = len(self.rows) - 1
        self._below[last].append(what)
        self._count += 1
        return last, len(self._below[last]) - 1

    def tap(self, number: int) -> None:
        self._taps[number] = (self.put(Tap()), self._count)

    def read(self, operand: Operand, target: tuple[int, int], text: str) -> None:
        source, begin = self._taps[operand.source]
        self.links.append(Link(source, target, begin, self._count, text))

    def below(self, row: int) -> Sequence[Foot | Tap]:
        return self._below.get(row, ())

    def begins(self, number: int) -> Sequence[Arc]:
        """The arcs that begin before a row, the inner first."""
        return self._begins.get(number, ())


def lined_up(columns: Sequence[Sequence[Item]], longest: int = LONGEST) -> list[Column]:
    """Each with all its rows, or where one has too many, all folded."""
    is_long = max(map(rows_in, columns)) > longest
    return [_column(_folded(items) if is_long else _written(items)) for items in columns]


def _column(items: Sequence[Item]) -> Column:
    made = Column()
    _line_up(made, items)
    return made


# --- copies ---------------------------------------------------------------------------------------


def _written(items: Sequence[Item]) -> list[Item]:
    """With every copy written out."""
    found: list[Item] = []
    for item in items:
        match item:
            case Row() | Mark() | Meet():
                found.append(item)
            case Around(inner, start=start):
                before = _written(inner[:start])
                items_ = (*before, *_written(inner[start:]))
                found.append(replace(item, items=items_, start=len(before)))
            case Repeat(inner, count, path):
                once = _written(inner)
                found += (_at(part, path, copy) for copy in range(count) for part in once)
    return found


def _folded(items: Sequence[Item]) -> list[Item]:
    """With equal neighbours together, be they copies of one unit or written one by one."""
    found: list[Item] = []
    for item in items:
        match item:
            case Around(inner):
                # Folded as they are, unless that would tear what goes around only some of them.
                found.append(item if item.start else replace(item, items=tuple(_folded(inner))))
            case Repeat(inner, count, path):
                once = tuple(_folded(inner))
                if count < _MANY:
                    found += (_at(part, path, copy) for copy in range(count) for part in once)
                else:
                    found.append(Repeat(once, count, path))
            case Row() | Mark() | Meet():
                found.append(item)
    return _together(found)


def _together(items: Sequence[Item]) -> list[Item]:
    """Runs of equal neighbours as one repeat; one that goes on as what is in it does, too."""
    found: list[Item] = []
    for item in items:
        last = found[-1] if found else None
        if isinstance(last, Repeat) and last.items == (item,):
            found[-1] = replace(last, count=last.count + 1)
        elif isinstance(last, Repeat) and isinstance(item, Repeat) and last.items == item.items:
            found[-1] = replace(last, count=last.count + item.count)
        elif len(found) > 1 and found[-2] == found[-1] == item and not isinstance(item, Repeat):
            first = found[-2]
            found[-2:] = [Repeat((first,), _MANY, _path(first))]
        else:
            found.append(item)
    return found


def _path(item: Item) -> str:
    return item.meets[0].path if isinstance(item, Around) else getattr(item, "path", "")


def _at(item: Item, path: str, copy: int) -> Item:
    """An item of the first copy as it is called in another: `layer1.0.conv1`, `layer1.2.conv1`."""
    if not copy:
        return item
    before, _, number = path.rpartition(".")
    other = f"{before}.{int(number) + copy}"

    def moved(name: str) -> str:
        return name.replace(path, other, 1)

    match item:
        case Row():
            return replace(item, path=moved(item.path), base=moved(item.base))
        case Mark():
            return item
        case Meet():
            return replace(item, path=moved(item.path))
        case Around(inner, meets=meets):
            parts = tuple(_at(one, path, copy) for one in inner)
            return replace(
                item,
                items=parts,
                meets=tuple(replace(one, path=moved(one.path)) for one in meets),
            )
        case Repeat(inner):
            parts = tuple(_at(one, path, copy) for one in inner)
            return replace(item, items=parts, path=moved(item.path))


# --- in a line ------------------------------------------------------------------------------------


def _line_up(made: Column, items: Sequence[Item]) -> tuple[int, int]:
    """Adds items to a column; how many arcs, and how many repeats, lie in each other there."""
    arcs, times = 0, 0
    for item in items:
        first = len(made.rows)
        match item:
            case Row():
                made.rows.append(item)
                continue
            case Mark(number):
                made.tap(number)
            case Meet():
                _meet(made, item, None)
            case Repeat(inner, count):
                deep, nested = _line_up(made, inner)
                last = len(made.rows) - 1
                made.times.append(Times(first, last, count, nested, len(made.below(last))))
                arcs, times = max(arcs, deep), max(times, nested + 1)
            case Around(inner, shortcut, start, meets):
                deep, nested = _line_up(made, inner[:start])
                begin = len(made.rows)
                more = _line_up(made, inner[start:])
                deep, nested = max(deep, more[0]), max(nested, more[1])
                end = next(m for m in meets if any(o.source == ARC for o in m.meeting.operands))
                arc = Arc(begin, len(made.rows) - 1, shortcut, deep, end.path)
                made.add_arc(arc)
                for meet in meets:
                    _meet(made, meet, arc if meet is end else None)
                arcs, times = max(arcs, deep + 1), max(times, nested)
    return arcs, times


def _meet(made: Column, meet: Meet, arc: Arc | None) -> None:
    target = made.put(Foot(meet, arc))
    for operand in meet.meeting.operands:
        if operand.source != ARC:
            first = meet.meeting.order[:1] == (operand.name,)
            words = (*operand.words, *(("first",) if first else ()))
            made.read(operand, target, "  ".join((operand.name, *words)))
