"""`join` expressions: arithmetic on tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from resdsl import limits
from resdsl.design.join_expressions import Copies, Expression, Scalar, Use, depth
from resdsl.design.model import Apply
from resdsl.diagnostics import codes
from resdsl.extents import Shape
from resdsl.language.elaborate.join_parts import JoinParts
from resdsl.language.elaborate.join_shapes import JoinShapes
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.evaluate.session import Session
from resdsl.language.values.context import Context
from resdsl.language.values.values import show
from resdsl.syntax import tree


class Joined(NamedTuple):
    """An expression and its shape; None where a part is unknown."""

    expression: Expression
    shape: Shape | None


class Joins:
    """Turns expressions over tensors into the design's, and finds their shapes."""

    def __init__(self, session: Session, expressions: Expressions) -> None:
        self.sink = session.sink
        self.parts = JoinParts(session, expressions)
        self.shapes = JoinShapes(session)

    def join(
        self,
        node: tree.Expr,
        context: Context,
        branches: Sequence[Apply] = (),
        *,
        is_output: bool = False,
    ) -> Joined | None:
        """The expression of a join, or of an output; None after an error.

        `branches` are those of the fork that the join ends.
        """
        self.parts.lists.is_output = is_output
        try:
            return self._joined(node, context, branches)
        finally:
            self.parts.lists.is_output = False

    def _joined(
        self, node: tree.Expr, context: Context, branches: Sequence[Apply]
    ) -> Joined | None:
        part = self.parts.of(node, context, is_join=not self.parts.lists.is_output)
        if isinstance(part, list):
            self.parts.lists.one_is_meant(part, node)
            return None
        return None if part is None else self._one(part, node, context, branches)

    def tensors(self, node: tree.Expr, context: Context) -> Joined | list[Joined] | None:
        """The tensor, or list of tensors, that an expression makes; None after an error."""
        part = self.parts.of(node, context, is_join=False)
        if part is None or not isinstance(part, list):
            return None if part is None else self._one(part, node, context, ())
        made = [self._one(one, node, context, ()) for one in part]
        found = [one for one in made if one is not None]
        return found if len(found) == len(made) else None

    def _one(
        self, expression: Expression, node: tree.Expr, context: Context, branches: Sequence[Apply]
    ) -> Joined | None:
        if isinstance(expression, Scalar):
            makes = "an output is" if self.parts.lists.is_output else "a `join` makes"
            self.sink.error(
                codes.TENSOR,
                f"{makes} a tensor, but this is a number",
                node.span,
                f"this is {show(expression.value)}",
            )
            return None
        if isinstance(expression, Copies) and expression.are_many:
            self.parts.lists.many(node, expression.branch)
            return None
        if isinstance(expression, Use):
            # Of lists, each time that they grow, all but one.
            return Joined(expression, context.frame.shapes[expression.ref])
        if depth(expression) > limits.JOIN_DEPTH:
            self.sink.error(
                codes.LIMIT,
                f"a `join` has more than {limits.JOIN_DEPTH} operations inside each other",
                node.span,
                help=["`keep` names the result of a `join`, and another one may go on with it"],
            )
            return None
        return Joined(expression, self.shapes.shape(expression, node, context, branches))
