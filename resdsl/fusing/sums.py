"""Convolutions of one tensor whose results are added become one.

Ding et al. 2021, "RepVGG", 2101.03697, section 3.3: each window is one of the largest with zeros
around it, and the identity a convolution by ones.
"""

from __future__ import annotations

from resdsl.design.model import Apply, Definition, Fork, Join, Residual, Run
from resdsl.fusing.editing import Edit
from resdsl.fusing.formulas import Added, Formula, Unchanged
from resdsl.fusing.keys import Keys
from resdsl.fusing.links import Link
from resdsl.fusing.places import scopes
from resdsl.fusing.plan import Plan
from resdsl.fusing.terms import Reader, Term
from resdsl.ops.base import Kernel

# What the layer is called that branches become.
_NAME = "conv"


def add(definition: Definition, plan: Plan) -> Edit:
    """Of each sum whose terms are such layers, all of them."""
    edit, keys, reader = Edit(), Keys(), Reader(definition, plan)
    for scope in scopes(definition):
        for step in scope.body.steps:
            found = reader.terms(step, scope)
            if found is None or found.how != "sum" or len(found.terms) < 2:
                continue
            shape = definition.shapes[found.terms[0].input]
            parts = [_layer(term, shape.channels, shape.rank) for term in found.terms]
            formulas = [part for part in parts if part is not None]
            host = _host([link for term in found.terms for link in term.links], formulas)
            if shape.flat or host is None or len(formulas) < len(parts):
                continue
            assert isinstance(step, Residual | Fork | Join)
            kernel = host.kernel
            assert kernel is not None
            op = host.op.with_arguments(bias=True)
            plan.made[id(op)] = op, Added(tuple(formulas), kernel)
            key = keys.free(scope.owner, _NAME, found.keys)
            start, end = found.terms[0].input, step.output
            run = Run(op, 1, start, end, shape)
            made = Apply(key, op.name, key, (run,), False, start, end, step.span)
            edit.put(step, [made], found.steps, found.gone, scope.times)
    return edit


def _layer(term: Term, channels: int, rank: int) -> Formula | None:
    """A term as a linear layer: one, a norm by itself, or what comes in."""
    if not term.links:
        return Unchanged(Kernel.identity(int(channels), rank))
    return term.links[0].formula if len(term.links) == 1 else None


def _host(links: list[Link], parts: list[Formula]) -> Link | None:
    """A layer that all can be parts of: no other has a larger window, or is denser."""
    for link in links:
        kernel = link.kernel
        if kernel is not None and all(kernel.places(part.kernel) is not None for part in parts):
            return link
    return None
