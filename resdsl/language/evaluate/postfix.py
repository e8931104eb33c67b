"""What stands behind a value: a field, `a.channels`, or an index, `widths[2]`."""

from __future__ import annotations

from typing import Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.language.evaluate.evaluation import Evaluation
from resdsl.language.messages import words
from resdsl.language.names.stems import numbered
from resdsl.language.names.symbols import Symbol
from resdsl.language.values.context import Context
from resdsl.language.values.rounding import rounding
from resdsl.language.values.values import (
    UNKNOWN,
    Callee,
    OutShape,
    TensorValue,
    Unknown,
    article,
    show,
    type_name,
)
from resdsl.syntax import tree


class Postfix:
    """Evaluates fields and indexes."""

    def __init__(self, expressions: Evaluation) -> None:
        self.expressions = expressions

    def value(self, node: tree.Field | tree.Index, context: Context) -> Any:
        """The value of `a.b[c]…`: a chain nests to the left, and may have thousands of links."""
        pending: list[tree.Field | tree.Index] = []
        base: tree.Expr = node
        while isinstance(base, tree.Field | tree.Index):
            pending.append(base)
            base = base.value
        value = self._composed(pending, base, context)
        if value is None:
            value = self.expressions.value(base, context)
        while pending:
            step = pending.pop()
            if isinstance(value, Unknown):
                return UNKNOWN
            if isinstance(step, tree.Field):
                value = self._field(step, value, context)
            else:
                value = self.element(step, value, context)
        return value

    def _composed(
        self, pending: list[tree.Field | tree.Index], base: tree.Expr, context: Context
    ) -> Any:
        """`s[e]` where no value is called `s`: the kept tensor or branch `s2`; `s1_2` of two."""
        first = pending[-1]
        if not isinstance(first, tree.Index) or not isinstance(base, tree.Name):
            return None
        if self.expressions.find(base, context) is not None:
            return None
        if base.id in context.module.lost:
            return UNKNOWN
        numbers: list[int] = []
        span = first.span
        while pending and isinstance(step := pending[-1], tree.Index):
            index = self.expressions.value(step.index, context)
            pending.pop()
            span = step.span
            if not isinstance(index, int) or isinstance(index, bool):
                if not isinstance(index, Unknown):
                    self._no_index(step.index, index)
                return UNKNOWN
            numbers.append(index)
        return self.expressions.name(tree.Name(numbered(base.id, numbers), span), context)

    def _field(self, node: tree.Field, value: Any, context: Context) -> Any:
        field = node.name.id
        if field in ("channels", "rank") and isinstance(value, OutShape):
            return value.channels if field == "channels" else value.rank
        if field in ("channels", "rank") and isinstance(value, TensorValue):
            return self._tensor_field(node, value, context)
        if isinstance(value, Callee) and isinstance(value.target, Symbol):
            message = f"`{node.value.span.text}` is a {value.target.kind}, not a tensor"
            keep = f"`keep {field}` behind the step that calls it makes its result one"
            self._error(codes.TENSOR, message, node, f"`{field}` is inside of it", keep)
            return UNKNOWN
        help = None
        if isinstance(value, Callee):
            help = (
                f"what is made inside of it: `output {field}: …` there, and `keep {field}` behind "
                "the call"
            )
        elif _has_fields(value):
            help = did_you_mean(field, ["channels", "rank"]) or words.EXTENT
        elif isinstance(value, tuple) and did_you_mean(field, ["len"]):
            help = f"write `len({node.value.span.text})`"
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

    def element(self, node: tree.Index, value: Any, context: Context) -> Any:
        """That of a list, which is evaluated; UNKNOWN after an error."""
        index = self.expressions.value(node.index, context)
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
            self._no_index(node.index, index)
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

    def _no_index(self, node: tree.Expr, index: Any) -> None:
        message = f"an index is an int, not the {type_name(index)} {show(index)}"
        self._error(codes.TYPE, message, node, "", *rounding(index, node.span))

    def _error(
        self,
        code: codes.Code,
        message: str,
        node: tree.Expr | tree.Name,
        label: str = "",
        *help: str,
    ) -> None:
        self.expressions.sink.error(code, message, node.span, label, help=help)


def _has_fields(value: Any) -> bool:
    return isinstance(value, TensorValue | OutShape)
