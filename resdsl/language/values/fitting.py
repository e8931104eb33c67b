"""Values of Python made into those of the language, by the type that a parameter declares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from resdsl import limits
from resdsl.extents import Size
from resdsl.language.values.outside_values import Alien, described, understood
from resdsl.syntax import tree

_SIZE = re.compile(r"\s*[0-9]+(?:\s*[x×]\s*[0-9]+)*\s*")
# A string of a text ends at a quotation mark, or with its line, and has no signs that hide.
_UNWRITABLE = re.compile(r'["\n\r\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')

_TAKES = {
    "int": "an int",
    "float": "a float",
    "bool": "a bool",
    "string": "a str",
    "size": "a size, as 3, (3, 5) or '3x5'",
    "op": "the name of an operator, as 'relu'",
    "block": "the name of a block or operator, as 'basic'",
    "shortcut": "the name of a shortcut, block or operator, as 'projection'",
}
_ITEMS = {
    "string": "str", "op": "operators' names", "block": "blocks' names",
    "shortcut": "shortcuts' names",
}  # fmt: skip


class MisfitError(Exception):
    """A value is not what is asked for; the text says so, `help` what would be."""

    def __init__(self, message: str, *help: str) -> None:
        super().__init__(message)
        self.help = help


class Fitting:
    """Fits values to the parameters of the definition `owner`.

    `callee` finds what a text (`bottleneck(cardinality=32)`) says of an operator, block or
    shortcut: its value, of the type that is asked for, or UNKNOWN after an error that was told.
    It raises MisfitError if the text says something else.
    """

    def __init__(self, owner: str, callee: Callable[[str, tree.Type, str, str], Any]) -> None:
        self.owner = owner
        self.callee = callee

    def fit(self, value: object, wanted: tree.Type | None, name: str) -> Any:
        """The value for the parameter `name`, which takes `wanted` (None: anything).

        Raises MisfitError.
        """
        known = understood(value)
        return self._fit(known, wanted, name, described(value, known), list(_advice(value, known)))

    def _fit(
        self, known: Any, wanted: tree.Type | None, name: str, said: str, help: list[str]
    ) -> Any:
        kind, type_ = type(known), "any" if wanted is None else wanted.name
        match type_:
            case "int" if kind is int:
                return self._number(known, name, said)
            case "float" if kind is int or kind is float:
                return float(self._number(known, name, said))
            case "bool" if kind is bool:
                return known
            case "string" if kind is str:
                return self._string(known, name)
            case "one_of" if kind is str and wanted is not None and known in wanted.choices:
                return known
            case "size" if (size := _size(known)) is not None:
                for number in size if isinstance(size, Size) else (size,):
                    self._number(number, name, said)
                return size
            case "op" | "block" | "shortcut" if kind is str and wanted is not None:
                return self.callee(self._string(known, name), wanted, name, said)
            case "list" if kind is list and wanted is not None:
                return self._list(known, wanted.item, name)
            case "any" if not isinstance(known, Alien):
                return self._any(known, name, said)
        takes = "a number, bool, str or list" if wanted is None else taken(wanted)
        raise MisfitError(f"`{name}` of `{self.owner}` must be {takes}, not {said}", *help)

    def _list(self, items: list[Any], wanted: tree.Type | None, name: str) -> Any:
        return tuple(
            self._fit(item, wanted, f"{name}[{i}]", described(item, item), [])
            for i, item in enumerate(items)
        )

    def _any(self, known: Any, name: str, said: str) -> Any:
        if isinstance(known, str):
            return self._string(known, name)
        if isinstance(known, list):
            return self._list(known, None, name)
        return known if isinstance(known, bool) else self._number(known, name, said)

    def _number(self, number: int | float, name: str, said: str) -> int | float:
        if not abs(number) <= limits.LARGEST:  # nor is it so of a NaN
            raise MisfitError(
                f"`{name}` of `{self.owner}` must be a number within ±2**63, not {said}"
            )
        return number

    def _string(self, text: str, name: str) -> str:
        if (found := _UNWRITABLE.search(text)) or len(text) > limits.FILE_BYTES:
            what = f"has {found[0]!r}" if found else f"is of {len(text):,} characters"
            raise MisfitError(
                f"`{name}` of `{self.owner}` {what}, which no string of the language does"
            )
        return text


def taken(wanted: tree.Type) -> str:
    """What a type takes, in Python's words."""
    if wanted.name == "one_of":
        return "one of " + ", ".join(map(repr, wanted.choices))
    if wanted.name != "list" or wanted.item is None:
        return _TAKES.get(wanted.name, "a list")
    item = wanted.item.name
    return f"a list of {_ITEMS[item]}" if item in _ITEMS else f"a list[{item}]"


def _size(known: Any) -> Size | int | None:
    """An int, or the size that ints in a list, or with `x` between them in a str, stand for."""
    if type(known) is int:
        return known
    if isinstance(known, list) and known and all(type(number) is int for number in known):
        return Size(known)
    if isinstance(known, str) and len(known) <= limits.NUMBER_LENGTH and _SIZE.fullmatch(known):
        numbers = [int(number) for number in re.split("[x×]", known)]
        return Size(numbers) if len(numbers) > 1 else numbers[0]
    return None


def _advice(value: object, known: Any) -> Iterator[str]:
    if not isinstance(known, Alien):
        return
    if issubclass(type(value), set | frozenset):
        yield "a set has no order: a list has"
    elif hasattr(type(value), "__next__"):
        yield "`list(…)` of it is one"
