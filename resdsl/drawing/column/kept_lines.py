"""Which elements of an overview read tensors that were made far before them.

The steps of a network are followed along its elements, which name the module that they show: a
step whose module no element shows was folded into the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from typing import TypeAlias

from resdsl.analysis.elements import Element
from resdsl.analysis.facts import Facts
from resdsl.analysis.only_residual import OnlyResidual, only_residual
from resdsl.analysis.rows import Lister
from resdsl.design.dataflow import outer
from resdsl.design.join_expressions import Ref, Use, tensors
from resdsl.design.model import (
    Apply,
    Body,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Residual,
    Run,
)
from resdsl.drawing.column.around import foot
from resdsl.drawing.column.meetings import ARC, ENTRY, Meeting, NoSignsError, Operand, meetings
from resdsl.extents import Shape
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Where a block is from: a copy of a unit, or a residual or fork of a body.

    `main`: the residual whose main is shown, as signs below it tell how it goes on; `whole`: the
    one that is shown with all that goes around it.
    """

    of: Apply | Residual | Fork
    run: Run | None
    shapes: list[Shape]
    path: str
    main: OnlyResidual | None = None
    whole: OnlyResidual | None = None


@dataclass(slots=True)
class Kinship:
    """By the number of an element: what it shows, how tensors meet there, and what it reads.

    `meetings` are signs on the spine, below the box where there is one; `entering` what comes into
    the box from far above. `broken`: what the element before makes does not go on along the spine;
    `leads` is what goes on there instead, with its shape.
    """

    sources: dict[int, Source] = field(default_factory=dict)
    meetings: dict[int, tuple[Meeting, ...]] = field(default_factory=dict)
    entering: dict[int, tuple[Operand, ...]] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)
    leads: dict[int, tuple[Operand, Shape]] = field(default_factory=dict)


# By Ref of one definition, the element that makes it, and its kept name.
_Values: TypeAlias = dict[Ref, tuple[int, str]]

# The number of no value.
_NOTHING = -1


def kinship(known: Facts, elements: Sequence[Element]) -> Kinship:
    walk = _Walk(known, elements)
    root = known.network.root
    walk.body(root.body, known.shapes, "", {root.input: (ENTRY, "input")})
    return walk.found


class _Walk:
    def __init__(self, known: Facts, elements: Sequence[Element]) -> None:
        self.known = known
        self.elements = elements
        self.lister = Lister(known.network.root, known.table, known.liveness)
        self.liveness = known.liveness
        self.number = ENTRY
        self.found = Kinship()

    def _is_next(self, path: str) -> bool:
        after = self.number + 1
        return after < len(self.elements) and self.elements[after].path == path

    def _is_inside(self, path: str) -> bool:
        after = self.number + 1
        return after < len(self.elements) and self.elements[after].path.startswith(path)

    def body(self, body: Body, shapes: list[Shape], path: str, values: _Values) -> None:
        for step in body.steps:
            before = self.number
            match step:
                case Keep(name, ref):
                    number, _ = values.get(ref, (self.number, ""))
                    values[ref] = (number, name)
                    continue
                case Apply():
                    self._apply(step, shapes, path, values)
                case Residual() | Fork() | Join() if not self.liveness.calls(step):
                    pass  # it has no element, and one behind it may have the same path
                case Residual():
                    self._residual(step, shapes, path, values)
                case Fork():
                    self._fork(step, shapes, path, values)
                case Join():
                    self._join(step, shapes, path, values)
            # What has no element makes nothing new where it is fed.
            at, _ = values.get(step.input, (before, ""))
            values[step.output] = (at if self.number == before else self.number, "")

    def _apply(self, apply: Apply, shapes: list[Shape], path: str, values: _Values) -> None:
        index = 0
        for run in apply.runs:
            here = f"{path}{apply.key}.{index}" if apply.repeated else path + apply.key
            if self._is_next(here):
                self._block(Source(apply, run, shapes, f"{here}."), values)
            elif self._is_inside(f"{here}."):
                self._inside(apply, run, shapes, f"{here}.", values)
            index += run.count

    def _inside(
        self, apply: Apply, run: Run, shapes: list[Shape], path: str, values: _Values
    ) -> None:
        inside = self.known.table.inside(apply, run, shapes)
        if inside is None:
            return
        if isinstance(run.unit, Instance):
            entering = (values.get(ref, (self.number, "")) for ref in apply.fed(run))
            values = dict(zip(run.unit.definition.inputs, entering, strict=True))
        self.body(*inside, path, values)

    def _residual(self, step: Residual, shapes: list[Shape], path: str, values: _Values) -> None:
        first = next(step.main.modules(), None)
        if not self._is_next(path + (first.key if first else "residual")):
            return
        self._block(Source(step, None, shapes, path), values)

    def _fork(self, step: Fork, shapes: list[Shape], path: str, values: _Values) -> None:
        if self._is_next(path + step.branches[0].apply.key):
            self._block(Source(step, None, shapes, path), values)

    def _block(self, source: Source, values: _Values) -> None:
        before = self.number
        self.number += 1
        entering, read = self._read(source)
        is_first = not isinstance(source.of, Apply) or source.run is source.of.runs[0]
        if entering in read and is_first:
            self._lead(entering, source.shapes, values, before)
        kept = {ref: values[ref] for ref in read if ref in values and ref != entering}
        if entering not in read and all(number != before for number, _ in kept.values()):
            self.found.broken.add(self.number)
        far = {ref: one for ref, one in kept.items() if one[0] != before}
        only = self._only(source) if self.elements[self.number].shortcut else None
        if only is not None:
            try:
                self.found.meetings[self.number] = self._foot(source, only, values, before)
                source = replace(source, main=only)
                # What the signs read comes to them.
                mine = set(outer(only.step.main, self.liveness.is_read))
                mine = set() if only.is_apart else mine
                far = {ref: one for ref, one in far.items() if ref in mine}
            except NoSignsError:
                source = replace(source, whole=only)
        self.found.sources[self.number] = source
        if far:
            self.found.entering[self.number] = tuple(Operand(*one) for one in far.values())

    def _read(self, source: Source) -> tuple[Ref, tuple[Ref, ...]]:
        """The current tensor before a block, and all of before it that the block reads."""
        match source.of:
            case Apply() as apply:
                assert source.run is not None
                body = source.run.unit.body if isinstance(source.run.unit, Group) else None
                if body is None:
                    is_fed = self.liveness.reads_input(source.run)
                    return apply.input, (apply.input,) if is_fed else ()
            case step:
                body = Body(step.input, step.output, [step])
        apart = Body(_NOTHING, body.output, body.steps)
        return body.input, outer(apart, self.liveness.is_read)

    def _only(self, source: Source) -> OnlyResidual | None:
        match source.of:
            case Residual() as step:
                return OnlyResidual(step, source.shapes, source.path, is_apart=False)
            case Apply() as apply if source.run is not None:
                opened = self.known.table.inside(apply, source.run, source.shapes)
                apart = isinstance(source.run.unit, Instance)
                return opened and only_residual(*opened, source.path, self.lister, apart)
            case _:
                return None

    def _foot(
        self, source: Source, only: OnlyResidual, values: _Values, before: int
    ) -> tuple[Meeting, ...]:
        entering = source.run.input if source.run is not None else only.step.input

        def outside(ref: Ref) -> Operand:
            # Norms and activations before main belong to what enters the block.
            known = None if only.is_apart or ref == entering else values.get(ref)
            return Operand(ARC) if known is None or known[0] == before else Operand(*known)

        return foot(only, self.lister, outside)

    def _lead(self, ref: Ref, shapes: list[Shape], values: _Values, before: int) -> None:
        """What the next element is fed, where that is not what the one before makes."""
        known = values.get(ref)
        if known is not None and known[0] != before:
            self.found.broken.add(self.number)
            self.found.leads[self.number] = (Operand(*known), shapes[ref])

    def _join(self, step: Join, shapes: list[Shape], path: str, values: _Values) -> None:
        if not self._is_next(f"{path}join"):
            return
        before = self.number
        self.number += 1

        def kept(use: Use) -> Operand:
            number, name = values.get(use.ref, (ENTRY, ""))
            return Operand(number, name or ("" if use.name == "here" else use.name))

        uses = list(tensors(step.join))
        if all(use.ref != step.input for use in uses):
            self.found.broken.add(self.number)
        else:
            self._lead(step.input, shapes, values, before)
        try:
            self.found.meetings[self.number] = meetings(step.join, step.input, kept)
        except NoSignsError:
            # Its box says in words what it does to what comes in.
            beside = dict.fromkeys(kept(use) for use in uses if use.ref != step.input)
            self.found.entering[self.number] = tuple(beside)
