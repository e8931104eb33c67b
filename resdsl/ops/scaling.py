"""Scaling, constant and learned, and the identity."""

from __future__ import annotations

from typing import ClassVar

from resdsl.extents import Shape
from resdsl.ops import initial
from resdsl.ops.base import Argument, Helper, Inline, Module, Role, Tensor, argument, operator
from resdsl.ops.positions import ElementWise
from resdsl.records import dataclass


@operator("identity")
class Identity(ElementWise):
    """Nothing."""

    __slots__ = ()

    role: ClassVar[Role] = "identity"
    reads_channels: ClassVar[bool] = False
    may_alias: ClassVar[bool] = True

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
class Scale(ElementWise):
    """Multiplication by a constant."""

    role: ClassVar[Role] = "scaling"
    reads_channels: ClassVar[bool] = False
    helpers: ClassVar[tuple[Helper, ...]] = (SCALE,)

    factor: float = argument("float", doc="What each element is multiplied by.")

    @property
    def constant_factor(self) -> float:
        return self.factor

    def module(self, shape: Shape) -> Module:
        return Module("Scale", (Argument("factor", self.factor),), SCALE)

    def inline(self, shape: Shape) -> Inline:
        return Inline("product", "{factor}", values=(("factor", self.factor),))

    def label(self, shape: Shape) -> str:
        return f"scale {float(self.factor):g}"


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
class LayerScale(ElementWise):
    """A learned factor per channel, all `init` at first (Touvron et al. 2021, CaiT)."""

    role: ClassVar[Role] = "scaling"
    helpers: ClassVar[tuple[Helper, ...]] = (LAYER_SCALE,)

    init: float = argument("float", 1e-6, doc="How all factors start.")

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        start = initial.constant(float(self.init))
        return (Tensor("gamma", (shape.channels,), start),)

    def module(self, shape: Shape) -> Module:
        arguments = (Argument("channels", shape.channels), Argument("init", float(self.init)))
        return Module("LayerScale", arguments, LAYER_SCALE)
