"""Pools: torch.nn.MaxPool, AvgPool and the adaptive ones, in one to three dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from resdsl.diagnostics import codes
from resdsl.extents import Extent, Shape, constant
from resdsl.ops import meanings
from resdsl.ops.base import (
    Argument,
    Module,
    Need,
    Needs,
    Op,
    Problem,
    argument,
    dims,
    operator,
    square,
    step,
    torch_size,
    torch_sizes,
    window_elements,
    wrong_rank,
)
from resdsl.ops.convolution import auto_padding, too_small


def pooled(extent: Extent, k: int, s: int, p: int, d: int, ceil: bool) -> tuple[Extent, int]:
    """The result of a pool, and the smallest extent that torch accepts (at::pooling_output_shape).

    Ceil mode is `ceil((h + 2p - effective) / s) + 1`, less one where the last window would start
    beyond the input and its left padding: the smaller of two floor maps of the same stride, so the
    floor map of the smaller offset. The result must be at least 1.
    """
    effective = d * (k - 1) + 1
    add = 2 * p - effective + s
    if ceil:
        add = min(add + s - 1, p + s - 1)
    return extent.mapped(add, s), max(s - add, 1)


@dataclass(frozen=True, slots=True)
class Pool(Op):
    """What the window pools share."""

    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    word: ClassVar[str] = ""
    torch_name: ClassVar[str] = ""

    k: Any = argument("size", least=1, doc=meanings.WINDOW)
    stride: Any = argument(
        "size|k", None, least=1, doc=f"{meanings.STRIDE} Without one, windows lie side by side."
    )
    padding: Any = argument("size|auto", "auto", least=0, doc=meanings.PADDING)
    ceil: Any = argument(
        "bool",
        False,
        doc="Whether a window that lies in the map in part counts: extents are rounded up.",
    )

    @property
    def step(self) -> Any:
        return self.k if self.stride is None else self.stride

    @property
    def spacing(self) -> Any:
        """The dilation; average pools have none."""
        return getattr(self, "dilation", 1)

    def geometry(
        self, rank: int
    ) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Per dimension: window, stride, padding, dilation."""
        k, stride, dilation = dims(self.k, rank), dims(self.step, rank), dims(self.spacing, rank)
        return k, stride, auto_padding(self.padding, k, stride, dilation, rank), dilation

    def least_input(self, k: int, rank: int) -> int:
        """The smallest extent that torch accepts for a window of `k`, whatever the padding."""
        return 1

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        sizes = {
            "k": self.k,
            "stride": self.step,
            "padding": self.padding,
            "dilation": self.spacing,
        }
        problem = wrong_rank(self, shape.rank, sizes)
        if problem:
            return problem
        extents = []
        reason = too_small(self.k, shape.rank)
        for axis, (k, s, p, d) in enumerate(zip(*self.geometry(shape.rank), strict=True)):
            if 2 * p > k:
                return self._too_much_padding(int(p), int(k))
            extent, least = pooled(shape.extents[axis], int(k), int(s), int(p), int(d), self.ceil)
            least = max(least, self.least_input(int(k), shape.rank))
            needs.append(Need(shape.extents[axis], axis, least, reason))
            extents.append(extent)
        return shape.with_extents(extents)

    def _too_much_padding(self, p: int, k: int) -> Problem:
        why = ("state the padding of a dilated pool",) if self.padding == "auto" else ()
        return Problem(
            codes.VALUE,
            f"`{self.name}` cannot pad by {p}: torch allows at most half of the window, {k // 2}",
            "",
            why,
        )

    def sampling(self, rank: int) -> tuple[tuple[int, int], ...]:
        return tuple((int(s), 1) for s in dims(self.step, rank))

    def field(self, rank: int) -> tuple[int, ...]:
        k, _, _, dilation = self.geometry(rank)
        return tuple(int(d * (n - 1) + 1) for n, d in zip(k, dilation, strict=True))

    def windows(self, rank: int) -> tuple[range, ...]:
        k, _, padding, dilation = self.geometry(rank)
        return window_elements(k, padding, dilation)

    def torch_arguments(self, rank: int) -> tuple[Argument, ...]:
        _, _, padding, _ = self.geometry(rank)
        k = torch_size(self.k)
        return (
            Argument("kernel_size", k),
            Argument("stride", torch_size(self.step), k),
            Argument("padding", torch_sizes(padding), 0, keyword=True),
        )

    def label(self, shape: Shape) -> str:
        return f"{square(self.k, shape.rank)} {self.word} pool{step(self.step)}"

    def row(self, shape: Shape) -> str | None:
        return self.label(shape)


@operator("maxpool")
@dataclass(frozen=True, slots=True)
class MaxPool(Pool):
    """Maximum over a window."""

    word: ClassVar[str] = "max"

    dilation: Any = argument("size", 1, least=1, doc=meanings.DILATION)

    def module(self, shape: Shape) -> Module:
        return Module(
            f"nn.MaxPool{shape.rank}d",
            (
                *self.torch_arguments(shape.rank),
                Argument("dilation", torch_size(self.dilation), 1, keyword=True),
                Argument("ceil_mode", self.ceil, False, keyword=True),
            ),
        )


@operator("avgpool")
@dataclass(frozen=True, slots=True)
class AvgPool(Pool):
    """Mean over a window; `count_include_pad=false` leaves padding out of the count."""

    word: ClassVar[str] = "avg"

    count_include_pad: Any = argument(
        "bool", True, doc="Whether the zeros around the map count in the mean."
    )

    def least_input(self, k: int, rank: int) -> int:
        """torch.nn.AvgPool3d alone refuses an input smaller than its window without the padding."""
        return k if rank == 3 else 1

    def module(self, shape: Shape) -> Module:
        return Module(
            f"nn.AvgPool{shape.rank}d",
            (
                *self.torch_arguments(shape.rank),
                Argument("ceil_mode", self.ceil, False, keyword=True),
                Argument("count_include_pad", self.count_include_pad, True, keyword=True),
            ),
        )


class AdaptivePool(Op):
    """What the adaptive and global pools share: a constant extent."""

    __slots__ = ()

    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    is_global: ClassVar[bool] = True
    torch_name: ClassVar[str] = ""

    def target(self, rank: int) -> tuple[int, ...]:
        return (1,) * rank

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        for axis, extent in enumerate(shape.extents):
            needs.append(Need(extent, axis, 1, "it needs at least one element"))
        return shape.with_extents([constant(int(n)) for n in self.target(shape.rank)])

    def module(self, shape: Shape) -> Module:
        size = torch_sizes(self.target(shape.rank))
        return Module(f"nn.{self.torch_name}{shape.rank}d", (Argument("output_size", size),))


@operator("global_avgpool")
class GlobalAvgPool(AdaptivePool):
    """Mean over all positions: torch.nn.AdaptiveAvgPool(1)."""

    __slots__ = ()

    torch_name: ClassVar[str] = "AdaptiveAvgPool"

    def label(self, shape: Shape) -> str:
        return "global average pool"


@operator("global_maxpool")
class GlobalMaxPool(AdaptivePool):
    """Maximum over all positions: torch.nn.AdaptiveMaxPool(1)."""

    __slots__ = ()

    torch_name: ClassVar[str] = "AdaptiveMaxPool"

    def label(self, shape: Shape) -> str:
        return "global max pool"


@dataclass(frozen=True, slots=True)
class SizedPool(AdaptivePool):
    """An adaptive pool to a size."""

    size: Any = argument("size", least=1, doc="The extents that come out.")

    def target(self, rank: int) -> tuple[int, ...]:
        return dims(self.size, rank)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        problem = wrong_rank(self, shape.rank, {"size": self.size})
        # Zero-argument super() does not reach a slotted dataclass's rebuilt class.
        return problem or AdaptivePool.infer(self, shape, needs)


@operator("adaptive_avgpool")
class AdaptiveAvgPool(SizedPool):
    """Mean over as many windows as `size` says: torch.nn.AdaptiveAvgPool."""

    __slots__ = ()

    torch_name: ClassVar[str] = "AdaptiveAvgPool"

    def label(self, shape: Shape) -> str:
        return f"average pool to {square(self.size, shape.rank)}"


@operator("adaptive_maxpool")
class AdaptiveMaxPool(SizedPool):
    """Maximum over as many windows as `size` says: torch.nn.AdaptiveMaxPool."""

    __slots__ = ()

    torch_name: ClassVar[str] = "AdaptiveMaxPool"

    def label(self, shape: Shape) -> str:
        return f"max pool to {square(self.size, shape.rank)}"
