"""Nodes of a .res text's tree: expressions.

`NAME`s that the language reads specially (`in`, `out`, `main`, `here`, `index`…) are plain `Name`s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, TypeVar, dataclass_transform

from resdsl.records import dataclass
from resdsl.source import Span

T = TypeVar("T")


@dataclass_transform(frozen_default=True, eq_default=False)
def node(cls: type[T]) -> type[T]:
    """A frozen, slotted dataclass, equal only to itself.

    What nothing calls is not generated (`==`, `repr`): it was half of the time of this import, and
    it would recurse along a chain of thousands of terms.
    """
    return dataclass(frozen=True, slots=True, eq=False, repr=False)(cls)


@node
class Number:
    """`64`, `0.5`, `4.1G`: an int when its decimal value is integral."""

    value: int | float
    span: Span


@node
class SizeLiteral:
    """`3x3`, `3 x 224 x 224`."""

    dims: tuple[int, ...]
    span: Span


@node
class String:
    value: str
    span: Span


@node
class Bool:
    value: bool
    span: Span


@node
class Name:
    id: str
    span: Span


@node
class Unary:
    """`-a`, `not a`."""

    op: Literal["-", "not"]
    operand: Expr
    span: Span


@node
class Broken:
    """What could not be read, and was told: a step, a definition or an expression of no value."""

    span: Span


BinaryOp: TypeAlias = Literal[
    "or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "//", "%", "**"
]


@node
class Binary:
    op: BinaryOp
    left: Expr
    right: Expr
    span: Span


@node
class Argument:
    """`expr` or `name=expr`."""

    name: Name | None
    value: Expr
    span: Span


@node
class Call:
    """`name(args)`; as a unit also a bare `name`, with `parenthesised` False."""

    callee: Name
    arguments: tuple[Argument, ...]
    parenthesised: bool
    span: Span


@node
class Field:
    """`a.channels`."""

    value: Expr
    name: Name
    span: Span


@node
class Index:
    """`a[i]`."""

    value: Expr
    index: Expr
    span: Span


@node
class ListExpr:
    items: tuple[Expr, ...]
    span: Span


@node
class Indices:
    """The indices of a name that has several: of `a[i][j]` both. It stands there alone."""

    items: tuple[Expr, ...]
    span: Span


def index_of(items: Sequence[Expr]) -> Expr | Indices | None:
    """What one or several indices are in a label or `keep`; None where there are none."""
    if len(items) > 1:
        return Indices(tuple(items), items[0].span.to(items[-1].span))
    return items[0] if items else None


def indexed(value: Expr | None) -> tuple[Name, Expr | Indices] | None:
    """The name and the index of `a[i]` or `a[i][j]`."""
    items: list[Expr] = []
    while isinstance(value, Index):
        items.insert(0, value.index)
        value = value.value
    index = index_of(items)
    return (value, index) if isinstance(value, Name) and index is not None else None


Expr: TypeAlias = (
    Number
    | SizeLiteral
    | String
    | Bool
    | Name
    | Unary
    | Binary
    | Call
    | Field
    | Index
    | ListExpr
    | Broken
)
