"""What a `join` makes: an expression over the tensors of a body."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from resdsl.join_functions import Operation
from resdsl.records import dataclass

Ref: TypeAlias = int
"""The number of a value in its definition."""


@dataclass(frozen=True, slots=True)
class Use:
    """A value by its ref. `name` is what the author wrote (`in`, `here`, `main`, a kept name)."""

    ref: Ref
    name: str


@dataclass(frozen=True, slots=True)
class Copies:
    """All copies of a replicated branch: (output of a run, its count), in order. With a `place`
    that one alone, of whose run the output is."""

    branch: str
    refs: tuple[tuple[Ref, int], ...]
    place: int | None = None

    @property
    def are_many(self) -> bool:
        return self.place is None

    @property
    def single(self) -> list[Copies]:
        """One by one."""
        runs = [ref for ref, count in self.refs for _ in range(count)]
        return [Copies(self.branch, ((ref, 1),), place) for place, ref in enumerate(runs)]


@dataclass(frozen=True, slots=True)
class Scalar:
    value: Any


@dataclass(frozen=True, slots=True)
class Combine:
    """`+ - *` element-wise, or a function (resdsl/join_functions). `softmax` is, at each element,
    the share that the first operand has of all."""

    op: Operation
    operands: tuple[Expression, ...]


Expression: TypeAlias = Use | Copies | Scalar | Combine


def parts(expression: Expression) -> Iterator[tuple[Expression, int]]:
    """Every part of an expression, itself first, left before right; how many operations are
    around it."""
    stack = [(expression, 0)]
    while stack:
        part, depth = stack.pop()
        yield part, depth
        if isinstance(part, Combine):
            stack += [(operand, depth + 1) for operand in reversed(part.operands)]


def uses(expression: Expression) -> Iterator[Ref]:
    """Every ref that an expression reads, as often as it reads it (copies of a run once)."""
    for part, _ in parts(expression):
        match part:
            case Use(ref):
                yield ref
            case Copies(_, refs):
                yield from (ref for ref, _ in refs)


def tensors(expression: Expression) -> Iterator[Use]:
    """The tensors that a join reads, in order, but the copies of its own branches."""
    return (part for part, _ in parts(expression) if isinstance(part, Use))


def replicated(expression: Expression) -> frozenset[str]:
    """The branches whose copies an expression reads."""
    return frozenset(part.branch for part, _ in parts(expression) if isinstance(part, Copies))


def depth(expression: Expression) -> int:
    """How many operations an expression has inside each other."""
    return max(around + isinstance(part, Combine) for part, around in parts(expression))


def renamed(expression: Expression, value: Callable[[Ref], Ref]) -> Expression:
    """The expression with its values replaced. Scalars stay the same objects."""
    match expression:
        case Use(ref, name):
            return Use(value(ref), name)
        case Copies(branch, refs, place):
            moved = tuple((value(ref), count) for ref, count in refs)
            return Copies(branch, moved, place)
        case Combine(op, operands):
            return Combine(op, tuple(renamed(operand, value) for operand in operands))
        case _:
            return expression
