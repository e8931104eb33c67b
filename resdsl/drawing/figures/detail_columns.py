"""The parts of a detail in columns: as many as make a page, and about as high."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log
from typing import TypeAlias

from resdsl.drawing.fragments.exits import Exit, end_height
from resdsl.drawing.fragments.fragments import GAP, Fragment
from resdsl.drawing.layout.fonts import room
from resdsl.drawing.trees.ways import Told
from resdsl.records import dataclass

# Between columns; around the operators of a part.
BETWEEN, _INSIDE = 34.0, 16.0
# Above the operators of a part: its name. Between parts in a column.
_HEAD, APART = 34.0, 26.0
# Above a head: what it begins with. From a frame to the names of outputs below it.
BEGIN, LEAD = 26.0, 24.0
# Width to height of a page.
_RATIO = 1.4
# Points to which columns are made even.
_STEP = 4.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the network, or as much of it as stands in one column.

    `begins` is what a head begins with, which the node `tail` makes; `ends` the outputs that leave
    below it.
    """

    name: str
    shape: str
    look: str
    pieces: tuple[Fragment, ...]
    # Whether its stage began in the column before.
    goes_on: bool = False
    begins: Told | None = None
    tail: str = ""
    ends: tuple[Exit, ...] = ()

    @property
    def outer(self) -> float:
        """Its height with what stands above and below its frame."""
        return self.above + self.height + self.below

    @property
    def above(self) -> float:
        return BEGIN if self.begins is not None else 0.0

    @property
    def below(self) -> float:
        return max(end_height(self.ends, LEAD) - APART, 0.0)

    @property
    def words(self) -> str:
        """Below its name."""
        return "continued" if self.name and self.goes_on else ""

    @property
    def height(self) -> float:
        """That of its frame."""
        inner = sum(piece.height for piece in self.pieces) + GAP * (len(self.pieces) - 1)
        return inner + self.head + _INSIDE

    @property
    def head(self) -> float:
        return _HEAD if self.name else _INSIDE

    @property
    def sides(self) -> tuple[float, float]:
        """What it takes left and right of its spine, its frame included."""
        # The line from above goes in between the name and the shape.
        left = max((piece.left for piece in self.pieces), default=0.0) + _INSIDE
        right = max((piece.right for piece in self.pieces), default=0.0) + _INSIDE
        ends = [one.width / 2 for one in self.ends]
        if self.begins is not None:
            ends.append(room(self.begins.name, 9) / 2)
        return (
            max(
                left,
                room(self.name, 12, bold=True) + 20,
                room(self.words, 9) + 20,
                *ends,
            ),
            max(right, room(self.shape, 9) + 20, self._beside, *ends),
        )

    @property
    def _beside(self) -> float:
        """What the shapes take beside the line that comes from elsewhere or leaves."""
        shapes = [one.shape for one in self.ends]
        shapes += [self.begins.shape] if self.begins is not None else []
        return max((10 + room(shape, 9) for shape in shapes), default=0.0)


Column: TypeAlias = "list[Part]"


def columns_of(parts: Sequence[Part]) -> list[Column]:
    """Parts below each other in columns, as many as make a page."""
    if not parts:
        return [[]]
    whole = sum(part.outer + APART for part in parts)
    pieces = [replace(part, pieces=(one,)) for part in parts for one in part.pieces]
    tallest = max(part.outer for part in pieces or parts)
    found = [_packed(parts, max(whole / count, tallest)) for count in range(1, 41)]
    best = min(found, key=lambda columns: abs(log(_ratio(columns) / _RATIO)))
    return _even(parts, best, tallest)


def _even(parts: Sequence[Part], columns: list[Column], tallest: float) -> list[Column]:
    """In as many columns, the highest of which is as low as can be."""
    low, high = min(tallest, max(map(tall, columns))), max(map(tall, columns))
    while high - low > _STEP:
        middle = (low + high) / 2
        tried = _packed(parts, middle)
        if len(tried) <= len(columns) and max(map(tall, tried)) <= max(map(tall, columns)):
            columns, high = tried, middle
        else:
            low = middle
    return columns


def _ratio(columns: Sequence[Column]) -> float:
    width = sum(sum(map(max, zip(*(p.sides for p in c), strict=True))) + BETWEEN for c in columns)
    return float(width) / max(map(tall, columns))


def tall(column: Column) -> float:
    return sum(part.outer + APART for part in column) - APART


def _packed(parts: Sequence[Part], height: float) -> list[Column]:
    """In columns of about a height: what does not fit goes on in the next."""
    columns: list[Column] = [[]]
    left = height
    for part in parts:
        begun = replace(part, pieces=())
        for piece in part.pieces:
            first = part.head + _INSIDE + APART + begun.above
            needed = piece.height + (GAP if begun.pieces else first)
            if needed > left and (begun.pieces or columns[-1]):
                if begun.pieces:
                    # What leaves the stage leaves its last frame.
                    columns[-1].append(replace(begun, shape="", ends=()))
                    begun = replace(part, pieces=(), goes_on=True, begins=None)
                columns.append([])
                left = height
                needed = piece.height + part.head + _INSIDE + begun.above
            begun = replace(begun, pieces=(*begun.pieces, piece))
            left -= needed
        columns[-1].append(begun)
        left -= begun.below
    return columns
