"""Joins of a JSON design: the list of terms as an expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from resdsl import limits
from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use, depth
from resdsl.design.model import Branch, Ref
from resdsl.exchange import json_values
from resdsl.exchange.forms import CombineForm, CopiesForm, ScalarForm, UseForm
from resdsl.exchange.refusal import RefusedError, at, refuse_unless
from resdsl.join_functions import JOIN_FUNCTIONS, SOFTMAX

_EXACTLY_TWO = frozenset("+-*")


def read(
    terms: tuple[Any, ...],
    branches: tuple[Branch, ...],
    known: Mapping[str, Any],
    is_visible: Callable[[Ref], bool],
) -> Expression:
    """The expression that `terms` make. Raises RefusedError where they make none."""
    refuse_unless(len(terms) <= 2 * limits.EXPRESSION_TERMS, "a join has too many terms")
    replicated = {branch.label: branch for branch in branches if branch.replicated}
    stack: list[Expression] = []
    for number, term in enumerate(terms):
        with at(f"[{number}]"):
            match term:
                case UseForm():
                    refuse_unless(is_visible(term.use), f"value {term.use} is not known here")
                    refuse_unless(term.name.isprintable(), "a name is not printable")
                    stack.append(Use(term.use, term.name))
                case CopiesForm():
                    stack.append(_copies(term, replicated))
                case ScalarForm():
                    stack.append(Scalar(json_values.read(term.scalar, known)))
                case CombineForm():
                    refuse_unless(term.operands <= len(stack), "there are fewer operands")
                    operands = tuple(stack[-term.operands :])
                    del stack[-term.operands :]
                    stack.append(_combined(term.combine, operands))
    if len(stack) != 1:
        raise RefusedError("the terms of a join come to one value")
    is_many = isinstance(stack[0], Copies) and stack[0].are_many
    if isinstance(stack[0], Scalar) or is_many:
        raise RefusedError("a join makes one tensor")
    deepest = limits.JOIN_DEPTH
    refuse_unless(depth(stack[0]) <= deepest, f"a join nests more than {deepest} operations")
    return stack[0]


def _copies(term: CopiesForm, replicated: Mapping[str, Branch]) -> Copies:
    branch = replicated.get(term.copies)
    if branch is None:
        raise RefusedError(f"no replicated branch is called {term.copies!r}")
    refs = tuple((run.output, run.count) for run in branch.apply.runs)
    found = Copies(branch.label, refs)
    if term.place is not None:
        refuse_unless(term.place < branch.apply.count, "the branch has fewer copies")
        found = found.single[term.place]
    refuse_unless(term.refs == found.refs, "the copies are not those of the branch")
    return found


def _combined(op: Any, operands: tuple[Expression, ...]) -> Combine:
    scalars = sum(isinstance(operand, Scalar) for operand in operands)
    copies = sum(isinstance(operand, Copies) and operand.are_many for operand in operands)
    if op in _EXACTLY_TWO:
        refuse_unless(len(operands) == 2 and not copies, f"`{op}` takes two tensors or numbers")
    elif op == SOFTMAX:
        refuse_unless(not copies and not scalars, f"`{op}` takes tensors")
    else:
        match JOIN_FUNCTIONS[op].takes:
            case "pairs":
                is_right = len(operands) >= 2 and not copies
                refuse_unless(is_right, f"`{op}` takes two tensors or more")
            case "tensors":
                refuse_unless(not scalars, f"`{op}` takes tensors")
            case "copies":
                several = op == "mean" and len(operands) > 1 and not copies and not scalars
                is_right = len(operands) == copies == 1 or several
                refuse_unless(is_right, f"`{op}` takes a replicated branch")
    refuse_unless(scalars < len(operands), f"`{op}` of numbers is a number")
    return Combine(op, operands)
