"""Scaling, constant and learned, and the identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from resdsl.extents import Shape
from resdsl.ops import initial
from resdsl.ops.base import Argument, Helper, Inline, Module, Op, Tensor, argument, operator


@operator("identity")
class Identity(Op):
    """Nothing."""

    __slots__ = ()

    reads_channels: ClassVar[bool] = False
    may_alias: ClassVar[bool] = True
    keeps_argument: ClassVar[bool] = False

    def module(self, shape: Shape) -> Module:
        return Module("nn.Identity")

    def inline(self, shape: Shape) -> Inline:
        return Inline("same")


SCALE = Helper(
    "Scale",
    '''
class Scale(nn.Module):
    """Multiplication by a constant."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x
''',
)


@operator("scale")
@dataclass(frozen=True, slots=True)
class Scale(Op):
    """Multiplication by a constant."""

    reads_channels: ClassVar[bool] = False
    keeps_argument: ClassVar[bool] = False

    factor: Any = argument("float", doc="What each element is multiplied by.")

    def module(self, shape: Shape) -> Module:
        return Module("Scale", (Argument("factor", self.factor),), SCALE)

    def inline(self, shape: Shape) -> Inline:
        return Inline("product", "{factor}", values=(("factor", self.factor),))

    def label(self, shape: Shape) -> str:
        return f"×{float(self.factor):g}"


LAYER_SCALE = Helper(
    "LayerScale",
    '''
class LayerScale(nn.Module):
    """A learned factor per channel."""

    def __init__(self, channels: int, init: float) -> None:
        super().__init__()
        self.init = init
        self.gamma = nn.Parameter(torch.empty(channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.gamma, self.init)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma.view([-1] + [1] * (x.ndim - 2))
''',
    names_torch=True,
)


@operator("layer_scale")
@dataclass(frozen=True, slots=True)
class LayerScale(Op):
    """A learned factor per channel, all `init` at first (Touvron et al. 2021, CaiT)."""

    init: Any = argument("float", 1e-6, doc="How all factors start.")

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        start = initial.constant(float(self.init))
        return (Tensor("gamma", (shape.channels,), start),)

    def module(self, shape: Shape) -> Module:
        arguments = (Argument("channels", shape.channels), Argument("init", float(self.init)))
        return Module("LayerScale", arguments, LAYER_SCALE)
