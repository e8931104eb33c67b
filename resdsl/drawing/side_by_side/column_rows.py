"""A column's items in a line, by number, with what stands beside them.

What a tensor is read by later begins behind the item that makes it: an arc, or the line of a kept
tensor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field, replace

from resdsl.analysis.shortcuts import Kind, Shortcut
from resdsl.drawing.column.lanes import Link, links
from resdsl.drawing.column.meetings import ARC, Meeting, Operand
from resdsl.drawing.fragments.exits import Exit
from resdsl.drawing.side_by_side.folding import folded, written
from resdsl.drawing.side_by_side.items import (
    Item,
    Leave,
    Meet,
    Point,
    Repeat,
    Row,
    Unit,
    kept_keys,
    rows_in,
)
from resdsl.records import dataclass

# Rows up to which columns are written out: those of ResNet-34 and VGG-19 are.
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Arc:
    """From behind the thing `source` to the signs `target`; `depth` arcs lie inside it."""

    source: int
    target: int
    shortcut: Shortcut
    depth: int = 0

    @property
    def kind(self) -> Kind:
        return self.shortcut.kind


@dataclass(frozen=True, slots=True)
class Times:
    """The things `first` to `last` stand `count` times in a row. `depth` of these lie inside it."""

    first: int
    last: int
    count: int
    depth: int


@dataclass(frozen=True, slots=True)
class Thing:
    """A row, signs, or outputs that leave; or none of these, where a repeat begins.

    Sources of operands are numbers of things. `is_end`: the line does not go on behind outputs.
    """

    number: int
    row: Row | None
    meetings: tuple[Meeting, ...]
    entering: tuple[Operand, ...]
    path: str
    is_broken: bool
    # An arc runs past its right side.
    has_arc: bool = False
    exits: tuple[Exit, ...] = ()
    is_end: bool = False

    @property
    def leading(self) -> tuple[Operand, ...]:
        """A thing of its own: a dot."""
        return ()


@dataclass(slots=True)
class Column:
    things: list[Thing] = field(default_factory=list)
    arcs: list[Arc] = field(default_factory=list)
    times: list[Times] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    # By thing, the arcs that begin behind it, the outer first.
    begins: dict[int, list[Arc]] = field(default_factory=dict)
    # Things behind which lines of kept tensors begin.
    kept: set[int] = field(default_factory=set)

    @property
    def rows(self) -> list[Row]:
        return [thing.row for thing in self.things if thing.row is not None]

    @property
    def numbers(self) -> list[int]:
        """By row, the number of its thing."""
        return [thing.number for thing in self.things if thing.row is not None]

    def is_left(self, number: int) -> bool:
        """Something beside the line begins behind a thing."""
        return number in self.kept or number in self.begins


def lined_up(columns: Sequence[Sequence[Item]], longest: int = LONGEST) -> list[Column]:
    """Each with all its rows, or where one has too many, all folded."""
    is_long = max(map(rows_in, columns)) > longest
    return [_column(folded(items) if is_long else written(items)) for items in columns]


def _column(items: Sequence[Item]) -> Column:
    line = _Line(frozenset(kept_keys(items)))
    line.add(items)
    made = line.made
    made.links = links(made.things)
    made.kept = {link.source for link in made.links}
    made.arcs = _nested(line.arcs)
    for number, thing in enumerate(made.things):
        after = made.things[number + 1 : number + 2]
        if thing.exits and (not after or after[0].is_broken):
            made.things[number] = replace(thing, is_end=True)
    for arc in sorted(made.arcs, key=lambda arc: -arc.depth):
        made.begins.setdefault(arc.source, []).append(arc)
    return made


def _nested(arcs: Sequence[Arc]) -> list[Arc]:
    """Each outside of those beside which it runs and that are shorter."""
    found: list[Arc] = []
    for arc in sorted(arcs, key=lambda arc: (arc.target - arc.source, arc.source)):
        beside = [a.depth for a in found if a.source < arc.target and arc.source < a.target]
        found.append(replace(arc, depth=max(beside, default=-1) + 1))
    return sorted(found, key=lambda arc: (arc.target, arc.depth))


def _leading(items: Sequence[Item]) -> Iterator[str]:
    """The keys of points before all else."""
    for item in items:
        match item:
            case Point(key):
                yield key
            case Unit(inner) | Repeat(inner):
                yield from _leading(inner)
                return
            case _:
                return


class _Line:
    def __init__(self, kept: frozenset[str]) -> None:
        self.kept = kept
        self.made = Column()
        self.arcs: list[Arc] = []
        # By the key of a point, the thing that it stands behind.
        self.points: dict[str, int] = {}

    def add(self, items: Sequence[Item]) -> int:
        """Adds items to the column; how many repeats lie in each other there."""
        times, made = 0, self.made
        for item in items:
            first = len(made.things)
            match item:
                case Point(key):
                    self.points[key] = first - 1
                case Row():
                    self._row(item)
                case Meet():
                    self._meet(item)
                case Leave(told):
                    made.things.append(Thing(first, None, (), (), "", False, exits=told))
                case Repeat(inner, count):
                    if first and self.kept.intersection(_leading(inner)):
                        # The line of what each copy is fed begins inside.
                        made.things.append(Thing(first, None, (), (), "", is_broken=False))
                    nested = self.add(inner)
                    made.times.append(Times(first, len(made.things) - 1, count, nested))
                    times = max(times, nested + 1)
                case Unit(inner):
                    times = max(times, self.add(inner))
        return times

    def _row(self, row: Row) -> None:
        entering = self._from(row.entering, row.keys)
        number = len(self.made.things)
        self.made.things.append(Thing(number, row, (), entering, row.path, row.is_broken))

    def _meet(self, meet: Meet) -> None:
        number = len(self.made.things)
        met = tuple(
            replace(one, operands=self._from(one.operands, meet.keys)) for one in meet.meetings
        )
        self.made.things.append(Thing(number, None, met, (), meet.path, meet.is_broken))
        if meet.shortcut is not None:
            self.arcs.append(Arc(self.points[meet.begin], number, meet.shortcut))

    def _from(self, operands: Sequence[Operand], keys: Sequence[str]) -> tuple[Operand, ...]:
        return tuple(
            one if one.source == ARC else replace(one, source=self.points[keys[one.source]])
            for one in operands
        )
