"""Which elements of an overview read tensors that were made far before them.

The steps of a network are followed along its elements, which name the module that they show: a
step whose module no element shows was folded into the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from typing import TypeAlias

from resdsl.analysis.element import Element
from resdsl.analysis.facts import Facts
from resdsl.analysis.only_residual import OnlyResidual, only_residual
from resdsl.analysis.places import results
from resdsl.analysis.rows import Lister
from resdsl.design.dataflow import Counted, all_made, all_steps, outer
from resdsl.design.join_expressions import Ref, Use, tensors
from resdsl.design.model import Apply, Body, Fork, Group, Instance, Join, Keep, Residual, Run
from resdsl.drawing.column.around import foot
from resdsl.drawing.column.meetings import ARC, ENTRY, Meeting, NoSignsError, Operand, meetings
from resdsl.drawing.column.sources import Source, called, reads, reads_again
from resdsl.extents import Shape
from resdsl.records import dataclass


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


# By Ref of one definition, the line that brings it: from which element, by its kept name.
_Values: TypeAlias = dict[Ref, Operand]


def kinship(known: Facts, elements: Sequence[Element]) -> Kinship:
    walk = _Walk(known, elements)
    root = known.network.root
    walk.body(root.body, known.shapes, "", {root.input: Operand(ENTRY, "input")})
    return walk.found


class _Walk:
    def __init__(self, known: Facts, elements: Sequence[Element]) -> None:
        self.known = known
        self.elements = elements
        self.lister = Lister(known.network.root, known.table, known.liveness)
        self.liveness = known.liveness
        self.flowing = known.elements.flowing
        self.number = ENTRY
        self.found = Kinship()
        # The names of what is kept in the body that is walked.
        self.kept: dict[Ref, str] = {}

    def _is_next(self, path: str) -> bool:
        after = self.number + 1
        return after < len(self.elements) and self.elements[after].path == path

    def _is_inside(self, path: str) -> bool:
        after = self.number + 1
        return after < len(self.elements) and self.elements[after].path.startswith(path)

    def body(self, body: Body, shapes: list[Shape], path: str, values: _Values) -> None:
        around = self.kept
        self.kept = {step.ref: step.name for step in body.steps if isinstance(step, Keep)}
        self._steps(body, shapes, path, values)
        self.kept = around

    def _steps(self, body: Body, shapes: list[Shape], path: str, values: _Values) -> None:
        for step in body.steps:
            before = self.number
            match step:
                case Keep(name, ref):
                    values[ref] = replace(values.get(ref, Operand(self.number)), name=name)
                    continue
                case Apply() if self._apply(step, shapes, path, values):
                    continue
                case Residual() | Fork() | Join() if not self.liveness.calls(step):
                    pass  # it has no element, and one behind it may have the same path
                case Residual():
                    self._residual(step, shapes, path, values)
                case Fork():
                    self._fork(step, shapes, path, values)
                case Join():
                    self._join(step, shapes, path, values)
                case _:
                    pass
            self._make(step, before, values)

    def _make(self, step: Counted, before: int, values: _Values) -> None:
        """Enters what a step makes. What has no element makes nothing new where it is fed."""
        if self.number == before:
            values[step.output] = replace(values.get(step.input, Operand(before)), name="")
            return
        alone, own = Body(step.input, step.output, [step]), set(results(step))
        names = {one.ref: one.name for one in all_steps(alone) if isinstance(one, Keep)}
        for ref in all_made(alone):
            inside = None if ref in own else ref
            values.setdefault(ref, Operand(self.number, names.get(ref, ""), inside=inside))
        values[step.output] = Operand(self.number)

    def _apply(self, apply: Apply, shapes: list[Shape], path: str, values: _Values) -> bool:
        """Whether its results are entered."""
        if self.liveness.is_again(apply):
            if self._is_next(path + apply.key):
                self._again(apply, shapes, values)
            return False
        index = 0
        for run in apply.runs:
            here = f"{path}{apply.key}.{index}" if apply.repeated else path + apply.key
            if self._is_next(here):
                self._block(Source(apply, run, shapes, f"{here}."), values)
            elif self._is_inside(f"{here}."):
                return self._inside(apply, run, shapes, f"{here}.", values)
            index += run.count
        return False

    def _inside(
        self, apply: Apply, run: Run, shapes: list[Shape], path: str, values: _Values
    ) -> bool:
        inside = self.known.table.inside(apply, run, shapes)
        if inside is None:
            return False
        if isinstance(run.unit, Group):
            self.body(*inside, path, values)
            # What it ends with may be another than the last that is made in it.
            end = values.get(run.unit.body.output)
            if end is None:
                return False
            values |= dict.fromkeys((run.output, apply.output), replace(end, name=""))
            return True
        assert isinstance(run.unit, Instance)
        definition, number = run.unit.definition, Operand(self.number)
        entering = (values.get(ref, number) for ref in apply.fed(run))
        inner = dict(zip(definition.inputs, entering, strict=True))
        self.body(*inside, path, inner)
        if not apply.others:
            return False
        for ref, other in zip((apply.output, *apply.others), definition.outputs, strict=True):
            values[ref] = replace(inner[other], name="")
        return True

    def _residual(self, step: Residual, shapes: list[Shape], path: str, values: _Values) -> None:
        first = next(step.main.modules(), None)
        if not self._is_next(path + (first.key if first else "residual")):
            return
        self._block(Source(step, None, shapes, path), values)

    def _fork(self, step: Fork, shapes: list[Shape], path: str, values: _Values) -> None:
        if self._is_next(path + step.branches[0].apply.key):
            self._block(Source(step, None, shapes, path), values)

    def _again(self, apply: Apply, shapes: list[Shape], values: _Values) -> None:
        """A module that stands further above: a box with its name."""
        before = self.number
        self.number += 1
        read = reads_again(apply, self.flowing)
        far = self._lines(apply.input, read, shapes, values, before, takes_any=True)
        if far:
            self.found.entering[self.number] = tuple(far.values())

    def _block(self, source: Source, values: _Values) -> None:
        before = self.number
        self.number += 1
        entering, read = reads(source, self.flowing)
        run = source.run
        has_tensors = run is not None and bool(run.around)
        is_first = not isinstance(source.of, Apply) or run is source.of.runs[0]
        far = self._lines(
            entering, read, source.shapes, values, before, is_first, takes_any=has_tensors
        )
        # What is given to a block that is one residual can stand anywhere in it.
        is_one = self.elements[self.number].shortcut and not has_tensors
        only = self._only(source) if is_one else None
        if only is not None:
            try:
                self.found.meetings[self.number] = self._foot(source, only, values, before)
                source = replace(source, main=only)
                # What the signs read comes to them.
                mine = set(outer(only.step.main, self.flowing))
                mine = set() if only.is_apart else mine
                far = {ref: one for ref, one in far.items() if ref in mine}
            except NoSignsError:
                source = replace(source, whole=only)
        if isinstance(source.of, Apply) and run is not None:
            names = called(source.of, run, lambda ref: self._name(ref, values))
            source = replace(source, called=names)
            if names is not None:
                # A line without a name has that of what it brings there.
                own = dict(zip(reversed(run.given), reversed(list(names.inputs)), strict=True))
                far = {
                    ref: replace(one, name=one.name or own.get(ref, "")) for ref, one in far.items()
                }
        self.found.sources[self.number] = source
        if far:
            self.found.entering[self.number] = tuple(far.values())

    def _name(self, ref: Ref, values: _Values) -> str:
        known = values.get(ref)
        return known.name if known is not None else self.kept.get(ref, "")

    def _lines(
        self,
        entering: Ref,
        read: Sequence[Ref],
        shapes: list[Shape],
        values: _Values,
        before: int,
        is_first: bool = True,
        *,
        takes_any: bool,
    ) -> dict[Ref, Operand]:
        """What of `read` comes to the element from the side, as the spine does not bring it.

        The spine goes on with what is fed in, from wherever it is. With `takes_any` it can go on
        with another tensor that is read, where that is what the element before makes.
        """
        kept = {ref: values[ref] for ref in read if ref in values and ref != entering}
        is_brought = any(one.is_behind(before) for one in kept.values())
        known = values.get(entering) if is_first and entering in read else None
        if known is not None and not known.is_behind(before):
            if not (takes_any and is_brought):
                self.found.broken.add(self.number)
                self.found.leads[self.number] = (known, shapes[entering])
                return kept
            kept = {entering: known, **kept}
        elif entering not in read and not is_brought:
            self.found.broken.add(self.number)
        return {ref: one for ref, one in kept.items() if not one.is_behind(before)}

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
            return Operand(ARC) if known is None or known.is_behind(before) else known

        return foot(only, self.lister, outside)

    def _join(self, step: Join, shapes: list[Shape], path: str, values: _Values) -> None:
        if not self._is_next(f"{path}join"):
            return
        before = self.number
        self.number += 1

        def kept(use: Use) -> Operand:
            known = values.get(use.ref, Operand(ENTRY))
            return replace(known, name=known.name or ("" if use.name == "here" else use.name))

        uses = list(tensors(step.join))
        if all(use.ref != step.input for use in uses):
            self.found.broken.add(self.number)
        else:
            self._lines(step.input, (step.input,), shapes, values, before, takes_any=False)
        try:
            self.found.meetings[self.number] = meetings(step.join, step.input, kept)
        except NoSignsError:
            # Its box says in words what it does to what comes in.
            beside = dict.fromkeys(kept(use) for use in uses if use.ref != step.input)
            self.found.entering[self.number] = tuple(beside)
