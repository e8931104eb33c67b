"""What stands in a column of networks side by side: rows, marks, signs, repeats, residuals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Literal, TypeAlias

from resdsl.analysis.shortcuts import Shortcut
from resdsl.drawing.column.block_content import Piece
from resdsl.drawing.column.meetings import Meeting
from resdsl.extents import Extent, Shape
from resdsl.records import dataclass

# What has the colour of its output size, and what has none.
Sort: TypeAlias = Literal["layer", "plain"]


@dataclass(frozen=True, slots=True)
class Row:
    """Two are alike if they say the same at one size, whatever channels they add to.

    `piece` is what stands in its box if that is more than words, with names that begin with `base`;
    `origin` is the base of the copy for which it was made.
    """

    text: str
    shape: Shape = field(compare=False)
    sort: Sort
    path: str = field(compare=False)
    extents: tuple[Extent, ...] = ()
    piece: Piece | None = field(default=None, compare=False)
    base: str = field(default="", compare=False)
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Mark:
    """Here a value is kept that is read far below."""

    number: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Meet:
    """A sign or factor on the line; its operands are marks by number."""

    meeting: Meeting
    path: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Repeat:
    """`count` equal copies; the paths are those of the one at `path`."""

    items: tuple[Item, ...]
    count: int
    path: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Around:
    """A residual: what goes around all but the first `start` of its items, and how they meet.

    One of `meets` is where the arc ends.
    """

    items: tuple[Item, ...]
    shortcut: Shortcut
    start: int
    meets: tuple[Meet, ...]


Item: TypeAlias = Row | Mark | Meet | Repeat | Around


def rows_in(items: Sequence[Item]) -> int:
    """How many rows there are with every copy written out."""
    total = 0
    for item in items:
        match item:
            case Row():
                total += 1
            case Repeat(inner, count):
                total += count * rows_in(inner)
            case Around(inner):
                total += rows_in(inner)
            case _:
                pass
    return total
