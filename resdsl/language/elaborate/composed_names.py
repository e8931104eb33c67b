"""Names that are made with indices: labels and kept tensors in loops."""

from __future__ import annotations

from resdsl.diagnostics import codes
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.names.stems import numbered
from resdsl.language.values.context import Context
from resdsl.language.values.rounding import rounding
from resdsl.language.values.values import Unknown, show, type_name
from resdsl.syntax import tree


def composed(
    name: str, index: tree.Expr | tree.Indices | None, expressions: Expressions, context: Context
) -> str | None:
    """`s[i]` with i = 2 is `s2`, and `s[i][j]` with j = 1 `s2_1`; None after an error."""
    if index is None:
        return name
    items = index.items if isinstance(index, tree.Indices) else (index,)
    found = [_number(item, expressions, context) for item in items]
    numbers = [number for number in found if number is not None]
    return numbered(name, numbers) if len(numbers) == len(found) else None


def _number(index: tree.Expr, expressions: Expressions, context: Context) -> int | None:
    value = expressions.value(index, context)
    if isinstance(value, Unknown):
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        expressions.sink.error(
            codes.TYPE,
            f"an index is an int of at least 0, not the {type_name(value)} {show(value)}",
            index.span,
            help=rounding(value, index.span),
        )
        return None
    context.frame.pin(value)
    return int(value)
