"""Walking over a design: the modules, groups, branches and instances in a body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from resdsl.design.model import (
    Apply,
    Body,
    Branch,
    Definition,
    Fork,
    Group,
    Instance,
    Module,
    Residual,
    Step,
)
from resdsl.design.network import Network
from resdsl.ops import Op
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class PlacedGroup:
    """The body of a group, the keys that lead to it, and the module that it or its copies are."""

    path: tuple[str, ...]
    body: Body
    apply: Apply


def modules(step: Step) -> tuple[Apply, ...]:
    """The modules of one step, without those of a residual's main."""
    match step:
        case Apply():
            return (step,)
        case Residual(skip=Module(apply)):
            return (apply,)
        case Fork():
            return tuple(branch.apply for branch in step.branches)
        case _:
            return ()


def bodies(apply: Apply) -> Iterator[Body]:
    """The bodies of the groups that a module's copies are."""
    for run in apply.runs:
        if isinstance(run.unit, Group):
            yield run.unit.body


def groups(body: Body, path: tuple[str, ...] = (), *, again: bool = False) -> Iterator[PlacedGroup]:
    """Every group in a body, each before those inside it. `again`: with those that are called once
    more, whose module is another's."""
    for apply in calls(body) if again else body.modules():
        here = (*path, apply.key)
        for inner in bodies(apply):
            yield PlacedGroup(here, inner, apply)
            yield from groups(inner, here, again=again)


def calls(body: Body) -> Iterator[Apply]:
    """Every call of a module in a body and its mains, in the order of the text."""
    for step in body.steps:
        if isinstance(step, Residual):
            yield from calls(step.main)
        yield from modules(step)


def branches(body: Body) -> Iterator[Branch]:
    """The branches of the forks in a body and its mains."""
    for step in body.steps:
        match step:
            case Fork():
                yield from step.branches
            case Residual():
                yield from branches(step.main)


def inner_modules(body: Body) -> Iterator[Apply]:
    """The modules of a body and of its groups."""
    for apply in body.modules():
        yield apply
        for inner in bodies(apply):
            yield from inner_modules(inner)


def instances(body: Body) -> Iterator[Instance]:
    """Every use of a definition in a body and its groups."""
    for apply in body.modules():
        for run in apply.runs:
            match run.unit:
                case Instance():
                    yield run.unit
                case Group(inner):
                    yield from instances(inner)


def operators(body: Body) -> Iterator[Op]:
    """The operators that stand in a body and its groups."""
    for apply in body.modules():
        for run in apply.runs:
            match run.unit:
                case Op() as op:
                    yield op
                case Group(inner):
                    yield from operators(inner)


def definitions(*roots: Definition) -> Iterator[Definition]:
    """Every definition below some, and these, each after those that it uses."""
    seen: set[int] = set(map(id, roots))
    for root in roots:
        yield from _below(root, seen)


def _below(root: Definition, seen: set[int]) -> Iterator[Definition]:
    """Those that were not seen, and the root."""
    stack: list[tuple[Definition, Iterator[Instance]]] = [(root, instances(root.body))]
    while stack:
        definition, rest = stack[-1]
        for instance in rest:
            inner = instance.definition
            if id(inner) not in seen:
                seen.add(id(inner))
                stack.append((inner, instances(inner.body)))
                break
        else:
            stack.pop()
            yield definition


def nesting(root: Definition) -> int:
    """How deep bodies lie inside each other: of definitions, groups, branches and mains."""
    known: dict[int, int] = {}
    for definition in definitions(root):
        known[id(definition)] = _nesting(definition.body, known)
    return known[id(root)]


def _nesting(body: Body, known: dict[int, int]) -> int:
    deepest = 0
    for step in body.steps:
        if isinstance(step, Residual):
            deepest = max(deepest, _nesting(step.main, known))
        for apply in modules(step):
            for run in apply.runs:
                match run.unit:
                    case Instance(definition):
                        deepest = max(deepest, known[id(definition)])
                    case Group(inner):
                        deepest = max(deepest, _nesting(inner, known))
    return 1 + deepest


def occurrences(network: Network, users_last: Sequence[Definition]) -> Counter[int]:
    """How often each definition stands in the expanded network and its variants, by identity."""
    counts: Counter[int] = Counter({id(root): 1 for root in network.roots})
    for definition in reversed(users_last):
        for times, instance in _counted(definition.body):
            counts[id(instance.definition)] += times * counts[id(definition)]
    return counts


def _counted(body: Body) -> Iterator[tuple[int, Instance]]:
    for apply in body.modules():
        for run in apply.runs:
            match run.unit:
                case Instance():
                    yield run.count, run.unit
                case Group(inner):
                    yield from ((run.count * n, instance) for n, instance in _counted(inner))
