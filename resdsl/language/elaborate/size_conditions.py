"""Conditions on free extents: `expect H % 16 == 0` says for which sizes a network is meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl import limits
from resdsl.design.network import InputSpec
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.extents.conditions import Condition, meant
from resdsl.language.elaborate.elaborator import Elaborator
from resdsl.language.values.context import Context
from resdsl.language.values.rounding import rounding
from resdsl.language.values.values import FreeExtent, Unknown, show, type_name
from resdsl.source import Span
from resdsl.syntax import tree


def comparisons(node: tree.Expr) -> Iterator[tree.Expr]:
    """`a and b and c`, one by one."""
    parts: list[tree.Expr] = []
    while isinstance(node, tree.Binary) and node.op == "and":
        parts.append(node.right)
        node = node.left
    yield node
    yield from reversed(parts)


def speaks_of(node: tree.Expr, context: Context) -> str | None:
    """The free extent that a comparison is about, if it is about one."""
    while isinstance(node, tree.Binary):
        node = node.left
    if not isinstance(node, tree.Name):
        return None
    found = context.scope.find(node.id)
    return found.name if isinstance(found, FreeExtent) else None


def declared(
    elaborator: Elaborator, steps: list[tree.Step], context: Context, names: tuple[str, ...]
) -> list[tuple[Condition, Span]]:
    """The conditions of a network's `expect`s, and where they are written."""
    session = elaborator.session
    found: list[tuple[Condition, Span]] = []
    for step in steps:
        if isinstance(step, tree.Expect):
            for node in comparisons(step.condition):
                name = speaks_of(node, context)
                if name is not None:
                    condition = _condition(elaborator, node, context, names.index(name))
                    if condition is None or _leaves_none(session.sink, condition, node, found):
                        continue
                    found.append((condition, node.span))
                    if len(found) > limits.CONDITIONS:
                        message = f"more than {limits.CONDITIONS} conditions"
                        session.halt(message, node.span)
    return found


def _leaves_none(
    sink: Sink, condition: Condition, node: tree.Expr, found: Sequence[tuple[Condition, Span]]
) -> bool:
    """Tells where no size is left."""
    mine = [(other, where) for other, where in found if other.axis == condition.axis]
    for other, where in mine:
        if condition.excludes(other):
            sink.error(
                codes.NOT_A_CONTRACT,
                f"no size is meant: `{node.span.text}` and `{where.text}` hold together nowhere",
                node.span,
                "leaves no size",
                others=[Label(where, "beside this")],
            )
            return True
    first = meant([condition, *(other for other, _ in mine)], 1)[0]
    if first > limits.LARGEST_SIZE:
        sink.error(
            codes.NOT_A_CONTRACT,
            f"no size is meant: the first would be {first:,}, and inputs have at most "
            f"{limits.LARGEST_SIZE:,}",
            node.span,
            "leaves no size",
        )
        return True
    return False


def verify(sink: Sink, conditions: Sequence[tuple[Condition, Span]], input: InputSpec) -> None:
    """An input size that was asked for must be one that the network is for."""
    for condition, span in conditions:
        extent, name = input.extents[condition.axis], input.names[condition.axis]
        if extent is not None and not condition.holds(extent):
            sink.error(
                codes.OVERRIDE,
                f"the network is for {condition.text(name)}, and {name} is {extent}",
                span,
                "declared here",
            )


def _condition(
    elaborator: Elaborator, node: tree.Expr, context: Context, axis: int
) -> Condition | None:
    match node:
        case tree.Binary("==", tree.Binary("%", tree.Name(), modulus), residue):
            n, r = _int(elaborator, modulus, context), _int(elaborator, residue, context)
            if n is None or r is None:
                return None
            if n > 0 and 0 <= r < n:
                return Condition(axis, n, r)
        case tree.Binary((">=" | ">") as op, tree.Name(), least):
            value = _int(elaborator, least, context)
            if value is None:
                return None
            return Condition(axis, least=value + (op == ">"))
    elaborator.session.sink.error(
        codes.NOT_A_CONTRACT,
        "this is no condition on a free extent",
        node.span,
        "not understood",
        help=["conditions are like `H % 16 == 0` or `H >= 32`"],
    )
    return None


def _int(elaborator: Elaborator, node: tree.Expr, context: Context) -> int | None:
    value = elaborator.expressions.value(node, context)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if not isinstance(value, Unknown):
        elaborator.session.sink.error(
            codes.TYPE,
            f"a condition compares with an int, not the {type_name(value)} {show(value)}",
            node.span,
            help=rounding(value, node.span),
        )
    return None
