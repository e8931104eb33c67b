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
    liveness, needed = Liveness(whole), set[Ref]()
    while True:
        left_out: list[list[Step]] = []
        kept = _body(body, liveness, needed, left_out)
        # What stays is whole, and what a part of it would read stays too.
        missing = set(outer(kept)) - set(root.inputs)
        if not missing:
            break
        needed |= missing
    return replace(whole, body=replace(kept, output=first)), left_out


def _body(body: Body, liveness: Liveness, needed: set[Ref], left_out: list[list[Step]]) -> Body:
    steps: list[Step] = []
    known = {body.input}
    row: list[Step] = []
    for step in body.steps:
        if isinstance(step, Keep):
            if step.ref in known:
                steps.append(step)
            continue
        if not (liveness.counts(step) or needed.intersection(_made_in(step))):
            if not row:
                left_out.append(row)
            row.append(step)
            continue
        row = []
        if isinstance(step, Apply) and not step.repeated and isinstance(step.unit, Group):
            step = _group(step, step.unit.body, liveness, needed, left_out)
        known.update(_results(step))
        steps.append(step)
    return replace(body, steps=steps)


def _group(
    apply: Apply,
    body: Body,
    liveness: Liveness,
    needed: set[Ref],
    left_out: list[list[Step]],
) -> Apply:
    """A group ends with the last step of it that is left, if its own result is not read."""
    inside = _body(body, liveness, needed, left_out)
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
