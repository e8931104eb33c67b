"""Equal paths side by side become groups of one.

Xie et al. 2016, "Aggregated Residual Transformations for Deep Neural Networks", 1611.05431, Fig. 3:
what (a) adds and (b) concatenates is (c), with grouped convolutions.
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.design.model import Apply, Definition, Fork, Join, Ref, Residual, Run
from resdsl.extents import Shape
from resdsl.fusing.editing import Edit
from resdsl.fusing.formulas import Formula, Gathered, Stacked
from resdsl.fusing.keys import Keys
from resdsl.fusing.links import Link, are_equal
from resdsl.fusing.places import scopes
from resdsl.fusing.plan import Plan
from resdsl.fusing.terms import Combining, Reader, Term
from resdsl.ops import Op
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class _Step:
    """An operator for all paths, by the name of that of each."""

    op: Op
    link: Link
    shape: Shape
    formula: Formula | None


def group(definition: Definition, plan: Plan) -> Edit:
    """Of each sum or concatenation of equal paths, all of them."""
    edit, keys, reader = Edit(), Keys(), Reader(definition, plan)
    shapes = definition.shapes
    for scope in scopes(definition):
        for step in scope.body.steps:
            found = reader.terms(step, scope)
            if found is None or len(found.terms) < 2:
                continue
            start = found.terms[0].input
            row = _grouped(found.terms, found.how, shapes[start])
            if row is None:
                continue
            assert isinstance(step, Residual | Fork | Join)
            made: list[Apply] = []
            current = start
            for number, one in enumerate(row, 1):
                end = step.output if number == len(row) else _new(definition, row[number].shape)
                word = one.op.name
                # A label goes on; a number, or what has no tensors, gets the operator's name.
                is_named = one.formula is not None and not one.link.key.isdigit()
                key = keys.free(scope.owner, one.link.key if is_named else word, found.keys)
                run = Run(one.op, 1, current, end, one.shape)
                label = key if is_named else None
                made.append(Apply(key, word, label, (run,), False, current, end, step.span))
                current = end
                if one.formula is not None:
                    plan.made[id(one.op)] = one.op, one.formula
            edit.put(step, made, found.steps, found.gone, scope.times)
    return edit


def _grouped(terms: Sequence[Term], how: Combining, shape: Shape) -> list[_Step] | None:
    """One row of operators for all paths, or None where they are none."""
    rows = [term.links for term in terms]
    if shape.flat or not are_equal(rows) or len(rows[0]) < (2 if how == "sum" else 1):
        return None
    made: list[_Step] = []
    last = len(rows[0]) - 1
    for place, links in enumerate(zip(*rows, strict=True)):
        link = links[0]
        gathers = how == "sum" and place == last
        op = _one(link, len(rows), is_first=place == 0, gathers=gathers)
        if op is None:
            return None
        formula: Formula | None = None
        kernel = op.kernel(shape)
        if kernel is not None:
            parts = tuple(one.formula for one in links)
            known = tuple(part for part in parts if part is not None)
            formula = (
                Gathered(known, kernel) if gathers else Stacked(known, kernel, of_one=place == 0)
            )
        made.append(_Step(op, link, shape, formula))
        result = op.infer(shape, [])
        if not isinstance(result, Shape):
            return None
        shape = result
    return made


def _one(link: Link, copies: int, *, is_first: bool, gathers: bool) -> Op | None:
    """The operator that so many of them are."""
    kernel = link.kernel
    if not gathers:
        return link.op.side_by_side(copies, link.shape, of_one=is_first)
    is_whole = kernel is not None and kernel.groups == 1 and not kernel.is_transposed
    return link.op.with_arguments(bias=True) if is_whole else None


def _new(definition: Definition, shape: Shape) -> Ref:
    """A value that is made between two steps."""
    definition.shapes.append(shape)
    definition.makers.append(("a value", None))
    return len(definition.shapes) - 1
