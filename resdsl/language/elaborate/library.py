"""Elaborated definitions of std, kept for the life of the process.

An editor checks the same text again and again, and most of a network is std's blocks with the same
arguments. One that was elaborated without a word is taken as it is where everything that it could
see is the same: its arguments, the `set`s in force, the shapes that come in with their extents,
and the input with its conditions. So what is told never depends on what was checked before.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import field
from typing import Any

from resdsl.design.model import Definition
from resdsl.language.elaborate.reach import Reach
from resdsl.language.names.symbols import Symbol
from resdsl.language.values.context import Conflict, Sampling
from resdsl.records import dataclass

# Entries, and steps in one. ResNet-152 has 9 entries, of some 30 steps.
_ENTRIES = 512
_STEPS = 2_000

_known: dict[Hashable, Elaboration] = {}
# Of the definitions in them, those that no warning is to be told of (resdsl.analysis.advice).
_kept: set[Definition] = set()
_silent: set[Definition] = set()


@dataclass(slots=True, eq=False)
class Made:
    """A definition, the places of the `set`s that it depends on, its results' sampling and how
    far apart their elements lie, and what it has decided by its arguments."""

    definition: Definition
    uses: set[Any]
    ratios: tuple[Sampling | Conflict, ...]
    apart: tuple[tuple[int, ...] | None, ...]
    reach: Reach


@dataclass(slots=True, eq=False)
class Elaboration:
    """Elaborating one definition: what it made, itself the last, and what it found made.

    `place` is all that it can depend on, where that is of std alone: others are not kept, and what
    they make and find inside is not noted. `steps` and `effort` are where it began, and when it is
    done how many it took; these and `depth` count against the limits. `broken`: it met a definition
    with mistakes.
    """

    symbol: Symbol
    key: Any
    place: Any
    steps: int
    effort: int
    depth: int = 0
    uses: set[Any] = field(default_factory=set)
    made: dict[Any, Made] = field(default_factory=dict)
    found: dict[Any, Made] = field(default_factory=dict)
    broken: bool = False

    def adopt(self, inner: Elaboration) -> None:
        """`inner` was done on the way."""
        self.made.update(inner.made)
        self.depth = max(self.depth, inner.depth + 1)
        self.broken = self.broken or inner.broken

    def fits(self, known: dict[Any, Made | None]) -> bool:
        """Whether elaborating it again beside `known` would do the same."""
        return not any(key in known for key in self.made) and all(
            known.get(key) is made for key, made in self.found.items()
        )


def recall(key: Hashable) -> Elaboration | None:
    return _known.get(key)


def remember(key: Hashable, elaboration: Elaboration) -> None:
    if elaboration.steps > _STEPS:
        return
    if len(_known) >= _ENTRIES:
        forget()
    _known[key] = elaboration
    _kept.update(made.definition for made in elaboration.made.values())


def is_silent(definition: Definition) -> bool:
    """Whether it was looked at before, and nothing was said of it."""
    return definition in _silent


def be_silent(definition: Definition) -> None:
    if definition in _kept:
        _silent.add(definition)


def forget() -> None:
    """Begins afresh, as a new process would."""
    _known.clear()
    _kept.clear()
    _silent.clear()


def is_of_library(key: object) -> bool:
    """Whether a key speaks of std's definitions and of operators only."""
    if isinstance(key, tuple | frozenset):
        return all(map(is_of_library, key))
    return not isinstance(key, Symbol) or key.module.library
