"""What follows from the paths to a value: a fold over the steps of definitions, each walked once.

A definition, and a group that is repeated, is walked relative to what comes in, so that one that
stands at many places, at any depth of nesting, is walked once and not once a place.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from resdsl.design.dataflow import outer
from resdsl.design.join_expressions import Expression, uses
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
from resdsl.ops import Op

T = TypeVar("T")


class Paths(ABC, Generic[T]):
    """A value of type T for every tensor, from the operators and joins on the paths to it."""

    def __init__(self) -> None:
        # By a definition, or the identity of a group's body, and what comes in.
        self._known: dict[tuple[Definition | int, tuple[T, ...]], tuple[T, ...]] = {}
        self._outer: dict[int, tuple[Ref, ...]] = {}

    @abstractmethod
    def through(self, op: Op, value: T) -> T:
        """Behind an operator."""

    @abstractmethod
    def meet(self, values: Iterable[T]) -> T:
        """Where paths join."""

    def joined(self, expression: Expression, at: dict[Ref, T]) -> T:
        """What the expression of a join or fork makes."""
        return self.meet(at[ref] for ref in uses(expression))

    def added(self, main: T, skip: T) -> T:
        """What a residual makes."""
        return self.meet((main, skip))

    @abstractmethod
    def repeated(self, copy: Callable[[T], T], start: T, count: int) -> T:
        """Behind `count` copies in a row, without following each."""

    @abstractmethod
    def relative(self, inputs: tuple[T, ...]) -> tuple[T, ...]:
        """The inputs of a definition or group as seen from one standard place."""

    @abstractmethod
    def absolute(self, result: T, inputs: tuple[T, ...]) -> T:
        """The result for `inputs`, from that for their `relative`."""

    def values(self, definition: Definition, inputs: tuple[T, ...]) -> dict[Ref, T]:
        """By Ref, of every value of a definition that is fed `inputs`."""
        at = dict(zip(definition.inputs, inputs, strict=True))
        self._body(definition.body, at)
        return at

    def results(self, definition: Definition, inputs: tuple[T, ...]) -> tuple[T, ...]:
        """Of all that a definition gives for `inputs`."""
        standard = self.relative(inputs)
        key = (definition, standard)
        if key not in self._known:
            at = self.values(definition, standard)
            self._known[key] = tuple(at[ref] for ref in definition.outputs)
        return tuple(self.absolute(result, inputs) for result in self._known[key])

    def _result_of_group(self, body: Body, value: T, around: dict[Ref, T]) -> T:
        """Of what a copy of a repeated group gives. Nothing else in it can be seen outside."""
        if id(body) not in self._outer:
            self._outer[id(body)] = outer(body)
        refs = (body.input, *self._outer[id(body)])
        inputs = (value, *(around[ref] for ref in refs[1:]))
        standard = self.relative(inputs)
        key = (id(body), standard)
        if key not in self._known:
            at = dict(zip(refs, standard, strict=True))
            self._body(body, at)
            self._known[key] = (at[body.output],)
        return self.absolute(self._known[key][0], inputs)

    def _body(self, body: Body, at: dict[Ref, T]) -> None:
        for step in body.steps:
            match step:
                case Apply():
                    self._apply(step, at)
                case Residual():
                    self._residual(step, at)
                case Fork():
                    for branch in step.branches:
                        self._apply(branch.apply, at, branch.replicated)
                    at[step.output] = self.joined(step.join, at)
                case Join():
                    at[step.output] = self.joined(step.join, at)
                case Keep():
                    pass

    def _residual(self, step: Residual, at: dict[Ref, T]) -> None:
        self._body(step.main, at)
        if step.shortcut is not None:
            self._apply(step.shortcut, at)
        main, skip = at[step.main.output], at[step.skip.ref]
        at[step.output] = self.added(main, skip) if step.adds else skip

    def _apply(self, apply: Apply, at: dict[Ref, T], parallel: bool = False) -> None:
        at[apply.output] = at[apply.input]
        for run in apply.runs:
            first = at[run.input]
            count = 1 if parallel else run.count
            copy = self._copy(apply, run, at)
            at[run.output] = copy(first) if count == 1 else self.repeated(copy, first, count)
            at[run.input] = first

    def _copy(self, apply: Apply, run: Run, at: dict[Ref, T]) -> Callable[[T], T]:
        def copy(value: T) -> T:
            match run.unit:
                case Group(body) if apply.repeated:
                    return self._result_of_group(body, value, at)
                case Group(body):
                    at[run.input] = value
                    self._body(body, at)
                    return at[body.output]
                case Instance(definition):
                    at[run.input] = value
                    results = self.results(definition, tuple(at[ref] for ref in apply.fed(run)))
                    at.update(zip(apply.others, results[1:], strict=False))
                    return results[0]
                case op:
                    return self.through(op, value)

        return copy
