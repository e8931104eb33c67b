"""The values of the language, and how messages speak of them.

Numbers, bools and strings are Python's; a size is `Size`, a list a plain tuple.
"""

from __future__ import annotations

from typing import Any

from resdsl import limits
from resdsl.design.model import Ref
from resdsl.extents import Size
from resdsl.language.names.symbols import Symbol
from resdsl.records import dataclass


class Unknown:
    """A value that an error left unknown. Everything made from it is unknown too, and silent."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()

# Characters that messages show of a string, and of a value in all.
_STRING, _LONGEST = 60, 120
# Values inside each other that are looked at for it.
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Callee:
    """An operator, slot, block or shortcut as a value, with arguments bound.

    `target` is the operator's or slot's name, or the definition's symbol.
    """

    target: str | Symbol
    bound: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        return self.target if isinstance(self.target, str) else self.target.name

    @property
    def kind(self) -> str:
        return "op" if isinstance(self.target, str) else self.target.kind


@dataclass(frozen=True, slots=True)
class TensorValue:
    """`in`, `here`, `main`, a kept tensor, a branch (`copies` where it is replicated)."""

    ref: Ref
    name: str
    copies: tuple[tuple[Ref, int], ...] | None = None


def holds_tensors(value: Any) -> bool:
    """Whether it is a tensor or a list of tensors."""
    if type(value) is tuple:
        return any(isinstance(item, TensorValue) for item in value)
    return isinstance(value, TensorValue)


def is_list(value: Any) -> bool:
    """Whether it is a list of tensors, or an empty list, which may be one."""
    return type(value) is tuple and (not value or holds_tensors(value))


@dataclass(frozen=True, slots=True)
class OutShape:
    """`out` in a shortcut: the shape of main's result, not a tensor. `flat` tensors have rank 0."""

    channels: Any
    rank: int


@dataclass(frozen=True, slots=True)
class FreeExtent:
    """A free extent of the input, `H`: only a condition in an `expect` may speak of it."""

    name: str


def too_large(value: Any) -> str | None:
    """What is too much of a list or of a callee with arguments, of all that is in it; or None.

    They double from one `let` to the next, and what walks over a value follows all of it.
    """
    count, depth = _extent(value)
    if count > limits.LIST_LENGTH:
        what = "arguments" if isinstance(value, Callee) else "elements"
        return f"at most {limits.LIST_LENGTH:,} {what}"
    if depth > limits.VALUE_DEPTH:
        return f"at most {limits.VALUE_DEPTH} others inside each other"
    return None


def parts(value: Any) -> int:
    """How many values a list or a callee with arguments has in it, those in these included."""
    return _extent(value)[0]


def _extent(value: Any) -> tuple[int, int]:
    """How many values are in a value, and how deep inside each other; beyond a limit no further."""
    count, deepest, stack = 0, 0, [(value, 1)]
    while stack and count <= limits.LIST_LENGTH and deepest <= limits.VALUE_DEPTH:
        part, depth = stack.pop()
        inside = [item for _, item in part.bound] if isinstance(part, Callee) else part
        count += len(inside)
        if inside:
            deepest = max(deepest, depth)
        stack += [(item, depth + 1) for item in inside if isinstance(item, tuple | Callee)]
    return count, deepest


def type_name(value: Any) -> str:
    """The language's word for the type of a value."""
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "string"
        case Size():
            return "size"
        case tuple():
            return "list"
        case Callee():
            return value.kind
        case TensorValue():
            return "tensor"
        case OutShape():
            return "shape"
        case FreeExtent():
            return "free extent"
        case _:
            return "value"


def article(word: str) -> str:
    return f"an {word}" if word[0] in "aeio" else f"a {word}"


def show(value: Any) -> str:
    """A value as one would write it, if it is not too long."""
    text = _written(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _written(value: Any, depth: int = _SHOWN) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"' if len(value) <= _STRING else f'"{value[: _STRING - 1]}…"'
        case int():
            return str(int(value))
        case float():
            return _decimal(float(value))
        case Size():
            return str(value)
        case tuple():
            return f"[{_listed([('', item) for item in value], depth)}]"
        case Callee():
            bound = [(f"{name}=", item) for name, item in value.bound]
            return f"{value.name}({_listed(bound, depth)})" if bound else value.name
        case TensorValue() | FreeExtent():
            return value.name
        case _:
            return "?"


def _listed(items: list[tuple[str, Any]], depth: int) -> str:
    if items and not depth:
        return "…"
    shown = [name + _written(item, depth - 1) for name, item in items[:8]]
    return ", ".join([*shown, "…"] if len(items) > 8 else shown)


def _decimal(value: float) -> str:
    """Six digits, where these do not make a whole number of another or hide that it is a float."""
    short = f"{value:g}"
    return short if not float(short).is_integer() else repr(value)


def equal(one: Any, other: Any) -> bool:
    """`==` of the language: 2 and 2.0 are equal, in lists too; true and 1 are not."""
    if type(one) is tuple and type(other) is tuple:
        return len(one) == len(other) and all(map(equal, one, other))
    if all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other)
    ):
        return bool(one == other)
    return bool(key(one) == key(other))


def key(value: Any) -> Any:
    """A value as part of a dictionary key: `1`, `1.0` and `true` are three."""
    match value:
        case bool() | str() | Unknown():
            return value if isinstance(value, str) else (type(value).__name__, value)
        case int():
            return int(value)
        case float():
            return ("float", float(value))
        case Size():
            return ("size", tuple(int(n) for n in value))
        case tuple():
            return ("list", tuple(key(item) for item in value))
        case Callee():
            return ("callee", value.target, tuple((name, key(item)) for name, item in value.bound))
        case _:
            return value
