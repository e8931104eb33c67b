"""Receptive field and total stride of every value, per dimension.

Araujo, Norris and Sim 2019 ("Computing Receptive Fields of Convolutional Neural Networks"): a
window of k widens the field by (k - 1) steps of its input, a stride multiplies the step. Through a
join the widest path counts. After a global pool the field is the whole input and there is no step:
None; a gate of that kind does not change the step of what it scales.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Ref,
    Residual,
    Run,
    uses,
)
from resdsl.ops import Op


@dataclass(frozen=True, slots=True)
class Reach:
    """In one dimension: the input elements that a value sees, and its step in input elements."""

    field: Fraction | None = Fraction(1)
    stride: Fraction | None = Fraction(1)


Reaches: TypeAlias = tuple[Reach, ...]


def start(rank: int) -> Reaches:
    return (Reach(),) * rank


def through(op: Op, reaches: Reaches) -> Reaches:
    """What the result of an operator sees."""
    if op.is_global:
        return (Reach(None, None),) * len(reaches)
    found = []
    windows, steps = op.field(len(reaches)), op.sampling(len(reaches))
    for reach, window, step in zip(reaches, windows, steps, strict=True):
        if reach.field is None or reach.stride is None:
            found.append(reach)
            continue
        field = reach.field + (window - 1) * reach.stride
        found.append(Reach(field, reach.stride * Fraction(int(step[0]), int(step[1]))))
    return tuple(found)


def widest(paths: Iterable[Reaches]) -> Reaches:
    """What a join of these values sees."""
    return tuple(_widest(reaches) for reaches in zip(*paths, strict=False))


def _widest(reaches: tuple[Reach, ...]) -> Reach:
    fields = [reach.field for reach in reaches if reach.field is not None]
    strides = [reach.stride for reach in reaches if reach.stride is not None]
    field = max(fields) if len(fields) == len(reaches) else None
    return Reach(field, max(strides, default=None))


class Fields:
    """Follows reaches through definitions."""

    def __init__(self) -> None:
        self._known: dict[tuple[Definition, tuple[Reaches, ...]], dict[Ref, Reaches]] = {}

    def values(self, definition: Definition, inputs: tuple[Reaches, ...]) -> dict[Ref, Reaches]:
        """By Ref, the reach of every value of a definition."""
        key = (definition, inputs)
        if key not in self._known:
            at = dict(zip(definition.inputs, inputs, strict=True))
            self._body(definition.body, at)
            self._known[key] = at
        return self._known[key]

    def _body(self, body: Body, at: dict[Ref, Reaches]) -> None:
        for step in body.steps:
            match step:
                case Apply():
                    self._apply(step, at)
                case Residual():
                    self._residual(step, at)
                case Fork():
                    for branch in step.branches:
                        self._apply(branch.apply, at, branch.replicated)
                    at[step.output] = widest(at[ref] for ref in uses(step.join))
                case Join():
                    at[step.output] = widest(at[ref] for ref in uses(step.join))
                case _:
                    pass

    def _residual(self, step: Residual, at: dict[Ref, Reaches]) -> None:
        self._body(step.main, at)
        if step.shortcut is not None:
            self._apply(step.shortcut, at)
        main, skip = at[step.main.output], at[step.skip]
        at[step.output] = widest((main, skip)) if step.adds else skip

    def _apply(self, apply: Apply, at: dict[Ref, Reaches], parallel: bool = False) -> None:
        at[apply.output] = at[apply.input]
        for run in apply.runs:
            first = at[run.input]
            count = 1 if parallel else run.count
            at[run.output] = repeated(self._copy(apply, run, at), first, count)
            at[run.input] = first

    def _copy(self, apply: Apply, run: Run, at: dict[Ref, Reaches]) -> Callable[[Reaches], Reaches]:
        def copy(reaches: Reaches) -> Reaches:
            match run.unit:
                case Group(body):
                    at[run.input] = reaches
                    self._body(body, at)
                    return at[body.output]
                case Instance(definition):
                    inputs = (reaches,) if apply.main is None else (reaches, at[apply.main])
                    return self.values(definition, inputs)[definition.output]
                case op:
                    return through(op, reaches)

        return copy


def repeated(copy: Callable[[Reaches], Reaches], start: Reaches, count: int) -> Reaches:
    """`copy` applied `count` times; where it keeps the step, it widens by the same each time."""
    before = copy(start)
    for left in range(count - 1, 0, -1):
        after = copy(before)
        if [r.stride for r in after] == [r.stride for r in before]:
            return tuple(
                Reach(
                    None
                    if one.field is None or two.field is None
                    else one.field + left * (two.field - one.field),
                    two.stride,
                )
                for one, two in zip(before, after, strict=True)
            )
        before = after
    return before
