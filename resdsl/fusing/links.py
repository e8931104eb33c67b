"""What a module does as a straight row of operators, if it does nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from resdsl.design.model import Apply, Body, Group, Instance, Keep, Run
from resdsl.extents import Shape
from resdsl.fusing.formulas import Formula, Layer, Scaled, Unchanged, below
from resdsl.fusing.origins import moved
from resdsl.fusing.plan import Plan
from resdsl.ops import Op
from resdsl.ops.base import Kernel
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """An operator of a row: `key` is the last part of its own, `path` all of what it was before.

    `made`: it was fused already, and its numbers are those of a formula.
    """

    op: Op
    shape: Shape
    key: str
    path: str
    made: Formula | None

    @property
    def kernel(self) -> Kernel | None:
        return self.op.kernel(self.shape)

    @property
    def formula(self) -> Formula | None:
        """As a linear layer: a convolution, or a norm of what comes in."""
        if self.made is not None:
            return self.made
        kernel, scaling = self.kernel, self.op.scaling
        if kernel is not None:
            return Layer(self.path, kernel, has_bias=bool(getattr(self.op, "bias", False)))
        if scaling is None:
            return None
        return Scaled(
            Unchanged(Kernel.identity(int(self.shape.channels), self.shape.rank)),
            self.path,
            scaling,
        )


def links(apply: Apply, run: Run, place: int | None, prefix: str, plan: Plan) -> list[Link] | None:
    """Those of one copy of a module, or of the only one; None if it is no such row.

    `prefix` leads to the body that the module is called in; operators that hand on what they are
    fed are left out.
    """
    if apply.held or run.tensors:
        return None
    path = f"{prefix}{apply.key}" + ("" if place is None else f".{place}")
    # The formulas of a copy begin in it.
    return _of(run, apply.key, path, "" if place is None else f"{path}.", plan)


def _of(run: Run, key: str, path: str, start: str, plan: Plan) -> list[Link] | None:
    """`start`: where the paths of formulas begin."""
    match run.unit:
        case Op() as op:
            if op.is_identity:
                return []
            made = plan.formula(op)
            return [Link(op, run.shape, key, path, None if made is None else below(made, start))]
        case Instance(definition, arguments):
            if len(definition.inputs) > 1 or definition.others:
                return None
            found = _row(definition.body, f"{path}.", f"{path}.", plan)
            if found is None:
                return None
            return [replace(one, op=moved(one.op, arguments)) for one in found]
        case Group(body):
            return _row(body, f"{path}.", start, plan)


def _row(body: Body, prefix: str, start: str, plan: Plan) -> list[Link] | None:
    """The links of a body each of whose steps is fed what the one before makes."""
    found: list[Link] = []
    current = body.input
    for step in body.steps:
        if isinstance(step, Keep):
            continue
        if not isinstance(step, Apply) or step.repeated or step.is_again or not step.runs:
            return None
        (run,) = step.runs
        if step.input != current or step.held or run.tensors:
            return None
        inner = _of(run, step.key, prefix + plan.before(body, step.key), start, plan)
        if inner is None:
            return None
        found += inner
        current = step.output
    return found if body.output == current else None


def are_equal(rows: Sequence[Sequence[Link]]) -> bool:
    """Whether rows do the same with other numbers."""
    first = rows[0]
    return all(
        len(row) == len(first)
        and all(
            one.op == two.op and one.shape.channels == two.shape.channels
            for one, two in zip(row, first, strict=True)
        )
        for row in rows[1:]
    )
