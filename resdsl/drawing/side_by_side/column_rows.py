"""A column's items as rows in a line, with what stands beside them, by row numbers.

Where a column would be too long, equal neighbours are folded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import field, replace

from resdsl.analysis.shortcuts import Kind, Shortcut
from resdsl.drawing.side_by_side.column_items import Around, Item, Repeat, Row, rows_in
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


@dataclass(frozen=True, slots=True)
class Times:
    """The rows `first` to `last` stand `count` times in a row. `depth` of these lie inside it."""

    first: int
    last: int
    count: int
    depth: int


@dataclass(slots=True)
class Column:
    rows: list[Row] = field(default_factory=list)
    arcs: list[Arc] = field(default_factory=list)
    times: list[Times] = field(default_factory=list)
    # By row, the arcs that begin before it, and that end behind it, the inner first.
    _begins: defaultdict[int, list[Arc]] = field(default_factory=lambda: defaultdict(list))
    _ends: defaultdict[int, list[Arc]] = field(default_factory=lambda: defaultdict(list))

    def add_arc(self, arc: Arc) -> None:
        """What lies inside an arc is added before it."""
        self.arcs.append(arc)
        self._ends[arc.last].append(arc)
        self._begins[arc.first].append(arc)

    def ends(self, number: int) -> Sequence[Arc]:
        """The arcs that end behind a row, the inner first."""
        return self._ends.get(number, ())

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
            case Row():
                found.append(item)
            case Around(inner):
                found.append(replace(item, items=tuple(_written(inner))))
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
            case Row():
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
            found[-2:] = [Repeat((first,), _MANY, first.path)]
        else:
            found.append(item)
    return found


def _at(item: Item, path: str, copy: int) -> Item:
    """An item of the first copy as it is called in another: `layer1.0.conv1`, `layer1.2.conv1`."""
    if not copy:
        return item
    before, _, number = path.rpartition(".")
    other = f"{before}.{int(number) + copy}"
    match item:
        case Row():
            return replace(item, path=item.path.replace(path, other, 1))
        case _:
            inner = tuple(_at(one, path, copy) for one in item.items)
            return replace(item, items=inner, path=item.path.replace(path, other, 1))


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
            case Repeat(inner, count):
                deep, nested = _line_up(made, inner)
                made.times.append(Times(first, len(made.rows) - 1, count, nested))
                arcs, times = max(arcs, deep), max(times, nested + 1)
            case Around(inner, shortcut, start, path):
                deep, nested = _line_up(made, inner[:start])
                begin = len(made.rows)
                more = _line_up(made, inner[start:])
                deep, nested = max(deep, more[0]), max(nested, more[1])
                made.add_arc(Arc(begin, len(made.rows) - 1, shortcut, deep, path))
                arcs, times = max(arcs, deep + 1), max(times, nested)
    return arcs, times
