"""Where the origins of numbers change: at the border of a definition."""

from __future__ import annotations

from typing import Any

from resdsl.language.values.values import Callee
from resdsl.provenance import Bound, Element, Leaf, Operation, origin, plain


def stripped(value: Any) -> Any:
    """A value without the origins that mean nothing elsewhere."""
    if isinstance(value, Callee):
        return Callee(value.target, tuple((name, stripped(item)) for name, item in value.bound))
    if type(value) is tuple:
        return tuple(stripped(item) for item in value)
    if isinstance(value, tuple):
        return type(value)(int(item) for item in value)
    return plain(value)


def outside(channels: int, arguments: dict[str, Any]) -> Any:
    """The channels of a result with the origin that they have outside of the definition."""
    source = origin(channels)
    if source is None:
        return channels
    result = _substituted(source, arguments)
    return result if isinstance(result, int) and result == channels else int(channels)


def _substituted(source: Any, arguments: dict[str, Any]) -> Any:
    match source:
        case Leaf(name):
            return arguments.get(name)
        case Element():
            # Of the network's own lists, and no network is called.
            return None
        case Bound(_, value):
            return _substituted(value, arguments)
        case Operation(op, left, right):
            one, two = _substituted(left, arguments), _substituted(right, arguments)
            if not isinstance(one, int | float) or not isinstance(two, int | float):
                return None
            match op:
                case "+":
                    return one + two
                case "-":
                    return one - two
                case "*":
                    return one * two
                case "//":
                    return one // two
                case "%":
                    return one % two
            return None
        case number:
            return number
