"""Calls in the text of a `join`, and what is told of those that join nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.diagnostics import codes, join_words
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


def operands(call: tree.Call) -> list[str]:
    """The texts of what another library's call joins: `cat([a, b], dim=1)` is of `a` and `b`."""
    values = [argument.value for argument in call.arguments if argument.name is None]
    if values and isinstance(values[0], tree.Broken):
        return [values[0].span.text.strip("()")]  # `cat((a, b), 1)`
    if values and isinstance(values[0], tree.ListExpr):
        values = list(values[0].items)
    return [value.span.text for value in values]


def tell_tensor(sink: Sink, node: tree.Call, tensor: tree.Expr) -> None:
    """`max(a, b)` where no tensor can be, `min(a, b)` in a `join`."""
    name, text = node.callee.id, tensor.span.text
    message, help = f"`{name}` of tensors can only stand in a `join`", list[str]()
    if name not in JOIN_FUNCTIONS:
        message = f"`{name}` takes numbers, not tensors"
        written = join_words.written(name, [one.value.span.text for one in node.arguments])
        help = [f"in a `join`, write `{written}`" if written else join_words.JOINED]
        if isinstance(tensor, tree.Name):
            help[0] += f"; `{text}.channels` is a number"
    place = tensor if isinstance(tensor, tree.Name) else node
    label = "this is a tensor" if place is tensor else "a tensor is in it"
    sink.error(codes.TENSOR, message, place.span, label, help=help)


def tell_step(sink: Sink, node: tree.Call) -> None:
    """A call of an operator or block in a join."""
    name = node.callee.id
    help = "write it as a step, before or behind the `join`"
    if len(node.arguments) == 1:
        operand = node.arguments[0].span.text
        help = f"`join {operand}`, then the step `{name}`; `keep` names its result for another join"
    message = f"`{name}` is a step, and a `join` has none"
    sink.error(codes.TENSOR, message, node.span, "", help=[help])
