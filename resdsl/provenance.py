"""Numbers that remember the expression they came from.

The language computes with them as with any number; the torch target writes `4 * width` where a
design holds 256, because the 256 knows that it was `width * expansion`. Equality, hashing and
arithmetic are those of the plain number.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from resdsl.records import dataclass


def power(base: Any, exponent: Any) -> Any:
    """`base ** exponent`. Raises ArithmeticError where it has no value, or one beyond 64 bits."""
    whole = isinstance(base, int) and isinstance(exponent, int) and exponent >= 0
    # Before anything of that size is made.
    if whole and abs(base) > 1 and exponent * (abs(base).bit_length() - 1) > 64:
        raise OverflowError("beyond 64 bits")
    result = base**exponent
    if isinstance(result, complex):
        raise ArithmeticError("a root of a negative number")
    return result


# What an `Operation` may be.
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": power,
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A parameter of the definition around (`width`), `in_channels`, `out_channels`, `stride`."""

    name: str


@dataclass(frozen=True, slots=True)
class Element:
    """`depths[0]`: one number of a list that is a parameter of the network."""

    list: str
    place: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A value that a `let` gave a name."""

    name: str
    value: Origin


@dataclass(frozen=True, slots=True)
class Operation:
    """`left op right`, where an operand is an origin or a plain number: `operation` makes it.

    `takes_away`: there is a minus in the sum that it is.
    """

    op: str
    left: Origin | int | float
    right: Origin | int | float
    depth: int
    takes_away: bool


Origin: TypeAlias = Leaf | Element | Bound | Operation

# An origin is only worth printing when it is short; a deeper one is forgotten.
DEPTH = 8


def origin(value: object) -> Origin | None:
    return getattr(value, "origin", None)


def traced(value: Any, source: Origin) -> Any:
    """`value` with an origin, where it is a number; sizes and everything else unchanged."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return TracedInt(int(value), source)
    if isinstance(value, float):
        return TracedFloat(float(value), source)
    return value


def are_numbers(value: Any) -> bool:
    """Whether this is a number, or a list of numbers alone."""
    items = value if type(value) is tuple else (value,)
    return all(isinstance(item, int | float) and not isinstance(item, bool) for item in items)


def itemised(values: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    """A list that is called `name`, whose numbers remember their places in it."""
    return tuple(traced(item, Element(name, place)) for place, item in enumerate(values))


def plain(value: Any) -> Any:
    """The number without its origin."""
    if isinstance(value, TracedInt):
        return int(value)
    if isinstance(value, TracedFloat):
        return float(value)
    return value


def leaves(source: Origin | int | float | None) -> list[str]:
    """The names of all leaves, each as often as it stands there: of an element that of its list."""
    found: list[str] = []
    stack = [source]
    while stack:
        match stack.pop():
            case Leaf(name) | Element(name):
                found.append(name)
            case Bound(_, value):
                stack.append(value)
            case Operation(_, left, right):
                stack += (left, right)
    return found


def depth(source: Origin | int | float | None) -> int:
    match source:
        case Operation(depth=known):
            return known
        case Bound(_, value):
            return depth(value)
        case _:
            return 0


def combine(op: str, left: Any, right: Any, result: Any) -> Any:
    """`result`, which is `left op right`, with the origin that follows from its operands."""
    one, two = origin(left), origin(right)
    if one is None and two is None:
        return result
    operands = plain(left) if one is None else one, plain(right) if two is None else two
    plainly = operation(op, *operands)
    made: Origin | int | None = None
    if plainly.takes_away and isinstance(result, int):
        made = _cancelled(op, *operands)
    if made is None:
        made = plainly
    return result if isinstance(made, int) or depth(made) > DEPTH else traced(result, made)


def operation(op: str, left: Origin | int | float, right: Origin | int | float) -> Operation:
    away = op == "-" or (op == "+" and (_takes_away(left) or _takes_away(right)))
    return Operation(op, left, right, 1 + max(depth(left), depth(right)), away)


def _takes_away(source: Origin | int | float) -> bool:
    match source:
        case Operation("+" | "-"):
            return source.takes_away
        case Bound(_, value):
            return _takes_away(value)
        case _:
            return isinstance(source, int) and source < 0


def _cancelled(
    op: str, left: Origin | int | float, right: Origin | int | float
) -> Origin | int | None:
    """The sum or difference without what it adds and takes away; None where there is no such.

    Channels that a block divides and joins again: `rest + (width - rest)`, `width - 8 + 8`. An int
    where no origin is left. A number alone leaves the names of `let`s.
    """
    named = isinstance(left, int | float) or isinstance(right, int | float)
    counts: dict[Origin, int] = {}
    constant, cancels = 0, False
    stack: list[tuple[Origin | int | float, int]] = [(right, 1 if op == "+" else -1), (left, 1)]
    while stack:
        term, sign = stack.pop()
        match term:
            case Bound(_, value) if not named:
                stack.append((value, sign))
            case Operation("+" | "-" as inner, one, two):
                stack += [(two, sign if inner == "+" else -sign), (one, sign)]
            case int():
                cancels = cancels or constant * sign * term < 0
                constant += sign * term
            case float():
                return None
            case _:
                cancels = cancels or counts.get(term, 0) * sign < 0
                counts[term] = counts.get(term, 0) + sign
    if not cancels:
        return None
    added = [(term, count) for term, count in counts.items() if count > 0]
    taken = [(term, -count) for term, count in counts.items() if count < 0]
    if not added:
        return None if taken else constant
    (first, count), *others = added
    total = _times(count, first)
    for inner, terms in (("+", others), ("-", taken)):
        for term, count in terms:
            total = operation(inner, total, _times(count, term))
    if constant:
        total = operation("+-"[constant < 0], total, abs(constant))
    return total


def _times(count: int, term: Origin) -> Origin:
    return term if count == 1 else operation("*", count, term)


def as_float(value: Any) -> Any:
    """An int as a float, whose origin is `value * 1.0` where it has one; a float as it is."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return combine("*", value, 1.0, float(value))


def _binary(op: str, base: type, swapped: bool) -> Callable[[Any, Any], Any]:
    name = f"__{'r' if swapped else ''}{_NAMES[op]}__"
    compute = getattr(base, name)

    def method(self: Any, other: Any) -> Any:
        result = compute(self, other)
        if result is NotImplemented:
            return result
        return combine(op, other, self, result) if swapped else combine(op, self, other, result)

    return method


_NAMES = {"+": "add", "-": "sub", "*": "mul", "//": "floordiv", "%": "mod", "/": "truediv"}


class TracedInt(int):
    origin: Origin

    def __new__(cls, value: int, source: Origin) -> TracedInt:
        made = super().__new__(cls, value)
        made.origin = source
        return made

    def __reduce__(self) -> tuple[type[int], tuple[int]]:
        return int, (int(self),)


class TracedFloat(float):
    origin: Origin

    def __new__(cls, value: float, source: Origin) -> TracedFloat:
        made = super().__new__(cls, value)
        made.origin = source
        return made

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        return float, (float(self),)


for _op, _name in _NAMES.items():
    for _class, _base in ((TracedInt, int), (TracedFloat, float)):
        setattr(_class, f"__{_name}__", _binary(_op, _base, swapped=False))
        setattr(_class, f"__r{_name}__", _binary(_op, _base, swapped=True))
