"""The window of a convolution or a pool."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

from resdsl.extents import Size, spread
from resdsl.ops.sizes import kernel
from resdsl.records import dataclass

Padding: TypeAlias = int | Size | Literal["auto"]


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

    def geometry(
        self, rank: int
    ) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Per dimension: window, stride, padding, dilation."""
        k, stride, dilation = (spread(n, rank) for n in (self.k, self.stride, self.dilation))
        if self.padding == "auto":
            return k, stride, _auto_padding(k, stride, dilation), dilation
        return k, stride, spread(self.padding, rank), dilation

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
