"""Arithmetic in expressions: arithmetic, comparison, logic."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from resdsl import limits
from resdsl.diagnostics import codes, join_words
from resdsl.extents import Size
from resdsl.language.evaluate.evaluation import Evaluation
from resdsl.language.values.context import Context
from resdsl.language.values.values import (
    UNKNOWN,
    Callee,
    OutShape,
    TensorValue,
    Unknown,
    article,
    equal,
    show,
    type_name,
)
from resdsl.provenance import ARITHMETIC, combine, origin, plain, power
from resdsl.syntax import tree

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Arithmetic:
    """Evaluates the operators of expressions."""

    def __init__(self, expressions: Evaluation) -> None:
        self.expressions = expressions

    def chain(self, node: tree.Binary, context: Context) -> Any:
        """A chain nests to the left: walk it in a loop, it may have thousands of terms."""
        pending: list[tree.Binary] = []
        left: tree.Expr = node
        while isinstance(left, tree.Binary):
            pending.append(left)
            left = left.left
        value = self.expressions.value(left, context)
        while pending:
            value = self._binary(pending.pop(), value, context)
        return value

    def _binary(self, node: tree.Binary, left: Any, context: Context) -> Any:
        if node.op in ("and", "or"):
            return self._logic(node, left, context)
        right = self.expressions.value(node.right, context)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return UNKNOWN
        if node.op in ("==", "!="):
            return self._equal(node, left, right, context)
        if node.op in _ORDER:
            return self._compare(node, left, right, context)
        return self._arithmetic(node, left, right, context)

    def _logic(self, node: tree.Binary, left: Any, context: Context) -> Any:
        if isinstance(left, Unknown):
            return UNKNOWN
        if not isinstance(left, bool):
            return self._not_bool(node.left, left, node.op)
        if left == (node.op == "or"):
            return left
        right = self.expressions.value(node.right, context)
        if isinstance(right, bool | Unknown):
            return right
        return self._not_bool(node.right, right, node.op)

    def _not_bool(self, node: tree.Expr, value: Any, op: str) -> Any:
        self._error(
            codes.TYPE,
            f"`{op}` joins true and false values, not {article(type_name(value))}",
            node,
            f"this is {show(value)}",
            *([join_words.JOINED] if isinstance(value, TensorValue) else []),
        )
        return UNKNOWN

    def _equal(self, node: tree.Binary, left: Any, right: Any, context: Context) -> Any:
        if self._are_tensors(node, left, right):
            return UNKNOWN
        numbers = _is_number(left) and _is_number(right)
        if numbers:
            context.frame.compare_numbers(left, right)
        else:
            context.frame.pin_all(left)
            context.frame.pin_all(right)
        size_and_int = {type_name(left), type_name(right)} == {"size", "int"}
        # A parameter of the type block takes an operator too.
        units = isinstance(left, Callee) and isinstance(right, Callee)
        alike = numbers or size_and_int or units or type_name(left) == type_name(right)
        if not alike:
            self._error(
                codes.TYPE,
                f"{article(type_name(left))} cannot be compared with {article(type_name(right))}",
                node,
                f"{show(left)} and {show(right)}",
                *_as_size(left, right),
            )
            return UNKNOWN
        if size_and_int:
            left, right = _same_size(left, right)
        same = equal(left, right)
        return same if node.op == "==" else not same

    def _compare(self, node: tree.Binary, left: Any, right: Any, context: Context) -> Any:
        if not (_is_number(left) and _is_number(right)):
            return self._no_arithmetic(node, left, right)
        if node.op == ">" and plain(right) == 0:
            # `if rate > 0 { drop_path(rate) }` leaves out what would do nothing.
            context.frame.compare_numbers(left, right, is_order=True)
        else:
            context.frame.pin(left)
            context.frame.pin(right)
        return _ORDER[node.op](plain(left), plain(right))

    def _arithmetic(self, node: tree.Binary, left: Any, right: Any, context: Context) -> Any:
        if not (_is_number(left) and _is_number(right)):
            if isinstance(left, tuple) and isinstance(right, tuple) and node.op == "+":
                return self.expressions.checked_list((*left, *right), node)
            return self._no_arithmetic(node, left, right)
        if node.op == "**":
            return self._power(node, left, right, context)
        if node.op in ("/", "//", "%") and right == 0:
            self._error(
                codes.ARITHMETIC, "a division by zero has no value", node.right, "this is 0"
            )
            return UNKNOWN
        try:
            result = ARITHMETIC[node.op](left, right)
        except OverflowError:
            return self._too_large(node)
        return self._number(result, node, context, left, right)

    def _power(self, node: tree.Binary, left: Any, right: Any, context: Context) -> Any:
        try:
            result = power(plain(left), plain(right))
        except OverflowError:
            return self._too_large(node)
        except ZeroDivisionError:
            self._error(codes.ARITHMETIC, "zero has no negative power", node, "no value")
            return UNKNOWN
        except ArithmeticError:
            self._error(codes.ARITHMETIC, "a root of a negative number has no value", node)
            return UNKNOWN
        return self._number(combine("**", left, right, result), node, context, left, right)

    def _number(self, result: Any, node: tree.Expr, context: Context, *operands: Any) -> Any:
        if isinstance(result, int) and abs(result) > limits.LARGEST:
            return self._too_large(node)
        if isinstance(result, float) and (result != result or abs(result) == float("inf")):
            return self._too_large(node)
        if origin(result) is None:
            for operand in operands:
                context.frame.pin(operand)
        return result

    def _too_large(self, node: tree.Expr) -> Any:
        self._error(codes.NUMBER, "the result is beyond 64 bits", node, "too large")
        return UNKNOWN

    def _no_arithmetic(self, node: tree.Binary, left: Any, right: Any) -> Any:
        if self._are_tensors(node, left, right):
            return UNKNOWN
        culprit, value = (node.right, right) if _is_number(left) else (node.left, left)
        self._error(
            codes.TYPE,
            f"`{node.op}` works on numbers, not on {article(type_name(value))}",
            culprit,
            f"this is {show(value)}",
            *self._unequal(node, value),
        )
        return UNKNOWN

    def _unequal(self, node: tree.Binary, value: Any) -> list[str]:
        """`if stride > 1` of a stride of 1x2x2."""
        if node.op != ">" or not isinstance(value, Size) or not isinstance(node.right, tree.Number):
            return []
        return [f"write `{node.left.span.text} != {node.right.span.text}`"]

    def _are_tensors(self, node: tree.Binary, left: Any, right: Any) -> bool:
        for side, value in ((node.left, left), (node.right, right)):
            if isinstance(value, TensorValue | OutShape):
                self._error(
                    codes.TENSOR,
                    f"`{_shown(side, value)}` is a {type_name(value)}, not a number",
                    side,
                    "a tensor has no value here",
                    "`.channels` and `.rank` are numbers",
                )
                return True
        return False

    def unary(self, node: tree.Unary, context: Context) -> Any:
        value = self.expressions.value(node.operand, context)
        if isinstance(value, Unknown):
            return UNKNOWN
        if node.op == "not":
            if isinstance(value, bool):
                return not value
            return self._not_bool(node.operand, value, "not")
        if not _is_number(value):
            self._error(
                codes.TYPE,
                f"`-` works on numbers, not on {article(type_name(value))}",
                node.operand,
                f"this is {show(value)}",
            )
            return UNKNOWN
        # Not `-value`, which has no origin and makes -0.0 of 0.0.
        return 0 - value

    def _error(
        self, code: codes.Code, message: str, node: tree.Expr, label: str = "", *help: str
    ) -> None:
        self.expressions.sink.error(code, message, node.span, label, help=help)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same_size(left: Any, right: Any) -> tuple[Size, Size]:
    """An int beside a size means that int in every dimension."""
    if isinstance(left, Size):
        return left, Size((right,) * len(left))
    return Size((left,) * len(right)), right


def _shown(node: tree.Expr, value: Any) -> str:
    return value.name if isinstance(value, TensorValue) else node.span.text


def _as_size(left: Any, right: Any) -> list[str]:
    """A list that is compared with a size, as one."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Size) and type(other) is tuple and all(type(n) is int for n in other):
            return [f"a size is written `{'x'.join(map(str, other))}`"] if other else []
    return []
