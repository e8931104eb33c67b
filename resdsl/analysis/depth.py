"""Depth: convolution and linear layers on the longest path from input to output, gates included.

A definition maps the depths of its inputs to that of its output by sums and maxima, so n copies of
one add what the second copy adds, n times: `repeated`.
"""

from __future__ import annotations

from collections.abc import Callable

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


class Depths:
    """Longest paths, per definition relative to the depths of its inputs."""

    def __init__(self) -> None:
        self._known: dict[tuple[Definition, tuple[int, ...]], int] = {}

    def definition(self, definition: Definition, inputs: tuple[int, ...] = (0,)) -> int:
        least = min(inputs)
        key = (definition, tuple(depth - least for depth in inputs))
        if key not in self._known:
            self._known[key] = self.values(definition, key[1])[definition.output]
        return least + self._known[key]

    def values(self, definition: Definition, inputs: tuple[int, ...] = (0,)) -> dict[Ref, int]:
        """By Ref, the depth of every value of a definition."""
        at = dict(zip(definition.inputs, inputs, strict=True))
        self._body(definition.body, at)
        return at

    def _body(self, body: Body, at: dict[Ref, int]) -> None:
        for step in body.steps:
            match step:
                case Apply():
                    self._apply(step, at)
                case Residual():
                    self._residual(step, at)
                case Fork():
                    for branch in step.branches:
                        self._apply(branch.apply, at, branch.replicated)
                    at[step.output] = max((at[ref] for ref in uses(step.join)), default=0)
                case Join():
                    at[step.output] = max((at[ref] for ref in uses(step.join)), default=0)
                case _:
                    pass

    def _residual(self, step: Residual, at: dict[Ref, int]) -> None:
        self._body(step.main, at)
        if step.shortcut is not None:
            self._apply(step.shortcut, at)
        main, skip = at[step.main.output], at[step.skip]
        at[step.output] = max(main, skip) if step.adds else skip

    def _apply(self, apply: Apply, at: dict[Ref, int], parallel: bool = False) -> None:
        at[apply.output] = at[apply.input]
        for run in apply.runs:
            first = at[run.input]
            count = 1 if parallel else run.count
            at[run.output] = repeated(self._copy(apply, run, at), first, count)
            at[run.input] = first

    def _copy(self, apply: Apply, run: Run, at: dict[Ref, int]) -> Callable[[int], int]:
        def copy(depth: int) -> int:
            match run.unit:
                case Group(body):
                    at[run.input] = depth
                    self._body(body, at)
                    return at[body.output]
                case Instance(definition):
                    inputs = (depth,) if apply.main is None else (depth, at[apply.main])
                    return self.definition(definition, inputs)
                case op:
                    return depth + int(op.is_weighted)

        return copy


def repeated(copy: Callable[[int], int], start: int, count: int) -> int:
    """`copy` applied `count` times. It is max(x + a, c): from the second time on, it adds `a`."""
    first = copy(start)
    if count == 1:
        return first
    second = copy(first)
    return first + (count - 1) * (second - first)
