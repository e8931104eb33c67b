"""Expressions in which tensors may stand, as values: in a `let`, an argument, a `for`.

What only names tensors is a value of them. What computes one puts a join in front of the step that
it is written in, and is the tensor which that makes.
"""

from __future__ import annotations

from typing import Any

from resdsl.design.join_expressions import Expression, Use, uses
from resdsl.design.model import Join, Ref
from resdsl.diagnostics import codes
from resdsl.extents import Shape
from resdsl.language.elaborate.builder import Builder
from resdsl.language.elaborate.joins import Joined, Joins
from resdsl.language.elaborate.output_strides import OutputStrides
from resdsl.language.elaborate.tensors_told import speaks
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.evaluate.session import Session
from resdsl.language.messages import edition
from resdsl.language.values import sampling
from resdsl.language.values.context import Context, Frame
from resdsl.language.values.values import UNKNOWN, TensorValue, holds_tensors
from resdsl.source import Span
from resdsl.syntax import tree


class TensorValues:
    """Evaluates expressions, with tensors or without."""

    def __init__(
        self, session: Session, expressions: Expressions, joins: Joins, strides: OutputStrides
    ) -> None:
        self.session = session
        self.expressions = expressions
        self.joins = joins
        self.strides = strides

    def value(self, node: tree.Expr, context: Context) -> Any:
        """The value of an expression: a tensor, a list of tensors, or any other. UNKNOWN after an
        error."""
        if isinstance(node, tree.Name) or not speaks(node, self.expressions, context):
            value = self.expressions.value(node, context)
            if isinstance(value, TensorValue):
                context.note_read(value)
            return value
        if context.module.file.is_first_edition:
            what = "a value that is made of tensors"
            edition.tell(what, node.span, context.module.file, self.session.sink)
            return UNKNOWN
        made = self.joins.tensors(node, context)
        if made is None:
            return UNKNOWN
        if isinstance(made, Joined):
            return self._tensor(made, node, context)
        self.session.count_tensors(len(made), node.span)
        values = tuple(self._tensor(one, node, context) for one in made)
        return self.expressions.checked_list(values, node)

    def _tensor(self, made: Joined, node: tree.Expr, context: Context) -> Any:
        expression, shape = made
        if isinstance(expression, Use):
            return TensorValue(expression.ref, expression.name)
        builder = context.builder
        if not isinstance(builder, Builder):
            self._nowhere(node, "a shortcut")
            return UNKNOWN
        if context.is_copy and context.current in list(uses(expression)):
            self._nowhere(node, "a repetition")
            return UNKNOWN
        maker = ("join", node.span)
        ref = self.computed(expression, shape, builder, context.frame, maker, node.span)
        return TensorValue(ref, node.span.text if isinstance(node, tree.Name) else "here")

    def computed(
        self,
        expression: Expression,
        shape: Shape | None,
        builder: Builder,
        frame: Frame,
        maker: tuple[str, Span],
        span: Span,
    ) -> Ref:
        """What a join makes that stands at the end of what is built; the current tensor stays.

        `maker`: the word and place of the step that it is; `span`: the expression.
        """
        output = frame.new(shape, *maker)
        self.sample_join(frame, expression, output, span)
        made = Join(builder.current, output, expression, maker[1])
        self.session.shape_errors.places[made] = span
        builder.steps.append(made)
        return output

    def sample_join(self, frame: Frame, expression: Expression, output: Ref, span: Span) -> None:
        """`span`: that of the expression."""
        frame.sampling[output] = sampling.meet(frame.sampling.get(ref) for ref in uses(expression))
        self.strides.meet(output, uses(expression), frame, span)

    def _nowhere(self, node: tree.Expr, part: str) -> None:
        """Of what is computed where no step can stand in front of the call."""
        helps = {
            "a shortcut": "`keep` it before the residual, or at the end of its main, and name it",
            "a repetition": "give the copies its parts, and compute it in the block",
        }
        message = f"a tensor that is computed cannot be an argument in {part}"
        label = "computed of what each copy is fed" if part == "a repetition" else "computed here"
        self.session.sink.error(codes.TENSOR, message, node.span, label, help=[helps[part]])


def named(name: str, value: Any) -> Any:
    """Tensors by the name that they are bound to, those of a list by their places."""
    if isinstance(value, TensorValue):
        return TensorValue(value.ref, name, value.copies)
    if holds_tensors(value):
        return tuple(named(f"{name}{place}", item) for place, item in enumerate(value))
    return value
