"""What a `join` makes: an expression over the tensors of a body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from resdsl.join_functions import Operation

Ref: TypeAlias = int
"""The number of a value in its definition."""


@dataclass(frozen=True, slots=True)
class Use:
    """A value by its ref. `name` is what the author wrote (`in`, `here`, `main`, a kept name)."""

    ref: Ref
    name: str


@dataclass(frozen=True, slots=True)
class Copies:
    """All copies of a replicated branch: (output of a run, its count), in order."""

    branch: str
    refs: tuple[tuple[Ref, int], ...]


@dataclass(frozen=True, slots=True)
class Scalar:
    value: Any


@dataclass(frozen=True, slots=True)
class Combine:
    """`+ - *` element-wise, or a function (resdsl/join_functions)."""

    op: Operation
    operands: tuple[Expression, ...]


Expression: TypeAlias = Use | Copies | Scalar | Combine


def uses(expression: Expression) -> Iterator[Ref]:
    """Every ref that an expression reads, as often as it reads it (copies of a run once)."""
    stack: list[Expression] = [expression]
    while stack:
        match stack.pop():
            case Use(ref):
                yield ref
            case Copies(_, refs):
                yield from (ref for ref, _ in refs)
            case Combine(_, operands):
                stack.extend(reversed(operands))
            case _:
                pass


def replicated(expression: Expression) -> frozenset[str]:
    """The branches whose copies an expression reads."""
    found: set[str] = set()
    stack: list[Expression] = [expression]
    while stack:
        match stack.pop():
            case Copies(branch, _):
                found.add(branch)
            case Combine(_, operands):
                stack.extend(operands)
            case _:
                pass
    return frozenset(found)


def nesting(expression: Expression) -> int:
    """How many operations an expression has inside each other."""
    deepest = 0
    stack = [(expression, 0)]
    while stack:
        part, depth = stack.pop()
        if isinstance(part, Combine):
            deepest = max(deepest, depth + 1)
            stack += [(operand, depth + 1) for operand in part.operands]
    return deepest


def tensors(expression: Expression) -> Iterator[Use]:
    """The tensors that a join reads, in order, but the copies of its own branches."""
    stack = [expression]
    while stack:
        match stack.pop():
            case Use() as use:
                yield use
            case Combine(_, operands):
                stack.extend(reversed(operands))
            case _:
                pass
