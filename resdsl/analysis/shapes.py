"""Shapes of every value, copy by copy: inference without anybody to tell.

`Inference` gives one list of shapes per (definition, input shapes). Cost also needs what each copy
of a repeated unit sees where the shapes do not repeat, as under a ceil-mode pool at a constant
extent; that is `copies`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

from resdsl.design.inference import Inference
from resdsl.design.model import Apply, Body, Definition, Fork, Group, Instance, Join, Residual, Run
from resdsl.design.network import Network
from resdsl.extents import Shape, Size, variable
from resdsl.extents.agreement import Agreement
from resdsl.extents.conditions import Condition, text_where
from resdsl.ops import Op
from resdsl.ops.base import Needs
from resdsl.records import dataclass


class Silent:
    """An observer that wants to know nothing: the design has been checked."""

    # ruff: noqa: ARG002

    def needs(self, apply: Apply, op: Op, shape: Shape, needs: Needs) -> None:
        return

    def meet(
        self, step: Residual | Fork | Join, agreement: Agreement, one: Shape, two: Shape
    ) -> None:
        return

    def features(self, apply: Apply, op: Op, shape: Shape, expected: int) -> None:
        return

    def inside(self, apply: Apply, instance: Instance) -> AbstractContextManager[None]:
        return nullcontext()


class ShapeTable(Inference):
    """Shapes by Ref, as functions of the network's input."""

    def __init__(self) -> None:
        super().__init__(Silent())

    def shapes(self, definition: Definition, inputs: tuple[Shape, ...]) -> list[Shape]:
        # Elaboration has followed the first instance already.
        if inputs == tuple(definition.shapes[ref] for ref in definition.inputs):
            return definition.shapes
        return super().shapes(definition, inputs)

    def inside(
        self, apply: Apply, run: Run, shapes: list[Shape]
    ) -> tuple[Body, list[Shape]] | None:
        """What stands in a copy of a group or definition, and the shapes by Ref in there."""
        match run.unit:
            case Group(body):
                return body, shapes
            case Instance(definition):
                return definition.body, self.shapes(definition, instance_inputs(apply, run, shapes))
            case _:
                return None

    def copies(
        self, apply: Apply, run: Run, shapes: list[Shape], parallel: bool = False
    ) -> Iterator[tuple[int, list[Shape]]]:
        """`(n, shapes)`: n copies of `run` see these shapes, by Ref; together `run.count`."""
        if parallel or run.count == 1 or shapes[run.input] == shapes[run.output]:
            yield run.count, shapes
            return
        local = list(shapes)
        for left in range(run.count, 0, -1):
            before = local[run.input]
            after = self._unit(apply, run, before, local)
            local[run.output] = after
            if after == before:
                yield left, local
                return
            yield 1, local
            local[run.input] = after


def root_shapes(network: Network) -> tuple[Shape, ...]:
    """The shapes of a network's input: its extents are the variables of all others."""
    extents = tuple(variable(axis) for axis in range(len(network.input.names)))
    return (Shape(network.input.channels, extents, flat=not extents),)


def fed(run: Run, shape: Shape) -> Shape:
    """What an operator's own numbers follow from: with the features of a flat tensor resolved."""
    return run.shape if shape.flat else shape


def instance_inputs(apply: Apply, run: Run, shapes: list[Shape]) -> tuple[Shape, ...]:
    """`in`, and `main` where the unit is a shortcut that reads it."""
    return tuple(shapes[ref] for ref in apply.fed(run))


@dataclass(frozen=True, slots=True)
class View:
    """How shapes are shown and counted: at numbers, or in closed form where an extent is free."""

    names: tuple[str, ...]
    extents: tuple[int | None, ...]
    conditions: tuple[Condition, ...] = ()

    @property
    def numbers(self) -> tuple[int, ...] | None:
        """The input's extents where none is free."""
        known = tuple(extent for extent in self.extents if extent is not None)
        return known if len(known) == len(self.extents) else None

    def at(self, shape: Shape) -> Size | None:
        """The numbers of a shape; None where they depend on a free extent."""
        if None in self.extents and any(
            extent.axis is not None and self.extents[extent.axis] is None
            for extent in shape.extents
        ):
            return None
        return shape.at([extent or 0 for extent in self.extents])

    def text(self, shape: Shape) -> str:
        """For people: `64×56×56`, `64×⌈H/4⌉×⌈W/4⌉`; `–` for what nothing reads and does not fit."""
        known = self.at(shape)
        if known is not None:
            return "×".join(str(int(n)) for n in known) if min(known) > 0 else "–"
        parts = [str(int(shape.channels))]
        for extent in shape.extents:
            number = None if extent.axis is None else self.extents[extent.axis]
            if extent.axis is None or number is not None:
                parts.append(str(extent.at(number or 0)))
            else:
                parts.append(text_where(extent, self.names[extent.axis], self.conditions))
        return ("·" if shape.flat else "×").join(parts)


def view(network: Network, extents: tuple[int | None, ...] | None = None) -> View:
    """The declared input size of a network, or another one."""
    declared = network.input
    return View(
        declared.names, declared.extents if extents is None else extents, network.conditions
    )
