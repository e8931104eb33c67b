"""The functions of the language on numbers, lists and sizes. `where` is lazy and stands elsewhere.

A docstring completes the sentence "`f` is …" of a message about a wrong call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

from resdsl import limits
from resdsl.extents import Size
from resdsl.language.values.values import show, type_name


class BadCallError(Exception):
    """Arguments that a function does not take; the text is the message."""


class NotIntsError(BadCallError):
    """A number is none of the ints that a function takes."""

    def __init__(self, takes: str, values: Sequence[Any]) -> None:
        self.wrong = next((value for value in values if not _is_int(value)), None)
        given = (
            "" if self.wrong is None else f", not the {type_name(self.wrong)} {show(self.wrong)}"
        )
        super().__init__(takes + given)


def _is_int(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _numbers(name: str, values: tuple[Any, ...]) -> list[Any]:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadCallError(f"`{name}` takes numbers")
    return list(values)


def _spread(name: str, values: tuple[Any, ...]) -> list[Any]:
    if len(values) == 1 and isinstance(values[0], tuple):
        values = values[0]
    if not values:
        raise BadCallError(f"`{name}` of nothing has no value")
    return _numbers(name, values)


def _range(*values: Any) -> tuple[int, ...]:
    """`range(stop)`, `range(start, stop)` or `range(start, stop, step)`, of ints"""
    if not 1 <= len(values) <= 3 or not all(map(_is_int, values)):
        raise NotIntsError("`range` takes one to three ints", values)
    if len(values) == 3 and values[2] == 0:
        raise BadCallError("`range` cannot step by 0")
    numbers = range(*values)
    # Not `len`, which has no word for a number of elements beyond the machine's.
    if numbers[limits.LIST_LENGTH :]:
        raise BadCallError(f"`range` gives at most {limits.LIST_LENGTH:,} numbers")
    return tuple(numbers)


def _min(*values: Any) -> Any:
    """`min(a, b, …)` or `min(list)`; a float where one of them is"""
    numbers = _spread("min", values)
    return _like(min(numbers), numbers)


def _max(*values: Any) -> Any:
    """`max(a, b, …)` or `max(list)`; a float where one of them is"""
    numbers = _spread("max", values)
    return _like(max(numbers), numbers)


def _like(value: Any, numbers: Sequence[Any]) -> Any:
    """What kind a result is may not hang on which of the numbers it is."""
    return float(value) if any(isinstance(number, float) for number in numbers) else value


def _sum(values: Any) -> Any:
    """`sum(list)`"""
    if not isinstance(values, tuple):
        raise BadCallError("`sum` takes a list")
    return sum(_numbers("sum", values))


def _abs(value: Any) -> Any:
    """`abs(number)`"""
    return abs(_numbers("abs", (value,))[0])


def _floor(value: Any) -> int:
    """`floor(number)`"""
    number: float = _numbers("floor", (value,))[0]
    return math.floor(number)


def _ceil(value: Any) -> int:
    """`ceil(number)`"""
    number: float = _numbers("ceil", (value,))[0]
    return math.ceil(number)


def _round(value: Any) -> int:
    """`round(number)`, halves to the even neighbour"""
    number: float = _numbers("round", (value,))[0]
    return round(number)


def _len(values: Any) -> int:
    """`len(list)`"""
    if not isinstance(values, tuple):
        raise BadCallError("`len` takes a list or a size")
    return len(values)


def _size(*values: Any) -> Size:
    """`size(a, b, …)`, of ints"""
    if not values or not all(map(_is_int, values)):
        raise NotIntsError("`size` takes ints, one a dimension", values)
    return Size(values)


def _divisible(x: Any, by: Any = 8) -> int:
    """`divisible(x, by=8)`: the nearest multiple of `by`, never below 90 % of x (MobileNet)"""
    number, by = _numbers("divisible", (x, by))
    if not _is_int(by) or by < 1:
        raise NotIntsError("`divisible` takes a positive int as `by`", (by,))
    rounded = max(by, int(number + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * number else rounded


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "range": _range,
    "min": _min,
    "max": _max,
    "abs": _abs,
    "floor": _floor,
    "ceil": _ceil,
    "round": _round,
    "sum": _sum,
    "len": _len,
    "size": _size,
    "divisible": _divisible,
    # Only here so that suggestions know the name.
    "where": lambda *_: None,
}
