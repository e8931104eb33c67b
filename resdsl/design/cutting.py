"""The part of a network that its outputs are made of.

Steps of the network and of its groups that no output reaches are left out; a call, repetition,
residual or fork is whole. What is left is not changed: keys, arguments, numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from resdsl.design.dataflow import all_made, made, outer
from resdsl.design.liveness import Liveness
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Join,
    Keep,
    Ref,
    Residual,
    Step,
)


def cut(root: Definition, outputs: Sequence[Ref]) -> tuple[Definition, list[list[Step]]]:
    """The definition of these results, and the outermost steps that were left out, those together
    that stand behind each other."""
    first, *others = outputs
    body = replace(root.body, output=first)
    whole = replace(root, body=body, others=tuple(others))
    liveness, kept = Liveness(whole), set[int]()
    _keep(body, liveness, set(), kept)
    left_out: list[list[Step]] = []
    return replace(
        whole, body=replace(_body(body, liveness, kept, left_out), output=first)
    ), left_out


def _keep(body: Body, liveness: Liveness, needed: set[Ref], kept: set[int]) -> None:
    """From the end to the beginning: what counts, and what a part of it would read. Of that, which
    is whole, not all has to count; `needed` are the values that it reads."""
    for step in reversed(body.steps):
        if isinstance(step, Keep):
            continue
        # What hands its input on makes nothing.
        own = needed.intersection(_made_in(step)) - {step.input}
        if not (own or liveness.counts(step)):
            continue
        kept.add(id(step))
        if inside := _inside(step):
            _keep(inside, liveness, needed, kept)
        else:
            # The number of no value: what is fed is one of around.
            needed.update(outer(Body(-1, step.output, [step])))


def _inside(step: Step) -> Body | None:
    """The body of a group that is no repetition."""
    if isinstance(step, Apply) and not step.repeated and isinstance(step.unit, Group):
        return step.unit.body
    return None


def _body(body: Body, liveness: Liveness, kept: set[int], left_out: list[list[Step]]) -> Body:
    steps: list[Step] = []
    known = {body.input}
    row: list[Step] = []
    for step in body.steps:
        if isinstance(step, Keep):
            if step.ref in known:
                steps.append(step)
            continue
        if id(step) not in kept:
            if not row:
                left_out.append(row)
            row.append(step)
            continue
        row = []
        if inside := _inside(step):
            assert isinstance(step, Apply)
            step = _group(step, inside, liveness, kept, left_out)
        known.update(_results(step))
        steps.append(step)
    return replace(body, steps=steps)


def _group(
    apply: Apply,
    body: Body,
    liveness: Liveness,
    kept: set[int],
    left_out: list[list[Step]],
) -> Apply:
    """A group ends with the last step of it that is left, if its own result is not read."""
    inside = _body(body, liveness, kept, left_out)
    if len(inside.steps) == len(body.steps):
        return apply
    if not liveness.is_result_read(body):
        results = [ref for step in inside.steps for ref in _results(step)]
        inside = replace(inside, output=results[-1])
    (run,) = apply.runs
    unit = Group(_named(inside))
    return replace(
        apply, runs=(replace(run, unit=unit, output=inside.output),), output=inside.output
    )


def _named(body: Body) -> Body:
    """A body whose modules are numbered keeps the numbers as names where one is missing."""
    modules = list(body.modules())
    if not body.numbered or [one.key for one in modules] == [str(i) for i in range(len(modules))]:
        return body
    steps = [replace(one, label=one.key) if isinstance(one, Apply) else one for one in body.steps]
    return replace(body, steps=steps, numbered=False)


def _made_in(step: Apply | Residual | Fork | Join) -> Iterator[Ref]:
    return all_made(Body(step.input, step.output, [step]))


def _results(step: Step) -> tuple[Ref, ...]:
    """What a step makes, as it is read outside of it."""
    if isinstance(step, Apply):
        if step.repeated or not isinstance(step.unit, Group):
            return (step.output,)
        inner = (ref for one in step.unit.body.steps for ref in _results(one))
        return (*inner, step.output)
    return made(step)
