"""Expressions over tensors as the design's: what stands in a `join`, part by part."""

from __future__ import annotations

from typing import Any

from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use
from resdsl.diagnostics import codes
from resdsl.extents import Size
from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.language.elaborate.join_lists import JoinLists, Part
from resdsl.language.elaborate.tensors_told import COMPUTED, speaks
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.evaluate.session import Session
from resdsl.language.messages.join_calls import tell_step, tell_tensor, written
from resdsl.language.names import elsewhere
from resdsl.language.values.context import Context
from resdsl.language.values.functions import FUNCTIONS
from resdsl.language.values.values import (
    Callee,
    TensorValue,
    Unknown,
    article,
    is_list,
    show,
    type_name,
)
from resdsl.syntax import tree

# Of one tensor: what was meant, perhaps.
_ONE = {
    "sum": "`{}` is one tensor, which is not summed along an axis",
    "mean": "`{}` is one tensor; the mean of a map is the step `global_avgpool`",
    "max": "`{}` is one tensor; the maximum of a map is the step `global_maxpool`",
}


class JoinParts:
    """Turns expressions over tensors into the design's."""

    def __init__(self, session: Session, expressions: Expressions) -> None:
        self.session = session
        self.sink = session.sink
        self.expressions = expressions
        self.lists = JoinLists(session)
        # The expression that is looked at.
        self.whole: tree.Expr | None = None
        # It is that of a `join`, and of no `let`, argument or `output`.
        self.is_join = True

    def of(self, node: tree.Expr, context: Context, *, is_join: bool = True) -> Part | None:
        """A whole expression; None after an error."""
        self.whole, self.is_join = node, is_join
        return self._part(node, context)

    def _part(self, node: tree.Expr, context: Context) -> Part | None:
        self.session.count_value(node.span)
        match node:
            case tree.Binary(op=("+" | "-" | "*")):
                return self._chain(node, context)
            case tree.Unary(op="-"):
                operand = self._part(node.operand, context)
                if operand is None or isinstance(operand, Scalar):
                    return None if operand is None else Scalar(-operand.value)
                return self.lists.combined("-", Scalar(0), operand, node)
            case tree.Binary(op=("/" | "//" | "%" | "**")):
                return self._quotient(node, context)
            case tree.ListExpr():
                return self._list(node, context)
            case tree.Index(value=base) if isinstance(base, COMPUTED) and speaks(
                base, self.expressions, context
            ):
                return self._element(node, context)
            case tree.Call(callee=tree.Name(id=name)) if name in JOIN_FUNCTIONS:
                return self._function(node, context)
            case tree.Call(callee=tree.Name(id="softmax"), arguments=[tree.Argument(value=of)]) if (
                self._is_several(of, context)
            ):
                return self.lists.shares(self._part(of, context), node)
            case tree.Call(callee=tree.Name(id=name)) if name in FUNCTIONS and (
                tensor := self._tensor_in(node, context)
            ):
                tell_tensor(self.sink, node, tensor, self._written())
                return None
            case tree.Call(callee=tree.Name(id="where")) if len(node.arguments) == 3:
                condition = self.expressions.condition(node.arguments[0].value, context)
                if condition is None:
                    return None
                return self._part(node.arguments[1 if condition else 2].value, context)
            case _:
                return self._value(node, context)

    def _list(self, node: tree.ListExpr, context: Context) -> list[Expression] | None:
        found: list[Expression] = []
        for item in node.items:
            part = self._part(item, context)
            if part is None:
                return None
            if isinstance(part, list | Scalar):
                message = "a list holds tensors or values, not both"
                if isinstance(part, list):
                    message = "a list cannot hold lists of tensors: `+` puts one behind the other"
                self._error(codes.TENSOR, message, item)
                return None
            found.append(part)
        return found

    def _element(self, node: tree.Index, context: Context) -> Expression | None:
        """`softmax(maps)[0]`"""
        part = self._part(node.value, context)
        if part is None:
            return None
        if not isinstance(part, list):
            message = "only lists and sizes have elements, not a tensor"
            self._error(codes.TYPE, message, node.value, "this is no list")
            return None
        found = self.expressions.postfix.element(node, tuple(part), context)
        return None if isinstance(found, Unknown) else found

    def _chain(self, node: tree.Binary, context: Context) -> Part | None:
        pending: list[tree.Binary] = []
        left: tree.Expr = node
        while isinstance(left, tree.Binary) and left.op in ("+", "-", "*"):
            pending.append(left)
            left = left.left
        result = self._part(left, context)
        while pending:
            step = pending.pop()
            right = self._part(step.right, context)
            if result is None or right is None:
                result = None
                continue
            if isinstance(result, Scalar) and isinstance(right, Scalar):
                value = self.expressions.value(step, context)
                result = None if isinstance(value, Unknown) else Scalar(value)
                continue
            result = self.lists.combined(step.op, result, right, step)
        return result

    def _quotient(self, node: tree.Binary, context: Context) -> Part | None:
        """Tensors are added, subtracted and multiplied; a division is one of numbers."""
        left, right = self._part(node.left, context), self._part(node.right, context)
        if left is None or right is None:
            return None
        if isinstance(left, Scalar) and isinstance(right, Scalar):
            return self._value(node, context)
        help = ["tensors are joined with `+`, `-` and `*`"]
        if node.op == "/" and isinstance(right, Scalar) and right.value:
            help = self._written() or [f"multiply with `(1 / {node.right.span.text})`"]
        self._error(
            codes.TENSOR,
            f"`{node.op}` does not join tensors",
            node,
            "this has a tensor in it",
            *help,
        )
        return None

    def _written(self) -> list[str]:
        """What to write for the whole, where it is written as in Python."""
        return written(self.whole, is_join=self.is_join) if self.whole is not None else []

    def _function(self, node: tree.Call, context: Context) -> Part | None:
        name: Any = node.callee.id
        function = JOIN_FUNCTIONS[name]
        operands: list[Expression] = []
        has_list = False
        for argument in node.arguments:
            if argument.name is not None:
                help = "it works on the channels: leave this out" if function.along_channels else ""
                self._error(
                    codes.ARGUMENT,
                    f"`{name}` takes tensors only",
                    argument.name,
                    "",
                    *filter(None, [help]),
                )
                return None
            operand = self._part(argument.value, context)
            if operand is None:
                return None
            operands += operand if isinstance(operand, list) else [operand]
            has_list |= isinstance(operand, list)
        if has_list and not operands:
            message = f"`{name}` of an empty list has no value"
            self._error(codes.TENSOR, message, node, "no tensor")
            return None
        numbers = [operand for operand in operands if isinstance(operand, Scalar)]
        copies = [one for one in operands if isinstance(one, Copies) and one.are_many]
        if len(numbers) == len(operands) and function.takes != "tensors":
            return self._value(node, context)
        if has_list and (len(operands) == 1 or function.takes == "copies") and not numbers:
            return self.lists.of_function(name, operands, node)
        if function.takes == "copies" and not len(copies) == len(operands) == 1:
            is_one = len(operands) == 1
            helps = _of_one(node) if is_one else self._written()
            message = f"`{name}` takes a list of tensors or a replicated branch"
            self._error(codes.TENSOR, message, node, "", *helps)
            return None
        if function.takes == "tensors" and numbers:
            self._error(codes.TENSOR, f"`{name}` takes tensors, not numbers", node)
            return None
        if function.takes == "pairs" and copies:
            self.lists.many(node, copies[0].branch)
            return None
        if not operands or (function.takes == "pairs" and sum(map(_number, operands)) < 2):
            helps = _of_one(node)
            self._error(codes.ARGUMENT, f"`{name}` takes two tensors or more", node, "", *helps)
            return None
        return Combine(name, tuple(operands))

    def _is_several(self, node: tree.Expr, context: Context) -> bool:
        """Whether it is a list or a replicated branch, of which shares can be taken."""
        match node:
            case tree.Name():
                found = self.expressions.find(node, context)
                is_branch = isinstance(found, TensorValue) and found.copies is not None
                return is_branch or is_list(found)
            case _:
                return isinstance(node, tree.ListExpr | tree.Binary)

    def _value(self, node: tree.Expr, context: Context) -> Part | None:
        if isinstance(node, tree.Call) and self._is_step(node, context):
            return None
        value = self.expressions.value(node, context)
        match value:
            case TensorValue(ref, name, None):
                context.note_read(value)
                return Use(ref, name)
            case TensorValue(_, name, copies) if copies is not None:
                return Copies(name, copies)
            case Unknown():
                return None
            case bool() | str():
                pass
            case int() | float():
                return Scalar(value)
            case tuple() if not value or all(isinstance(item, TensorValue) for item in value):
                if not isinstance(value, Size):
                    return [Use(item.ref, item.name) for item in value]
        if isinstance(node, tree.Name) and node.id in context.module.lost:
            return None  # a branch of this name may be in what is broken
        help = elsewhere.hanging(node.span)
        if isinstance(value, Callee) and not help:
            help = ["`keep a` behind a step names its result, `join a` reads it"]
        works = "a `join` works on tensors and numbers, not on"
        if self.lists.is_output and node is self.whole:
            works = "an output is a tensor, not"
        self._error(
            codes.TENSOR,
            f"{works} {article(type_name(value))}",
            node,
            f"this is {show(value)}",
            *help,
        )
        return None

    def _is_step(self, node: tree.Call, context: Context) -> bool:
        """`relu(a + b)`: what steps do is none of a join's. Tells it."""
        callee = self.expressions.find(node.callee, context)
        if not isinstance(callee, Callee) or elsewhere.hanging(node.span):
            return False
        tell_step(self.sink, node)
        return True

    def _tensor_in(self, node: tree.Call, context: Context) -> tree.Expr | None:
        """The argument of a function on numbers that has a tensor in it, if one has."""
        find = self.expressions.find
        if node.callee.id == "where" or find(node.callee, context) is not None:
            return None
        for argument in node.arguments:
            stack = [argument.value]
            while stack:
                match stack.pop():
                    case tree.Binary(_, left, right):
                        stack += [left, right]
                    case tree.Unary(operand=operand):
                        stack.append(operand)
                    case tree.Name() as name if isinstance(find(name, context), TensorValue):
                        return argument.value
        return None

    def _error(self, code: Any, message: str, node: tree.Expr, label: str = "", *help: str) -> None:
        self.sink.error(code, message, node.span, label, help=help)


def _of_one(node: tree.Call) -> list[str]:
    """Of a function that is called with one tensor."""
    texts = [argument.span.text for argument in node.arguments]
    return [_ONE[node.callee.id].format(*texts)] if texts and node.callee.id in _ONE else []


def _number(operand: Expression) -> int:
    """How many tensors an operand stands for."""
    return sum(count for _, count in operand.refs) if isinstance(operand, Copies) else 1
