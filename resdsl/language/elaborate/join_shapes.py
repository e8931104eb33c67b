"""The shape of what a `join` makes, and what is told where its tensors do not agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from resdsl.design.inference import join_shape
from resdsl.design.join_expressions import Combine, Expression, uses
from resdsl.design.model import Apply
from resdsl.diagnostics.diagnostic import Label
from resdsl.extents import Shape
from resdsl.extents.agreement import Agreement
from resdsl.language.elaborate.apart import hint
from resdsl.language.evaluate.session import Session
from resdsl.language.messages.shape_errors import maker
from resdsl.language.values.comparisons import source_of
from resdsl.language.values.context import Context, Frame
from resdsl.provenance import origin
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.language.messages.mending import Mend


class JoinShapes:
    """Finds shapes of expressions."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def shape(
        self, expression: Expression, node: tree.Expr, context: Context, branches: Sequence[Apply]
    ) -> Shape | None:
        """None where a part is unknown, and after an error. `branches`: of the fork that ends."""
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
                help=(*_stays_a_map(one, two, node), *hint(frame, refs)),
                mended=mended,
                frame=frame,
            )

        channels = [shape.channels for ref in refs if (shape := frame.shapes[ref]) is not None]
        is_alike = len({source_of(number) for number in channels}) == 1
        if not is_alike and not _only_concatenates(expression):
            for number in channels:
                frame.pin(number)
        if len(refs) > 1:
            frame.pin_extents()
        # What the expression reads is known, and it reads nothing else.
        shape = join_shape(expression, frame.shapes, differ)  # type: ignore[arg-type]
        if shape is not None and origin(shape.channels) is None:
            for number in channels:
                frame.pin(number)
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


def _only_concatenates(expression: Expression) -> bool:
    """Whether tensors may have any channels in it."""
    if not isinstance(expression, Combine) or expression.op != "concat":
        return False
    return not any(isinstance(operand, Combine) for operand in expression.operands)
