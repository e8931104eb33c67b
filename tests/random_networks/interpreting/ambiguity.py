"""Names in a repeated body that mean its first copy's input, or each copy's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.design.join_expressions import Combine, Use
from resdsl.design.model import Apply, Body, Fork, Group, Join, Keep, Residual, Run


class AmbiguousError(Exception):
    """The design does not say what a step reads."""


def unambiguous(run: Run, around: Body) -> None:
    """A value that is the first copy's input and has a name outside is another in the other copies.

    The one body that stands for them all cannot say which it means.
    """
    if run.count < 2 or not isinstance(run.unit, Group) or run.unit.body.output == run.input:
        return
    steps = list(_steps(run.unit.body))
    kept = {step.name for step in _steps(around) if isinstance(step, Keep)}
    # What a `let` names is no step.
    own = {"here"} | {use.name for step in steps for use in _uses(step) if use.name not in kept}
    for step in steps:
        if isinstance(step, Keep) and step.ref == run.input:
            own.add(step.name)
        if isinstance(step, Fork):
            own |= {b.label for b in step.branches if b.apply.output == run.input}
        if isinstance(step, Residual) and step.main.output == run.input:
            own.add("main")
    for step in steps:
        for use in _uses(step):
            if use.ref == run.input and use.name not in own:
                raise AmbiguousError(
                    f"`{use.name}` in a repeated body is its first copy's input, or each copy's"
                )


def _steps(body: Body) -> Iterator[Any]:
    for step in body.steps:
        yield step
        match step:
            case Apply():
                yield from _inside(step)
            case Residual():
                yield from _steps(step.main)
                if step.shortcut is not None:
                    yield from _inside(step.shortcut)
            case Fork():
                for branch in step.branches:
                    yield from _inside(branch.apply)


def _inside(apply: Apply) -> Iterator[Any]:
    for run in apply.runs:
        if isinstance(run.unit, Group):
            yield from _steps(run.unit.body)


def _uses(step: Any) -> Iterator[Use]:
    pending = [step.join] if isinstance(step, Fork | Join) else []
    while pending:
        match pending.pop():
            case Use() as use:
                yield use
            case Combine(_, operands):
                pending += operands
