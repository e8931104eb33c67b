"""Operators of a JSON design: their arguments, and what they make of a shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resdsl.exchange import json_values
from resdsl.exchange.forms import OpForm
from resdsl.exchange.refusal import RefusedError, refuse_unless, stop_after_an_error
from resdsl.extents import Shape
from resdsl.language.elaborate.steps import is_huge
from resdsl.language.messages.shape_errors import ShapeErrors
from resdsl.language.values import types
from resdsl.ops import REGISTRY, Op
from resdsl.ops.base import REQUIRED, Needs, Problem


def read(form: OpForm, known: Mapping[str, Any]) -> Op:
    """The operator with its arguments, `known` being those of the definition around."""
    cls = REGISTRY.get(form.op)
    if cls is None:
        raise RefusedError(f"there is no operator `{form.op}`")
    given = json_values.read_all(form.arguments, known)
    for parameter in cls.parameters():
        if parameter.name not in given:
            refuse_unless(parameter.default is not REQUIRED, f"`{parameter.name}` is missing")
            continue
        problem = types.op_problem(parameter, given[parameter.name])
        refuse_unless(problem is None, f"`{parameter.name}` of `{form.op}` {problem}")
    unknown = set(given) - {parameter.name for parameter in cls.parameters()}
    refuse_unless(not unknown, f"`{form.op}` has no parameter {', '.join(sorted(unknown))}")
    # A file of an earlier version may have an int where a float is meant.
    declared = {p.name: p for p in cls.parameters()}
    return cls(**{name: types.op_declared(declared[name], item) for name, item in given.items()})


def resolved(op: Op, shape: Shape, rules: ShapeErrors) -> Shape:
    """A flat tensor whose length depends on the input has its length at the declared input."""
    refuse_unless(shape.rank in op.ranks, f"`{op.name}` does not work on this kind of tensor")
    if not shape.flat or not op.needs_channels or shape.features is not None:
        return shape
    count = rules.feature_count(shape)
    flat = None if count is None else Shape(count, (), flat=True)
    if flat is None or not (op.tensors(flat) or op.buffers(flat)):
        raise RefusedError(f"`{op.name}` needs a number of features that the input decides")
    return flat


def result(op: Op, shape: Shape, others: Sequence[Shape], rules: ShapeErrors) -> Shape:
    """What an operator gives."""
    needs: Needs = []
    found = op.infer_beside(shape, others, needs)
    if isinstance(found, Problem):
        raise RefusedError(found.message, found.code, found.help)
    if not rules.check_needs(op, shape, needs, None):
        stop_after_an_error(rules.sink)
    refuse_unless(not is_huge(op, shape, found, rules.input), "a tensor is huge")
    return found
