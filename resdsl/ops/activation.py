"""Activations: torch modules that work element by element, or over channels (softmax)."""

from __future__ import annotations

from typing import Any, ClassVar

from resdsl.diagnostics import codes
from resdsl.extents import Shape
from resdsl.ops.base import (
    Argument,
    Helper,
    Init,
    Inline,
    Module,
    Needs,
    Op,
    Problem,
    Role,
    Tensor,
    argument,
    operator,
)
from resdsl.ops.positions import ElementWise
from resdsl.records import dataclass


class Activation(ElementWise):
    """An element-wise activation without parameters."""

    __slots__ = ()

    role: ClassVar[Role] = "activation"
    reads_channels: ClassVar[bool] = False
    torch_name: ClassVar[str] = ""

    def module(self, shape: Shape) -> Module:
        return Module(f"nn.{self.torch_name}")

    def channels_last(self, shape: Shape) -> Module | None:
        # Not what knows the channels.
        return None if self.reads_channels or shape.rank == 0 else self.module(shape)

    def side_by_side(self, copies: int, shape: Shape, *, of_one: bool) -> Op | None:
        # One that knows the channels has a number for each, or relates them.
        return None if of_one or self.reads_channels else self

    def label(self, shape: Shape) -> str:
        return self.torch_name


class Overwriting(Activation):
    """An activation whose gradient follows from its result alone, so it can work in place."""

    __slots__ = ()

    keeps_result: ClassVar[bool] = True
    has_inplace: ClassVar[bool] = True


@operator("relu")
class ReLU(Overwriting):
    """max(x, 0)."""

    __slots__ = ()

    torch_name: ClassVar[str] = "ReLU"
    is_non_negative: ClassVar[bool] = True


@operator("relu6")
class ReLU6(Overwriting):
    """min(max(x, 0), 6)."""

    __slots__ = ()

    torch_name: ClassVar[str] = "ReLU6"
    is_non_negative: ClassVar[bool] = True


@operator("leaky_relu")
@dataclass(frozen=True, slots=True)
class LeakyReLU(Activation):
    """x where positive, else slope * x."""

    torch_name: ClassVar[str] = "LeakyReLU"

    slope: float = argument("float", 0.01, doc="What negative elements are multiplied by.")

    def module(self, shape: Shape) -> Module:
        return Module("nn.LeakyReLU", (Argument("negative_slope", self.slope, 0.01),))


@operator("prelu")
@dataclass(frozen=True, slots=True)
class PReLU(Activation):
    """x where positive, else a learned slope times x (He et al. 2015)."""

    torch_name: ClassVar[str] = "PReLU"
    reads_channels: ClassVar[bool] = True

    per: str = argument(
        "one_of",
        "channel",
        choices=("channel", "tensor"),
        doc="Whether each channel has a slope of its own, or there is one, as torch's `PReLU()`.",
    )
    init: float = argument("float", 0.25, doc="How all slopes start.")

    @property
    def needs_channels(self) -> bool:
        return self.per == "channel"

    def _slopes(self, shape: Shape) -> int:
        return shape.channels if self.per == "channel" else 1

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        return (Tensor("weight", (self._slopes(shape),), Init("constant", float(self.init))),)

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.init,)

    def held(self, shape: Shape) -> Inline:
        return Inline("call", "nn.functional.prelu", ("{tensor}",))

    def module(self, shape: Shape) -> Module:
        slopes = Argument("num_parameters", self._slopes(shape), 1)
        return Module("nn.PReLU", (slopes, Argument("init", float(self.init), 0.25)))


@operator("elu")
class ELU(Activation):
    """x where positive, else exp(x) - 1."""

    __slots__ = ()

    torch_name: ClassVar[str] = "ELU"


@operator("gelu")
class GELU(Activation):
    """x times the normal distribution's CDF at x."""

    __slots__ = ()

    torch_name: ClassVar[str] = "GELU"


@operator("silu")
class SiLU(Activation):
    """x * sigmoid(x), also called swish."""

    __slots__ = ()

    torch_name: ClassVar[str] = "SiLU"


@operator("mish")
class Mish(Activation):
    """x * tanh(softplus(x))."""

    __slots__ = ()

    torch_name: ClassVar[str] = "Mish"


@operator("sigmoid")
class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    __slots__ = ()

    torch_name: ClassVar[str] = "Sigmoid"
    is_gate: ClassVar[bool] = True
    is_non_negative: ClassVar[bool] = True
    keeps_result: ClassVar[bool] = True


@operator("tanh")
class Tanh(Activation):
    """Hyperbolic tangent."""

    __slots__ = ()

    torch_name: ClassVar[str] = "Tanh"
    is_gate: ClassVar[bool] = True
    keeps_result: ClassVar[bool] = True


@operator("softplus")
class Softplus(Activation):
    """log(1 + exp(x))."""

    __slots__ = ()

    torch_name: ClassVar[str] = "Softplus"
    is_non_negative: ClassVar[bool] = True


@operator("hardswish")
class Hardswish(Activation):
    """x * relu6(x + 3) / 6."""

    __slots__ = ()

    torch_name: ClassVar[str] = "Hardswish"


@operator("hardsigmoid")
class Hardsigmoid(Activation):
    """relu6(x + 3) / 6."""

    __slots__ = ()

    torch_name: ClassVar[str] = "Hardsigmoid"
    is_gate: ClassVar[bool] = True
    is_non_negative: ClassVar[bool] = True


class OverChannels(Activation):
    """An activation over the channels of each position: a result, which papers list."""

    __slots__ = ()

    is_gate: ClassVar[bool] = True
    keeps_result: ClassVar[bool] = True

    @property
    def is_listed(self) -> bool:
        return True

    def side_by_side(self, copies: int, shape: Shape, *, of_one: bool) -> Op | None:
        return None

    def module(self, shape: Shape) -> Module:
        return Module(f"nn.{self.torch_name}", (Argument("dim", 1, keyword=True),))

    def channels_last(self, shape: Shape) -> Module | None:
        return None

    def label(self, shape: Shape) -> str:
        return self.name.replace("_", " ")


POSITION_SOFTMAX = Helper(
    "PositionSoftmax",
    '''
class PositionSoftmax(nn.Module):
    """Softmax over the positions of each channel."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.softmax(x.flatten(2), -1).view(x.shape)
''',
    names_torch=True,
)


@operator("softmax")
@dataclass(frozen=True, slots=True)
class Softmax(OverChannels):
    """exp(x) divided by its sum over channels, or over positions."""

    torch_name: ClassVar[str] = "Softmax"
    is_non_negative: ClassVar[bool] = True
    helpers: ClassVar[tuple[Helper, ...]] = (POSITION_SOFTMAX,)

    over: str = argument(
        "one_of",
        "channels",
        choices=("channels", "positions"),
        doc="What adds up to 1: the channels of each position, or the positions of each channel.",
    )

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        if self.over == "positions" and shape.rank == 0:
            return Problem(
                codes.RANK, "`softmax` over positions needs a map", "a vector has no positions"
            )
        return shape

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.over,)

    def module(self, shape: Shape) -> Module:
        if self.over == "positions":
            return Module(POSITION_SOFTMAX.name, (), POSITION_SOFTMAX)
        return OverChannels.module(self, shape)

    def label(self, shape: Shape) -> str:
        return "softmax" if self.over == "channels" else "softmax over positions"


@operator("log_softmax")
class LogSoftmax(OverChannels):
    """The logarithm of softmax."""

    __slots__ = ()

    torch_name: ClassVar[str] = "LogSoftmax"
