"""Modules that are called more than once: which call is the first, and what stands for what.

A group shares the values of the definition around it, so a second call of one has a body of its
own: equal steps over other values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from resdsl.design.dataflow import all_made
from resdsl.design.join_expressions import renamed
from resdsl.design.model import (
    Apply,
    Body,
    Branch,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Module,
    Ref,
    Residual,
    Run,
    Skip,
    Step,
)
from resdsl.design.walk import bodies, calls
from resdsl.extents import Shape


def called_again(body: Body) -> set[int]:
    """The identities of the modules that are called again, in a body and its groups."""
    found: set[int] = set()
    stack = [body]
    while stack:
        own = list(calls(stack.pop()))
        again = {apply.key for apply in own if apply.is_again}
        found.update(id(apply) for apply in own if apply.key in again and not apply.is_again)
        stack += (inner for apply in own for inner in bodies(apply))
    return found


def has_first_calls(body: Body) -> bool:
    """Whether each module that a body or one of its groups calls again is called there before.

    It may not be after a mistake: a step that has no shape is none of the body's.
    """
    stack = [body]
    while stack:
        own = list(calls(stack.pop()))
        first = {apply.key for apply in own if not apply.is_again}
        if any(apply.is_again and apply.key not in first for apply in own):
            return False
        stack += (inner for apply in own for inner in bodies(apply))
    return True


def counterparts(first: Body, again: Body) -> dict[Ref, Ref]:
    """By the values that a group makes when it is called first, those of another call."""
    return dict(zip(all_made(first), all_made(again), strict=True))


def copied(
    first: Apply,
    current: Ref,
    tensors: Sequence[Ref],
    new: Callable[[Ref], Ref],
) -> tuple[Apply, list[tuple[Step, Step]]]:
    """Another call of a module, which is fed `current` and, by tensor parameters, `tensors`.

    `new` makes a value like another. Also the steps inside, each with what it was copied from.
    """
    copy = _Copy(new, {first.input: current})
    made = copy.apply(first)
    given = tuple(tensors)
    runs = tuple(replace(run, tensors=_own(given, current, run)) for run in made.runs)
    return replace(made, runs=runs, label=None, stage=False, is_again=True), copy.steps


def _own(tensors: tuple[Ref, ...], current: Ref, run: Run) -> tuple[Ref, ...]:
    """What is given as the current tensor is each copy's own input."""
    return tuple(run.input if ref == current else ref for ref in tensors)


def again(first: Apply, other: Apply) -> Apply | None:
    """`other` as a further call of the module that `first` is of; None if it is another module."""
    ones, twos = (list(all_made(Body(-1, -1, [one]))) for one in (first, other))
    if len(ones) != len(twos):
        return None
    at = dict(zip(ones, twos, strict=True))
    tensors = other.runs[0].tensors if other.runs else ()
    made, _ = copied(first, other.input, tensors, lambda ref: at[ref])
    made = replace(made, label=other.label)
    return made if _are_equal(made, other) else None


def in_the_terms_of_the_first(
    shapes: list[Shape | None] | dict[Ref, Shape], pairs: Iterable[tuple[Ref, Ref]]
) -> None:
    """Channels of what a further call makes come from where those of the first call do, if they are
    as many. `pairs`: a value of the first call, and that of this one."""
    for before, ref in pairs:
        was, made = shapes[before], shapes[ref]
        if was is not None and made is not None and was.channels == made.channels:
            shapes[ref] = made.with_channels(was.channels)


# What differs between calls of one module, or is of no account.
_ASIDE = frozenset({"span", "settings", "shape", "first", "word", "arguments"})

_COMPARED = (Apply, Run, Group, Body, Residual, Module, Fork, Branch, Join, Keep)


def _are_equal(one: Any, two: Any) -> bool:
    """Whether steps, and what is in them, say the same."""
    if isinstance(one, tuple | list):
        pairs = zip(one, two, strict=False)
        return len(one) == len(two) and all(_are_equal(a, b) for a, b in pairs)
    if type(one) is not type(two):
        return False
    if isinstance(one, Instance):
        return one.definition is two.definition
    if isinstance(
        one, Apply | Run | Group | Body | Residual | Module | Fork | Branch | Join | Keep
    ):
        names = [field.name for field in fields(one) if field.name not in _ASIDE]
        return all(_are_equal(getattr(one, name), getattr(two, name)) for name in names)
    return bool(one == two)


class _Copy:
    """Copies steps, their values renumbered; what is made elsewhere stays."""

    def __init__(self, new: Callable[[Ref], Ref], at: dict[Ref, Ref]) -> None:
        self.new = new
        self.at = at
        self.steps: list[tuple[Step, Step]] = []

    def made(self, ref: Ref) -> Ref:
        """A value that is made in what is copied."""
        if ref not in self.at:
            self.at[ref] = self.new(ref)
        return self.at[ref]

    def read(self, ref: Ref) -> Ref:
        return self.at.get(ref, ref)

    def body(self, body: Body) -> Body:
        steps = [self.step(step) for step in body.steps]
        entry, output = self.read(body.input), self.read(body.output)
        return replace(body, input=entry, output=output, steps=steps)

    def step(self, step: Step) -> Step:
        made = self._step(step)
        self.steps.append((step, made))
        return made

    def _step(self, step: Step) -> Step:
        match step:
            case Apply():
                return self.apply(step)
            case Residual(skip=skip):
                main = self.body(step.main)
                around: Skip
                if isinstance(skip, Module):
                    around = Module(self.apply(skip.apply))
                else:
                    around = replace(skip, ref=self.read(skip.ref))
                entry, output = self.read(step.input), self.made(step.output)
                return replace(step, input=entry, output=output, main=main, skip=around)
            case Fork():
                branches = tuple(
                    replace(branch, apply=self.apply(branch.apply)) for branch in step.branches
                )
                join = renamed(step.join, self.read)
                entry, output = self.read(step.input), self.made(step.output)
                return replace(step, input=entry, output=output, branches=branches, join=join)
            case Join():
                join = renamed(step.join, self.read)
                entry, output = self.read(step.input), self.made(step.output)
                return replace(step, input=entry, output=output, join=join)
            case Keep():
                return replace(step, ref=self.read(step.ref))

    def apply(self, apply: Apply) -> Apply:
        runs = tuple(map(self.run, apply.runs))
        # `x 0` and copies side by side give what they are fed.
        is_made = apply.output != apply.input
        return replace(
            apply,
            runs=runs,
            input=self.read(apply.input),
            output=self.made(apply.output) if is_made else self.read(apply.output),
            main=None if apply.main is None else self.read(apply.main),
            others=tuple(map(self.made, apply.others)),
        )

    def run(self, run: Run) -> Run:
        unit, entering = run.unit, self.read(run.input)
        if isinstance(unit, Group):
            unit = Group(self.body(unit.body), unit.body if unit.first is None else unit.first)
        output = self.read(run.output) if run.output == run.input else self.made(run.output)
        tensors = tuple(map(self.read, run.tensors))
        return replace(run, unit=unit, input=entering, output=output, tensors=tensors)
