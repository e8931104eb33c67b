"""Lists of tensors in a `join`: element by element, one behind another, as shares."""

from __future__ import annotations

from typing import Any, TypeAlias

from resdsl import limits
from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar
from resdsl.diagnostics import codes
from resdsl.join_functions import SOFTMAX
from resdsl.language.evaluate.session import Session
from resdsl.syntax import tree

# What a part of an expression is: a tensor or number, or a list of them.
Part: TypeAlias = "Expression | list[Expression]"
# Elements of a list that a message names one by one.
_NAMED = 3


class JoinLists:
    """Makes expressions of parts that may be lists; what cannot be is told, and None."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.sink = session.sink
        # What a join makes is an output, and none is written.
        self.is_output = False

    def combined(self, op: Any, left: Part, right: Part, node: tree.Expr) -> Part | None:
        """Of two, of which lists are taken element by element, or `+` one behind the other."""
        if isinstance(left, list) and isinstance(right, list) and op == "+":
            return left + right
        if isinstance(left, list) or isinstance(right, list):
            return self._each(op, _listed(left), _listed(right), node)
        for operand in (left, right):
            if isinstance(operand, Copies) and operand.are_many:
                self.many(node, operand.branch)
                return None
        return Combine(op, (left, right))

    def _each(self, op: Any, left: Part, right: Part, node: tree.Expr) -> list[Expression] | None:
        lengths = [len(part) for part in (left, right) if isinstance(part, list)]
        if len(set(lengths)) > 1:
            message = f"`{op}` takes lists element by element, and these have {lengths[0]} and "
            self._error(codes.MISMATCH, f"{message}{lengths[1]}", node, "of other lengths")
            return None
        (count, *_) = lengths
        ones = left if isinstance(left, list) else [left] * count
        twos = right if isinstance(right, list) else [right] * count
        made = [self.combined(op, one, two, node) for one, two in zip(ones, twos, strict=True)]
        found = [one for one in made if one is not None and not isinstance(one, list)]
        return found if len(found) == len(made) else None

    def shares(self, part: Part | None, node: tree.Call) -> list[Expression] | None:
        """`softmax(maps)`: the share of each, at each element."""
        if part is None:
            return None
        part = _listed(part)
        if not isinstance(part, list) or any(isinstance(one, Scalar) for one in part):
            message = "`softmax` in a `join` takes a list of tensors or a replicated branch"
            help = "the softmax over channels is a step: `softmax`"
            self._error(codes.TENSOR, message, node, "", help)
            return None
        if not part:
            self._error(codes.TENSOR, "`softmax` of an empty list has no value", node, "no tensor")
            return None
        self.session.count_shares(len(part), node.span)
        return [
            Combine(SOFTMAX, (one, *part[:place], *part[place + 1 :]))
            for place, one in enumerate(part)
        ]

    def of_function(
        self, name: Any, operands: list[Expression], node: tree.Call
    ) -> Expression | None:
        """`sum(maps)`: a list of one is the tensor itself."""
        (first, *others) = operands
        if name != "mean" and len(others) > limits.JOIN_DEPTH:
            message = f"`{name}` takes {limits.JOIN_DEPTH + 1} tensors at most"
            help = "`let` names the result of a part, and another goes on with it"
            self._error(codes.LIMIT, message, node, f"these are {len(operands):,}", help)
            return None
        for operand in operands:
            if isinstance(operand, Copies) and operand.are_many:
                self.many(node, operand.branch)
                return None
        if not others or name == "mean":
            return Combine(name, tuple(operands)) if others else first
        made = first
        for other in others:
            made = Combine("+", (made, other))
        return made

    def one_is_meant(self, part: list[Expression], node: tree.Expr) -> None:
        """Of a list where one tensor is meant."""
        text = node.span.text
        makes = "an output is" if self.is_output else "a `join` makes"
        if self.is_output and isinstance(node, tree.Name):
            message, help = list_as_output(node.id, len(part))
            self._error(codes.TENSOR, message, node, "", *help)
            return
        if not part:
            self._error(codes.TENSOR, f"{makes} a tensor, and this list is empty", node)
            return
        inner = text[1:-1].strip() if isinstance(node, tree.ListExpr) else text
        message = f"{makes} one tensor, and this is a list of {len(part)}"
        self._error(codes.TENSOR, message, node, "", f"write `concat({inner})`")

    def many(self, node: tree.Expr, branch: str) -> None:
        self._error(
            codes.TENSOR,
            f"`{branch}` stands for all its copies",
            node,
            "several tensors where one is needed",
            f"write `sum({branch})`, `mean({branch})` or `concat({branch})`",
        )

    def _error(self, code: Any, message: str, node: tree.Expr, label: str = "", *help: str) -> None:
        self.sink.error(code, message, node.span, label, help=help)


def list_as_output(name: str, count: int) -> tuple[str, list[str]]:
    """What is told of a list where an output is one tensor, and what to write."""
    if not count:
        return f"an output is one tensor, and `{name}` is an empty list", []
    each = f"for i in range({count}) {{ output {name}[i]: {name}[i] }}"
    if count <= _NAMED:
        items = (f"{name}{place}: {name}[{place}]" for place in range(count))
        each = f"output {', '.join(items)}"
    message = f"an output is one tensor, and `{name}` is a list of {count}"
    return message, [f"name each: `{each}`"]


def _listed(part: Part) -> Part:
    """A replicated branch as a list of its copies."""
    return list(part.single) if isinstance(part, Copies) and part.are_many else part
