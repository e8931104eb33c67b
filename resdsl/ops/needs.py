"""What must hold of the extents that come in, for an operator to run.

A need answers for itself: whether it holds, and in which words that it does not. Who checks a size,
tells of it or looks for the sizes that are valid asks no need what kind it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from math import lcm
from typing import ClassVar, Literal, TypeAlias

from resdsl.diagnostics import codes
from resdsl.diagnostics.codes import Code
from resdsl.extents import Extent
from resdsl.extents.extent import PERIOD
from resdsl.records import dataclass

ValueOf: TypeAlias = Callable[[Extent], "int | None"]
"""The value of an extent; None where it is free."""


@dataclass(frozen=True, slots=True)
class Bound:
    """`extent`, of an operator's input, is at least `least`."""

    extent: Extent
    least: int

    def holds(self, value: int | None) -> bool:
        """A free extent holds: it has a minimum."""
        return value is None or value >= self.least

    @property
    def smallest(self) -> int:
        """The smallest extent of the network's input that meets it; 1 where that does not matter.

        Extents are monotone functions of the input's.
        """
        return 1 if self.extent.is_constant else max(self.extent.least(self.least), 1)


class Need(ABC):
    """Bounds on the extents that come in."""

    code: ClassVar[Code] = codes.TOO_SMALL
    # Whether all of them must hold, or one.
    between: ClassVar[Literal["and", "or"]]
    # It is nothing but a minimum of each dimension: all else is asked for at each size.
    is_minimum: ClassVar[bool] = False
    bounds: tuple[Bound, ...]

    def holds(self, value_of: ValueOf) -> bool:
        held = (bound.holds(value_of(bound.extent)) for bound in self.bounds)
        return all(held) if self.between == "and" else any(held)

    @abstractmethod
    def message(self, name: str, got: str) -> str:
        """What is told where it does not hold. `got`: the extents that come in, `3x3`."""

    def fits(self, names: Sequence[str]) -> str:
        """For which inputs it holds, whose dimensions have these names; empty where none does."""
        parts = [
            f"{names[bound.extent.axis]} >= {bound.smallest}"
            for bound in self.bounds
            if bound.extent.axis is not None
        ]
        return f" {self.between} ".join(parts)


@dataclass(frozen=True, slots=True)
class AtLeast(Need):
    """Each extent has a minimum."""

    between = "and"
    is_minimum = True
    bounds: tuple[Bound, ...]
    reason: str

    def message(self, name: str, got: str) -> str:
        least = "x".join(str(max(bound.least, 1)) for bound in self.bounds)
        noun = "a map" if len(self.bounds) > 1 else "an extent"
        return f"`{name}` needs {noun} of at least {least}, but gets {got}: {self.reason}"


@dataclass(frozen=True, slots=True)
class MoreThanOne(Need):
    """A map of these extents has more than one element."""

    between = "or"
    bounds: tuple[Bound, ...]

    def message(self, name: str, got: str) -> str:
        return f"`{name}` needs more than one element a channel"


@dataclass(frozen=True, slots=True)
class Within(Need):
    """Each extent of a tensor is at most that of another."""

    between = "and"
    pairs: tuple[tuple[Extent, Extent], ...]
    reason: str
    bounds: tuple[Bound, ...] = ()

    def holds(self, value_of: ValueOf) -> bool:
        """Free extents hold where they are not known."""
        known = [(value_of(one), value_of(two)) for one, two in self.pairs]
        return all(one is None or two is None or one <= two for one, two in known)

    def message(self, name: str, got: str) -> str:
        return f"`{name}` cannot do that to {got}: {self.reason}"


def within(ones: Iterable[Extent], twos: Iterable[Extent], reason: str) -> list[Need]:
    """That each extent is at most the other at its place; nothing where it is at every size."""
    pairs = [(a, b) for a, b in zip(ones, twos, strict=True) if not _is_never_above(a, b)]
    return [Within(tuple(pairs), reason)] if pairs else []


def _is_never_above(one: Extent, two: Extent) -> bool:
    """Whether an extent is at most another at every size, as far as one period shows."""
    if one == two:
        return True
    if one.axis != two.axis or one.growth != two.growth:
        return one.is_constant and two.is_constant and one.offset <= two.offset
    if one.is_constant:
        return one.offset <= two.offset
    period = lcm(one.stride, two.stride)
    return period <= PERIOD and all(one.at(h) <= two.at(h) for h in range(1, period + 1))


def at_least(extents: Iterable[Extent], least: Iterable[int], reason: str) -> AtLeast:
    """Each extent has at least the number at its place."""
    return AtLeast(tuple(map(Bound, extents, least)), reason)


def more_than_one(extents: Iterable[Extent]) -> MoreThanOne:
    return MoreThanOne(tuple(Bound(extent, 2) for extent in extents))


Needs: TypeAlias = list[Need]
