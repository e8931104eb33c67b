"""Shapes of all values of a definition, for the shapes that it is fed.

Extents are functions of the network's input, so one walk serves every input size.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from math import inf
from typing import Protocol, TypeAlias

from resdsl.design.dataflow import Counted
from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use
from resdsl.design.liveness import Liveness
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Ref,
    Residual,
    Run,
)
from resdsl.extents import Shape
from resdsl.extents.agreement import Agreement, agree
from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.ops import Op
from resdsl.ops.base import Needs, Problem


class Observer(Protocol):
    """Is told what must hold of the extents. Shapes are functions of the network's input."""

    def needs(self, apply: Apply, op: Op, shape: Shape, needs: Needs) -> None:
        """`op` runs only where all `needs` hold."""

    def meet(
        self, step: Residual | Fork | Join, agreement: Agreement, one: Shape, two: Shape
    ) -> None:
        """Two values met in a sum or join, and did not agree for all sizes."""

    def features(self, apply: Apply, op: Op, shape: Shape, expected: int) -> None:
        """`op` was sized for `expected` features of a flat tensor; here `shape` comes in."""

    def inside(self, apply: Apply, instance: Instance) -> AbstractContextManager[None]:
        """What is told meanwhile happens inside this instance."""


class EffortError(Exception):
    """Following the shapes of a network takes more than the limit."""


class Inference:
    """Follows shapes through definitions. Each (definition, input shapes) is walked once.

    With `liveness`, steps whose results nothing reads are passed over: their shapes stay as they
    are for the first instance.
    """

    def __init__(
        self, observer: Observer, limit: float = inf, liveness: Liveness | None = None
    ) -> None:
        self.observer = observer
        self.limit = limit
        self.liveness = liveness
        self.effort = 0
        self._known: dict[tuple[Definition, tuple[Shape, ...]], list[Shape]] = {}

    def shapes(self, definition: Definition, inputs: tuple[Shape, ...]) -> list[Shape]:
        """By Ref, the shape of every value of `definition` when fed `in` (and `main`)."""
        key = (definition, inputs)
        if key not in self._known:
            shapes = list(definition.shapes)
            for ref, shape in zip(definition.inputs, inputs, strict=True):
                shapes[ref] = shape
            self._body(definition.body, shapes)
            self._known[key] = _in_its_terms(definition, shapes)
        return self._known[key]

    def remember(self, definition: Definition) -> None:
        """The definition's own shapes are right for what it was elaborated with."""
        inputs = tuple(definition.shapes[ref] for ref in definition.inputs)
        self._known[definition, inputs] = definition.shapes

    def spend(self, result: Shape) -> None:
        """Counts the effort of an operator with this result. Raises EffortError at the limit."""
        self.effort += 32
        for extent in result.extents:
            self.effort += extent.weight
        if self.effort > self.limit:
            raise EffortError(
                "the sizes would take too long to follow: operators rescale them again and again"
            )

    def call(self, apply: Apply, shapes: list[Shape]) -> None:
        """Adds the shapes of what a module makes to those of what it is fed."""
        self._apply(apply, shapes)

    def _body(self, body: Body, shapes: list[Shape]) -> None:
        for step in body.steps:
            match step:
                case Apply():
                    self._apply(step, shapes)
                case Residual():
                    self._residual(step, shapes)
                case Fork():
                    for branch in step.branches:
                        self._apply(branch.apply, shapes, parallel=branch.replicated)
                    self._join(step, shapes)
                case Join():
                    self._join(step, shapes)
                case Keep():
                    pass

    def _counts(self, step: Counted) -> bool:
        return self.liveness is None or self.liveness.is_read(step)

    def _apply(self, apply: Apply, shapes: list[Shape], parallel: bool = False) -> None:
        if not self._counts(apply):
            return
        shapes[apply.output] = shapes[apply.input]
        for run in apply.runs:
            skipped = 0 if self.liveness is None else self.liveness.skipped(apply, run)
            if skipped < run.count:
                self._run(apply, run, shapes, 1 if parallel else run.count - skipped)

    def _run(self, apply: Apply, run: Run, shapes: list[Shape], count: int) -> None:
        first = shape = shapes[run.input]
        for _ in range(count):
            before = shape
            shapes[run.input] = before
            shape = self._unit(apply, run, before, shapes)
            if shape == before:
                break
        shapes[run.input] = first
        shapes[run.output] = shape

    def _unit(self, apply: Apply, run: Run, shape: Shape, shapes: list[Shape]) -> Shape:
        unit = run.unit
        if isinstance(unit, Group):
            self._body(unit.body, shapes)
            return shapes[unit.body.output]
        if isinstance(unit, Instance):
            inputs = (shape, *(shapes[ref] for ref in apply.fed(run)[1:]))
            with self.observer.inside(apply, unit):
                made = self.shapes(unit.definition, inputs)
            for ref, other in zip(apply.others, unit.definition.others, strict=False):
                shapes[ref] = made[other]
            return made[unit.definition.output]
        if shape.flat and unit.needs_channels:
            if shape != run.shape:
                self.observer.features(apply, unit, shape, run.shape.channels)
            shape = run.shape
        needs: Needs = []
        if run.tensors:
            result = unit.infer_beside(shape, [shapes[ref] for ref in run.tensors], needs)
        else:
            result = unit.infer(shape, needs)
        # A design is valid by construction: an operator that refused here was refused before.
        assert not isinstance(result, Problem), result.message
        if needs:
            self.observer.needs(apply, unit, shape, needs)
        self.spend(result)
        return result

    def _residual(self, step: Residual, shapes: list[Shape]) -> None:
        self._body(step.main, shapes)
        if step.shortcut is not None:
            self._apply(step.shortcut, shapes)
        if not self._counts(step):
            return
        if not step.adds:
            shapes[step.output] = shapes[step.skip.ref]
            return
        main, skip = shapes[step.main.output], shapes[step.skip.ref]
        met = agree(main, skip, broadcast=False)
        if not met.perfect:
            self.observer.meet(step, met, main, skip)
        shapes[step.output] = met.shape

    def _join(self, step: Fork | Join, shapes: list[Shape]) -> None:
        if not self._counts(step):
            return
        shape = join_shape(
            step.join, shapes, lambda met, one, two: self.observer.meet(step, met, one, two)
        )
        assert shape is not None, "a join of numbers only"
        shapes[step.output] = shape


def _in_its_terms(definition: Definition, shapes: list[Shape]) -> list[Shape]:
    """`shapes` whose channels come from what the definition's own do, whoever fed it.

    Those of what it is fed are in the terms of a caller, those of what an instance makes in the
    instance's. Channels are the same wherever a definition is used; extents are not.
    """
    return [
        shape.with_channels(own.channels)
        if shape.channels is not own.channels and shape.channels == own.channels
        else shape
        for shape, own in zip(shapes, definition.shapes, strict=True)
    ]


# By Ref.
Shapes: TypeAlias = list[Shape] | dict[Ref, Shape]


class Meeting(Protocol):
    def __call__(self, met: Agreement, one: Shape, two: Shape) -> None: ...


def join_shape(expression: Expression, shapes: Shapes, differ: Meeting) -> Shape | None:
    """The shape of a join's expression; None for a number. `differ` hears what does not agree."""
    match expression:
        case Use(ref):
            return shapes[ref]
        case Scalar():
            return None
        case Copies(_, refs):
            return shapes[refs[0][0]]
        case Combine(op, operands):
            return _combined(op, operands, shapes, differ)


def _combined(
    op: str, operands: tuple[Expression, ...], shapes: Shapes, differ: Meeting
) -> Shape | None:
    function = JOIN_FUNCTIONS.get(op)
    concat = function is not None and function.along_channels
    broadcast = op in "+-*" or (function is not None and function.takes == "pairs")
    result: Shape | None = None
    for shape in _operand_shapes(operands, shapes, differ, concat):
        if result is None:
            result = shape
            continue
        met = agree(result, shape, broadcast=broadcast, concat=concat)
        if not met.perfect:
            differ(met, result, shape)
        result = met.shape
    return result


def _operand_shapes(
    operands: tuple[Expression, ...], shapes: Shapes, differ: Meeting, concat: bool
) -> list[Shape]:
    found: list[Shape] = []
    for operand in operands:
        if isinstance(operand, Copies):
            for ref, count in operand.refs:
                # Not one by one: they agree with each other, and the number of channels keeps where
                # it comes from.
                found.append(_side_by_side(shapes[ref], count) if concat else shapes[ref])
            continue
        joined = join_shape(operand, shapes, differ)
        if joined is not None:
            found.append(joined)
    return found


def _side_by_side(shape: Shape, count: int) -> Shape:
    if shape.flat and shape.features is not None:
        return Shape(count * shape.features, (), flat=True)
    return shape.with_channels(count * shape.channels)
