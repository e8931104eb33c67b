"""What a residual adds to its main path, in the words of the papers.

Solid arcs are identities; whatever changes the tensor on its way is named by what it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from resdsl.analysis.join_words import phrase, renamed
from resdsl.analysis.rows import ARROW, Lister
from resdsl.analysis.shapes import fed
from resdsl.design.join_expressions import Combine, Expression, Scalar, Use, parts, tensors
from resdsl.design.model import (
    Apply,
    Fork,
    Input,
    Instance,
    Join,
    Keep,
    Kept,
    Module,
    Residual,
    Step,
)
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.records import dataclass


class Kind(Enum):
    """What is drawn, and what the legend says of it."""

    IDENTITY = "identity shortcut"
    PROJECTION = "projection shortcut"
    PADDING = "zero-padded shortcut"
    SCALED = "scaled shortcut"
    GATED = "gated shortcut"
    OTHER = "other shortcut"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An arc: its kind, and the text beside it (empty for an identity).

    `meeting` says in words how main and the arc meet where that is more than a sum.
    """

    kind: Kind
    label: str = ""
    meeting: str = ""


def shortcut_of(step: Residual, shapes: list[Shape], lister: Lister) -> Shortcut | None:
    """The arc of a residual; None where main alone goes on."""
    if step.is_main_alone:
        return None
    match step.skip:
        case Input():
            return Shortcut(Kind.IDENTITY)
        case Kept():
            return Shortcut(Kind.OTHER, f"from {lister.kept_name(step)}")
        case Module(apply) if step.adds:
            return _added(apply, shapes, lister)
        case Module(apply):
            return _whole(apply, shapes, lister)


def _added(apply: Apply, shapes: list[Shape], lister: Lister) -> Shortcut:
    steps = _steps(apply, shapes, lister)
    ops = [(unit, shape) for unit, shape in steps if isinstance(unit, Op)]
    if steps and all(isinstance(step, Join) and _is_of_numbers(step.join) for step, _ in steps):
        # What numbers do to a tensor is told where it meets main.
        return Shortcut(Kind.SCALED)
    if len(ops) < len(steps):
        named = any(isinstance(unit, Instance) for unit, _ in steps)
        text = "\n".join(row.text for row in lister.apply(apply, shapes))
        return Shortcut(Kind.OTHER if named else Kind.GATED, text)
    busy = [(op, shape) for op, shape in ops if op.is_listed]
    if not ops:
        return Shortcut(Kind.IDENTITY)
    if not busy:
        text = ", ".join(op.label(shape) for op, shape in ops)
        return Shortcut(Kind.IDENTITY) if text == "identity" else Shortcut(Kind.OTHER, text)
    return Shortcut(_kind([op for op, _ in busy]), _label(busy))


def _kind(ops: list[Op]) -> Kind:
    if any(op.is_weighted for op in ops):
        return Kind.PROJECTION
    if any(op.role == "channel padding" for op in ops):
        return Kind.PADDING
    if any(op.role == "scaling" for op in ops):
        return Kind.SCALED
    return Kind.OTHER


def _label(ops: list[tuple[Op, Shape]]) -> str:
    """`1×1, 512, /2`; `zero pad, /2`; several steps on lines of their own."""
    words: list[str] = []
    stride = ""
    for op, shape in ops:
        if op.role == "subsampling":
            steps = op.sampling(shape.rank) or ()
            stride = f", {op.abbreviation}" if any(step != (1, 1) for step in steps) else ""
            continue
        word = op.abbreviation if op.role == "channel padding" else op.row(shape)
        words.append((word or op.label(shape)) + stride)
        stride = ""
    if stride:
        words.append(f"subsample {stride[2:]}")
    return "\n".join(words)


def _steps(
    apply: Apply, shapes: list[Shape], lister: Lister
) -> list[tuple[Op | Instance | Step, Shape]]:
    """The operators of a shortcut in a row; large blocks, forks and joins as they are."""
    found: list[tuple[Op | Instance | Step, Shape]] = []
    for run in apply.runs:
        if isinstance(run.unit, Instance) and lister.is_large(run.unit):
            found.append((run.unit, shapes[run.input]))
            continue
        opened = lister.table.inside(apply, run, shapes)
        if opened is None:
            assert isinstance(run.unit, Op)
            found.append((run.unit, fed(run, shapes[run.input])))
            continue
        body, inner = opened
        for step in body.steps:
            match step:
                case Apply():
                    found += _steps(step, inner, lister)
                case Keep() | Join(join=Use()):
                    # Another starting point (`join pre`), not another kind of arc.
                    continue
                case _:
                    found.append((step, inner[step.output]))
    return found


def _whole(apply: Apply, shapes: list[Shape], lister: Lister) -> Shortcut | None:
    """A shortcut that reads `main` gives the value of the whole residual."""
    opened = lister.table.inside(apply, apply.runs[0], shapes) if apply.runs else None
    if opened is None:
        return None
    body, inner = opened
    steps = [step for step in body.steps if not isinstance(step, Keep)]
    if len(steps) == 1 and isinstance(steps[0], Apply) and steps[0].main is not None:
        return _whole(steps[0], inner, lister)
    if len(steps) == 1 and isinstance(steps[0], Join):
        match steps[0].join:
            case Use(name="main"):
                return None
            case Combine("+", (Use(name=one), Use(name=two))) if {one, two} == {"main", "in"}:
                return Shortcut(Kind.IDENTITY)
    meeting = "\n".join(_met(step.join) for step in steps if isinstance(step, Fork | Join))
    if any(_gates(step, inner, lister) for step in steps):
        return Shortcut(Kind.GATED, "\n".join(_made_lines(steps, inner, lister)), meeting)
    chain = [
        (unit, shape)
        for step in steps
        if isinstance(step, Apply)
        for unit, shape in _steps(step, inner, lister)
        if isinstance(unit, Op) and unit.is_listed
    ]
    if chain:
        return Shortcut(_kind([op for op, _ in chain]), _label(chain), meeting)
    weighed = any(isinstance(step, Join) and _is_weighed(step.join) for step in steps)
    return Shortcut(Kind.SCALED if weighed else Kind.IDENTITY, "", meeting)


def _is_of_numbers(expression: Expression) -> bool:
    """`here * 2`, `1 - here`: of one tensor, and that once."""
    return len(list(tensors(expression))) == 1


def _is_weighed(expression: Expression) -> bool:
    """A number is multiplied with what goes around main alone."""
    return any(
        isinstance(part, Combine)
        and part.op == "*"
        and any(isinstance(operand, Scalar) for operand in part.operands)
        and all(use.name != "main" for use in tensors(part))
        for part, _ in parts(expression)
    )


def _gates(step: Step, shapes: list[Shape], lister: Lister) -> bool:
    """One tensor may weigh another in it."""
    match step:
        case Join() | Fork():
            return any(
                isinstance(part, Combine)
                and part.op == "*"
                and not any(isinstance(operand, Scalar) for operand in part.operands)
                for part, _ in parts(step.join)
            )
        case Apply():
            return any(not isinstance(unit, Op) for unit, _ in _steps(step, shapes, lister))
        case Keep():
            return False
        case Residual():
            return True


def _met(expression: Expression) -> str:
    """How main and the shortcut meet: what the shortcut was fed has no other name here."""
    fed = {use.ref: "shortcut" for use in tensors(expression) if use.name in ("in", "here")}
    return phrase(renamed(expression, fed)).removeprefix("weighted sum, ")


def _made_lines(steps: Sequence[Step], shapes: list[Shape], lister: Lister) -> list[str]:
    """What makes the parts that meet."""
    found: list[str] = []
    for step in steps:
        if isinstance(step, Fork):
            for branch in step.branches:
                found += [
                    before + ARROW.join(row.text for row in rows)
                    for before, rows in lister.branch(branch, shapes)
                    if rows
                ]
        elif not isinstance(step, Join):
            found += [row.text for row in lister.step(step, shapes)]
    return found
