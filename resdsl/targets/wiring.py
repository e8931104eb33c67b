"""Which values cross the borders of a definition's groups.

A group shares the values of the definition around it. As a module of its own it is called with the
outer values that it reads, and gives back those inside that are read outside.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    Step,
)
from resdsl.design.walk import bodies, groups, modules, tensors
from resdsl.ops.scaling import Identity

# What the author's words for a place mean in a group, where they are another tensor's name.
_OUTSIDE = {"in": "start", "here": "current"}


class Wiring:
    """The borders of one definition."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        # By the identity of a body: outer values that it reads, its input first; what it makes.
        self._reads: dict[int, tuple[Ref, ...]] = {}
        self._makes: dict[int, frozenset[Ref]] = {}
        found = list(groups(definition.body))
        # The innermost first: what a group reads depends on those inside it.
        for group in reversed(found):
            self._survey(group.body)
        self.exports = self._exports()
        self.kept = {
            step.ref: step.name
            for body in [definition.body, *(group.body for group in found)]
            for step in _steps(body)
            if isinstance(step, Keep)
        }
        # What somebody asks for by name: such a value must be there.
        self.named = frozenset(
            use.ref
            for body in [definition.body, *(group.body for group in found)]
            for step in _steps(body)
            if isinstance(step, Fork | Join)
            for use in tensors(step.join)
        )

    def reads(self, body: Body) -> tuple[Ref, ...]:
        return self._reads[id(body)]

    def arguments(self, apply: Apply) -> tuple[Ref, ...]:
        """The values with which a module is called: the current one first, where it is read."""
        unit = apply.runs[0].unit if apply.runs else None
        if isinstance(unit, Instance) and unit.definition.reads_main and apply.main is not None:
            return apply.input, apply.main
        if isinstance(unit, Group):
            captured = self.captured(apply)
            # A container is always fed the current value.
            if apply.repeated or unit.body.input in self.reads(unit.body) or not captured:
                return apply.input, *captured
            return captured
        return (apply.input,)

    def captured(self, apply: Apply) -> tuple[Ref, ...]:
        """What a group reads besides its own input. The copies of one are all called alike."""
        reads = (ref for body in bodies(apply) for ref in self.reads(body) if ref != body.input)
        return tuple(dict.fromkeys(reads))

    # --- reading and making ----------------------------------------------------------------------

    def _survey(self, body: Body) -> None:
        made: set[Ref] = set()
        found: dict[Ref, None] = {}
        for ref, is_made in self._traffic(body):
            if is_made:
                made.add(ref)
            elif ref not in made:
                found[ref] = None
        self._makes[id(body)] = frozenset(made)
        first = (body.input,) if body.input in found else ()
        self._reads[id(body)] = (*first, *(ref for ref in found if ref != body.input))

    def _traffic(self, body: Body) -> Iterator[tuple[Ref, bool]]:
        """Every reading (False) and making (True) of a value, in order."""
        for step in body.steps:
            if isinstance(step, Residual):
                yield from self._traffic(step.main)
            for apply in modules(step):
                yield from self._called(apply)
            match step:
                case Residual(shortcut=None):
                    yield step.skip, False
                case Fork():
                    # The branches are made before the join reads them.
                    yield from ((ref, True) for ref in _made(step) if ref != step.output)
                    yield from ((use.ref, False) for use in tensors(step.join))
                case Join():
                    yield from ((use.ref, False) for use in tensors(step.join))
            yield from ((ref, True) for ref in _made(step))
        yield body.output, False

    def _called(self, apply: Apply) -> Iterator[tuple[Ref, bool]]:
        yield from ((ref, False) for ref in self.arguments(apply))
        for run in apply.runs:
            if isinstance(run.unit, Group):
                # A group may end with a value from outside it, which it then has not made.
                made = self._makes[id(run.unit.body)]
                visible = made & {run.output} if apply.repeated else made
                yield from ((ref, True) for ref in visible)

    # --- what leaves a group ---------------------------------------------------------------------

    def _exports(self) -> dict[int, tuple[Ref, ...]]:
        """By the identity of a group's body: what is made inside and read outside."""
        # The groups around the place where each value is made.
        made: dict[Ref, tuple[Body, ...]] = {}
        readings: list[tuple[Ref, tuple[Body, ...]]] = []
        stack: list[tuple[Body, tuple[Body, ...]]] = [(self.definition.body, ())]
        while stack:
            body, around = stack.pop()
            readings.append((body.output, around))
            for step in _steps(body):
                readings += [(ref, around) for ref in _read(step)]
                made.update(dict.fromkeys(_made(step), around))
                for apply in modules(step):
                    # The copies of a repeated group give nothing away.
                    stack += [
                        (inner, around if apply.repeated else (*around, inner))
                        for inner in bodies(apply)
                    ]
        found: dict[int, set[Ref]] = {}
        for ref, around in readings:
            for group in made.get(ref, ()):
                if group not in around and ref != group.output:
                    found.setdefault(id(group), set()).add(ref)
        return {group: tuple(sorted(refs)) for group, refs in found.items()}


def _steps(body: Body) -> Iterator[Step]:
    """The steps of a body and of its mains."""
    for step in body.steps:
        if isinstance(step, Residual):
            yield from _steps(step.main)
        yield step


def _read(step: Step) -> Iterator[Ref]:
    for apply in modules(step):
        yield apply.input
        if apply.main is not None:
            yield apply.main
    match step:
        case Residual():
            yield from (step.main.output, step.input, step.skip)
        case Fork() | Join():
            yield from (use.ref for use in tensors(step.join))


def _made(step: Step) -> Iterator[Ref]:
    """What a step makes itself: not what the steps of its groups and mains make."""
    for apply in modules(step):
        yield from (run.output for run in apply.runs if not isinstance(run.unit, Group))
    match step:
        case Residual(output=output) if output != step.main.output:
            yield output
        case Fork(output=output) | Join(output=output):
            # `join a` makes nothing.
            if all(use.ref != output for use in tensors(step.join)):
                yield output


def outer_names(body: Body) -> Iterator[tuple[Ref, str]]:
    """What the author calls the values that joins in a group read, from inside it."""
    for step in _steps(body):
        if isinstance(step, Fork | Join):
            for use in tensors(step.join):
                yield use.ref, _OUTSIDE.get(use.name, use.name)
        for apply in modules(step):
            for inner in bodies(apply):
                yield from outer_names(inner)


def is_nothing(apply: Apply) -> bool:
    """The identity, a shortcut that is just that, `x 0`, or an empty group: no module is needed."""
    if not apply.runs or apply.repeated:
        return not apply.runs
    match apply.unit:
        case Group(body):
            return body.output == body.input and not any(body.modules())
        case Instance(definition):
            # With `main` as an input, identities may lead from that.
            return not definition.reads_main and all(
                isinstance(step, Apply) and step.runs and _is_identity(step)
                for step in definition.body.steps
            )
        case _:
            return _is_identity(apply)


def _is_identity(apply: Apply) -> bool:
    return all(isinstance(run.unit, Identity) for run in apply.runs)
