"""A network as a column of rows: what `beside` draws of it.

A row is a weighted layer, a pool, or what changes extents; norms and activations belong to the row
before them. What branches otherwise than by a residual is one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Literal, TypeAlias

from resdsl.analysis.facts import Facts
from resdsl.analysis.rows import Lister
from resdsl.analysis.shapes import fed, instance_inputs
from resdsl.analysis.shortcuts import Kind, Shortcut, shortcut_of
from resdsl.design.join_expressions import Combine, Expression, Use
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Kept,
    Ref,
    Residual,
    Run,
)
from resdsl.drawing.trees.rows import is_row, spoken
from resdsl.extents import Extent, Shape
from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.records import dataclass

# What has the colour of its stage, and what has none.
Sort: TypeAlias = Literal["layer", "plain"]


@dataclass(frozen=True, slots=True)
class Row:
    """Two are alike if they say the same at one size, whatever channels they add to."""

    text: str
    shape: Shape = field(compare=False)
    sort: Sort
    path: str = field(compare=False)
    extents: tuple[Extent, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeat:
    """`count` equal copies; the paths are those of the one at `path`."""

    items: tuple[Item, ...]
    count: int
    path: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Around:
    """A residual: what goes around all but the first `start` of its items. `path`: of its sum."""

    items: tuple[Item, ...]
    shortcut: Shortcut
    start: int
    path: str = field(compare=False)


Item: TypeAlias = Row | Repeat | Around


def items_of(known: Facts) -> tuple[Item, ...]:
    """The rows of a network, in order."""
    return _Walk(known).body(known.network.root.body, known.shapes, "")


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
    return total


def _row(text: str, shape: Shape, sort: Sort, path: str) -> Row:
    return Row(text, shape, sort, path, () if shape.flat else shape.extents)


class _Walk:
    def __init__(self, known: Facts) -> None:
        self.known = known
        self.lister = Lister(known.network.root, known.table, known.liveness)
        # Whether a definition is drawn by its rows, by identity.
        self._open: dict[int, bool] = {}
        self._names: dict[str, int] = {}

    def body(self, body: Body, shapes: list[Shape], path: str) -> tuple[Item, ...]:
        return tuple(self._items(body, shapes, path, {}))

    def _items(
        self, body: Body, shapes: list[Shape], path: str, kept: dict[Ref, int]
    ) -> list[Item]:
        """`kept` is filled with where, among the items, tensors are kept."""
        found: list[Item] = []
        for step in body.steps:
            match step:
                case Keep():
                    kept[step.ref] = len(found)
                case Apply():
                    found += self._apply(step, shapes, path)
                case Residual():
                    found += self._residual(step, shapes, path, kept.get(_kept(step)) == len(found))
                case Fork() | Join() if self.known.liveness.is_read(step):
                    found.append(self._meeting(step, shapes, path))
                case _:
                    pass
        return found

    def _apply(self, apply: Apply, shapes: list[Shape], path: str) -> Iterator[Item]:
        liveness = self.known.liveness
        if not liveness.is_read(apply):
            return
        index = 0
        for run in apply.runs:
            left = liveness.skipped(apply, run)
            for count, seen in self.known.table.copies(apply, run, shapes):
                skipped = min(left, count)
                left, index, count = left - skipped, index + skipped, count - skipped
                if not count:
                    continue
                here = f"{path}{apply.key}.{index}" if apply.repeated else path + apply.key
                copy = tuple(self._copy(apply, run, seen, here))
                index += count
                if count > 1 and copy:
                    yield Repeat(copy, count, here)
                else:
                    yield from copy

    def _copy(self, apply: Apply, run: Run, shapes: list[Shape], path: str) -> Sequence[Item]:
        shape, unit = shapes[run.output], run.unit
        match unit:
            case Group(body):
                return self.body(body, shapes, f"{path}.")
            case Instance(definition):
                if not self._is_open(definition):
                    return (_row(spoken(definition), shape, "layer", path),)
                inputs = instance_inputs(apply, run, shapes)
                inner = self.known.table.shapes(definition, inputs)
                return self.body(definition.body, inner, f"{path}.")
        if not is_row(unit, shapes[run.input].rank):
            return ()
        entering = fed(run, shapes[run.input])
        sort: Sort = "layer" if unit.role == "convolution" else "plain"
        return (_row(unit.label(entering), shape, sort, path),)

    def _residual(
        self, step: Residual, shapes: list[Shape], path: str, is_kept_here: bool
    ) -> list[Item]:
        kept: dict[Ref, int] = {}
        inner = self._items(step.main, shapes, path, kept)
        shortcut = shortcut_of(step, shapes, self.lister)
        if shortcut is None or not self.known.liveness.is_read(step) or not inner:
            return inner
        start = 0 if is_kept_here else kept.get(_kept(step), 0)
        where = self._free(f"{path}sum")
        if isinstance(step.skip, Kept) and not is_kept_here and _kept(step) not in kept:
            # What is added is from before other rows.
            return [_row("residual", shapes[step.output], "layer", where)]
        if start == len(inner):
            return inner
        found = Shortcut(Kind.IDENTITY) if is_kept_here else shortcut
        return [Around(tuple(inner), found, start, where)]

    def _meeting(self, step: Fork | Join, shapes: list[Shape], path: str) -> Row:
        shape = shapes[step.output]
        if isinstance(step, Fork):
            text = f"{sum(branch.apply.count for branch in step.branches)} branches"
            return _row(text, shape, "layer", path + step.branches[0].apply.key)
        return _row(_meeting_word(step.join), shape, "plain", self._free(f"{path}join"))

    def _free(self, word: str) -> str:
        """As the graph names it: later ones of a word get a number."""
        number = self._names.get(word, -1) + 1
        self._names[word] = number
        return f"{word}_{number}" if number else word

    def _is_open(self, definition: Definition) -> bool:
        known = self._open.get(id(definition))
        if known is None:
            is_large = self.lister.is_large(Instance(definition, {}))
            known = self._open[id(definition)] = not is_large and _is_row(definition.body)
        return known


def _is_row(body: Body) -> bool:
    """Nothing in its own steps branches but residuals, and their mains in no other way either."""
    for step in body.steps:
        match step:
            case Join():
                return False
            case Residual() if not _is_row_or_fork(step.main):
                return False
            case Fork():
                return False
            case Apply():
                if any(
                    isinstance(run.unit, Group) and not _is_row(run.unit.body) for run in step.runs
                ):
                    return False
            case _:
                pass
    return True


def _is_row_or_fork(body: Body) -> bool:
    """In a main, a fork is a row of its own."""
    return not any(isinstance(step, Join) for step in body.steps)


def _kept(step: Residual) -> Ref:
    return step.skip.ref if isinstance(step.skip, Kept) else -1


_WORDS = {"+": "sum", "-": "difference", "*": "product"}


def _meeting_word(join: Expression) -> str:
    if isinstance(join, Use):
        return f"from {join.name}"
    assert isinstance(join, Combine)
    known = JOIN_FUNCTIONS.get(join.op)
    return _WORDS.get(join.op) or (known.title if known else join.op)
