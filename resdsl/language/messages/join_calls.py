"""Calls in the text of a `join`, and what is told of those that join nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.diagnostics import codes, join_words, python_joins
from resdsl.diagnostics.diagnostic import Sink
from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.language.values.functions import FUNCTIONS
from resdsl.syntax import tree


def joined_calls(node: tree.Join | tree.Fork) -> Iterator[tree.Call]:
    """The calls whose results a `join` would work on."""
    stack: list[Any] = [node.value if isinstance(node, tree.Join) else node.join]
    while stack:
        match stack.pop():
            case tree.Binary(op, left, right) if op in ("+", "-", "*", "/"):
                stack += [left, right]
            case tree.Unary(operand=operand):
                stack.append(operand)
            case tree.Call(callee=tree.Name(id=name), arguments=arguments) as call:
                if name in JOIN_FUNCTIONS:
                    stack += [argument.value for argument in arguments]
                elif name not in FUNCTIONS:
                    yield call
                    if join_words.meaning(name) is not None:
                        stack += [argument.value for argument in arguments]
            case tree.ListExpr(items=items):
                stack += items


def written(node: tree.Expr, *, is_join: bool = True) -> list[str]:
    """What to write for the expression of a `join` that has other libraries' calls in it.

    `is_join`: of the step; else the same expression stands in a `let`, an argument, an `output`.
    """
    found = python_joins.translated(node.span.text)
    if found is None:
        return [join_words.JOINED]
    return [found.help if is_join else found.differs or f"write `{found.text}`"]


def tell_tensor(
    sink: Sink, node: tree.Call, tensor: tree.Expr, instead: list[str] | None = None
) -> None:
    """`max(a, b)` where no tensor can be; `min(a, b)` in a `join`, for which to write `instead`."""
    name, text = node.callee.id, tensor.span.text
    message, help = f"`{name}` of tensors can only stand in a `join`", list[str]()
    if name not in JOIN_FUNCTIONS:
        message = f"`{name}` takes numbers, not tensors"
        found = python_joins.translated(node.span.text)
        right = found.differs or f"in a `join`, write `{found.text}`" if found else ""
        help = [right or join_words.JOINED] if instead is None else instead
        if isinstance(tensor, tree.Name):
            help[0] += f"; `{text}.channels` is a number"
    place = tensor if isinstance(tensor, tree.Name) else node
    label = "this is a tensor" if place is tensor else "a tensor is in it"
    sink.error(codes.TENSOR, message, place.span, label, help=help)


def tell_step(sink: Sink, node: tree.Call) -> None:
    """A call of an operator or block in a join."""
    name = node.callee.id
    help = "write it as a step, before or behind the `join`"
    values = [argument.value for argument in node.arguments]
    if len(values) == 1 and not isinstance(values[0], tree.Number | tree.SizeLiteral | tree.String):
        operand = node.arguments[0].span.text
        help = f"`join {operand}`, then the step `{name}`; `keep` names its result for another join"
    message = f"`{name}` is a step, and a `join` has none"
    sink.error(codes.TENSOR, message, node.span, "", help=[help])
