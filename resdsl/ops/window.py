"""The window of a convolution or a pool."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

from resdsl.extents import Extent, Shape, Size, spread
from resdsl.ops.needs import Needs, at_least
from resdsl.ops.sizes import kernel
from resdsl.records import dataclass

Padding: TypeAlias = int | Size | Literal["auto", "same"]


@dataclass(frozen=True, slots=True)
class Window:
    """What is taken at once and how it steps: sizes are one number, or one for each dimension.

    That of a transposed convolution lies in what it makes: its stride multiplies.
    """

    kind: Literal["convolution", "transposed convolution", "average pool", "max pool"]
    k: int | Size
    stride: int | Size
    padding: Padding
    dilation: int | Size = 1

    @property
    def is_pool(self) -> bool:
        return self.kind in ("average pool", "max pool")

    @property
    def is_same(self) -> bool:
        """It is padded by what each extent needs, so that `ceil(extent / stride)` come out."""
        return self.padding == "same"

    def is_fixed(self, rank: int) -> bool:
        """Whether the padding is a number on both sides, whatever the extents are."""
        if not self.is_same:
            return True
        stride = spread(self.stride, rank)
        return all(s == 1 and n % 2 for s, n in zip(stride, self.effective(rank), strict=True))

    def geometry(
        self, rank: int
    ) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Per dimension: window, stride, padding, dilation.

        The padding is that on the left, at extents that the stride divides where it depends on
        them: it is half of `max(dilation * (k - 1) - (extent - 1) % stride, 0)` then.
        """
        k, stride, dilation = (spread(n, rank) for n in (self.k, self.stride, self.dilation))
        if self.padding == "auto" or (self.padding == "same" and self.is_fixed(rank)):
            return k, stride, _auto_padding(k, stride, dilation), dilation
        if self.padding == "same":
            whole = zip(k, stride, dilation, strict=True)
            return k, stride, tuple(max(d * (n - 1) - s + 1, 0) // 2 for n, s, d in whole), dilation
        return k, stride, spread(self.padding, rank), dilation

    def same(self, shape: Shape, needs: Needs) -> tuple[Extent, ...]:
        """The extents of a result that `is_same`."""
        ones = (1,) * shape.rank
        needs.append(at_least(shape.extents, ones, "it needs at least one element"))
        strides = map(int, spread(self.stride, shape.rank))
        pairs = zip(shape.extents, strides, strict=True)
        return tuple(extent.mapped(s - 1, s) for extent, s in pairs)

    def effective(self, rank: int) -> tuple[int, ...]:
        """Per dimension, the elements from the first that it takes to the last."""
        k, dilation = spread(self.k, rank), spread(self.dilation, rank)
        return tuple(int(d * (n - 1) + 1) for n, d in zip(k, dilation, strict=True))

    def text(self, rank: int) -> str:
        """`3×3`"""
        return kernel(self.k, rank)

    def does_not_fit(self, rank: int) -> str:
        """Why it asks for a least extent."""
        return _too_small(spread(self.k, rank))


def _auto_padding(
    k: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tuple[int, ...]:
    """`padding="auto"`: `dilation*(k-1)//2` where windows overlap (stride < k), else 0.

    A window of 1 at a stride of 1 pads by `0 * dilation // 2`, so that the number knows its origin:
    an emitted module takes another window for it.
    """
    return tuple(
        d * (n - 1) // 2 if s < n or s == 1 else 0
        for n, s, d in zip(k, stride, dilation, strict=True)
    )


@lru_cache(256)
def _too_small(k: tuple[int, ...]) -> str:
    return f"its {'x'.join(str(int(n)) for n in k)} window does not fit"
