"""Expressions to values.

An expression that has no value is reported once and is UNKNOWN; so is everything made from it.
Numbers keep the expression that they come from (resdsl.provenance).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from resdsl import limits
from resdsl.diagnostics import codes
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.extents import Size
from resdsl.language.context import Context, Deferred
from resdsl.language.functions import FUNCTIONS, BadCallError
from resdsl.language.values import (
    UNKNOWN,
    Callee,
    OutShape,
    TensorValue,
    Unknown,
    article,
    key,
    show,
    type_name,
)
from resdsl.ops import REGISTRY, SLOTS
from resdsl.provenance import combine, origin, plain
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.language.elaborate import Elaborator

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# Names that the language gives a meaning in certain places only.
_PLACES = {
    "out": "`out`, the shape of main's result, can only be read in a shortcut",
    "main": "`main` can only be read in a shortcut",
    "index": "`index` can only be read in what is repeated with `x n`",
    "count": "`count` can only be read in what is repeated with `x n`",
    "progress": "`progress` can only be read in the calls and repetitions of a network",
    "here": "`here` has no tensor at this place",
    "in": "`in` has no tensor at this place",
}


class Expressions:
    """Evaluates expressions in a context."""

    def __init__(self, elaborator: Elaborator) -> None:
        self.elaborator = elaborator
        self.sink = elaborator.sink

    def value(self, node: tree.Expr, context: Context) -> Any:
        """The value of an expression, UNKNOWN after an error."""
        match node:
            case tree.Number(value) | tree.String(value) | tree.Bool(value):
                return value
            case tree.SizeLiteral(dims):
                return Size(dims)
            case tree.Name():
                return self.name(node, context)
            case tree.Binary():
                return self._chain(node, context)
            case tree.Unary():
                return self._unary(node, context)
            case tree.Field() | tree.Index():
                return self._postfix(node, context)
            case tree.ListExpr(items):
                return self._list(items, node, context)
            case tree.Call():
                return self._call(node, context)

    def condition(self, node: tree.Expr, context: Context) -> bool | None:
        """The value of a condition; None if it is unknown."""
        value = self.value(node, context)
        if isinstance(value, Unknown):
            return None
        if not isinstance(value, bool):
            self._error(
                codes.TYPE,
                f"a condition must be true or false, not {article(type_name(value))}",
                node,
                f"this is {show(value)}",
            )
            return None
        return value

    # --- names ---

    def name(self, node: tree.Name, context: Context) -> Any:
        found = self.find(node, context)
        return self._unknown_name(node, context) if found is None else found

    def find(self, node: tree.Name, context: Context) -> Any:
        """What a name stands for, innermost first; None if nothing."""
        name = node.id
        if name == "here" and context.current is not None:
            return TensorValue(context.current, "here")
        if context.scope.has(name):
            found = context.scope.find(name)
            return found.compute(node) if isinstance(found, Deferred) else found
        if context.facts is not None and context.facts.knows(name):
            return context.facts.value(name)
        resolved = self.elaborator.files.resolve(context.module, name)
        if resolved is not None:
            home, found = resolved
            if isinstance(found, tree.Let):
                return self.elaborator.constant(home, found)
            return Callee(found)
        if name in REGISTRY or name in SLOTS:
            return Callee(name)
        return None

    def _unknown_name(self, node: tree.Name, context: Context) -> Any:
        if node.id in _PLACES:
            self._error(codes.STRUCTURE, _PLACES[node.id], node, "not here")
            return UNKNOWN
        candidates = [
            *context.scope.all_names(),
            *self.elaborator.files.visible(context.module),
            *REGISTRY,
            *SLOTS,
            *FUNCTIONS,
        ]
        help = did_you_mean(node.id, candidates)
        self._error(
            codes.UNKNOWN_NAME,
            f"nothing here is called `{node.id}`",
            node,
            "unknown name",
            *([help] if help else []),
        )
        return UNKNOWN

    # --- operators ---

    def _chain(self, node: tree.Binary, context: Context) -> Any:
        """A chain nests to the left: walk it in a loop, it may have thousands of terms."""
        pending: list[tree.Binary] = []
        left: tree.Expr = node
        while isinstance(left, tree.Binary):
            pending.append(left)
            left = left.left
        value = self.value(left, context)
        while pending:
            value = self._binary(pending.pop(), value, context)
        return value

    def _binary(self, node: tree.Binary, left: Any, context: Context) -> Any:
        if node.op in ("and", "or"):
            return self._logic(node, left, context)
        right = self.value(node.right, context)
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
        right = self.value(node.right, context)
        if isinstance(right, bool | Unknown):
            return right
        return self._not_bool(node.right, right, node.op)

    def _not_bool(self, node: tree.Expr, value: Any, op: str) -> Any:
        self._error(
            codes.TYPE,
            f"`{op}` joins true and false values, not {article(type_name(value))}",
            node,
            f"this is {show(value)}",
        )
        return UNKNOWN

    def _equal(self, node: tree.Binary, left: Any, right: Any, context: Context) -> Any:
        if self._are_tensors(node, left, right):
            return UNKNOWN
        context.frame.pin(left)
        context.frame.pin(right)
        numbers = _is_number(left) and _is_number(right)
        size_and_int = {type_name(left), type_name(right)} == {"size", "int"}
        if not numbers and not size_and_int and type_name(left) != type_name(right):
            self._error(
                codes.TYPE,
                f"{article(type_name(left))} cannot be compared with {article(type_name(right))}",
                node,
                f"{show(left)} and {show(right)}",
            )
            return UNKNOWN
        if size_and_int:
            left, right = _same_size(left, right)
        same = left == right if numbers else key(left) == key(right)
        return same if node.op == "==" else not same

    def _compare(self, node: tree.Binary, left: Any, right: Any, context: Context) -> Any:
        if not (_is_number(left) and _is_number(right)):
            return self._no_arithmetic(node, left, right)
        context.frame.pin(left)
        context.frame.pin(right)
        return _ORDER[node.op](plain(left), plain(right))

    def _arithmetic(self, node: tree.Binary, left: Any, right: Any, context: Context) -> Any:
        if not (_is_number(left) and _is_number(right)):
            if isinstance(left, tuple) and isinstance(right, tuple) and node.op == "+":
                return self._checked_list((*left, *right), node)
            return self._no_arithmetic(node, left, right)
        if node.op == "**":
            return self._power(node, left, right, context)
        if node.op in ("/", "//", "%") and right == 0:
            self._error(
                codes.ARITHMETIC, "a division by zero has no value", node.right, "this is 0"
            )
            return UNKNOWN
        try:
            result = _ARITHMETIC[node.op](left, right)
        except OverflowError:
            return self._too_large(node)
        return self._number(result, node, context, left, right)

    def _power(self, node: tree.Binary, left: Any, right: Any, context: Context) -> Any:
        base, exponent = plain(left), plain(right)
        if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
            if abs(base) > 1 and exponent * (abs(base).bit_length() - 1) > 64:
                return self._too_large(node)
        elif base == 0 and exponent < 0:
            self._error(codes.ARITHMETIC, "zero has no negative power", node, "no value")
            return UNKNOWN
        try:
            result = base**exponent
        except OverflowError:
            return self._too_large(node)
        if isinstance(result, complex):
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
        )
        return UNKNOWN

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

    def _unary(self, node: tree.Unary, context: Context) -> Any:
        value = self.value(node.operand, context)
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
        return -value if origin(value) is None else 0 - value

    # --- fields, indexes, lists ---

    def _postfix(self, node: tree.Field | tree.Index, context: Context) -> Any:
        pending: list[tree.Field | tree.Index] = []
        base: tree.Expr = node
        while isinstance(base, tree.Field | tree.Index):
            pending.append(base)
            base = base.value
        value = self._composed(pending, base, context)
        if value is None:
            value = self.value(base, context)
        while pending:
            step = pending.pop()
            if isinstance(value, Unknown):
                return UNKNOWN
            if isinstance(step, tree.Field):
                value = self._field(step, value, context)
            else:
                value = self._index(step, value, context)
        return value

    def _composed(
        self, pending: list[tree.Field | tree.Index], base: tree.Expr, context: Context
    ) -> Any:
        """`s[e]` where no value is called `s`: the kept tensor or branch `s2`."""
        first = pending[-1]
        if not isinstance(first, tree.Index) or not isinstance(base, tree.Name):
            return None
        if self.find(base, context) is not None:
            return None
        index = self.value(first.index, context)
        pending.pop()
        if not isinstance(index, int) or isinstance(index, bool):
            if not isinstance(index, Unknown):
                self._error(codes.TYPE, f"an index is an int, not {show(index)}", first.index)
            return UNKNOWN
        return self.name(tree.Name(f"{base.id}{int(index)}", first.span), context)

    def _field(self, node: tree.Field, value: Any, context: Context) -> Any:
        field = node.name.id
        if field in ("channels", "rank") and isinstance(value, OutShape):
            return value.channels if field == "channels" else value.rank
        if field in ("channels", "rank") and isinstance(value, TensorValue):
            return self._tensor_field(node, value, context)
        help = did_you_mean(field, ["channels", "rank"]) if _has_fields(value) else None
        self._error(
            codes.TYPE,
            f"{article(type_name(value))} has no field `{field}`",
            node.name,
            "tensors have `.channels` and `.rank`" if _has_fields(value) else "no such field",
            *([help] if help else []),
        )
        return UNKNOWN

    def _tensor_field(self, node: tree.Field, value: TensorValue, context: Context) -> Any:
        shape = context.frame.shapes[value.ref]
        if shape is None:
            return UNKNOWN
        if node.name.id == "rank":
            return shape.rank
        if not shape.flat:
            return shape.channels
        if shape.features is None:
            self._error(
                codes.UNSIZED,
                "the number of features of this flat tensor depends on the input size",
                node,
                "cannot be read",
                "`.channels` can be read after a global pool",
            )
            return UNKNOWN
        return shape.channels if shape.features == shape.channels else shape.features

    def _index(self, node: tree.Index, value: Any, context: Context) -> Any:
        index = self.value(node.index, context)
        if isinstance(index, Unknown):
            return UNKNOWN
        if not isinstance(value, tuple):
            self._error(
                codes.TYPE,
                f"only lists and sizes have elements, not {article(type_name(value))}",
                node.value,
                f"this is {show(value)}",
            )
            return UNKNOWN
        if not isinstance(index, int) or isinstance(index, bool):
            self._error(codes.TYPE, f"an index is an int, not {show(index)}", node.index)
            return UNKNOWN
        context.frame.pin(index)
        if not -len(value) <= index < len(value):
            self._error(
                codes.VALUE,
                f"there is no element {int(index)} in a list of {len(value)}",
                node.index,
                f"the indexes are 0 to {len(value) - 1}" if value else "the list is empty",
            )
            return UNKNOWN
        return value[index]

    def _list(self, items: tuple[tree.Expr, ...], node: tree.Expr, context: Context) -> Any:
        values = tuple(self.value(item, context) for item in items)
        return self._checked_list(values, node)

    def _checked_list(self, values: tuple[Any, ...], node: tree.Expr) -> Any:
        if len(values) > limits.LIST_LENGTH:
            self._error(codes.LIMIT, f"a list has at most {limits.LIST_LENGTH:,} elements", node)
            return UNKNOWN
        if any(isinstance(item, TensorValue) for item in values):
            self._error(codes.TENSOR, "a list cannot hold tensors", node)
            return UNKNOWN
        return values

    # --- calls ---

    def _call(self, node: tree.Call, context: Context) -> Any:
        name = node.callee.id
        if name == "where" and not context.scope.has(name):
            return self._where(node, context)
        if context.facts is not None and context.facts.is_function(name):
            return context.facts.call(node, context)
        if name in FUNCTIONS and self.find(node.callee, context) is None:
            return self._function(node, context)
        callee = self.name(node.callee, context)
        if isinstance(callee, Unknown):
            return UNKNOWN
        if not isinstance(callee, Callee):
            return self.not_callable(node, callee)
        return self.elaborator.calls.partial(node, callee, context)

    def not_callable(self, node: tree.Call, value: Any) -> Any:
        name = node.callee.id
        if name in REGISTRY or name in SLOTS or name in FUNCTIONS:
            what = "a tensor" if isinstance(value, TensorValue) else "a value"
            self._error(
                codes.SHADOWED,
                f"`{name}` is {what} here and hides the operator of its name",
                node.callee,
                f"this is {show(value)}",
                "rename the parameter, `let` or `keep`",
            )
        else:
            self._error(
                codes.TYPE,
                f"`{name}` cannot be called: it is {article(type_name(value))}",
                node.callee,
                f"this is {show(value)}",
            )
        return UNKNOWN

    def _where(self, node: tree.Call, context: Context) -> Any:
        """Lazy: only the side that is taken is evaluated."""
        if len(node.arguments) != 3 or any(argument.name for argument in node.arguments):
            self._error(codes.ARGUMENT, "`where` takes a condition and two values", node)
            return UNKNOWN
        condition = self.condition(node.arguments[0].value, context)
        if condition is None:
            return UNKNOWN
        return self.value(node.arguments[1 if condition else 2].value, context)

    def _function(self, node: tree.Call, context: Context) -> Any:
        function = FUNCTIONS[node.callee.id]
        arguments: list[Any] = []
        named: dict[str, Any] = {}
        for argument in node.arguments:
            value = self.value(argument.value, context)
            if isinstance(value, TensorValue):
                self._error(
                    codes.TENSOR,
                    f"`{node.callee.id}` of tensors can only stand in a `join`",
                    argument.value,
                    "this is a tensor",
                )
                return UNKNOWN
            if argument.name is None:
                arguments.append(value)
            else:
                named[argument.name.id] = value
        if any(isinstance(value, Unknown) for value in (*arguments, *named.values())):
            return UNKNOWN
        for value in (*arguments, *named.values()):
            context.frame.pin(value)
        try:
            return function(
                *[_bare(a) for a in arguments], **{n: _bare(v) for n, v in named.items()}
            )
        except BadCallError as problem:
            self._error(codes.ARGUMENT, str(problem), node)
        except TypeError:
            self._error(codes.ARGUMENT, f"`{node.callee.id}` is {function.__doc__}", node)
        return UNKNOWN

    def _error(
        self, code: codes.Code, message: str, node: tree.Expr, label: str = "", *help: str
    ) -> None:
        self.sink.error(code, message, node.span, label, help=help)


def _bare(value: Any) -> Any:
    if isinstance(value, Size):
        return value
    if isinstance(value, tuple):
        return tuple(_bare(item) for item in value)
    return plain(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has_fields(value: Any) -> bool:
    return isinstance(value, TensorValue | OutShape)


def _same_size(left: Any, right: Any) -> tuple[Size, Size]:
    """An int beside a size means that int in every dimension."""
    if isinstance(left, Size):
        return left, Size((right,) * len(left))
    return Size((left,) * len(right)), right


def _shown(node: tree.Expr, value: Any) -> str:
    return value.name if isinstance(value, TensorValue) else node.span.text
