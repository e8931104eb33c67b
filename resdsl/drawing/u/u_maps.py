"""The maps of a network that may be a U, and where kept ones are joined.

Walked are the network's own body and its groups; a block in it is written out if it is a row, and
else is one step from map to map.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log2
from typing import Literal, TypeAlias

from resdsl.analysis.elements import is_plain
from resdsl.analysis.facts import Facts
from resdsl.analysis.shapes import fed, instance_inputs
from resdsl.design.join_expressions import Combine, Use, uses
from resdsl.design.model import Apply, Body, Fork, Group, Instance, Join, Keep, Ref, Residual, Run
from resdsl.drawing.trees.rows import is_row, spoken
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.records import dataclass

# What a step does to a map, by which its arrow has its colour.
Does: TypeAlias = Literal["enter", "apply", "pointwise", "down", "up"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A map of before that is joined to one: by `sign` (`|`: both stand beside each other)."""

    source: int
    sign: str
    channels: int
    # On its way something is done to it.
    is_changed: bool = False


@dataclass(slots=True)
class Map:
    """What a step makes; `text` says what the step is, `count` of them in a row."""

    does: Does
    texts: tuple[str, ...]
    channels: int
    level: str
    # The logarithm (to 2) of its extents, in the mean.
    size: float
    path: str
    tip: str
    count: int = 1
    kept: Kept | None = None


class NotNestedError(Exception):
    """A join of several kept maps, or in a place where no U has one."""


def maps_of(known: Facts) -> list[Map]:
    """In order, first what enters. Raises NotNestedError."""
    walk = _Walk(known)
    walk.body(known.network.root.body, known.shapes, "")
    return walk.maps


class _Walk:
    def __init__(self, known: Facts) -> None:
        self.known = known
        shapes, root = known.shapes, known.network.root
        self.maps: list[Map] = []
        self.named: dict[Ref, int] = {}
        self._add("enter", (), shapes[root.input], "input")

    def body(self, body: Body, shapes: list[Shape], path: str) -> None:
        """`path` of a group or of the network: their values are of one numbering."""
        for step in body.steps:
            match step:
                case Keep(_, ref):
                    self.named[ref] = len(self.maps) - 1
                case Apply():
                    self._apply(step, shapes, path)
                case Residual():
                    if any(ref in self.named for ref in _reads(step.main)):
                        raise NotNestedError
                    first = next(step.main.modules(), None)
                    here = path + (first.key if first else "residual")
                    self._step("residual block", shapes[step.input], shapes[step.output], here)
                case Fork() | Join() if self.known.liveness.is_read(step):
                    self._meeting(step, shapes, path)
                case _:
                    pass

    def _apply(self, apply: Apply, shapes: list[Shape], path: str) -> None:
        if not self.known.liveness.is_read(apply):
            return
        index = 0
        for run in apply.runs:
            for count, seen in self.known.table.copies(apply, run, shapes):
                here = f"{path}{apply.key}.{index}" if apply.repeated else path + apply.key
                index += count
                self._copies(apply, run, count, seen, here)

    def _copies(self, apply: Apply, run: Run, count: int, shapes: list[Shape], path: str) -> None:
        match run.unit:
            case Group(body) if count == 1:
                self.body(body, shapes, f"{path}.")
            case Instance(definition) if count == 1 and is_plain(definition.body):
                inputs = instance_inputs(apply, run, shapes)
                inner = self.known.table.shapes(definition, inputs)
                # What is kept in there has numbers of its own.
                named, self.named = self.named, {}
                self.body(definition.body, inner, f"{path}.")
                self.named = named
            case Op() as op if not is_row(op, shapes[run.input].rank):
                self._quiet(op, fed(run, shapes[run.input]))
            case Op() as op:
                self._operator(op, run, count, shapes, path)
            case Instance(definition):
                text = _block(spoken(definition))
                self._step(text, shapes[run.input], shapes[run.output], path, count)
            case Group():
                self._step("block", shapes[run.input], shapes[run.output], path, count)

    def _quiet(self, op: Op, shape: Shape) -> None:
        """A norm or activation is told with the step before it."""
        last = self.maps[-1]
        if last.does != "enter" and last.kept is None and (op.is_norm or op.is_activation):
            *before, text = last.texts
            last.texts = (*before, f"{text}, {op.label(shape)}")

    def _operator(self, op: Op, run: Run, count: int, shapes: list[Shape], path: str) -> None:
        shape, after = shapes[run.input], shapes[run.output]
        text = _words(op, fed(run, shape), after)
        does: Does | None = None
        if op.role == "convolution" and shape.extents == after.extents:
            field = op.field(shape.rank)
            does = "pointwise" if field and set(field) == {1} else "apply"
        self._step(text, shape, after, path, count, does)

    def _step(
        self,
        text: str,
        before: Shape,
        after: Shape,
        path: str,
        count: int = 1,
        does: Does | None = None,
    ) -> None:
        if does is None:
            change = self._size(after) - self._size(before)
            does = "down" if change < -0.01 else "up" if change > 0.01 else "apply"
        self._add(does, (text,), after, path, count)

    def _add(
        self, does: Does, texts: tuple[str, ...], shape: Shape, path: str, count: int = 1
    ) -> None:
        told = f"{path}: {self.known.view.text(shape)}"
        level, size = self._level(shape), self._size(shape)
        channels = int(shape.features or shape.channels) if shape.flat else int(shape.channels)
        self.maps.append(Map(does, texts, channels, level, size, path, told, count))

    def _level(self, shape: Shape) -> str:
        if shape.flat:
            return "1"
        text = self.known.view.text(shape.with_channels(1))
        return text.partition("×")[2] or text

    def _size(self, shape: Shape) -> float:
        """The mean of the extents' logarithms; in terms of the input's where that is free."""
        if shape.flat:
            return 0.0
        numbers = self.known.view.at(shape)
        if numbers is not None:
            return sum(log2(max(int(n), 1)) for n in numbers[1:]) / shape.rank
        shares = [extent.growth for extent in shape.extents]
        # As if the input were large.
        return 10 + sum(log2(rise / over) for rise, over in shares) / shape.rank

    # --- where kept maps come in ------------------------------------------------------------------

    def _meeting(self, step: Fork | Join, shapes: list[Shape], path: str) -> None:
        read = self._kept(step)
        if not read and isinstance(step, Fork):
            here = path + step.branches[0].apply.key
            self._step(_fork(step), shapes[step.input], shapes[step.output], here)
            return
        if len(read) != 1 or not isinstance(step.join, Combine):
            # A join of none, or of several levels at once.
            raise NotNestedError
        (ref,) = read
        last = self.maps[-1]
        if last.kept is not None or last.does == "enter":
            raise NotNestedError
        after = shapes[step.output]
        is_bare = isinstance(step, Join) and all(
            isinstance(operand, Use) for operand in step.join.operands
        )
        sign = _sign(step.join)
        other = int(after.channels) - last.channels if sign == "|" else 0
        last.kept = Kept(self.named[ref], sign, other, is_changed=not is_bare)

    def _kept(self, step: Fork | Join) -> set[Ref]:
        refs = set(uses(step.join))
        if isinstance(step, Fork):
            for branch in step.branches:
                refs |= set(_read_in(branch.apply))
        refs.discard(step.input)
        return {ref for ref in refs if ref in self.named and ref != step.output}


def _sign(join: Combine) -> str:
    """That of its last operation."""
    return "|" if join.op == "concat" else join.op


def _read_in(apply: Apply) -> Iterator[Ref]:
    for run in apply.runs:
        if isinstance(run.unit, Group):
            yield from _reads(run.unit.body)


def _reads(body: Body) -> Iterator[Ref]:
    """What the joins in a body read."""
    for step in body.steps:
        match step:
            case Join(join=join):
                yield from uses(join)
            case Fork(join=join):
                yield from uses(join)
                for branch in step.branches:
                    yield from _read_in(branch.apply)
            case Residual():
                yield from _reads(step.main)
            case Apply():
                yield from _read_in(step)
            case _:
                pass


def _fork(step: Fork) -> str:
    return f"{sum(branch.apply.count for branch in step.branches)} branches"


def _block(name: str) -> str:
    return name if name.endswith(("block", "bottleneck", "unit")) else f"{name} block"


def _words(op: Op, shape: Shape, after: Shape) -> str:
    """An operator without the number of its channels, which stands above its map."""
    own = {str(int(after.channels)), ""}
    return ", ".join(word for word in op.label(shape).split(", ") if word not in own)
