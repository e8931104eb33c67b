"""The part of a network that its outputs are made of.

Steps of the network and of its groups that no output reaches are left out; a call, repetition,
residual or fork is whole. What is left is not changed: keys, arguments, numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from resdsl.design.again import called_again
from resdsl.design.dataflow import all_made, all_steps, made, operands, read_by
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
from resdsl.design.walk import bodies, calls, modules


def cut(root: Definition, outputs: Sequence[Ref]) -> tuple[Definition, list[list[Step]]]:
    """The definition of these results, and the outermost steps that were left out, those together
    that stand behind each other."""
    first, *others = outputs
    body = replace(root.body, output=first)
    whole = replace(root, body=body, others=tuple(others))
    cutting = _Cutting(whole)
    cutting.keep(body, set())
    cut_body = replace(cutting.body(body, set()), output=first)
    return replace(whole, body=cut_body), cutting.left_out


def whole(body: Body) -> Iterator[Step]:
    """The steps that are left of a network, none of which was cut itself."""
    for step in body.steps:
        if isinstance(step, Apply) and not step.repeated and isinstance(step.unit, Group):
            yield from whole(step.unit.body)
        elif not isinstance(step, Keep):
            yield step


class _Cutting:
    """Finds what to keep of a network, and makes its bodies without the rest, which is noted."""

    def __init__(self, root: Definition) -> None:
        self.liveness = Liveness(root)
        self.shapes = root.shapes
        # By identity, the modules that are called more than once: each is whole.
        self.again = called_again(root.body)
        # By the identity of a step.
        self.kept: set[int] = set()
        self.left_out: list[list[Step]] = []

    def keep(self, body: Body, needed: set[Ref]) -> None:
        """From the end to the beginning: what counts, and what a part of it would read. Of that,
        which is whole, not all has to count; `needed` are the values that it reads."""
        # By key, whether the first call that is left of a module can stand for it.
        again: dict[str, bool] = {}
        for step in reversed(body.steps):
            if isinstance(step, Keep):
                continue
            # What hands its input on makes nothing.
            own = needed.intersection(_made_in(step)) - {step.input}
            called = list(calls(Body(step.input, step.output, [step])))
            if own or self.liveness.counts(step):
                is_own = isinstance(step, Apply) and not any(bodies(step))
                again.update((apply.key, is_own) for apply in called if apply.is_again)
            elif all(again.get(apply.key, True) for apply in called):
                continue
            self.kept.add(id(step))
            if inside := self._inside(step):
                self.keep(inside, needed)
            else:
                needed.update(read_by(step))
                # A group inside is fed a value, whether or not it reads that.
                alone = Body(step.input, step.output, [step])
                needed.update(one.input for inner in all_steps(alone) for one in modules(inner))
                if not isinstance(step, Join):
                    # Its branches are fed that, though they may begin with something else.
                    needed.add(step.input)

    def _inside(self, step: Step) -> Body | None:
        """The body of a group that is called once."""
        if isinstance(step, Apply) and not step.repeated and isinstance(step.unit, Group):
            is_whole = step.is_again or id(step) in self.again
            return None if is_whole else step.unit.body
        return None

    def body(self, body: Body, around: set[Ref]) -> Body:
        """`around` are the values of the bodies that it stands in."""
        steps: list[Step] = []
        known = {*around, body.input}
        met: set[str] = set()
        row: list[Step] = []
        for step in body.steps:
            if isinstance(step, Keep):
                if step.ref in known:
                    steps.append(step)
                continue
            if id(step) not in self.kept:
                if not row:
                    self.left_out.append(row)
                row.append(step)
                continue
            row = []
            if isinstance(step, Join) and step.input not in known:
                # What was current there is left out, and `here` is no part of the join.
                step = replace(step, input=operands(step)[0])
            if isinstance(step, Apply) and step.is_again and step.key not in met:
                # The first call that is left is that by which the module is met.
                step = replace(step, label=step.key, is_again=False)
            met.update(apply.key for apply in calls(Body(body.input, body.output, [step])))
            if inside := self._inside(step):
                assert isinstance(step, Apply)
                fed = step.input if step.input in known else body.input
                step = self._group(step, inside, fed, known)
            known.update(_results(step))
            steps.append(step)
        return replace(body, steps=steps)

    def _group(self, apply: Apply, body: Body, fed: Ref, around: set[Ref]) -> Apply:
        """A group ends with the last step of it that is left, if its own result is not read. What
        made its input may be left out, if none of its steps reads that: it is `fed` another."""
        inside = self.body(replace(body, input=fed), around)
        if len(inside.steps) == len(body.steps) and fed == apply.input:
            return apply
        if not self.liveness.is_result_read(body):
            results = [ref for step in inside.steps for ref in _results(step)]
            inside = replace(inside, output=results[-1])
        (run,) = apply.runs
        run = replace(
            run,
            unit=Group(_named(inside)),
            input=fed,
            output=inside.output,
            shape=run.shape if fed == apply.input else self.shapes[fed],
        )
        return replace(apply, runs=(run,), input=fed, output=inside.output)


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
            return (step.output, *step.others)
        inner = (ref for one in step.unit.body.steps for ref in _results(one))
        return (*inner, step.output)
    return made(step)
