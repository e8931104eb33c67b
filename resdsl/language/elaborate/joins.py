"""`join` expressions: arithmetic on tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from resdsl import limits
from resdsl.design.inference import join_shape
from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use, depth, uses
from resdsl.design.model import Apply
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label
from resdsl.extents import Shape
from resdsl.extents.agreement import Agreement
from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.evaluate.session import Session
from resdsl.language.messages.join_calls import tell_step, tell_tensor, written
from resdsl.language.messages.shape_errors import maker
from resdsl.language.names import elsewhere
from resdsl.language.values.context import Context, Frame
from resdsl.language.values.functions import FUNCTIONS
from resdsl.language.values.values import Callee, TensorValue, Unknown, article, show, type_name
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.language.messages.mending import Mend


# Of one tensor: what was meant, perhaps.
_ONE = {
    "sum": "`{}` is one tensor, which is not summed along an axis",
    "mean": "`{}` is one tensor; the mean of a map is the step `global_avgpool`",
    "max": "`{}` is one tensor; the maximum of a map is the step `global_maxpool`",
}


class Joins:
    """Turns expressions over tensors into the design's, and finds their shapes."""

    def __init__(self, session: Session, expressions: Expressions) -> None:
        self.session = session
        self.sink = session.sink
        self.expressions = expressions
        # The expression that is looked at.
        self.whole: tree.Expr | None = None

    def join(
        self, node: tree.Expr, context: Context, branches: Sequence[Apply] = ()
    ) -> tuple[Expression, Shape | None] | None:
        """The expression and its shape (None if a part is unknown); None after an error.

        `branches` are those of the fork that the join ends.
        """
        self.whole = node
        expression = self._expression(node, context)
        if expression is None:
            return None
        if isinstance(expression, Scalar):
            self._error(
                codes.TENSOR,
                "a `join` makes a tensor, but this is a number",
                node,
                f"this is {show(expression.value)}",
            )
            return None
        if isinstance(expression, Copies):
            self._many(node, expression.branch)
            return None
        if depth(expression) > limits.JOIN_DEPTH:
            self._error(
                codes.LIMIT,
                f"a `join` has more than {limits.JOIN_DEPTH} operations inside each other",
                node,
                "",
                "`keep` names the result of a `join`, and another one may go on with it",
            )
            return None
        return expression, self._shape(expression, node, context, branches)

    def _shape(
        self, expression: Expression, node: tree.Expr, context: Context, branches: Sequence[Apply]
    ) -> Shape | None:
        frame = context.frame
        refs = list(uses(expression))
        if any(frame.shapes[ref] is None for ref in refs):
            return None
        failed = False

        def differ(met: Agreement, one: Shape, two: Shape) -> None:
            nonlocal failed
            if failed:
                # What does not agree does so in the rest of the expression, too.
                return
            labels = self._makers(expression, context, node)
            mended = None if met.channels else _mended(branches, frame, one, two)
            failed |= self.session.shape_errors.disagreement(
                met,
                one,
                two,
                node.span,
                labels,
                residual=False,
                help=_stays_a_map(one, two, node),
                mended=mended,
                frame=frame,
            )

        for ref in refs:
            shape = frame.shapes[ref]
            if shape is not None:
                frame.pin(shape.channels)
        if len(refs) > 1:
            frame.pin_extents()
        # What the expression reads is known, and it reads nothing else.
        shape = join_shape(expression, frame.shapes, differ)  # type: ignore[arg-type]
        return None if failed else shape

    def _makers(self, expression: Expression, context: Context, node: tree.Expr) -> list[Label]:
        """At the steps that made what meets, their shapes."""
        labels = []
        for ref in dict.fromkeys(uses(expression)):
            shape = context.frame.shapes[ref]
            if shape is not None:
                text = self.session.shape_errors.text(shape)
                label = maker(context.frame, ref, f"`{{}}` makes {text}")
                if label is not None and label.span != node.span:
                    labels.append(label)
        return labels[:3]

    def _expression(self, node: tree.Expr, context: Context) -> Expression | None:
        self.session.count_value(node.span)
        match node:
            case tree.Binary(op=("+" | "-" | "*")):
                return self._chain(node, context)
            case tree.Unary(op="-"):
                operand = self._expression(node.operand, context)
                if operand is None or isinstance(operand, Scalar):
                    return None if operand is None else Scalar(-operand.value)
                return self._combined("-", [Scalar(0), operand], node)
            case tree.Binary(op=("/" | "//" | "%" | "**")):
                return self._quotient(node, context)
            case tree.Call(
                callee=tree.Name(id=name), arguments=[tree.Argument(value=tree.ListExpr() as given)]
            ) if name in JOIN_FUNCTIONS:
                message = f"`{name}` takes tensors, not a list of them"
                self._error(codes.TENSOR, message, given, "", *self._written())
                return None
            case tree.ListExpr():
                items = ", ".join(item.span.text for item in node.items)
                self._error(
                    codes.TENSOR,
                    "a list cannot hold tensors",
                    node,
                    "",
                    f"write `concat({items})`, without the `[ ]`",
                )
                return None
            case tree.Call(callee=tree.Name(id=name)) if name in JOIN_FUNCTIONS:
                return self._function(node, context)
            case tree.Call(callee=tree.Name(id=name)) if name in FUNCTIONS and (
                tensor := self._tensor_in(node, context)
            ):
                tell_tensor(self.sink, node, tensor, self.whole)
                return None
            case tree.Call(callee=tree.Name(id="where")) if len(node.arguments) == 3:
                condition = self.expressions.condition(node.arguments[0].value, context)
                if condition is None:
                    return None
                return self._expression(node.arguments[1 if condition else 2].value, context)
            case _:
                return self._value(node, context)

    def _chain(self, node: tree.Binary, context: Context) -> Expression | None:
        pending: list[tree.Binary] = []
        left: tree.Expr = node
        while isinstance(left, tree.Binary) and left.op in ("+", "-", "*"):
            pending.append(left)
            left = left.left
        result = self._expression(left, context)
        while pending:
            step = pending.pop()
            right = self._expression(step.right, context)
            if result is None or right is None:
                result = None
                continue
            if isinstance(result, Scalar) and isinstance(right, Scalar):
                value = self.expressions.value(step, context)
                result = None if isinstance(value, Unknown) else Scalar(value)
                continue
            result = self._combined(step.op, [result, right], step)
        return result

    def _quotient(self, node: tree.Binary, context: Context) -> Expression | None:
        """Tensors are added, subtracted and multiplied; a division is one of numbers."""
        left, right = self._expression(node.left, context), self._expression(node.right, context)
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
        return written(self.whole) if self.whole is not None else []

    def _combined(self, op: Any, operands: list[Expression], node: tree.Expr) -> Expression | None:
        for operand in operands:
            if isinstance(operand, Copies):
                self._many(node, operand.branch)
                return None
        return Combine(op, tuple(operands))

    def _many(self, node: tree.Expr, branch: str) -> None:
        self._error(
            codes.TENSOR,
            f"`{branch}` stands for all its copies",
            node,
            "several tensors where one is needed",
            f"write `sum({branch})`, `mean({branch})` or `concat({branch})`",
        )

    def _function(self, node: tree.Call, context: Context) -> Expression | None:
        name: Any = node.callee.id
        function = JOIN_FUNCTIONS[name]
        operands: list[Expression] = []
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
            operand = self._expression(argument.value, context)
            if operand is None:
                return None
            operands.append(operand)
        numbers = [operand for operand in operands if isinstance(operand, Scalar)]
        copies = [operand for operand in operands if isinstance(operand, Copies)]
        if len(numbers) == len(operands) and function.takes != "tensors":
            return self._value(node, context)
        if function.takes == "copies" and not len(copies) == len(operands) == 1:
            is_one = len(operands) == 1
            helps = _of_one(node) if is_one else self._written()
            message = f"`{name}` takes a replicated branch"
            self._error(codes.TENSOR, message, node, "", *helps)
            return None
        if function.takes == "tensors" and numbers:
            self._error(codes.TENSOR, f"`{name}` takes tensors, not numbers", node)
            return None
        if function.takes == "pairs" and copies:
            self._many(node, copies[0].branch)
            return None
        if not operands or (function.takes == "pairs" and sum(map(_number, operands)) < 2):
            helps = _of_one(node)
            self._error(codes.ARGUMENT, f"`{name}` takes two tensors or more", node, "", *helps)
            return None
        return Combine(name, tuple(operands))

    def _value(self, node: tree.Expr, context: Context) -> Expression | None:
        if isinstance(node, tree.Call) and self._is_step(node, context):
            return None
        value = self.expressions.value(node, context)
        match value:
            case TensorValue(ref, name, None):
                self._reads_main(value, context)
                return Use(ref, name)
            case TensorValue(_, name, copies) if copies is not None:
                return Copies(name, copies)
            case Unknown():
                return None
            case bool() | str():
                pass
            case int() | float():
                return Scalar(value)
        if isinstance(node, tree.Name) and node.id in context.module.lost:
            return None  # a branch of this name may be in what is broken
        help = elsewhere.hanging(node.span)
        if isinstance(value, Callee) and not help:
            help = ["`keep a` behind a step names its result, `join a` reads it"]
        self._error(
            codes.TENSOR,
            f"a `join` works on tensors and numbers, not on {article(type_name(value))}",
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

    def _reads_main(self, value: TensorValue, context: Context) -> None:
        residual = context.residual
        if residual is not None and value.name == "main" and value.ref == residual.main:
            residual.reads_main = True

    def _error(self, code: Any, message: str, node: tree.Expr, label: str = "", *help: str) -> None:
        self.sink.error(code, message, node.span, label, help=help)


def _of_one(node: tree.Call) -> list[str]:
    """Of a function that is called with one tensor."""
    texts = [argument.span.text for argument in node.arguments]
    return [_ONE[node.callee.id].format(*texts)] if texts and node.callee.id in _ONE else []


def _stays_a_map(one: Shape, two: Shape, node: tree.Expr) -> tuple[str, ...]:
    """Of a map that meets a vector, as in a gate made by `flatten linear(16) sigmoid`."""
    if one.flat == two.flat:
        return ()
    vector = one if one.flat else two
    channels = "…" if vector.features is None else int(vector.features)
    what = "a gate that scales a map" if _multiplies(node) else "what meets a map"
    return (
        f"{what} stays a map: `conv(1, {channels}, bias=true)` instead of "
        f"`flatten linear({channels})`",
    )


def _multiplies(node: tree.Expr) -> bool:
    while isinstance(node, tree.Binary) and node.op in ("+", "-"):
        if _multiplies(node.right):
            return True
        node = node.left
    return isinstance(node, tree.Binary) and node.op == "*"


def _mended(branches: Sequence[Apply], frame: Frame, one: Shape, two: Shape) -> Mend | None:
    """What gives a branch with the extents of one side those of the other."""
    from resdsl.language.messages.mending import mend

    for made, wanted in ((two, one), (one, two)):
        for branch in branches:
            start, end = frame.shapes[branch.input], frame.shapes[branch.output]
            if start is not None and end is not None and end.extents == made.extents:
                found = mend(branch, start, wanted, branches)
                if found is not None:
                    return replace(found, text=f"in `{branch.label}`, {found.text}")
    return None


def _number(operand: Expression) -> int:
    """How many tensors an operand stands for."""
    return sum(count for _, count in operand.refs) if isinstance(operand, Copies) else 1
