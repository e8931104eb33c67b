"""What the steps of a body read and make: the one place that says it.

A body shares the values of the definition that it stands in, so these questions cross the borders
of groups and mains.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeAlias

from resdsl.design.join_expressions import uses
from resdsl.design.model import (
    Apply,
    Body,
    Fork,
    Group,
    Input,
    Instance,
    Join,
    Keep,
    Kept,
    Module,
    Ref,
    Residual,
    Skip,
    Step,
    Unit,
)
from resdsl.design.walk import bodies, modules
from resdsl.ops import Op

# What computes something, and so counts or does not: a module, or what is made of several tensors,
# a residual's sum or the join of a fork.
Counted: TypeAlias = Apply | Residual | Fork | Join

# The number of no value.
_NOTHING = -1


def steps(body: Body) -> Iterator[Step]:
    """The steps of a body and of its mains, each before those that read what it makes."""
    for step in body.steps:
        if isinstance(step, Residual):
            yield from steps(step.main)
        yield step


def all_steps(body: Body) -> Iterator[Step]:
    """The steps that share a definition's values, at any depth."""
    for step in body.steps:
        yield step
        if isinstance(step, Residual):
            yield from all_steps(step.main)
        for apply in modules(step):
            for inner in bodies(apply):
                yield from all_steps(inner)


def operands(step: Step) -> tuple[Ref, ...]:
    """What a step combines once its modules have been called, as often as it does."""
    match step:
        case Residual(combine="add"):
            return (step.main.output, step.skip.ref)
        case Residual():
            return (step.skip.ref,)
        case Fork() | Join():
            return tuple(uses(step.join))
        case _:
            return ()


def made(step: Step) -> tuple[Ref, ...]:
    """What a step makes besides the results of its modules. An Apply's is that of its module."""
    return (step.output,) if isinstance(step, Residual | Fork | Join) else ()


def all_made(body: Body) -> Iterator[Ref]:
    """The values of a definition's own that a body makes, at any depth."""
    for step in all_steps(body):
        yield from made(step)
        for apply in modules(step):
            # `x 0` and an empty group hand on what they are fed, from wherever it is.
            if apply.output != apply.input:
                yield from (apply.output, *apply.others)
                yield from (run.output for run in apply.runs)


class Counting(Protocol):
    """Which steps count, and what of that which it is fed a module reads; as Liveness says."""

    def is_read(self, step: Counted, /) -> bool: ...

    def takes(self, apply: Apply) -> tuple[Ref, ...]: ...


class _All:
    """Counting: all that stands there."""

    def is_read(self, _: Counted, /) -> bool:
        return True

    def takes(self, apply: Apply) -> tuple[Ref, ...]:
        main = () if apply.main is None else (apply.main,)
        return (apply.input, *main, *(ref for run in apply.runs for ref in run.around))


_ALL = _All()


def outer(body: Body, counting: Counting = _ALL) -> tuple[Ref, ...]:
    """The values around a group that it reads, its input aside."""
    known: set[Ref] = {body.input}
    found: dict[Ref, None] = {}

    def read(*refs: Ref) -> None:
        found.update(dict.fromkeys(ref for ref in refs if ref not in known))

    def through(body: Body) -> None:
        for step in steps(body):
            for apply in modules(step):
                if counting.is_read(apply):
                    # What is in a group reads by itself what the group is fed.
                    if apply.repeated or not any(bodies(apply)):
                        read(*counting.takes(apply))
                    for inner in bodies(apply):
                        through(inner)
                # What hands its input on makes nothing.
                results = {apply.output, *apply.others, *(run.output for run in apply.runs)}
                known.update(results - {apply.input})
            if not isinstance(step, Keep) and counting.is_read(step):
                read(*operands(step))
            known.update(made(step))
        read(body.output)

    through(body)
    return tuple(found)


def read_around(step: Residual | Fork | Join, counting: Counting = _ALL) -> tuple[Ref, ...]:
    """The values of before a step that it reads, its input aside."""
    return outer(Body(step.input, step.output, [step]), counting)


def all_read(body: Body, counting: Counting = _ALL) -> tuple[Ref, ...]:
    """The values around a body that it reads, its input among them."""
    return outer(Body(_NOTHING, body.output, body.steps), counting)


def read_by(step: Counted, counting: Counting = _ALL) -> tuple[Ref, ...]:
    """The values of before a step that it reads, its input among them."""
    return all_read(Body(step.input, step.output, [step]), counting)


def gives_more(apply: Apply) -> bool:
    """Whether a module has several results, and the first alone counts where it is called."""
    units = (run.unit for run in apply.runs if not apply.others)
    return any(isinstance(unit, Instance) and bool(unit.definition.others) for unit in units)


def around(apply: Apply) -> Skip:
    """What goes around main where `apply` is called: a module only if it computes something."""
    ref = alias(apply)
    if ref is None:
        return Module(apply)
    return Input(ref) if ref == apply.input else Kept(ref)


def alias(apply: Apply) -> Ref | None:
    """The value that a module hands on as it is: the identity, what is made of that alone, `x 0`,
    an empty group, a shortcut that is `main`. None if it makes a value of its own."""
    if not apply.runs:
        return apply.input
    if apply.repeated:
        return None
    match apply.unit:
        case Op() as op:
            return apply.input if op.is_identity else None
        case Group(body):
            is_empty = body.output == body.input and not any(body.modules())
            return body.output if body.is_idle or is_empty else None
        case Instance(definition) if definition.others:
            return None
        case Instance(definition):
            fed = dict(zip(definition.inputs, apply.fed(apply.runs[0]), strict=True))
            return _handed_on(definition.body, fed)


def _handed_on(body: Body, known: dict[Ref, Ref]) -> Ref | None:
    """What a body ends with, if it hands on one of the values that are `known` outside of it."""
    for step in body.steps:
        match step:
            case Apply() if step.runs and all(_is_identity(run.unit) for run in step.runs):
                known[step.output] = known[step.input]
            case Keep():
                pass
            case _:
                return None
    return known.get(body.output)


def _is_identity(unit: Unit) -> bool:
    return isinstance(unit, Op) and unit.is_identity
