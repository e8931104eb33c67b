"""A dialect: the names that another library has for the tensors of a network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from resdsl.records import dataclass

# A pattern, and what it is replaced by.
Rule: TypeAlias = tuple[str, "str | Callable[[re.Match[str]], str]"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """`rules` turn their keys into ours, one after the other; `numbered` before them, all at once.

    `name` says whose, `note` what it comes to. `mark` is a piece of one of their keys, with a dot
    at either end of the key, without which it is not this dialect. `zoo` are the files of the zoo
    for whose networks it holds: there are networks of equal shapes that compute another thing,
    which only their names tell apart. `reshapes`: a linear layer may be a convolution there.
    """

    name: str
    note: str
    mark: str
    zoo: frozenset[str]
    rules: tuple[Rule, ...]
    numbered: Callable[[Iterable[str]], dict[str, str]] | None = None
    reshapes: bool = False

    def holds_for(self, origin: str, zoo: Callable[[str], bool]) -> bool:
        """Whether a design of a spec's file may be called so: of the zoo's only some."""
        return origin in self.zoo or not zoo(origin)

    def is_marked(self, keys: Iterable[str]) -> bool:
        return any(self.mark in f".{key}." for key in keys)

    def translated(self, keys: Sequence[str]) -> dict[str, str]:
        """Our key by theirs."""
        first = self.numbered(keys) if self.numbered else {}
        return {key: self._ruled(first.get(key, key)) for key in keys}

    def _ruled(self, key: str) -> str:
        for pattern, replacement in self.rules:
            key = re.sub(pattern, replacement, key)
        return key


def dialect(
    name: str,
    note: str,
    mark: str,
    zoo: str,
    rules: Sequence[Rule],
    *,
    numbered: Callable[[Iterable[str]], dict[str, str]] | None = None,
    reshapes: bool = False,
) -> Dialect:
    """`zoo` are names with spaces between them. Patterns are compiled when they are needed."""
    return Dialect(name, note, mark, frozenset(zoo.split()), tuple(rules), numbered, reshapes)


def stages(to: str = "layer", *, first: int = 0) -> list[Rule]:
    """`stages.0.2` is `layer1.2`."""
    return [(rf"^stages\.{i + first}\.", f"{to}{i + 1}.") for i in range(4)]
