"""Zeros around the maps, and elements taken away there: pad, crop."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from resdsl.diagnostics import codes
from resdsl.extents import Shape, Size, collapsed, spread
from resdsl.ops.base import (
    Argument,
    Helper,
    Inline,
    Module,
    Needs,
    Op,
    Problem,
    argument,
    at_least,
    operator,
    unlike,
    within,
    wrong_rank,
)
from resdsl.ops.sizes import times
from resdsl.records import dataclass

PAD_LIKE = Helper(
    "PadLike",
    '''
class PadLike(nn.Module):
    """Zeros around a map, up to the extents of another."""

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        padding: list[int] = []
        for extent, wanted in zip(x.shape[:1:-1], other.shape[:1:-1], strict=True):
            before = (wanted - extent) // 2
            padding += [before, wanted - extent - before]
        return nn.functional.pad(x, padding)
''',
)

CROP_LIKE = Helper(
    "CropLike",
    '''
class CropLike(nn.Module):
    """The middle of a map, with the extents of another."""

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        for dim, wanted in enumerate(other.shape[2:], 2):
            x = x.narrow(dim, (x.shape[dim] - wanted) // 2, wanted)
        return x
''',
)


class _Sides(Op):
    """An operator that changes what stands before and after the elements of each dimension."""

    __slots__ = ()

    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    reads_channels: ClassVar[bool] = False
    may_alias: ClassVar[bool] = True

    before: int | Size | None
    after: int | Size | None
    like: bool | None

    @property
    def ends(self) -> tuple[int | Size, int | Size]:
        """How many elements before, and after."""
        assert self.before is not None and self.after is not None
        return self.before, self.after

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        return self.infer_beside(shape, (), needs)

    def infer_beside(self, shape: Shape, others: Sequence[Shape], needs: Needs) -> Shape | Problem:
        if (problem := self._not_one()) is not None:
            return problem
        if self.like:
            return unlike(self.name, shape, others) or self.made_like(shape, others[0], needs)
        before, after = self.ends
        given = {"before": before, "after": after}
        return wrong_rank(self.name, shape.rank, given) or self.made(shape, needs)

    @abstractmethod
    def made(self, shape: Shape, needs: Needs) -> Shape:
        """What comes out where numbers are given."""

    @abstractmethod
    def made_like(self, shape: Shape, other: Shape, needs: Needs) -> Shape:
        """What comes out where another tensor is given."""

    def _not_one(self) -> Problem | None:
        numbers = [one for one in (self.before, self.after) if one is not None]
        if len(numbers) == (0 if self.like else 2):
            return None
        what = "takes elements `before` and `after`, or a tensor to be `like`"
        if self.like:
            why = "and not both"
        elif not numbers:
            why = "and here has none"
        else:
            why = f"and `{'after' if self.after is None else 'before'}` is missing"
        # Whoever writes one number means it for both sides.
        both = f"{numbers[0]}, {numbers[0]}" if numbers else "1, 1"
        return Problem(
            codes.ARGUMENT,
            f"`{self.name}` {what}, {why}",
            "",
            (f"`{self.name}({both})`, or `{self.name}(like=a)`",),
        )

    def sides(self, rank: int) -> list[tuple[int, int]]:
        """The same by dimension."""
        before, after = (spread(size, rank) for size in self.ends)
        return [(int(b), int(a)) for b, a in zip(before, after, strict=True)]

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.before, self.after)

    def sampling(self, rank: int) -> tuple[tuple[int, int], ...]:
        return ((1, 1),) * rank

    def field(self, rank: int) -> tuple[int, ...]:
        return (1,) * rank

    def windows(self, rank: int) -> tuple[range, ...]:
        """The element itself where what stands before is another number at each size."""
        if self.like:
            return (range(1),) * rank
        return tuple(range(n, n + 1) for n in self.starts(rank))

    @abstractmethod
    def starts(self, rank: int) -> list[int]:
        """By dimension, where among those that come in the first element that comes out is."""

    def zeros(self, rank: int, sign: int) -> Module:
        """torch takes away what is below zero."""
        # It begins with the last dimension.
        padding = tuple(sign * n for pair in reversed(self.sides(rank)) for n in pair)
        return Module(f"nn.ZeroPad{rank}d", (Argument("padding", collapsed(padding)),))


@operator("pad")
@dataclass(frozen=True, slots=True)
class Pad(_Sides):
    """Zeros before and after each spatial dimension: torch.nn.ZeroPad1d, ZeroPad2d, ZeroPad3d."""

    helpers: ClassVar[tuple[Helper, ...]] = (PAD_LIKE,)

    before: int | Size | None = argument(
        "size", None, least=0, doc="Zeros before the first element of each dimension."
    )
    after: int | Size | None = argument("size", None, least=0, doc="Zeros behind the last.")
    like: bool | None = argument(
        "tensor", None, doc="The tensor whose extents come out: half before, the rest behind."
    )

    def made(self, shape: Shape, needs: Needs) -> Shape:
        pads = (before + after for before, after in self.sides(shape.rank))
        return shape.with_extents(
            [extent.mapped(pad, 1) for extent, pad in zip(shape.extents, pads, strict=True)]
        )

    def made_like(self, shape: Shape, other: Shape, needs: Needs) -> Shape:
        needs += within(shape.extents, other.extents, "what it is made like is smaller: `crop`")
        return shape.with_extents(other.extents)

    def added(self, rank: int) -> tuple[int, ...] | None:
        return None if self.like else tuple(map(sum, self.sides(rank)))

    def starts(self, rank: int) -> list[int]:
        return [-before for before, _ in self.sides(rank)]

    def module(self, shape: Shape) -> Module:
        if self.like:
            return Module(PAD_LIKE.name, helper=PAD_LIKE)
        return self.zeros(shape.rank, 1)

    def label(self, shape: Shape) -> str:
        if self.like:
            return "zeros around"
        assert self.before is not None and self.after is not None
        return f"zeros {times(self.before)} before, {times(self.after)} after"


@operator("crop")
@dataclass(frozen=True, slots=True)
class Crop(_Sides):
    """`x[:, :, before:-after]` in each spatial dimension: what `pad` adds is taken away."""

    helpers: ClassVar[tuple[Helper, ...]] = (CROP_LIKE,)

    before: int | Size | None = argument(
        "size", None, least=0, doc="Elements that go at the beginning of each dimension."
    )
    after: int | Size | None = argument("size", None, least=0, doc="Elements that go at its end.")
    like: bool | None = argument(
        "tensor", None, doc="The tensor whose extents are left: half goes before, the rest behind."
    )

    def made_like(self, shape: Shape, other: Shape, needs: Needs) -> Shape:
        needs += within(other.extents, shape.extents, "what it is made like is larger: `pad`")
        return shape.with_extents(other.extents)

    def made(self, shape: Shape, needs: Needs) -> Shape:
        gone = [before + after for before, after in self.sides(shape.rank)]
        needs.append(at_least(shape.extents, [n + 1 for n in gone], "nothing would be left"))
        return shape.with_extents(
            [extent.mapped(-n, 1) for extent, n in zip(shape.extents, gone, strict=True)]
        )

    def starts(self, rank: int) -> list[int]:
        return [before for before, _ in self.sides(rank)]

    def module(self, shape: Shape) -> Module:
        if self.like:
            return Module(CROP_LIKE.name, helper=CROP_LIKE)
        return self.zeros(shape.rank, -1)

    def inline(self, shape: Shape) -> Inline | None:
        if self.like:
            return None
        sides = self.sides(shape.rank)
        if not any(before or after for before, after in sides):
            return Inline("same")
        return Inline("index", f"[:, :, {', '.join(_slice(*side) for side in sides)}]")

    def label(self, shape: Shape) -> str:
        if self.like:
            return "crop"
        assert self.before is not None and self.after is not None
        return f"crop of {times(self.before)} before, {times(self.after)} after"


def _slice(before: int, after: int) -> str:
    """`1:-2` without the numbers that are 0."""
    return f"{before or ''}:{-after or ''}"
