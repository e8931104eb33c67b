"""Pools: torch.nn.MaxPool, AvgPool and the adaptive ones, in one to three dimensions."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from resdsl.diagnostics import codes
from resdsl.extents import Extent, Shape, Size, collapsed, constant, spread
from resdsl.ops import meanings
from resdsl.ops.base import (
    Argument,
    Helper,
    Module,
    Needs,
    Problem,
    Role,
    argument,
    at_least,
    operator,
    wrong_rank,
)
from resdsl.ops.positions import SeesAll, Windowed
from resdsl.ops.same_padding import SAME_AVG_POOL, SAME_MAX_POOL
from resdsl.ops.sizes import extents, kernel, spacing, step
from resdsl.ops.window import Padding, Window
from resdsl.records import dataclass


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
class Pool(Windowed):
    """What the window pools share."""

    role: ClassVar[Role] = "pooling"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    word: ClassVar[str] = ""
    torch_name: ClassVar[str] = ""

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        # A pool takes any number of channels.
        return tuple(getattr(self, parameter.name) for parameter in self.parameters())

    k: int | Size = argument("size", least=1, doc=meanings.WINDOW)
    stride: int | Size | None = argument(
        "size|k", None, least=1, doc=f"{meanings.STRIDE} Without one, windows lie side by side."
    )
    padding: Padding = argument("size|auto|same", "auto", least=0, doc=meanings.PADDING)
    ceil: bool = argument(
        "bool",
        False,
        doc="Whether a window that lies in the map in part counts: extents are rounded up.",
    )

    @property
    def step(self) -> int | Size:
        return self.k if self.stride is None else self.stride

    def least_input(self, k: int, rank: int) -> int:
        """The smallest extent that torch accepts for a window of `k`, whatever the padding."""
        return 1

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        problem = self.wrong_rank(shape.rank)
        if problem:
            return problem
        extents, leasts = [], []
        window = self.window
        if window.is_same:
            return shape.with_extents(window.same(shape, needs))
        numbers = zip(shape.extents, *window.geometry(shape.rank), strict=True)
        for extent, k, s, p, d in numbers:
            if 2 * p > k:
                return self._too_much_padding(int(p), int(k))
            made, least = pooled(extent, int(k), int(s), int(p), int(d), self.ceil)
            leasts.append(max(least, self.least_input(int(k), shape.rank)))
            extents.append(made)
        needs.append(at_least(shape.extents, leasts, window.does_not_fit(shape.rank)))
        return shape.with_extents(extents)

    def _too_much_padding(self, p: int, k: int) -> Problem:
        why = ("state the padding of a dilated pool",) if self.padding == "auto" else ()
        return Problem(
            codes.VALUE,
            f"`{self.name}` cannot pad by {p}: torch allows at most half of the window, {k // 2}",
            "",
            why,
        )

    @abstractmethod
    def same_module(self, rank: int) -> Module:
        """That of a pool which is padded by what the extents need."""

    def made_by(self, helper: Helper, last: Argument) -> Module:
        """The module of a helper that takes the window, the stride and this."""
        sizes = (
            Argument("kernel_size", collapsed(self.k)),
            Argument("stride", collapsed(self.step)),
        )
        return Module(helper.name, (*sizes, last), helper)

    def takes_torch(self, rank: int) -> bool:
        """Whether torch's pool pads so: by a number of at most half of the window, if by itself."""
        window = self.window
        if not window.is_same:
            return True
        k, _, padding, _ = window.geometry(rank)
        is_within = all(
            2 * p <= n and self.least_input(n, rank) == 1 for p, n in zip(padding, k, strict=True)
        )
        return window.is_fixed(rank) and is_within

    def torch_arguments(self, rank: int) -> tuple[Argument, ...]:
        _, _, padding, _ = self.window.geometry(rank)
        k = collapsed(self.k)
        return (
            Argument("kernel_size", k),
            Argument("stride", collapsed(self.step), k),
            Argument("padding", collapsed(padding), 0, keyword=True),
        )

    def label(self, shape: Shape) -> str:
        return f"{kernel(self.k, shape.rank)} {self.word} pool{step(self.step)}"

    def row(self, shape: Shape) -> str | None:
        return self.label(shape)


@operator("maxpool")
@dataclass(frozen=True, slots=True)
class MaxPool(Pool):
    """Maximum over a window."""

    word: ClassVar[str] = "max"
    helpers: ClassVar[tuple[Helper, ...]] = tuple(SAME_MAX_POOL.values())

    dilation: int | Size = argument("size", 1, least=1, doc=meanings.DILATION)

    @property
    def window(self) -> Window:
        return Window("max pool", self.k, self.step, self.padding, self.dilation)

    def label(self, shape: Shape) -> str:
        return Pool.label(self, shape) + spacing(self.dilation)

    def same_module(self, rank: int) -> Module:
        dilation = Argument("dilation", collapsed(self.dilation), 1, keyword=True)
        return self.made_by(SAME_MAX_POOL[rank], dilation)

    def module(self, shape: Shape) -> Module:
        if not self.takes_torch(shape.rank):
            return self.same_module(shape.rank)
        return Module(
            f"nn.MaxPool{shape.rank}d",
            (
                *self.torch_arguments(shape.rank),
                Argument("dilation", collapsed(self.dilation), 1, keyword=True),
                Argument("ceil_mode", self.ceil, False, keyword=True),
            ),
        )


@operator("avgpool")
@dataclass(frozen=True, slots=True)
class AvgPool(Pool):
    """Mean over a window; `count_include_pad=false` leaves padding out of the count."""

    word: ClassVar[str] = "avg"
    helpers: ClassVar[tuple[Helper, ...]] = tuple(SAME_AVG_POOL.values())

    count_include_pad: bool = argument(
        "bool", True, doc="Whether the zeros around the map count in the mean."
    )

    @property
    def window(self) -> Window:
        return Window("average pool", self.k, self.step, self.padding)

    def least_input(self, k: int, rank: int) -> int:
        """torch.nn.AvgPool3d alone refuses an input smaller than its window without the padding."""
        return k if rank == 3 else 1

    def same_module(self, rank: int) -> Module:
        counts = Argument("count_include_pad", self.count_include_pad, True, keyword=True)
        return self.made_by(SAME_AVG_POOL[rank], counts)

    def module(self, shape: Shape) -> Module:
        if not self.takes_torch(shape.rank):
            return self.same_module(shape.rank)
        return Module(
            f"nn.AvgPool{shape.rank}d",
            (
                *self.torch_arguments(shape.rank),
                Argument("ceil_mode", self.ceil, False, keyword=True),
                Argument("count_include_pad", self.count_include_pad, True, keyword=True),
            ),
        )


class AdaptivePool(SeesAll):
    """What the adaptive and global pools share: a constant extent."""

    __slots__ = ()

    role: ClassVar[Role] = "pooling"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        # A pool takes any number of channels.
        return tuple(getattr(self, parameter.name) for parameter in self.parameters())

    torch_name: ClassVar[str] = ""

    def target(self, rank: int) -> tuple[int, ...]:
        return (1,) * rank

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        ones = (1,) * shape.rank
        needs.append(at_least(shape.extents, ones, "it needs at least one element"))
        return shape.with_extents([constant(int(n)) for n in self.target(shape.rank)])

    def module(self, shape: Shape) -> Module:
        size = collapsed(self.target(shape.rank))
        return Module(f"nn.{self.torch_name}{shape.rank}d", (Argument("output_size", size),))


@operator("global_avgpool")
class GlobalAvgPool(AdaptivePool):
    """Mean over all positions: torch.nn.AdaptiveAvgPool(1)."""

    __slots__ = ()

    torch_name: ClassVar[str] = "AdaptiveAvgPool"

    def label(self, shape: Shape) -> str:
        return "global average pool"

    @property
    def abbreviation(self) -> str:
        return "GAP"


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

    size: int | Size = argument("size", least=1, doc="The extents that come out.")

    def target(self, rank: int) -> tuple[int, ...]:
        return spread(self.size, rank)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        problem = wrong_rank(self.name, shape.rank, {"size": self.size})
        # Zero-argument super() does not reach a slotted dataclass's rebuilt class.
        return problem or AdaptivePool.infer(self, shape, needs)


@operator("adaptive_avgpool")
class AdaptiveAvgPool(SizedPool):
    """Mean over as many windows as `size` says: torch.nn.AdaptiveAvgPool."""

    __slots__ = ()

    torch_name: ClassVar[str] = "AdaptiveAvgPool"

    def label(self, shape: Shape) -> str:
        return f"average pool to {extents(self.size, shape.rank)}"


@operator("adaptive_maxpool")
class AdaptiveMaxPool(SizedPool):
    """Maximum over as many windows as `size` says: torch.nn.AdaptiveMaxPool."""

    __slots__ = ()

    torch_name: ClassVar[str] = "AdaptiveMaxPool"

    def label(self, shape: Shape) -> str:
        return f"max pool to {extents(self.size, shape.rank)}"
