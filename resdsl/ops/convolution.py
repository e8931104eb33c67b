"""Convolutions and the linear layer: what has weights in a matrix sense, and MACs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar, Literal

from resdsl.diagnostics import codes
from resdsl.extents import Shape, Size, collapsed, spread
from resdsl.ops import initial, meanings
from resdsl.ops.base import (
    Argument,
    Helper,
    Init,
    Kernel,
    Module,
    Needs,
    Op,
    Problem,
    Role,
    Tensor,
    argument,
    at_least,
    operator,
)
from resdsl.ops.channels_last import CHANNEL_LINEAR, CHANNELS_LAST_SEQUENTIAL
from resdsl.ops.kernels import plain_sizes
from resdsl.ops.positions import ElementWise, Windowed
from resdsl.ops.same_padding import SAME_CONV, SAME_SCALED, SAME_STANDARDIZED
from resdsl.ops.sizes import kernel, spacing, step
from resdsl.ops.standardized import SCALED, STANDARDIZED, WEIGHTS
from resdsl.ops.window import Padding, Window
from resdsl.provenance import origin
from resdsl.records import dataclass


class Convolution(Windowed):
    """What `conv` and `depthwise` share: torch.nn.Conv1d, Conv2d, Conv3d."""

    __slots__ = ()

    helpers: ClassVar[tuple[Helper, ...]] = tuple(
        helper
        for helpers in (STANDARDIZED, SCALED, SAME_CONV, SAME_STANDARDIZED, SAME_SCALED)
        for helper in helpers.values()
    )
    role: ClassVar[Role] = "convolution"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)

    # Fields of both, each in its own order.
    k: int | Size
    stride: int | Size
    padding: Padding
    dilation: int | Size
    bias: bool
    init: str
    bias_init: float | Literal["torch"]
    weights: str
    gamma: float
    gain_init: float
    eps: float

    @property
    def window(self) -> Window:
        return Window("convolution", self.k, self.stride, self.padding, self.dilation)

    @abstractmethod
    def out_channels(self, shape: Shape) -> int: ...

    @abstractmethod
    def group_count(self, shape: Shape) -> int: ...

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        problem = (
            self.wrong_rank(shape.rank)
            or self._groups_problem(shape)
            or self._weights_problem(shape)
        )
        if problem:
            return problem
        extents, leasts = [], []
        window = self.window
        if window.is_same:
            return Shape(self.out_channels(shape), window.same(shape, needs))
        geometry = zip(*window.geometry(shape.rank), strict=True)
        for extent, numbers in zip(shape.extents, geometry, strict=True):
            k, s, p, d = map(int, numbers)
            effective = d * (k - 1) + 1
            leasts.append(effective - 2 * p)
            extents.append(extent.mapped(2 * p - effective + s, s))
        needs.append(at_least(shape.extents, leasts, window.does_not_fit(shape.rank)))
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

    def _weights_problem(self, shape: Shape) -> Problem | None:
        if self.weights == "plain" or prod(map(int, self.weight_shape(shape)[1:])) > 1:
            return None
        return Problem(
            codes.VALUE,
            f"`{self.name}` cannot standardize filters of one number",
            f'`weights="{self.weights}"` gives each filter a mean of 0',
        )

    def weight_shape(self, shape: Shape) -> tuple[int, ...]:
        groups = int(self.group_count(shape))
        k = spread(self.k, shape.rank)
        return (int(self.out_channels(shape)), int(shape.channels) // groups, *k)

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        size = self.weight_shape(shape)
        made = [Tensor("weight", size, initial.weight(self.init, size))]
        if self.bias:
            made.append(Tensor("bias", (size[0],), initial.bias(self.bias_init, size)))
        if self.weights == "scaled":
            made.append(Tensor("gain", (size[0], *(1,) * (shape.rank + 1)), self._gain))
        return tuple(made)

    @property
    def _gain(self) -> Init:
        """That the class of `standardized` does itself."""
        return Init("constant", float(self.gain_init))

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        # That a filter of one number is none to standardize, torch says too.
        start = (self.bias_init, self.weights, self.gain_init)
        k, stride = self.k, self.stride
        if self.padding == "same":
            # Torch's class pads odd windows that do not step, ours all.
            is_fixed = self.window.is_fixed(shape.rank)
            return (*start, k, stride, self.dilation) if is_fixed else start
        if self.padding != "auto" or (origin(stride) is None and stride == 1):
            return start
        # Windows overlap or they do not: the text has the padding of one case.
        return (*start, k, stride)

    def kernel(self, shape: Shape) -> Kernel | None:
        if self.weights != "plain":
            return None
        k, stride, padding, dilation = self.window.geometry(shape.rank)
        return Kernel(
            int(shape.channels),
            int(self.out_channels(shape)),
            int(self.group_count(shape)),
            plain_sizes(k),
            plain_sizes(stride),
            plain_sizes(padding),
            plain_sizes(dilation),
            is_fixed=self.window.is_fixed(shape.rank),
        )

    def macs(self, shape: Shape, inside: Sequence[int], outside: Sequence[int]) -> int:
        return prod(int(n) for n in self.weight_shape(shape)) * prod(outside)

    def label(self, shape: Shape) -> str:
        if self._is_depthwise(shape):
            channels = int(self.out_channels(shape))
            made = "" if channels == int(shape.channels) else f", {channels}"
            how = f"{made}{step(self.stride)}{spacing(self.dilation)}"
            return f"{kernel(self.k, shape.rank)} depthwise{how}"
        return f"{kernel(self.k, shape.rank)} conv, {self._numbers(shape)}"

    def row(self, shape: Shape) -> str:
        kind = " dw" if self._is_depthwise(shape) else ""
        return f"{kernel(self.k, shape.rank)}{kind}, {self._numbers(shape)}"

    def plain_row(self, shape: Shape) -> str | None:
        return self.with_arguments(stride=1).row(shape)

    def _is_depthwise(self, shape: Shape) -> bool:
        """However it is written: each channel by itself."""
        return 1 < int(shape.channels) == int(self.group_count(shape))

    def _numbers(self, shape: Shape) -> str:
        groups = int(self.group_count(shape))
        cardinality = f", C={groups}" if groups != 1 and not self._is_depthwise(shape) else ""
        numbers = f"{int(self.out_channels(shape))}{step(self.stride)}{spacing(self.dilation)}"
        return numbers + cardinality

    def module(self, shape: Shape) -> Module:
        rank, window = shape.rank, self.window
        is_fixed = window.is_fixed(rank)
        around = Argument("padding", collapsed(window.geometry(rank)[2]), 0, keyword=True)
        arguments = (
            Argument("in_channels", shape.channels),
            Argument("out_channels", self.out_channels(shape)),
            Argument("kernel_size", collapsed(self.k)),
            Argument("stride", collapsed(self.stride), 1),
            *((around,) if is_fixed else ()),
            Argument("dilation", collapsed(self.dilation), 1, keyword=True),
            Argument("groups", self.group_count(shape), 1, keyword=True),
            Argument("bias", self.bias, True, keyword=True),
        )
        if self.weights == "plain":
            if is_fixed:
                return Module(f"nn.Conv{rank}d", arguments)
            return Module(SAME_CONV[rank].name, arguments, SAME_CONV[rank])
        eps = Argument("eps", self.eps, 1e-6, keyword=True)
        if self.weights == "standardized":
            helper = (STANDARDIZED if is_fixed else SAME_STANDARDIZED)[rank]
            return Module(helper.name, (*arguments, eps), helper)
        gamma = Argument("gamma", self.gamma, 1.0, keyword=True)
        helper = (SCALED if is_fixed else SAME_SCALED)[rank]
        gain = Argument("gain_init", self.gain_init, 1.0, keyword=True)
        return Module(helper.name, (*arguments, gamma, eps, gain), helper)


@operator("conv")
@dataclass(frozen=True, slots=True)
class Conv(Convolution):
    """Convolution: torch.nn.Conv1d, Conv2d, Conv3d."""

    k: int | Size = argument("size", least=1, doc=meanings.WINDOW)
    channels: int = argument("int", least=1, doc=meanings.CHANNELS)
    stride: int | Size = argument("size", 1, least=1, doc=meanings.STRIDE)
    padding: Padding = argument("size|auto|same", "auto", least=0, doc=meanings.PADDING)
    dilation: int | Size = argument("size", 1, least=1, doc=meanings.DILATION)
    groups: int = argument("int", 1, least=1, doc=meanings.GROUPS)
    bias: bool = argument("bool", False, doc=meanings.BIAS)
    init: str = argument("one_of", "he_fan_out", choices=initial.CHOICES, doc=meanings.INIT)
    bias_init: float | Literal["torch"] = argument("float|torch", 0.0, doc=meanings.BIAS_INIT)
    weights: str = argument("one_of", "plain", choices=WEIGHTS, doc=meanings.WEIGHTS)
    gamma: float = argument("float", 1.0, doc=meanings.GAMMA)
    gain_init: float = argument("float", 1.0, doc=meanings.GAIN_INIT)
    eps: float = argument("float", 1e-6, above=0, doc=meanings.WEIGHTS_EPS)

    def out_channels(self, shape: Shape) -> int:
        return self.channels

    def group_count(self, shape: Shape) -> int:
        return self.groups

    def side_by_side(self, copies: int, shape: Shape, *, of_one: bool) -> Op | None:
        if self.weights != "plain" or (of_one and self.groups != 1):
            return None
        groups = self.groups if of_one else copies * self.groups
        return self.with_arguments(channels=copies * self.channels, groups=groups, bias=True)


@operator("depthwise")
@dataclass(frozen=True, slots=True)
class Depthwise(Convolution):
    """Convolution with one group per input channel."""

    k: int | Size = argument("size", least=1, doc=meanings.WINDOW)
    stride: int | Size = argument("size", 1, least=1, doc=meanings.STRIDE)
    padding: Padding = argument("size|auto|same", "auto", least=0, doc=meanings.PADDING)
    dilation: int | Size = argument("size", 1, least=1, doc=meanings.DILATION)
    multiplier: int = argument(
        "int", 1, least=1, doc="How many channels come out for each that comes in."
    )
    bias: bool = argument("bool", False, doc=meanings.BIAS)
    init: str = argument("one_of", "he_fan_out", choices=initial.CHOICES, doc=meanings.INIT)
    bias_init: float | Literal["torch"] = argument("float|torch", 0.0, doc=meanings.BIAS_INIT)
    weights: str = argument("one_of", "plain", choices=WEIGHTS, doc=meanings.WEIGHTS)
    gamma: float = argument("float", 1.0, doc=meanings.GAMMA)
    gain_init: float = argument("float", 1.0, doc=meanings.GAIN_INIT)
    eps: float = argument("float", 1e-6, above=0, doc=meanings.WEIGHTS_EPS)

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        # The text has no factor of 1.
        once = (self.multiplier,) if self.multiplier == 1 else ()
        return (*Convolution.deciding(self, shape), *once)

    def out_channels(self, shape: Shape) -> int:
        # No origin for a multiplier of 1, so that it reads as the input channels.
        return shape.channels if self.multiplier == 1 else shape.channels * self.multiplier

    def group_count(self, shape: Shape) -> int:
        return shape.channels

    def side_by_side(self, copies: int, shape: Shape, *, of_one: bool) -> Op | None:
        return None if of_one or self.weights != "plain" else self.with_arguments(bias=True)


@operator("linear")
@dataclass(frozen=True, slots=True)
class Linear(ElementWise):
    """Fully connected layer: torch.nn.Linear on a vector, or on the channels of each position.

    At positions it has the results of torch's between a permute to (N, *extents, C) and one back,
    to the bit. Both are views: a row of such layers, of layer norms and of activations copies
    nothing.
    """

    role: ClassVar[Role] = "linear"
    helpers: ClassVar[tuple[Helper, ...]] = (CHANNEL_LINEAR, CHANNELS_LAST_SEQUENTIAL)

    features: int = argument(
        "int", least=1, doc="The features that come out. What comes in is known."
    )
    bias: bool = argument("bool", True, doc=meanings.BIAS)
    init: str = argument("one_of", "torch", choices=initial.CHOICES, doc=meanings.INIT)
    bias_init: float | Literal["torch"] = argument("float|torch", "torch", doc=meanings.BIAS_INIT)
    at: str = argument(
        "one_of",
        "vector",
        choices=("vector", "positions"),
        doc='What it connects: a vector, or with `"positions"` the channels of each position of a '
        "map, which stays one.",
    )

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        if shape.flat:
            return Shape(self.features, (), flat=True)
        if self.at == "positions":
            return shape.with_channels(self.features)
        is_pooled = all(extent.axis is None and extent.offset == 1 for extent in shape.extents)
        help: tuple[str, ...] = ("put `flatten` before it",)
        if not is_pooled:
            help = (
                "put `flatten` before it, to connect every position",
                "or `global_avgpool flatten`, to connect one average per channel",
                f'or write `linear({int(self.features)}, at="positions")`, to connect the channels '
                "of each position",
            )
        return Problem(
            codes.RANK,
            f"`linear` needs a flat tensor, but the map here has {shape.rank} spatial "
            f"dimension{'s' if shape.rank > 1 else ''}",
            "",
            help,
        )

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        size = (self.features, shape.channels)
        weight = Tensor("weight", size, initial.weight(self.init, size))
        if not self.bias:
            return (weight,)
        return weight, Tensor("bias", (self.features,), initial.bias(self.bias_init, size))

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.bias_init,)

    def kernel(self, shape: Shape) -> Kernel:
        return Kernel(int(shape.channels), int(self.features))

    def side_by_side(self, copies: int, shape: Shape, *, of_one: bool) -> Op | None:
        return self.with_arguments(features=copies * self.features, bias=True) if of_one else None

    def macs(self, shape: Shape, inside: Sequence[int], outside: Sequence[int]) -> int:
        return int(self.features) * int(shape.channels) * prod(outside)

    def module(self, shape: Shape) -> Module:
        if shape.rank > 0:
            return Module(CHANNEL_LINEAR.name, self._torch_arguments(shape), CHANNEL_LINEAR)
        return Module("nn.Linear", self._torch_arguments(shape))

    def channels_last(self, shape: Shape) -> Module | None:
        return Module("nn.Linear", self._torch_arguments(shape)) if shape.rank > 0 else None

    def _torch_arguments(self, shape: Shape) -> tuple[Argument, ...]:
        return (
            Argument("in_features", shape.channels),
            Argument("out_features", self.features),
            Argument("bias", self.bias, True, keyword=True),
        )

    def label(self, shape: Shape) -> str:
        if shape.rank > 0:
            return f"{kernel(1, shape.rank)} linear, {int(self.features)}"
        return f"{int(self.features)}-d fc"

    def row(self, shape: Shape) -> str:
        if shape.rank > 0:
            # As ConvNeXt's table has it (Liu et al. 2022, table 9).
            return f"{kernel(1, shape.rank)}, {int(self.features)}"
        return f"fc, {int(self.features)}"
