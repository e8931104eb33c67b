"""What the rules of advice ask of a design, and where they tell what they find.

A warning stands where its author can change or silence it: at the step, or where one line makes it
so for many steps, at that line. What happens inside of std's blocks comes from a `set` or a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from resdsl.design import walk
from resdsl.design.liveness import Liveness
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    FromSet,
    Group,
    Instance,
    Residual,
    Run,
    Unit,
)
from resdsl.design.network import Network
from resdsl.diagnostics.codes import Code
from resdsl.diagnostics.diagnostic import Label, Sink, is_allowed
from resdsl.diagnostics.fixes import Fix
from resdsl.extents import Shape
from resdsl.language.values.context import Call
from resdsl.ops import Op
from resdsl.records import dataclass
from resdsl.source import Span

# Operators of a definition that are looked at: blocks can nest to any number.
_ENOUGH = 100
# What hands std's blocks something of the author's.
_HANDED = frozenset({"shortcut", "tail", "unit", "skip", "activation", "gate"})


@dataclass(frozen=True, slots=True)
class Place:
    """A step in a definition, or (no `run`) somewhere in it."""

    definition: Definition
    span: Span | None
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """A warning that is to be told."""

    code: Code
    message: str
    span: Span | None
    label: str
    others: tuple[Label, ...]
    help: tuple[str, ...]
    fix: Fix | None

    @property
    def shows_library(self) -> bool:
        return any(other.span.source.library for other in self.others)


class Advisor:
    """What is known of one network. `calls` are those of each definition that were elaborated."""

    def __init__(
        self,
        network: Network,
        liveness: Liveness,
        sink: Sink,
        calls: Mapping[Definition, list[Call]],
    ) -> None:
        self.network = network
        self.sink = sink
        self.calls = calls
        self.liveness = liveness
        self._told: dict[tuple[Code, Span | str], _Told] = {}
        self._users: dict[int, list[Place]] | None = None
        self._weighted: dict[int, bool] = {}
        # By definition, the first operators of its expansion: each is walked once.
        self._first_ops: dict[int, tuple[Op, ...]] = {}
        self._bodies: dict[int, list[Body]] = {}
        self._runs: dict[int, list[tuple[Apply, Run]]] = {}

    # --- telling ---------------------------------------------------------------------------------

    def tell(
        self,
        code: Code,
        message: str,
        place: Place,
        label: str,
        *,
        of: Iterable[str] = (),
        at_set: tuple[str, str] | None = None,
        others: Iterable[Label] = (),
        help: Iterable[str] = (),
        fix: Fix | None = None,
    ) -> None:
        """A warning about a place: told there, or once where that is made so.

        `of`: the parameters of the step for which a `set` is to blame, if there is one; `at_set`
        are message and label there.
        """
        span = place.span
        self.sink.reports += 1
        if span is not None and is_allowed(code, span):
            return
        causes = self._causes(place, frozenset(of))
        if not causes:
            self._note(_Told(code, message, span, label, tuple(others), tuple(help), fix))
            return
        there = () if span is None else (Label(span, label),)
        for cause, is_set in causes.items():
            text, given = at_set if is_set and at_set else (message, "with this")
            self._note(_Told(code, text, cause, given, (*there, *others), tuple(help), None))

    def is_told(self, code: Code, place: Place) -> bool:
        """Whether elaboration has told something of a step, or of the call that makes it so."""
        told = [one.span for one in self.sink.diagnostics if one.code == code and one.span]
        if not told:
            return False
        spans = [*filter(None, [place.span]), *self._causes(place, frozenset())]
        return any(span.holds(one) for span in spans for one in told)

    def _note(self, told: _Told) -> None:
        """One warning at a place; what it shows is the author's own text, if there is any."""
        key = (told.code, told.span if told.span is not None else told.message)
        known = self._told.get(key)
        if known is None or (known.shows_library and not told.shows_library):
            self._told[key] = told

    def finish(self) -> None:
        """Tells what was found."""
        for t in self._told.values():
            self.sink.warning(
                t.code, t.message, t.span, t.label, others=t.others, help=t.help, fix=t.fix
            )
        self._told.clear()

    def _causes(self, place: Place, parameters: frozenset[str]) -> dict[Span, bool]:
        """Where a place is made as it is, and whether that is a `set`; empty: right there."""
        found: dict[Span, bool] = {}
        if place.run is not None:
            found.update(dict.fromkeys(self.sets(place.definition, place.run, parameters), True))
        if found or place.span is None or not place.span.source.library:
            return found
        seen = {id(place.definition)}
        stack = [place.definition]
        while stack:
            for user in self._used_by(stack.pop()):
                assert user.run is not None
                sets = list(self.sets(user.definition, user.run, parameters | _HANDED))
                found.update(dict.fromkeys(sets, True))
                if sets or user.span is None:
                    continue
                if not user.span.source.library:
                    found.setdefault(user.span, False)
                elif id(user.definition) not in seen:
                    seen.add(id(user.definition))
                    stack.append(user.definition)
        return found

    def sets(self, definition: Definition, run: Run, parameters: frozenset[str]) -> Iterator[Span]:
        """The `set`s that gave a step one of these parameters."""
        for setting in run.settings:
            if setting.parameter not in parameters:
                continue
            if setting.span is not None:
                yield setting.span
            else:
                yield from self._in_force(definition, setting)

    def _in_force(self, definition: Definition, setting: FromSet) -> Iterator[Span]:
        """A definition's `set` from outside, where it is called: std's has what calls it has."""
        seen = {id(definition)}
        stack = [definition]
        while stack:
            definition = stack.pop()
            for call in self.calls.get(definition, ()):
                found = call.environment.at(setting.where)
                if found is not None:
                    yield found.span
            for user in self._used_by(definition):
                is_library = user.span is not None and user.span.source.library
                if is_library and id(user.definition) not in seen:
                    seen.add(id(user.definition))
                    stack.append(user.definition)

    def _used_by(self, definition: Definition) -> list[Place]:
        """The steps that are instances of a definition."""
        if self._users is None:
            self._users = {}
            for other in self.liveness.definitions:
                for apply in walk.inner_modules(other.body):
                    for run in apply.runs:
                        if isinstance(run.unit, Instance):
                            place = Place(other, apply.span, run)
                            self._users.setdefault(id(run.unit.definition), []).append(place)
        return self._users.get(id(definition), [])

    # --- asking ----------------------------------------------------------------------------------

    def bodies(self, definition: Definition) -> list[Body]:
        """A definition's body, those of its groups and the mains of its residuals.

        What nothing reads is told of by itself, and passed over here and below.
        """
        if id(definition) not in self._bodies:
            self._bodies[id(definition)] = list(self._inside(definition.body))
        return self._bodies[id(definition)]

    def _inside(self, body: Body) -> Iterator[Body]:
        yield body
        for step in body.steps:
            if isinstance(step, Residual):
                yield from self._inside(step.main)
            for apply in walk.modules(step):
                for inner in walk.bodies(apply) if self.liveness.is_read(apply) else ():
                    yield from self._inside(inner)

    def residuals(self, definition: Definition) -> Iterator[Residual]:
        for body in self.bodies(definition):
            for step in body.steps:
                if isinstance(step, Residual) and self.liveness.is_read(step):
                    yield step

    def runs(self, definition: Definition) -> list[tuple[Apply, Run]]:
        """The modules of all these bodies and their copies, each once."""
        if id(definition) not in self._runs:
            self._runs[id(definition)] = [
                (apply, run)
                for body in self.bodies(definition)
                for step in body.steps
                for apply in walk.modules(step)
                if self.liveness.is_read(apply)
                for run in apply.runs
            ]
        return self._runs[id(definition)]

    def has_tensors(self, body: Body) -> bool:
        """Whether something in a body is learned."""
        if id(body) not in self._weighted:
            self._weighted[id(body)] = any(
                self._learns(run.unit, run.shape) for apply in body.modules() for run in apply.runs
            )
        return self._weighted[id(body)]

    def _learns(self, unit: Unit, shape: Shape) -> bool:
        match unit:
            case Op():
                return bool(unit.tensors(shape))
            case Instance(definition):
                return self.has_tensors(definition.body)
            case Group(body):
                return self.has_tensors(body)

    def operators(self, unit: Unit) -> tuple[Op, ...]:
        """The first operators that a unit consists of, in order."""
        match unit:
            case Op():
                return (unit,)
            case Instance(definition):
                if id(definition) not in self._first_ops:
                    self._first_ops[id(definition)] = self._of_body(definition.body)
                return self._first_ops[id(definition)]
            case Group(body):
                return self._of_body(body)

    def _of_body(self, body: Body) -> tuple[Op, ...]:
        units = (run.unit for apply in body.modules() for run in apply.runs)
        return tuple(islice((op for unit in units for op in self.operators(unit)), _ENOUGH))
