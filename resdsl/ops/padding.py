"""Zeros around the maps, and elements taken away there: pad, crop."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from resdsl.extents import Shape, Size, collapsed, spread
from resdsl.ops.base import (
    Argument,
    Inline,
    Module,
    Needs,
    Op,
    Problem,
    argument,
    at_least,
    operator,
    wrong_rank,
)
from resdsl.ops.sizes import times
from resdsl.records import dataclass


class _Sides(Op):
    """An operator that changes what stands before and after the elements of each dimension."""

    __slots__ = ()

    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    reads_channels: ClassVar[bool] = False
    may_alias: ClassVar[bool] = True

    @property
    @abstractmethod
    def ends(self) -> tuple[int | Size, int | Size]:
        """How many elements before, and after."""

    def sides(self, rank: int) -> list[tuple[int, int]]:
        """The same by dimension."""
        before, after = (spread(size, rank) for size in self.ends)
        return [(int(b), int(a)) for b, a in zip(before, after, strict=True)]

    def wrong_rank(self, rank: int) -> Problem | None:
        before, after = self.ends
        return wrong_rank(self.name, rank, {"before": before, "after": after})

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return self.ends

    def sampling(self, rank: int) -> tuple[tuple[int, int], ...]:
        return ((1, 1),) * rank

    def field(self, rank: int) -> tuple[int, ...]:
        return (1,) * rank

    def zeros(self, rank: int, sign: int) -> Module:
        """torch takes away what is below zero."""
        # It begins with the last dimension.
        padding = tuple(sign * n for pair in reversed(self.sides(rank)) for n in pair)
        return Module(f"nn.ZeroPad{rank}d", (Argument("padding", collapsed(padding)),))


@operator("pad")
@dataclass(frozen=True, slots=True)
class Pad(_Sides):
    """Zeros before and after each spatial dimension: torch.nn.ZeroPad1d, ZeroPad2d, ZeroPad3d."""

    before: int | Size = argument(
        "size", least=0, doc="Zeros before the first element of each dimension."
    )
    after: int | Size = argument("size", least=0, doc="Zeros behind the last.")

    @property
    def ends(self) -> tuple[int | Size, int | Size]:
        return self.before, self.after

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        problem = self.wrong_rank(shape.rank)
        if problem:
            return problem
        pads = self.added(shape.rank)
        return shape.with_extents(
            [extent.mapped(pad, 1) for extent, pad in zip(shape.extents, pads, strict=True)]
        )

    def added(self, rank: int) -> tuple[int, ...]:
        return tuple(before + after for before, after in self.sides(rank))

    def windows(self, rank: int) -> tuple[range, ...]:
        return tuple(range(-before, 1 - before) for before, _ in self.sides(rank))

    def module(self, shape: Shape) -> Module:
        return self.zeros(shape.rank, 1)

    def label(self, shape: Shape) -> str:
        return f"zeros {times(self.before)} before, {times(self.after)} after"


@operator("crop")
@dataclass(frozen=True, slots=True)
class Crop(_Sides):
    """`x[:, :, before:-after]` in each spatial dimension: what `pad` adds is taken away."""

    before: int | Size = argument(
        "size", least=0, doc="Elements that go at the beginning of each dimension."
    )
    after: int | Size = argument("size", least=0, doc="Elements that go at its end.")

    @property
    def ends(self) -> tuple[int | Size, int | Size]:
        return self.before, self.after

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        problem = self.wrong_rank(shape.rank)
        if problem:
            return problem
        gone = [before + after for before, after in self.sides(shape.rank)]
        needs.append(at_least(shape.extents, [n + 1 for n in gone], "nothing would be left"))
        return shape.with_extents(
            [extent.mapped(-n, 1) for extent, n in zip(shape.extents, gone, strict=True)]
        )

    def windows(self, rank: int) -> tuple[range, ...]:
        return tuple(range(before, before + 1) for before, _ in self.sides(rank))

    def module(self, shape: Shape) -> Module:
        return self.zeros(shape.rank, -1)

    def inline(self, shape: Shape) -> Inline:
        sides = self.sides(shape.rank)
        if not any(before or after for before, after in sides):
            return Inline("same")
        return Inline("index", f"[:, :, {', '.join(_slice(*side) for side in sides)}]")

    def label(self, shape: Shape) -> str:
        return f"crop of {times(self.before)} before, {times(self.after)} after"


def _slice(before: int, after: int) -> str:
    """`1:-2` without the numbers that are 0."""
    return f"{before or ''}:{-after or ''}"
