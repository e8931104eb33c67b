"""What a design has compared, in the terms of the definition around: does it hold for others?

A network's `width` may stay an argument of the emitted module if nothing that was decided would be
decided otherwise for another width. `in.channels != out.channels` in a shortcut is `width != 4 *
width` where a stage calls it: equal at 0 only, and no tensor has no channels. Behind a stem of 64
channels it is `64 != 4 * width`, which is another network at 16.

So a comparison is kept as two origins (resdsl.provenance). A call puts its arguments for the
leaves, and at the network it is solved. What is no linear form of one parameter is held to its
numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from resdsl.provenance import (
    DEPTH,
    Bound,
    Element,
    Leaf,
    Operation,
    Origin,
    depth,
    leaves,
    operation,
    origin,
    plain,
)
from resdsl.records import dataclass

if TYPE_CHECKING:
    from fractions import Fraction

Tree: TypeAlias = Origin | int | float
# Whole numbers stay ints: they are faster, and most networks need no fractions.
Exact: TypeAlias = "int | Fraction"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left == right`, or its opposite. `channels`: which of both are those of a tensor, and so at
    least 1. `is_idle`: where both are equal, a step that does nothing is left out, and no other.
    `is_order`: it is `left > right`, which says the same of what cannot be less."""

    left: Tree
    right: Tree
    channels: tuple[bool, bool] = (False, False)
    is_idle: bool = False
    is_order: bool = False

    @property
    def leaves(self) -> list[str]:
        return leaves(self.left) + leaves(self.right)


def source_of(value: Any) -> Tree:
    """Where a number comes from, or the number."""
    source = origin(value)
    return plain(value) if source is None else source


def lifted(comparison: Comparison, arguments: Mapping[str, Any]) -> Comparison | None:
    """The comparison at a call with these arguments; None where it has no short form there."""
    left, right = (_substituted(side, arguments) for side in (comparison.left, comparison.right))
    if left is None or right is None or max(depth(left), depth(right)) > DEPTH:
        return None
    # Not `replace`, which is slow.
    return Comparison(left, right, comparison.channels, comparison.is_idle, comparison.is_order)


def _substituted(side: Tree, arguments: Mapping[str, Any]) -> Tree | None:
    match side:
        case Leaf(name):
            value = arguments.get(name)
            return source_of(value) if _is_number(value) else None
        case Element():
            # Lists do not survive a call.
            return None
        case Bound(_, value):
            return _substituted(value, arguments)
        case Operation(op, left, right):
            one, two = _substituted(left, arguments), _substituted(right, arguments)
            if one is None or two is None:
                return None
            return operation(op, one, two)
        case number:
            return number


def deciding(comparisons: Iterable[Comparison]) -> Iterator[str]:
    """The parameters of a network with which a comparison would come out otherwise, or may."""
    # What each copy of a block compares is the same.
    for comparison in dict.fromkeys(comparisons):
        if not _always(comparison):
            yield from comparison.leaves


def _always(comparison: Comparison) -> bool:
    """Whether it comes out as it did, for all numbers with which there is such a network."""
    if comparison.is_idle or comparison.left == comparison.right:
        return True
    sides = [_linear(comparison.left), _linear(comparison.right)]
    left, right = sides
    if left is None or right is None:
        return False
    if not any((*left.slopes.values(), *right.slopes.values())):
        return True
    if comparison.is_order or not (left.is_whole and right.is_whole):
        # Whether floats are equal, rounding has a say in.
        return False
    slopes = {name: left.slopes.get(name, 0) - right.slopes.get(name, 0)
              for name in {**left.slopes, **right.slopes}}  # fmt: skip
    varying = [name for name, slope in slopes.items() if slope]
    if not varying:
        return True
    if len(varying) > 1 or len({*left.slopes, *right.slopes}) > 1:
        return False
    (name,) = varying
    root, rest = divmod(right.at_zero - left.at_zero, slopes[name])
    if rest:
        return True
    values = [side.at_zero + side.slopes.get(name, 0) * root for side in (left, right)]
    pairs = zip(values, comparison.channels, strict=True)
    return any(is_channels and value < 1 for value, is_channels in pairs)


@dataclass(frozen=True, slots=True)
class _Linear:
    """`at_zero + slope * parameter + …`. `is_whole`: made of whole numbers alone."""

    at_zero: Exact
    slopes: Mapping[str, Exact]
    is_whole: bool = True


def _linear(side: Tree) -> _Linear | None:
    match side:
        case Leaf(name):
            return _Linear(0, {name: 1})
        case Element(name, place):
            return _Linear(0, {f"{name}[{place}]": 1})
        case Bound(_, value):
            return _linear(value)
        case Operation(op, left, right):
            one, two = _linear(left), _linear(right)
            return None if one is None or two is None else _combined(op, one, two)
        case number:
            if isinstance(number, int):
                return _Linear(number, {})
            return _Linear(_fraction(number), {}, is_whole=False)


def _combined(op: str, one: _Linear, two: _Linear) -> _Linear | None:
    is_whole = one.is_whole and two.is_whole
    if op in ("+", "-"):
        sign = 1 if op == "+" else -1
        names = {**one.slopes, **two.slopes}
        slopes = {n: one.slopes.get(n, 0) + sign * two.slopes.get(n, 0) for n in names}
        return _Linear(one.at_zero + sign * two.at_zero, slopes, is_whole)
    if op == "*":
        if one.slopes and two.slopes:
            return None
        factor, form = (two, one) if one.slopes else (one, two)
        return _scaled(form, factor.at_zero, is_whole)
    if two.slopes or not two.at_zero:
        return None
    if op == "/":
        return _scaled(one, 1 / _fraction(two.at_zero), False)
    if op == "//" and is_whole:
        by = two.at_zero
        if any(part % by for part in (one.at_zero, *one.slopes.values())):
            return None
        slopes = {name: slope // by for name, slope in one.slopes.items()}
        return _Linear(one.at_zero // by, slopes)
    return None


def _scaled(form: _Linear, factor: Exact, is_whole: bool) -> _Linear:
    slopes = {name: slope * factor for name, slope in form.slopes.items()}
    return _Linear(form.at_zero * factor, slopes, is_whole)


def _fraction(number: float | Fraction) -> Fraction:
    from fractions import Fraction

    return Fraction(number)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
