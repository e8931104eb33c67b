"""The rows of a paper's bracketed list: `[1×1, 64; 3×3, 64; 1×1, 256]`.

Norms and activations belong to the row before them and are not written; every other step is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from resdsl.analysis.join_words import gated, join_text, meeting_text, name
from resdsl.analysis.shapes import ShapeTable, fed, instance_inputs
from resdsl.design.again import called_again
from resdsl.design.dataflow import all_steps
from resdsl.design.expansion import Expansion
from resdsl.design.join_expressions import Use
from resdsl.design.liveness import Liveness
from resdsl.design.model import (
    Apply,
    Body,
    Branch,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Kept,
    Ref,
    Residual,
    Run,
    Step,
    Unit,
)
from resdsl.design.walk import definitions
from resdsl.extents import Shape
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

    def __init__(self, root: Definition, table: ShapeTable, liveness: Liveness) -> None:
        self.root = root
        self.table = table
        self.liveness = liveness
        self._size = Expansion(copies=False)

    def is_large(self, unit: Unit) -> bool:
        """Written out it would fill pages: it goes by its name."""
        return isinstance(unit, Instance) and self._size.definition(unit.definition) > LARGE

    @cached_property
    def _again(self) -> frozenset[int]:
        """The identities of modules that are called again."""
        return frozenset(
            found for body in definitions(self.root) for found in called_again(body.body)
        )

    def is_called_again(self, apply: Apply) -> bool:
        """Whether a call is the first of several: the others go by the module's key."""
        return id(apply) in self._again

    @cached_property
    def _kept(self) -> dict[int, str]:
        """By the identity of a residual that a kept tensor goes around, the tensor's name."""
        found: dict[int, str] = {}
        for definition in definitions(self.root):
            inside = list(all_steps(definition.body))
            names = {step.ref: step.name for step in inside if isinstance(step, Keep)}
            for step in inside:
                if isinstance(step, Residual) and step.skip.ref in names:
                    found[id(step)] = names[step.skip.ref]
        return found

    def kept_name(self, step: Residual) -> str:
        """What the author calls the tensor that goes around main."""
        return self._kept.get(id(step), "a kept tensor")

    def body(self, body: Body, shapes: list[Shape], enters: Ref | None = None) -> tuple[Row, ...]:
        """`enters` is what the rows know as `in`: by default, what the body is fed."""
        enters = body.input if enters is None else enters
        rows: list[Row] = []
        # By Ref, how many rows lie before it.
        before = {body.input: 0}
        for step in body.steps:
            gate = self._gate(step, rows, before) if isinstance(step, Join) else None
            if gate is not None:
                rows[gate:] = [joined("gate: ", rows[gate:], "", ARROW)]
            else:
                rows += self.step(step, shapes, enters)
            if not isinstance(step, Keep):
                before[step.output] = len(rows)
        return tuple(rows)

    def _gate(self, step: Join, rows: Sequence[Row], before: dict[Ref, int]) -> int | None:
        """Where the rows begin that make the factor of an earlier value: a branch in all but name.

        `GAP; 1×1, 16; 1×1, 256; join in * here` is squeeze-and-excitation as a fork is.
        """
        refs = [factor.ref for factor in gated(step) or () if isinstance(factor, Use)]
        if not self.liveness.is_read(step) or len(refs) != 2 or step.input not in refs:
            return None
        earlier = refs[0] if refs[1] == step.input else refs[1]
        start = before.get(earlier, len(rows))
        return start if start < len(rows) else None

    def step(self, step: Step, shapes: list[Shape], enters: Ref | None = None) -> tuple[Row, ...]:
        match step:
            case Apply():
                return self.apply(step, shapes, enters)
            case Residual() | Fork() if not self.liveness.counts(step):
                return unread(self._branching(step, shapes, enters))
            case Residual() | Fork():
                return self._branching(step, shapes, enters)
            case Join() if not self.liveness.is_read(step):
                return ()
            case Join():
                return (same(join_text(step)),)
            case _:
                return ()

    def _branching(
        self, step: Residual | Fork, shapes: list[Shape], enters: Ref | None
    ) -> tuple[Row, ...]:
        if isinstance(step, Fork):
            return self.fork(step, shapes, enters)
        return self._residual(step, shapes, enters)

    def apply(
        self, apply: Apply, shapes: list[Shape], enters: Ref | None = None
    ) -> tuple[Row, ...]:
        if self.liveness.is_again(apply):
            again = again_rows(apply)
            return again if self.liveness.is_read(apply) else unread(again)
        rows: list[Row] = []
        for run in apply.runs:
            mine = self.run(apply, run, shapes, enters)
            rows += mine if run.count == 1 or not mine else (several(mine, run.count),)
        if rows and self.is_called_again(apply):
            rows[0] = joined(called(apply.key), rows[:1], "")
        return tuple(rows) if self.liveness.is_read(apply) else unread(rows)

    def run(
        self, apply: Apply, run: Run, shapes: list[Shape], enters: Ref | None = None
    ) -> tuple[Row, ...]:
        """The rows of one copy."""
        match run.unit:
            case Group(body):
                return self.body(body, shapes, enters)
            case Instance(definition) if self.is_large(run.unit):
                return (same(f"{definition.name} …"),)
            case Instance(definition):
                inputs = instance_inputs(apply, run, shapes)
                return self.body(definition.body, self.table.shapes(definition, inputs))
            case op if not op.is_listed:
                return ()
            case op:
                return (op_row(op, fed(run, shapes[run.input])),)

    def fork(self, step: Fork, shapes: list[Shape], enters: Ref | None = None) -> tuple[Row, ...]:
        """A row per branch, and how they meet."""
        branches = [part for branch in step.branches for part in self.branch(branch, shapes)]
        busy = [rows for _, rows in branches if rows]
        factors = gated(step)
        if factors is not None and len(busy) == 1:
            made = {branch.apply.output for branch in step.branches} | {step.input}
            others = [f for f in factors if isinstance(f, Use) and f.ref not in made]
            of = f" of {' and '.join(map(name, others))}" if others else ""
            return (joined(f"gate{of}: ", busy[0], "", ARROW),)
        rows = [
            joined(before, found, "", ARROW) if found else same(_idle(before))
            for before, found in branches
        ]
        return (same(f"{meeting_text(step, enters)}:"), *rows)

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

    def _residual(self, step: Residual, shapes: list[Shape], enters: Ref | None) -> tuple[Row, ...]:
        main = self.body(step.main, shapes, enters)
        if step.is_main_alone:
            return main
        inside = joined("[", main, "]")
        shortcut = self.apply(step.shortcut, shapes) if step.shortcut else ()
        if not step.adds:
            around = self.kept_name(step) if isinstance(step.skip, Kept) else "in"
            added = joined("; ", shortcut or (same(f"← {around}"),), "")
        elif shortcut:
            added = joined(" + ", shortcut, "", ARROW)
        elif isinstance(step.skip, Kept):
            added = same(f" + {self.kept_name(step)}")
        else:
            added = same(" + identity")
        return (Row(inside.text + added.text, inside.plain + added.plain),)


def called(key: str) -> str:
    """What stands before the first call of a module that is called again."""
    return f"{key}: "


def again_text(apply: Apply) -> str:
    """Of a call of a module that stands further above."""
    return f"{apply.key} again"


def again_rows(apply: Apply) -> tuple[Row, ...]:
    """None where the module has none itself: an activation's."""
    is_quiet = all(isinstance(run.unit, Op) and not run.unit.is_listed for run in apply.runs)
    return () if is_quiet else (same(again_text(apply)),)


def _idle(before: str) -> str:
    """A branch that computes nothing, once by its name where that says so."""
    return "identity" if before == "identity: " else f"{before}identity"


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
