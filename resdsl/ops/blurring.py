"""A blur before elements are left out (Zhang 2019, "Making convolutional networks shift-invariant
again")."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar, Literal

from resdsl.extents import Shape, Size, collapsed
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
)
from resdsl.ops.positions import Windowed
from resdsl.ops.sizes import kernel, step
from resdsl.ops.window import Window
from resdsl.records import dataclass


def _blur(rank: int) -> Helper:
    outer = {
        1: "row",
        2: "row[:, None] * row",
        3: "row[:, None, None] * row[:, None] * row",
    }[rank]
    size = "int | tuple[" + ", ".join(["int"] * rank) + "]"
    return Helper(
        f"BlurPool{rank}d",
        f'''
class BlurPool{rank}d(nn.Module):
    """Every stride-th element of a map that is blurred by a binomial filter."""

    def __init__(
        self,
        kernel_size: int,
        stride: {size},
        padding: int,
        mode: str = "reflect",
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = [padding] * {2 * rank}
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        row = x.new_ones(1)
        for _ in range(self.kernel_size - 1):
            row = (nn.functional.pad(row, (0, 1)) + nn.functional.pad(row, (1, 0))) / 2
        kernel = {outer}
        channels = x.shape[1]
        weight = kernel.expand([channels, 1] + [self.kernel_size] * {rank})
        x = nn.functional.pad(x, self.padding, mode=self.mode)
        return nn.functional.conv{rank}d(x, weight, stride=self.stride, groups=channels)
''',
    )


# By rank.
BLUR_POOL = {rank: _blur(rank) for rank in (1, 2, 3)}


@operator("blur_pool")
@dataclass(frozen=True, slots=True)
class BlurPool(Windowed):
    """Mean over a window, weighted by binomial coefficients: `[1, 2, 1] / 4` for k = 3 (Zhang 2019,
    section 3.2).

    A convolution with numbers that are not learned, so it has MACs and no parameters.
    """

    role: ClassVar[Role] = "pooling"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    multiplies: ClassVar[bool] = True
    helpers: ClassVar[tuple[Helper, ...]] = tuple(BLUR_POOL.values())

    k: int = argument("int", 3, least=2, doc="The window: how many elements in each dimension.")
    stride: int | Size = argument("size", 2, least=1, doc=meanings.STRIDE)
    padding: int | Literal["auto"] = argument(
        "int|auto", "auto", least=0, doc=f'{meanings.AROUND} `"auto"` is `(k - 1) // 2`.'
    )
    mode: str = argument(
        "one_of",
        "reflect",
        choices=("reflect", "replicate", "constant"),
        doc="What is put around the map: its elements mirrored, the outermost again, or zeros.",
    )

    @property
    def around(self) -> int:
        """The padding, on all sides."""
        return (self.k - 1) // 2 if self.padding == "auto" else self.padding

    @property
    def window(self) -> Window:
        return Window("average pool", self.k, self.stride, self.around)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        problem = self.wrong_rank(shape.rank)
        if problem:
            return problem
        window = self.window
        k, p = int(self.k), int(self.around)
        # A mirrored element is none of the edge.
        least = max(k - 2 * p, p + 1 if self.mode == "reflect" else 1)
        reason = window.does_not_fit(shape.rank) if least == k - 2 * p else "it is mirrored"
        needs.append(at_least(shape.extents, (least,) * shape.rank, reason))
        _, strides, _, _ = window.geometry(shape.rank)
        steps = zip(shape.extents, map(int, strides), strict=True)
        return shape.with_extents([extent.mapped(2 * p - k + s, s) for extent, s in steps])

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        # It takes any number of channels.
        return tuple(getattr(self, parameter.name) for parameter in self.parameters())

    def macs(self, shape: Shape, inside: Sequence[int], outside: Sequence[int]) -> int:
        return int(shape.channels) * prod((int(self.k),) * shape.rank) * prod(outside)

    def module(self, shape: Shape) -> Module:
        helper = BLUR_POOL[shape.rank]
        arguments = (
            Argument("kernel_size", self.k),
            Argument("stride", collapsed(self.stride)),
            Argument("padding", self.around),
            Argument("mode", self.mode, "reflect", keyword=True),
        )
        return Module(helper.name, arguments, helper)

    def label(self, shape: Shape) -> str:
        return f"{kernel(self.k, shape.rank)} blur pool{step(self.stride)}"

    def row(self, shape: Shape) -> str:
        return self.label(shape)
