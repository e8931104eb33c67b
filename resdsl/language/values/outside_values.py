"""Values from outside: whatever library of Python made a number or a list, here it is a plain one.

numpy, torch and the others are not imported: a number is known by its protocol (`__index__`,
`numbers.Real`), an array by its `shape`, `dtype` and `tolist`. What a class of somebody else's
raises when it is asked makes its object one that is not understood.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from itertools import islice
from math import prod
from numbers import Number
from typing import Any

from resdsl import limits
from resdsl.diagnostics.suggest import LONGEST
from resdsl.records import dataclass

_NESTED = 8  # lists in lists; none of the language's types is deeper
_SHOWN = 8  # elements of a list in a message
_WIDE = 40  # characters of a string or number in a message

# Iterated over, they would be something else: letters and bytes.
_NO_LISTS = (str, bytes, bytearray, memoryview)


@dataclass(frozen=True, slots=True)
class Text:
    """Not of Python, but of the command line: the expression of `--set classes=10`, or the size of
    `--input`. Mistakes in it are told in its words."""

    text: str


@dataclass(frozen=True, slots=True)
class Alien:
    """An object that is no value of the language; `kind` ends the sentence "it must not be …"."""

    kind: str


class _LongError(Exception):
    """A list, or the lists in it together, has more elements than one may have."""


def understood(value: object) -> Any:
    """`value` as Python's own bool, int, float or str, as a list of such and of lists, or Alien."""
    try:
        return _understood(value, [limits.LIST_LENGTH], _NESTED)
    except _LongError:
        return Alien(f"a {_type_name(value)} of more than {limits.LIST_LENGTH:,} elements")
    except Exception:
        return _alien(value)


def stride_limit(value: object) -> int | None:
    """The output stride that a caller asks for. Raises TypeError for what can be none."""
    number = None if value is None else understood(value)
    if number is not None and (type(number) is not int or number < 1):
        raise TypeError(f"an output stride is an int of at least 1, not {told(value)}")
    return number


def truth(name: str, value: object) -> bool:
    """Raises TypeError for what is neither True nor False."""
    found = understood(value)
    if not isinstance(found, bool):
        raise TypeError(f"{name} is True or False, not {told(value)}")
    return found


def _understood(value: object, room: list[int], depth: int) -> Any:
    kind = type(value)
    if kind is bool:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if all(hasattr(value, name) for name in ("shape", "dtype", "tolist")):
        found = _unpacked(value, room)
        if type(found) is not kind:  # numpy's longdouble gives itself
            return _understood(found, room, depth)
    if hasattr(kind, "__index__"):
        return int(operator.index(value))  # type: ignore[arg-type]
    if isinstance(value, Number) and hasattr(kind, "__float__"):
        return float(value)  # type: ignore[arg-type]
    if isinstance(value, Sequence) and not isinstance(value, _NO_LISTS) and depth:
        items = list(islice(value, room[0] + 1))
        _take(room, len(items))
        return [_understood(item, room, depth - 1) for item in items]
    return _alien(value)


def _unpacked(array: Any, room: list[int]) -> Any:
    """An array's number or nested lists, if they are not too many."""
    if prod(int(extent) for extent in array.shape) > room[0]:
        raise _LongError
    return array.tolist()


def _take(room: list[int], count: int) -> None:
    room[0] -= count
    if room[0] < 0:
        raise _LongError


def _alien(value: object) -> Alien:
    if value is None:
        return Alien("None")
    name = _type_name(value)
    if issubclass(type(value), type):
        return Alien(f"the class {_name(value)}")  # type: ignore[arg-type]
    if name in ("function", "builtin_function_or_method", "method"):
        called = word(value)
        return Alien(f"the function {called}" if called.isidentifier() else "a function")
    if name in ("bytes", "object"):
        return Alien(name if name == "bytes" else "an object")
    return Alien(f"{'an' if name[0] in 'aeioAEIO' else 'a'} {name}")


def told(value: object) -> str:
    """A value that is no use, as `described`."""
    return described(value, understood(value))


def described(value: object, known: Any) -> str:
    """`the str 'ten'`, `the tuple (3, 5)`, `a dict`: a value by its own type, in Python's words.

    `known` is what it is `understood` as. No method of a class of somebody else's is asked.
    """
    if isinstance(known, Alien):
        return known.kind
    return f"the {_type_name(value)} {shown(known, is_tuple=issubclass(type(value), tuple))}"


def shown(known: Any, *, is_tuple: bool = False) -> str:
    """What is `understood`, as Python writes it, and not too long."""
    if isinstance(known, Alien):
        return known.kind
    if isinstance(known, list):
        items = [shown(item) for item in known[:_SHOWN]]
        text = ", ".join([*items, "…"] if len(known) > _SHOWN else items)
        return f"({text}{',' * (len(known) == 1)})" if is_tuple else f"[{text}]"
    if isinstance(known, int) and known.bit_length() > 3 * _WIDE:
        return f"of some {known.bit_length() * 30103 // 100000 + 1:,} digits"
    if isinstance(known, str) and len(known) > _WIDE:
        return f"{known[:_WIDE]!r}…"
    return repr(known)


def word(value: object) -> str:
    """The name by which a class, a function or an object's class is known: `ReLU`."""
    try:
        found = getattr(value, "__name__", None) or type(value).__name__
    except Exception:
        return ""
    return found if type(found) is str and len(found) <= LONGEST else ""


def _type_name(value: object) -> str:
    return _name(type(value))


def _name(kind: type) -> str:
    """Of a class, by `type` itself: its metaclass may say anything."""
    name: str = type.__dict__["__name__"].__get__(kind)
    return name if name.isidentifier() and len(name) <= LONGEST else "object"
