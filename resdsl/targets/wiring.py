"""Which values cross the borders of a definition's groups.

A group shares the values of the definition around it. As a module of its own it is called with the
outer values that it reads, and gives back those inside that are read outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Generic, TypeAlias, TypeVar

from resdsl.design.again import counterparts
from resdsl.design.dataflow import made, operands, steps
from resdsl.design.join_expressions import tensors
from resdsl.design.liveness import Liveness
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
    Run,
    Step,
)
from resdsl.design.walk import bodies, groups, modules
from resdsl.records import dataclass

R = TypeVar("R")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Stretch(Generic[R]):
    """Copies of a module from `start` to before `end`, called with the same values.

    `takes_current`: first the current one, then the `others`, of which None is the current one too.
    The last copy alone is -1, wherever there are several, and one that ends with the last has no
    `end`.
    """

    start: int
    end: int | None
    takes_current: bool
    others: tuple[R | None, ...]

    @property
    def is_single(self) -> bool:
        return self.start == -1 or self.end == self.start + 1

    @property
    def reads_current(self) -> bool:
        return self.takes_current or None in self.others

    def moved(self, to: Callable[[R], V]) -> Stretch[V]:
        """The same with other values."""
        others = tuple(None if one is None else to(one) for one in self.others)
        return Stretch(self.start, self.end, self.takes_current, others)


_Around: TypeAlias = tuple[Body, ...]

# What the author's words for a place mean in a group, where they are another tensor's name.
_OUTSIDE = {"in": "start", "here": "current"}


class Wiring:
    """The borders of one definition. What nothing reads is not called, and reads nothing."""

    def __init__(self, definition: Definition, liveness: Liveness) -> None:
        self.definition = definition
        self.liveness = liveness
        # By the identity of a body: outer values that it reads, its input first; what it makes.
        self._reads: dict[int, tuple[Ref, ...]] = {}
        self._makes: dict[int, frozenset[Ref]] = {}
        # By the identity of a module; and of the body of a copy, the inputs that all copies have.
        self._stretches: dict[int, list[Stretch[Ref]]] = {}
        self._signatures: dict[int, tuple[Ref, ...]] = {}
        found = list(groups(definition.body, again=True))
        self._further = [group for group in found if group.apply.is_again]
        # The innermost first: what a group reads depends on those inside it.
        for group in reversed(found):
            self._survey(group.body)
        self.exports = self._exports()
        self.kept = {
            step.ref: step.name
            for body in [definition.body, *(group.body for group in found)]
            for step in steps(body)
            if isinstance(step, Keep)
        }
        # What somebody asks for by name: such a value must be there.
        self.named = frozenset(
            use.ref
            for body in [definition.body, *(group.body for group in found)]
            for step in steps(body)
            if isinstance(step, Fork | Join) and liveness.is_read(step)
            for use in tensors(step.join)
        ) | set(definition.outputs)

    def reads(self, body: Body) -> tuple[Ref, ...]:
        return self._reads[id(body)]

    def arguments(self, apply: Apply) -> tuple[Ref, ...]:
        """The values with which a module is called: the current one first, where it is read.

        Of copies each value once, whichever of them are called with it.
        """
        stretches = self.stretches(apply)
        if stretches and not apply.repeated:
            (only,) = stretches
            current = (apply.input,) if only.takes_current else ()
            return (*current, *(apply.input if ref is None else ref for ref in only.others))
        # Copies in a row are fed each other's results: the first decides.
        takes = stretches if is_parallel(apply) else stretches[:1]
        reads_input = not apply.runs or any(stretch.reads_current for stretch in takes)
        return ((apply.input,) if reads_input else ()) + self.further(apply)

    def further(self, apply: Apply) -> tuple[Ref, ...]:
        """The values besides the current one with which any copy of a module is called."""
        others = (ref for stretch in self.stretches(apply) for ref in stretch.others)
        return tuple(dict.fromkeys(ref for ref in others if ref is not None))

    def has_further(self, apply: Apply) -> bool:
        """Whether a copy is called with more than the current value, once."""
        return any(stretch.others for stretch in self.stretches(apply))

    def stretches(self, apply: Apply) -> list[Stretch[Ref]]:
        """The copies of a module that are called, those together that are called alike."""
        if id(apply) not in self._stretches:
            self._stretches[id(apply)] = self._found_stretches(apply)
        return self._stretches[id(apply)]

    def _found_stretches(self, apply: Apply) -> list[Stretch[Ref]]:
        called = [run for run in apply.runs if self.liveness.skipped(apply, run) < run.count]
        groups = [run.unit.body for run in called if isinstance(run.unit, Group)]
        # What these read besides their own input. They are all called alike.
        reads = (ref for body in groups for ref in self.reads(body) if ref != body.input)
        captured = tuple(dict.fromkeys(reads))
        together = is_parallel(apply) and any(map(self.liveness.reads_input, called))
        found: list[Stretch[Ref]] = []
        start = 0
        others: tuple[Ref | None, ...]
        for run in apply.runs:
            first = start + self.liveness.skipped(apply, run)
            start += run.count
            if first == start:
                continue
            others = captured if isinstance(run.unit, Group) else self._others(apply, run)
            takes = self._takes_input(run) or not others
            if isinstance(run.unit, Group) and apply.repeated:
                takes = takes or together
                self._signatures[id(run.unit.body)] = (
                    *((run.input,) if takes else ()),
                    *captured,
                )
            if found and (found[-1].takes_current, found[-1].others) == (takes, others):
                found[-1] = replace(found[-1], end=start)
            else:
                found.append(Stretch(first, start, takes, others))
        if found:
            last = found[-1]
            if last.end != last.start + 1:
                found[-1] = replace(last, end=None)
            elif last.start > 0:
                found[-1] = replace(last, start=-1, end=None)
        return found

    def _takes_input(self, run: Run) -> bool:
        """Whether it takes the current value as such, and not as the value of a parameter."""
        if isinstance(run.unit, Instance):
            return self.liveness.reads(run.unit.definition)[0]
        return self.liveness.reads_input(run)

    def _others(self, apply: Apply, run: Run) -> tuple[Ref | None, ...]:
        """What a copy is made of besides the current value: tensors, and main."""
        if not isinstance(run.unit, Instance):
            others: tuple[Ref, ...] = run.tensors
        else:
            reads = zip(apply.fed(run), self.liveness.reads(run.unit.definition), strict=True)
            others = tuple(ref for ref, is_read in list(reads)[1:] if is_read)
        return tuple(None if ref == run.input else ref for ref in others)

    def signature(self, apply: Apply, body: Body) -> tuple[Ref, ...]:
        """The inputs of a group's module: the current value first, where it is read."""
        self.stretches(apply)
        found = self._signatures.get(id(body)) or self._called_again(body)
        return found or self.reads(body) or (body.input,)

    def _called_again(self, body: Body) -> tuple[Ref, ...]:
        """What a copy is called with in a further call, where the first is not called."""
        for group in self._further:
            for run in group.apply.runs:
                if not isinstance(run.unit, Group) or run.unit.first is not body:
                    continue
                self.stretches(group.apply)
                at = {two: one for one, two in counterparts(body, run.unit.body).items()}
                at[run.unit.body.input] = body.input
                found = self._signatures.get(id(run.unit.body), ())
                if found:
                    return tuple(at.get(ref, ref) for ref in found)
        return ()

    # --- reading and making ----------------------------------------------------------------------

    def _survey(self, body: Body) -> None:
        makes: set[Ref] = set()
        found: dict[Ref, None] = {}
        for ref, is_made in self._traffic(body):
            if is_made:
                makes.add(ref)
            elif ref not in makes:
                found[ref] = None
        if body.output not in makes and self.liveness.is_result_read(body):
            found[body.output] = None
        self._makes[id(body)] = frozenset(makes)
        first = (body.input,) if body.input in found else ()
        self._reads[id(body)] = (*first, *(ref for ref in found if ref != body.input))

    def _traffic(self, body: Body) -> Iterator[tuple[Ref, bool]]:
        """Every reading (False) and making (True) of a value, in order."""
        for step in steps(body):
            for apply in modules(step):
                if self.liveness.is_read(apply):
                    yield from self._called(apply)
            # What modules make is made before a sum or join reads it.
            yield from ((ref, True) for ref in _results(step))
            yield from ((ref, False) for ref in self._combined(step))
            yield from ((ref, True) for ref in made(step))

    def _combined(self, step: Step) -> tuple[Ref, ...]:
        """What a sum or join reads, if anything reads that."""
        if isinstance(step, Apply | Keep) or not self.liveness.is_read(step):
            return ()
        return operands(step)

    def _called(self, apply: Apply) -> Iterator[tuple[Ref, bool]]:
        yield from ((ref, False) for ref in self.arguments(apply))
        for run in apply.runs:
            if isinstance(run.unit, Group):
                # A group may end with a value from outside it, which it then has not made.
                makes = self._makes[id(run.unit.body)]
                visible = makes & {run.output} if apply.repeated else makes
                yield from ((ref, True) for ref in visible)

    # --- what leaves a group ---------------------------------------------------------------------

    def _exports(self) -> dict[int, tuple[Ref, ...]]:
        """By the identity of a group's body: what is made inside and read outside."""
        # The groups around the place where each value is made, and those that are not called.
        places: dict[Ref, tuple[_Around, frozenset[int]]] = {}
        readings: list[tuple[Ref, _Around, frozenset[int]]] = [
            (ref, (), frozenset()) for ref in self.definition.others
        ]
        stack: list[tuple[Body, _Around, frozenset[int]]] = [
            (self.definition.body, (), frozenset())
        ]
        while stack:
            body, around, uncalled = stack.pop()
            if self.liveness.is_result_read(body):
                readings.append((body.output, around, uncalled))
            for step in steps(body):
                readings += [(ref, around, uncalled) for ref in self._read(step)]
                makes = (*_results(step), *made(step))
                places.update(dict.fromkeys(makes, (around, uncalled)))
                for apply in modules(step):
                    for run in apply.runs:
                        if isinstance(run.unit, Group):
                            inner = run.unit.body
                            # The copies of a repeated group give nothing away.
                            groups = around if apply.repeated else (*around, inner)
                            is_called = self.liveness.skipped(apply, run) < run.count
                            apart = uncalled if is_called else uncalled | {id(run)}
                            stack.append((inner, groups, apart))
        found: dict[int, set[Ref]] = {}
        for ref, around, uncalled in readings:
            groups, apart = places.get(ref, ((), frozenset()))
            for group in groups:
                # What is not called reads nothing outside.
                if group not in around and ref != group.output and uncalled <= apart:
                    found.setdefault(id(group), set()).add(ref)
        return {group: tuple(sorted(refs)) for group, refs in found.items()}

    def _read(self, step: Step) -> Iterator[Ref]:
        for apply in modules(step):
            if self.liveness.is_read(apply):
                yield from self.arguments(apply)
        yield from self._combined(step)


def is_parallel(apply: Apply) -> bool:
    """Whether its copies stand side by side, as a branch."""
    return apply.repeated and apply.output == apply.input


def _results(step: Step) -> Iterator[Ref]:
    """What the modules of a step make themselves: a group's result is made by its steps."""
    for apply in modules(step):
        yield from apply.others
        yield from (run.output for run in apply.runs if not isinstance(run.unit, Group))


def outer_names(body: Body) -> Iterator[tuple[Ref, str]]:
    """What the author calls the values that joins in a group read, from inside it."""
    for step in steps(body):
        if isinstance(step, Fork | Join):
            for use in tensors(step.join):
                yield use.ref, _OUTSIDE.get(use.name, use.name)
        for apply in modules(step):
            for inner in bodies(apply):
                yield from outer_names(inner)
