"""What a network's column is made of: rows, places where tensors meet, and what repeats.

A tensor that is read later has a `Point` where it stands on the line; what reads it has the point's
key. Keys begin with the path of the module that they stand in, and are renamed with it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import field, replace
from typing import Literal, TypeAlias

from resdsl.analysis.shortcuts import Shortcut
from resdsl.drawing.column.block_content import Piece
from resdsl.drawing.column.meetings import Meeting, Operand
from resdsl.drawing.fragments.exits import Exit
from resdsl.extents import Extent, Shape
from resdsl.records import dataclass

# What has the colour of its band, and what has none.
Sort: TypeAlias = Literal["layer", "plain"]


@dataclass(frozen=True, slots=True)
class Row:
    """A box: a layer, or with a `piece` what branches. Two are alike if they say the same at one
    size, whatever channels they add to.

    `entering`: what it reads besides the line; the source of one is a number in `keys`.
    `is_broken`: it does not read the line. `inner` are outputs of the network that are made in it.
    """

    text: str
    shape: Shape = field(compare=False)
    sort: Sort
    path: str = field(compare=False)
    extents: tuple[Extent, ...] = ()
    piece: Piece | None = field(default=None, compare=False)
    entering: tuple[Operand, ...] = ()
    keys: tuple[str, ...] = field(default=(), compare=False)
    is_broken: bool = False
    inner: tuple[Exit, ...] = ()


@dataclass(frozen=True, slots=True)
class Leave:
    """Where the tensor on the line is an output of the network."""

    told: tuple[Exit, ...]


@dataclass(frozen=True, slots=True)
class Meet:
    """Signs below each other where tensors meet. Sources of operands are numbers in `keys`.

    `begin` is the key of where the arc of `shortcut` begins, which is an operand ARC. `is_broken`:
    what the line brings does not go on.
    """

    meetings: tuple[Meeting, ...]
    path: str = field(compare=False)
    keys: tuple[str, ...] = field(default=(), compare=False)
    shortcut: Shortcut | None = None
    begin: str = field(default="", compare=False)
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """Where a tensor stands on the line that something reads later."""

    key: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """`count` equal copies; the paths are those of the one at `path`."""

    items: tuple[Item, ...]
    count: int
    path: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Unit:
    """A block or residual with more than one item in it."""

    items: tuple[Item, ...]


Item: TypeAlias = Row | Leave | Meet | Point | Repeat | Unit


def rows_in(items: Sequence[Item]) -> int:
    """How many rows there are with every copy written out."""
    total = 0
    for item in items:
        match item:
            case Row():
                total += 1
            case Repeat(inner, count):
                total += count * rows_in(inner)
            case Unit(inner):
                total += rows_in(inner)
            case _:
                pass
    return total


def keys_of(item: Row | Meet) -> tuple[str, ...]:
    """Of all points that it reads."""
    return (*item.keys, item.begin) if isinstance(item, Meet) and item.begin else item.keys


def kept_keys(items: Sequence[Item]) -> Iterator[str]:
    """Of all points that are read, but where arcs begin."""
    for leaf in _leaves(items):
        yield from leaf.keys


def all_keys(items: Sequence[Item]) -> Iterator[str]:
    for leaf in _leaves(items):
        yield from keys_of(leaf)


def _leaves(items: Sequence[Item]) -> Iterator[Row | Meet]:
    for item in items:
        match item:
            case Row() | Meet():
                yield item
            case Repeat(inner) | Unit(inner):
                yield from _leaves(inner)
            case _:
                pass


def without_points(items: Sequence[Item], read: frozenset[str]) -> tuple[Item, ...]:
    """Without the points that nothing reads."""
    found: list[Item] = []
    for item in items:
        match item:
            case Point(key):
                if key in read:
                    found.append(item)
            case Repeat(inner) | Unit(inner):
                found.append(replace(item, items=without_points(inner, read)))
            case _:
                found.append(item)
    return tuple(found)


def renamed(item: Item, path: str, other: str) -> Item:
    """An item of the copy at `path` as it is called in another."""

    def of(name: str) -> str:
        is_inside = name == path or name.startswith(f"{path}.")
        return other + name.removeprefix(path) if is_inside else name

    match item:
        case Leave():
            return item
        case Point(key):
            return Point(of(key))
        case Row():
            return replace(item, path=of(item.path), keys=tuple(map(of, item.keys)))
        case Meet():
            keys = tuple(map(of, item.keys))
            return replace(item, path=of(item.path), keys=keys, begin=of(item.begin))
        case Repeat(inner, _, first):
            changed = tuple(renamed(one, path, other) for one in inner)
            return replace(item, items=changed, path=of(first))
        case Unit(inner):
            return Unit(tuple(renamed(one, path, other) for one in inner))


def form(items: Sequence[Item]) -> Hashable:
    """Equal for items that look alike: what they read of each other, and of all else."""
    known: dict[str, int] = {}
    return tuple(_forms(items, known))


def _forms(items: Sequence[Item], known: dict[str, int]) -> Iterator[Hashable]:
    for item in items:
        match item:
            case Point(key):
                known[key] = len(known)
                yield "point"
            case Leave():
                yield item
            case Row() | Meet():
                yield item, tuple(known.get(key, key) for key in keys_of(item))
            case Repeat(inner, count):
                yield count, tuple(_forms(inner, known))
            case Unit(inner) if len(inner) == 1:
                yield from _forms(inner, known)
            case Unit(inner):
                yield tuple(_forms(inner, known))
