"""What goes around a block's main and how the two meet, as signs below its box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace

from resdsl.analysis.only_residual import OnlyResidual
from resdsl.analysis.rows import Lister
from resdsl.analysis.shapes import fed
from resdsl.design.dataflow import made, outer, read_around, steps
from resdsl.design.join_expressions import Combine, Copies, Expression, Ref, Use, tensors
from resdsl.design.model import Apply, Body, Fork, Group, Instance, Join, Keep, Residual, Run
from resdsl.drawing.column.meetings import ARC, Meeting, NoSignsError, Operand, meetings
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.records import dataclass

# The number of main's result: those of what goes around it follow.
_MAIN = 0


def foot(
    residual: OnlyResidual,
    lister: Lister,
    outside: Callable[[Ref], Operand],
    *,
    is_open: bool = False,
    is_told: bool = False,
) -> tuple[Meeting, ...]:
    """The signs below the box of main, downwards. Raises NoSignsError where there is no such.

    `outside` says what a value is that was made before the block; ARC is what enters main.
    `is_open`: main is drawn by its rows, so that lines can begin halfway through it. `is_told`:
    what is done to what goes around main stands on the arc.
    """
    step = residual.step
    walk = _Around(step, lister, outside, is_open, is_told)
    ending = walk.value(step.skip.ref, residual.shapes)
    if step.adds:
        ending = Combine("+", (Use(_MAIN, "main"), ending))
    others = [use for use in tensors(ending) if use.ref != _MAIN]
    around = [use for use in others if walk.operand(use).source == ARC]
    if len(around) > 1:
        raise NoSignsError  # one arc ends in one place
    return meetings(ending, _MAIN, walk.operand)


@dataclass(slots=True)
class _Around:
    """Values of a shortcut as expressions of main's result and of what goes around main."""

    step: Residual
    lister: Lister
    outside: Callable[[Ref], Operand]
    is_open: bool
    is_told: bool
    # By number, what goes around main.
    operands: list[Operand] = field(default_factory=list)
    at: dict[Ref, Expression] = field(default_factory=dict)
    inside: frozenset[Ref] = frozenset()

    def __post_init__(self) -> None:
        main = self.step.main
        self.at = {
            self.step.input: self._new(Operand(ARC)),
            main.output: Use(_MAIN, "main"),
        }
        if not self.is_open:
            self.inside = frozenset(_made_in(main))

    def operand(self, use: Use) -> Operand:
        """What is done to what enters main is told beside the arc, unless it is told on it."""
        if use.ref == _MAIN:
            raise NoSignsError  # main's result comes along the spine once
        found = self.operands[use.ref - 1]
        return Operand(ARC) if found.source == ARC and not self.is_told else found

    def value(self, ref: Ref, shapes: list[Shape]) -> Expression:
        shortcut = self.step.shortcut
        if shortcut is not None and ref == shortcut.output:
            return self._apply(shortcut, shapes, self.at)
        return self._known(ref, self.at)

    def _known(self, ref: Ref, at: dict[Ref, Expression]) -> Expression:
        found = at.get(ref)
        if found is None:
            if ref in self.inside:
                raise NoSignsError  # it is made halfway through main
            found = at[ref] = self._new(self.outside(ref))
        return found

    def _new(self, operand: Operand) -> Use:
        self.operands.append(operand)
        return Use(len(self.operands), operand.name or "shortcut")

    def _body(self, body: Body, shapes: list[Shape], at: dict[Ref, Expression]) -> Expression:
        for step in body.steps:
            match step:
                case Keep():
                    pass
                case Apply():
                    at[step.output] = self._apply(step, shapes, at)
                case Join():
                    at[step.output] = self._joined(step.join, at)
                case Fork() | Residual():
                    entering = self._known(step.input, at)
                    rows = tuple(row.text for row in self.lister.step(step, shapes))
                    alone = not read_around(step)
                    at[step.output] = self._changed(entering, rows, alone)
        return self._known(body.output, at)

    def _joined(self, expression: Expression, at: dict[Ref, Expression]) -> Expression:
        match expression:
            case Use(ref):
                return self._known(ref, at)
            case Combine(op, operands):
                return Combine(op, tuple(self._joined(operand, at) for operand in operands))
            case Copies():
                raise NoSignsError
            case scalar:
                return scalar

    def _apply(self, apply: Apply, shapes: list[Shape], at: dict[Ref, Expression]) -> Expression:
        entering = self._known(apply.input, at)
        for run in apply.runs:
            if run.count > 1 or len(apply.runs) > 1 or not self._is_open(run, apply):
                entering = self._changed(entering, self._rows(apply, run, shapes), _is_closed(run))
                continue
            opened = self.lister.table.inside(apply, run, shapes)
            if opened is None:
                continue
            inner = at
            if isinstance(run.unit, Instance):
                values = (self._known(ref, at) for ref in apply.fed(run))
                inner = dict(zip(run.unit.definition.inputs, values, strict=True))
            entering = self._body(*opened, inner)
        return entering

    def _is_open(self, run: Run, apply: Apply) -> bool:
        """It reads main or what was kept, or joins what it is fed: what is in it decides how all
        meet."""
        match run.unit:
            case Instance(definition):
                return definition.reads_main and apply.main is not None
            case Group(body):
                return bool(outer(body)) or any(isinstance(step, Join) for step in body.steps)
            case op:
                return op.is_identity

    def _changed(self, value: Expression, rows: tuple[str, ...], is_alone: bool) -> Use:
        """What a module makes of one tensor that goes around main."""
        if not is_alone or not isinstance(value, Use) or value.ref == _MAIN:
            raise NoSignsError
        before = self.operands[value.ref - 1]
        return self._new(replace(before, words=(*before.words, *rows)))

    def _rows(self, apply: Apply, run: Run, shapes: list[Shape]) -> tuple[str, ...]:
        rows = tuple(row.text for row in self.lister.run(apply, run, shapes))
        if rows or not isinstance(run.unit, Op):
            return rows
        return (run.unit.label(fed(run, shapes[run.input])),)


def _made_in(body: Body) -> set[Ref]:
    """The values that a main makes on its way to its result."""
    found = {ref for step in steps(body) for ref in made(step)}
    for apply in body.modules():
        found |= {apply.output, *(run.output for run in apply.runs)}
        for run in apply.runs:
            if isinstance(run.unit, Group):
                found |= _made_in(run.unit.body)
    return found


def _is_closed(run: Run) -> bool:
    return not (isinstance(run.unit, Group) and outer(run.unit.body))
