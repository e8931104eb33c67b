"""Where modules and steps stand in a definition, and who reads its values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from resdsl.design.again import called_again
from resdsl.design.dataflow import all_steps, operands
from resdsl.design.join_expressions import Use
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Join,
    Ref,
    Residual,
)
from resdsl.design.walk import modules
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The steps of a body, or of the main of a residual, whose modules belong to `owner`.

    `prefix`: the keys that lead to it from where paths begin, the definition's own body or the copy
    of a repeated group: what is called as often has the same `around`. `times`: how many copies
    there are of it.
    """

    body: Body
    owner: Body
    prefix: str
    around: int
    times: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A call of a module, and where it stands; `is_step`: it is a step by itself."""

    apply: Apply
    scope: Scope
    is_step: bool

    @property
    def path(self) -> str:
        return self.scope.prefix + self.apply.key


def scopes(definition: Definition) -> Iterator[Scope]:
    """The bodies in a definition, each before those inside it, but those of modules that are called
    more than once: what is changed in one call would have to be in all."""
    again = called_again(definition.body)
    body = definition.body
    stack = [Scope(body, body, "", id(body))]
    while stack:
        scope = stack.pop()
        yield scope
        inside: list[Scope] = []
        for step in scope.body.steps:
            if isinstance(step, Residual):
                inside.append(replace(scope, body=step.main))
            for apply in modules(step):
                if apply.is_again or id(apply) in again:
                    continue
                for run in apply.runs:
                    if not isinstance(run.unit, Group):
                        continue
                    inner, times = run.unit.body, scope.times * run.count
                    if apply.repeated:
                        inside.append(Scope(inner, inner, "", id(inner), times))
                    else:
                        prefix = f"{scope.prefix}{apply.key}."
                        inside.append(Scope(inner, inner, prefix, scope.around, times))
        stack += reversed(inside)


def places(definition: Definition) -> Iterator[Place]:
    """The calls of modules that are called once where they stand, none of which is repeated."""
    again = called_again(definition.body)
    for scope in scopes(definition):
        for step in scope.body.steps:
            for apply in modules(step):
                if apply.is_again or id(apply) in again or apply.held or not apply.runs:
                    continue
                yield Place(apply, scope, step is apply)


def reads(definition: Definition) -> Counter[Ref]:
    """How often each value is read. A `keep` and the place of a join read nothing."""
    found = Counter(definition.outputs)
    for step in all_steps(definition.body):
        found.update(operands(step))
        for apply in modules(step):
            for run in apply.runs:
                if not isinstance(run.unit, Group):
                    found.update(apply.fed(run))
                elif apply.repeated:
                    found.update(run.given)
                    # Each copy in a row reads the one before it.
                    found.update(() if isinstance(step, Fork) else (run.unit.body.output,))
    return found


def mentions(definition: Definition) -> Counter[Ref]:
    """As `reads`, and how often a value is what a group, fork or residual begins with."""
    found = reads(definition)
    for step in all_steps(definition.body):
        if isinstance(step, Residual | Fork):
            found[step.input] += 1
        for apply in modules(step):
            if not apply.repeated and isinstance(apply.unit, Group):
                found[apply.input] += 1
    return found


def aliases(definition: Definition) -> dict[Ref, Ref]:
    """The values that a `join` only gives another name, by the value itself."""
    found: dict[Ref, Ref] = {}
    for step in all_steps(definition.body):
        if isinstance(step, Join) and isinstance(step.join, Use):
            found[step.output] = found.get(step.join.ref, step.join.ref)
    return found
