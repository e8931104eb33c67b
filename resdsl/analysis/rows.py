"""The rows of a paper's bracketed list: `[1×1, 64; 3×3, 64; 1×1, 256]`.

Norms and activations belong to the row before them and are not written; every other step is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from resdsl.analysis.shapes import ShapeTable, fed, instance_inputs
from resdsl.design.expansion import Expansion
from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use
from resdsl.design.liveness import Liveness
from resdsl.design.model import (
    Apply,
    Body,
    Branch,
    Fork,
    Group,
    Instance,
    Join,
    Residual,
    Run,
    Step,
    Unit,
)
from resdsl.extents import Shape
from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.ops import Op
from resdsl.records import dataclass

# Steps of a definition, equal copies counted once, above which its rows are not listed.
LARGE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `plain` leaves out the stride: papers list a stage's blocks as if all were equal."""

    text: str
    plain: str


def op_row(op: Op, shape: Shape) -> Row:
    text = op.abbreviation or op.row(shape) or op.label(shape)
    return Row(text, op.plain_row(shape) or text)


class Lister:
    """Lists the rows of bodies, with the shapes that their values have there.

    Those of modules that nothing reads say so; what joins are not read is left out.
    """

    def __init__(self, table: ShapeTable, liveness: Liveness) -> None:
        self.table = table
        self.liveness = liveness
        self._size = Expansion(copies=False)

    def is_large(self, unit: Unit) -> bool:
        """Written out it would fill pages: it goes by its name."""
        return isinstance(unit, Instance) and self._size.definition(unit.definition) > LARGE

    def body(self, body: Body, shapes: list[Shape]) -> tuple[Row, ...]:
        return tuple(row for step in body.steps for row in self.step(step, shapes))

    def step(self, step: Step, shapes: list[Shape]) -> tuple[Row, ...]:
        match step:
            case Apply():
                return self.apply(step, shapes)
            case Residual() | Fork() if not self.liveness.counts(step):
                return unread(self._branching(step, shapes))
            case Residual() | Fork():
                return self._branching(step, shapes)
            case Join() if not self.liveness.is_read(step):
                return ()
            case Join(join=Use(name=name)):
                return (same(f"← {name}"),)
            case Join():
                return (same(expression_text(step.join)),)
            case _:
                return ()

    def _branching(self, step: Residual | Fork, shapes: list[Shape]) -> tuple[Row, ...]:
        return self.fork(step, shapes) if isinstance(step, Fork) else self._residual(step, shapes)

    def apply(self, apply: Apply, shapes: list[Shape]) -> tuple[Row, ...]:
        rows: list[Row] = []
        for run in apply.runs:
            mine = self.run(apply, run, shapes)
            rows += mine if run.count == 1 or not mine else (several(mine, run.count),)
        return tuple(rows) if self.liveness.is_read(apply) else unread(rows)

    def run(self, apply: Apply, run: Run, shapes: list[Shape]) -> tuple[Row, ...]:
        """The rows of one copy."""
        match run.unit:
            case Group(body):
                return self.body(body, shapes)
            case Instance(definition) if self.is_large(run.unit):
                return (same(f"{definition.name} …"),)
            case Instance(definition):
                inputs = instance_inputs(apply, run, shapes)
                return self.body(definition.body, self.table.shapes(definition, inputs))
            case op if not op.is_listed:
                return ()
            case op:
                return (op_row(op, fed(run, shapes[run.input])),)

    def fork(self, step: Fork, shapes: list[Shape]) -> tuple[Row, ...]:
        """A row per branch, and how they meet."""
        branches = [part for branch in step.branches for part in self.branch(branch, shapes)]
        busy = [rows for _, rows in branches if rows]
        if isinstance(step.join, Combine) and step.join.op == "*" and len(busy) == 1:
            return (joined("gate: ", busy[0], "", ARROW),)
        rows = [
            joined(before, found, "", ARROW) if found else same(f"{before}identity")
            for before, found in branches
        ]
        return (same(f"{meeting_text(step.join)}:"), *rows)

    def branch(self, branch: Branch, shapes: list[Shape]) -> list[tuple[str, tuple[Row, ...]]]:
        """The rows of a branch, and what stands before them; equal copies side by side are one."""
        if not branch.replicated:
            return [(f"{branch.label}: ", self.apply(branch.apply, shapes))]
        runs, is_read = branch.apply.runs, self.liveness.is_read(branch.apply)
        rows = [self.run(branch.apply, run, shapes) for run in runs]
        return [
            (
                f"{run.count} × " if run.count > 1 or len(runs) == 1 else "",
                mine if is_read else unread(mine),
            )
            for run, mine in zip(runs, rows, strict=True)
        ]

    def _residual(self, step: Residual, shapes: list[Shape]) -> tuple[Row, ...]:
        main = self.body(step.main, shapes)
        shortcut = self.apply(step.shortcut, shapes) if step.shortcut else ()
        if step.is_main_alone:
            return main
        added = joined(" + ", shortcut, "", ARROW) if shortcut else same(" + x")
        inside = joined("[", main, "]")
        return (Row(inside.text + added.text, inside.plain + added.plain),)


def same(text: str) -> Row:
    return Row(text, text)


_UNREAD = " (unread)"


def unread(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows of what stands there and is not called: each says so once, whatever is inside."""
    return tuple(Row(marked(row.text), marked(row.plain)) for row in rows)


def marked(text: str) -> str:
    bare = text.replace(_UNREAD, "")
    # What announces the rows behind it says nothing itself.
    return bare if bare.endswith(":") else bare + _UNREAD


# Between the steps of a branch, which has one row for all of them.
ARROW = " → "


def listed(rows: Iterable[str], between: str = "; ") -> str:
    """Rows in one line; one that announces the next needs no more than its colon."""
    return between.join(rows).replace(f":{between}", ": ")


def joined(before: str, rows: Sequence[Row], after: str, between: str = "; ") -> Row:
    return Row(
        before + listed((row.text for row in rows), between) + after,
        before + listed((row.plain for row in rows), between) + after,
    )


def several(rows: Sequence[Row], count: int) -> Row:
    """`3×3, 64 ×4`, `[3×3, 64; 3×3, 64] ×4`."""
    bare = len(rows) == 1 and " + " not in rows[0].text
    left, right = ("", "") if bare else ("[", "]")
    return joined(left, rows, f"{right} ×{count}")


def meeting_text(join: Expression) -> str:
    """How branches meet, in a word where there is one."""
    if isinstance(join, Combine) and join.op in JOIN_FUNCTIONS:
        return JOIN_FUNCTIONS[join.op].title
    return expression_text(join)


_RANK = {"+": 1, "-": 1, "*": 2}


def expression_text(expression: Expression, rank: int = 0) -> str:
    """A join for people: `main · gate + x · (1 − gate)`; what enters is `x`."""
    match expression:
        case Use(_, name):
            return "x" if name in ("in", "here") else name
        case Copies(branch, _):
            return branch
        case Scalar(value):
            return f"{float(value):g}"
        case Combine(op, operands) if op in _RANK:
            sign = {"+": " + ", "-": " − ", "*": " · "}[op]
            mine = _RANK[op]
            parts = [
                expression_text(operand, mine + (i > 0 and op == "-"))
                for i, operand in enumerate(operands)
            ]
            text = sign.join(parts)
            return f"({text})" if mine < rank else text
        case Combine(op, operands):
            return f"{op}({', '.join(expression_text(operand) for operand in operands)})"
