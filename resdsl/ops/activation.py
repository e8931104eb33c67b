"""Activations: torch modules that work element by element, or over channels (softmax)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from resdsl.extents import Shape
from resdsl.ops.base import Argument, Init, Module, Op, Tensor, argument, operator


@dataclass(frozen=True, slots=True)
class Activation(Op):
    """An element-wise activation without parameters."""

    is_activation: ClassVar[bool] = True
    reads_channels: ClassVar[bool] = False
    torch_name: ClassVar[str] = ""

    def module(self, shape: Shape) -> Module:
        return Module(f"nn.{self.torch_name}")

    def label(self, shape: Shape) -> str:
        return self.torch_name


@dataclass(frozen=True, slots=True)
class Overwriting(Activation):
    """An activation whose gradient follows from its result alone, so it can work in place."""

    keeps_result: ClassVar[bool] = True
    keeps_argument: ClassVar[bool] = False
    has_inplace: ClassVar[bool] = True


@operator("relu")
@dataclass(frozen=True, slots=True)
class ReLU(Overwriting):
    """max(x, 0)."""

    torch_name: ClassVar[str] = "ReLU"


@operator("relu6")
@dataclass(frozen=True, slots=True)
class ReLU6(Overwriting):
    """min(max(x, 0), 6)."""

    torch_name: ClassVar[str] = "ReLU6"


@operator("leaky_relu")
@dataclass(frozen=True, slots=True)
class LeakyReLU(Activation):
    """x where positive, else slope * x."""

    torch_name: ClassVar[str] = "LeakyReLU"

    slope: Any = argument("float", 0.01)

    def module(self, shape: Shape) -> Module:
        return Module("nn.LeakyReLU", (Argument("negative_slope", self.slope, 0.01),))


@operator("prelu")
@dataclass(frozen=True, slots=True)
class PReLU(Activation):
    """x where positive, else a learned slope per channel times x (He et al. 2015)."""

    torch_name: ClassVar[str] = "PReLU"
    reads_channels: ClassVar[bool] = True

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        return (Tensor("weight", (shape.channels,), Init("constant", 0.25)),)

    def module(self, shape: Shape) -> Module:
        return Module("nn.PReLU", (Argument("num_parameters", shape.channels, 1),))


@operator("elu")
@dataclass(frozen=True, slots=True)
class ELU(Activation):
    """x where positive, else exp(x) - 1."""

    torch_name: ClassVar[str] = "ELU"


@operator("gelu")
@dataclass(frozen=True, slots=True)
class GELU(Activation):
    """x times the normal distribution's CDF at x."""

    torch_name: ClassVar[str] = "GELU"


@operator("silu")
@dataclass(frozen=True, slots=True)
class SiLU(Activation):
    """x * sigmoid(x), also called swish."""

    torch_name: ClassVar[str] = "SiLU"


@operator("mish")
@dataclass(frozen=True, slots=True)
class Mish(Activation):
    """x * tanh(softplus(x))."""

    torch_name: ClassVar[str] = "Mish"


@operator("sigmoid")
@dataclass(frozen=True, slots=True)
class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    torch_name: ClassVar[str] = "Sigmoid"
    keeps_result: ClassVar[bool] = True
    keeps_argument: ClassVar[bool] = False


@operator("tanh")
@dataclass(frozen=True, slots=True)
class Tanh(Activation):
    """Hyperbolic tangent."""

    torch_name: ClassVar[str] = "Tanh"
    keeps_result: ClassVar[bool] = True
    keeps_argument: ClassVar[bool] = False


@operator("softplus")
@dataclass(frozen=True, slots=True)
class Softplus(Activation):
    """log(1 + exp(x))."""

    torch_name: ClassVar[str] = "Softplus"


@operator("hardswish")
@dataclass(frozen=True, slots=True)
class Hardswish(Activation):
    """x * relu6(x + 3) / 6."""

    torch_name: ClassVar[str] = "Hardswish"


@operator("hardsigmoid")
@dataclass(frozen=True, slots=True)
class Hardsigmoid(Activation):
    """relu6(x + 3) / 6."""

    torch_name: ClassVar[str] = "Hardsigmoid"


@dataclass(frozen=True, slots=True)
class OverChannels(Activation):
    """An activation over the channels of each position."""

    keeps_result: ClassVar[bool] = True

    def module(self, shape: Shape) -> Module:
        return Module(f"nn.{self.torch_name}", (Argument("dim", 1, keyword=True),))


@operator("softmax")
@dataclass(frozen=True, slots=True)
class Softmax(OverChannels):
    """exp(x) divided by its sum over channels."""

    torch_name: ClassVar[str] = "Softmax"


@operator("log_softmax")
@dataclass(frozen=True, slots=True)
class LogSoftmax(OverChannels):
    """The logarithm of softmax."""

    torch_name: ClassVar[str] = "LogSoftmax"
