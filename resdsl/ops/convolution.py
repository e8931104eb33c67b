"""Convolutions and the linear layer: what has weights in a matrix sense, and MACs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any, ClassVar

from resdsl.diagnostics import codes
from resdsl.extents import Shape, Size
from resdsl.ops import initial, meanings
from resdsl.ops.base import (
    Argument,
    Module,
    Need,
    Needs,
    Op,
    Problem,
    Tensor,
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
from resdsl.provenance import origin


def auto_padding(
    padding: Any, k: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...], rank: int
) -> tuple[int, ...]:
    """`padding="auto"`: `dilation*(k-1)//2` where windows overlap (stride < k), else 0.

    A window of 1 at a stride of 1 pads by `0 * dilation // 2`, so that the number knows its origin:
    an emitted module takes another window for it.
    """
    if padding != "auto":
        return dims(padding, rank)
    return tuple(
        d * (n - 1) // 2 if s < n or s == 1 else 0
        for n, s, d in zip(k, stride, dilation, strict=True)
    )


@lru_cache(256)
def too_small(k: int | Size, rank: int) -> str:
    """Why a window of `k` asks for a least extent."""
    return f"its {'x'.join(str(int(n)) for n in dims(k, rank))} window does not fit"


@dataclass(frozen=True, slots=True)
class Convolution(Op):
    """What `conv` and `depthwise` share: torch.nn.Conv1d, Conv2d, Conv3d."""

    is_weighted: ClassVar[bool] = True
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)

    k: Any = argument("size", least=1, doc=meanings.WINDOW)

    def geometry(
        self, rank: int
    ) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Per dimension: window, stride, padding, dilation."""
        k, stride, dilation = dims(self.k, rank), dims(self.stride, rank), dims(self.dilation, rank)  # type: ignore[attr-defined]
        return k, stride, auto_padding(self.padding, k, stride, dilation, rank), dilation  # type: ignore[attr-defined]

    def out_channels(self, shape: Shape) -> int:
        raise AssertionError

    def group_count(self, shape: Shape) -> int:
        raise AssertionError

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        sizes = {n: getattr(self, n) for n in ("k", "stride", "padding", "dilation")}
        problem = wrong_rank(self, shape.rank, sizes) or self._groups_problem(shape)
        if problem:
            return problem
        extents = []
        reason = too_small(self.k, shape.rank)
        for axis, window in enumerate(zip(*self.geometry(shape.rank), strict=True)):
            k, s, p, d = map(int, window)
            effective = d * (k - 1) + 1
            extent = shape.extents[axis]
            needs.append(Need(extent, axis, effective - 2 * p, reason))
            extents.append(extent.mapped(2 * p - effective + s, s))
        return Shape(self.out_channels(shape), tuple(extents))

    def _groups_problem(self, shape: Shape) -> Problem | None:
        groups = int(self.group_count(shape))
        if groups == 1:
            return None
        for channels, what in ((shape.channels, "input"), (self.out_channels(shape), "output")):
            if int(channels) % groups:
                return Problem(
                    codes.CHANNELS,
                    f"`{self.name}` cannot divide {int(channels)} {what} channels into "
                    f"{int(groups)} groups",
                    f"{int(channels)} is not a multiple of {int(groups)}",
                )
        return None

    def weight_shape(self, shape: Shape) -> tuple[int, ...]:
        groups = int(self.group_count(shape))
        k = dims(self.k, shape.rank)
        return (int(self.out_channels(shape)), int(shape.channels) // groups, *k)

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        size = self.weight_shape(shape)
        weight = Tensor("weight", size, initial.weight(self.init, size))  # type: ignore[attr-defined]
        if not self.bias:  # type: ignore[attr-defined]
            return (weight,)
        start = initial.bias(self.bias_init, size)  # type: ignore[attr-defined]
        return weight, Tensor("bias", (size[0],), start)

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        start = (self.bias_init,)  # type: ignore[attr-defined]
        k, stride = self.k, self.stride  # type: ignore[attr-defined]
        if self.padding != "auto" or (origin(stride) is None and stride == 1):  # type: ignore[attr-defined]
            return start
        # Windows overlap or they do not: the text has the padding of one case.
        return (*start, k, stride)

    def macs(self, shape: Shape, inside: Sequence[int], outside: Sequence[int]) -> int:
        return prod(int(n) for n in self.weight_shape(shape)) * prod(outside)

    def sampling(self, rank: int) -> tuple[tuple[int, int], ...]:
        return tuple((int(s), 1) for s in dims(self.stride, rank))  # type: ignore[attr-defined]

    def field(self, rank: int) -> tuple[int, ...]:
        k, _, _, dilation = self.geometry(rank)
        return tuple(int(d * (n - 1) + 1) for n, d in zip(k, dilation, strict=True))

    def windows(self, rank: int) -> tuple[range, ...]:
        k, _, padding, dilation = self.geometry(rank)
        return window_elements(k, padding, dilation)

    def module(self, shape: Shape) -> Module:
        _, _, padding, _ = self.geometry(shape.rank)
        return Module(
            f"nn.Conv{shape.rank}d",
            (
                Argument("in_channels", shape.channels),
                Argument("out_channels", self.out_channels(shape)),
                Argument("kernel_size", torch_size(self.k)),
                Argument("stride", torch_size(self.stride), 1),  # type: ignore[attr-defined]
                Argument("padding", torch_sizes(padding), 0, keyword=True),
                Argument("dilation", torch_size(self.dilation), 1, keyword=True),  # type: ignore[attr-defined]
                Argument("groups", self.group_count(shape), 1, keyword=True),
                Argument("bias", self.bias, True, keyword=True),  # type: ignore[attr-defined]
            ),
        )


@operator("conv")
@dataclass(frozen=True, slots=True)
class Conv(Convolution):
    """Convolution: torch.nn.Conv1d, Conv2d, Conv3d."""

    channels: Any = argument("int", least=1, doc=meanings.CHANNELS)
    stride: Any = argument("size", 1, least=1, doc=meanings.STRIDE)
    padding: Any = argument("size|auto", "auto", least=0, doc=meanings.PADDING)
    dilation: Any = argument("size", 1, least=1, doc=meanings.DILATION)
    groups: Any = argument("int", 1, least=1, doc=meanings.GROUPS)
    bias: Any = argument("bool", False, doc=meanings.BIAS)
    init: Any = argument("one_of", "he_fan_out", choices=initial.CHOICES, doc=meanings.INIT)
    bias_init: Any = argument("float|torch", 0.0, doc=meanings.BIAS_INIT)

    def out_channels(self, shape: Shape) -> int:
        return self.channels  # type: ignore[no-any-return]

    def group_count(self, shape: Shape) -> int:
        return self.groups  # type: ignore[no-any-return]

    def label(self, shape: Shape) -> str:
        text = f"{square(self.k, shape.rank)} conv, {int(self.channels)}{step(self.stride)}"
        return text + (f", C={int(self.groups)}" if self.groups != 1 else "")

    def row(self, shape: Shape) -> str:
        text = f"{square(self.k, shape.rank)}, {int(self.channels)}{step(self.stride)}"
        return text + (f", C={int(self.groups)}" if self.groups != 1 else "")


@operator("depthwise")
@dataclass(frozen=True, slots=True)
class Depthwise(Convolution):
    """Convolution with one group per input channel."""

    stride: Any = argument("size", 1, least=1, doc=meanings.STRIDE)
    padding: Any = argument("size|auto", "auto", least=0, doc=meanings.PADDING)
    dilation: Any = argument("size", 1, least=1, doc=meanings.DILATION)
    multiplier: Any = argument(
        "int", 1, least=1, doc="How many channels come out for each that comes in."
    )
    bias: Any = argument("bool", False, doc=meanings.BIAS)
    init: Any = argument("one_of", "he_fan_out", choices=initial.CHOICES, doc=meanings.INIT)
    bias_init: Any = argument("float|torch", 0.0, doc=meanings.BIAS_INIT)

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        # The text has no factor of 1.
        once = (self.multiplier,) if self.multiplier == 1 else ()
        return (*Convolution.deciding(self, shape), *once)

    def out_channels(self, shape: Shape) -> int:
        # No origin for a multiplier of 1, so that it reads as the input channels.
        return shape.channels if self.multiplier == 1 else shape.channels * self.multiplier

    def group_count(self, shape: Shape) -> int:
        return shape.channels

    def label(self, shape: Shape) -> str:
        return f"{square(self.k, shape.rank)} depthwise{step(self.stride)}"

    def row(self, shape: Shape) -> str:
        return (
            f"{square(self.k, shape.rank)} dw, {int(self.out_channels(shape))}{step(self.stride)}"
        )


@operator("linear")
@dataclass(frozen=True, slots=True)
class Linear(Op):
    """Fully connected layer on a flat tensor: torch.nn.Linear."""

    is_weighted: ClassVar[bool] = True

    features: Any = argument(
        "int", least=1, doc="The features that come out. What comes in is known."
    )
    bias: Any = argument("bool", True, doc=meanings.BIAS)
    init: Any = argument("one_of", "torch", choices=initial.CHOICES, doc=meanings.INIT)
    bias_init: Any = argument("float|torch", "torch", doc=meanings.BIAS_INIT)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        if not shape.flat:
            is_pooled = all(extent.axis is None and extent.offset == 1 for extent in shape.extents)
            help: tuple[str, ...] = ("put `flatten` before it",)
            if not is_pooled:
                help = (
                    "put `flatten` before it, to connect every position",
                    "or `global_avgpool flatten`, to connect one average per channel",
                )
            return Problem(
                codes.RANK,
                f"`linear` needs a flat tensor, but the map here has {shape.rank} spatial "
                f"dimension{'s' if shape.rank > 1 else ''}",
                "",
                help,
            )
        return Shape(self.features, (), flat=True)

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        size = (self.features, shape.channels)
        weight = Tensor("weight", size, initial.weight(self.init, size))
        if not self.bias:
            return (weight,)
        return weight, Tensor("bias", (self.features,), initial.bias(self.bias_init, size))

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.bias_init,)

    def macs(self, shape: Shape, inside: Sequence[int], outside: Sequence[int]) -> int:
        return int(self.features) * int(shape.channels)

    def module(self, shape: Shape) -> Module:
        return Module(
            "nn.Linear",
            (
                Argument("in_features", shape.channels),
                Argument("out_features", self.features),
                Argument("bias", self.bias, True, keyword=True),
            ),
        )

    def label(self, shape: Shape) -> str:
        return f"{int(self.features)}-d fc"

    def row(self, shape: Shape) -> str:
        return f"fc, {int(self.features)}"
