"""Scaling, constant and learned, and the identity."""

from __future__ import annotations

from typing import Any, ClassVar

from resdsl.extents import Shape
from resdsl.ops import initial
from resdsl.ops.base import Argument, Helper, Inline, Module, Role, Tensor, argument, operator
from resdsl.ops.channels_last import CHANNELS_FIRST, CHANNELS_LAST
from resdsl.ops.positions import ElementWise
from resdsl.records import dataclass


@operator("identity")
class Identity(ElementWise):
    """Nothing; in a body whose modules have numbers it holds one.

    Around layers on the channels of each position it is where the channels go last and come back.
    """

    __slots__ = ()

    helpers: ClassVar[tuple[Helper, ...]] = (CHANNELS_LAST, CHANNELS_FIRST)

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


def _per_channel(name: str, doc: str, tensor: str, sign: str) -> Helper:
    return Helper(
        name,
        f'''
class {name}(nn.Module):
    """{doc}"""

    def __init__(self, channels: int, init: float) -> None:
        super().__init__()
        self.init = init
        self.{tensor} = nn.Parameter(torch.empty(channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.{tensor}, self.init)

    def forward(self, x: Tensor) -> Tensor:
        return x {sign} self.{tensor}.view([-1] + [1] * (x.ndim - 2))
''',
        names_torch=True,
    )


def _of_shape(name: str, doc: str, tensor: str, sign: str) -> Helper:
    return Helper(
        name,
        f'''
class {name}(nn.Module):
    """{doc}"""

    def __init__(self, init: float, *shape: int) -> None:
        super().__init__()
        self.init = init
        self.{tensor} = nn.Parameter(torch.empty(shape))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.{tensor}, self.init)

    def forward(self, x: Tensor) -> Tensor:
        return x {sign} self.{tensor}
''',
        names_torch=True,
    )


_PER = (
    "Whether each channel has a number of its own, or there is one for the whole tensor (Fixup, "
    "ReZero, SkipInit)."
)
_SHAPE = (
    "How the numbers are stored: one after the other, as torch's norms have theirs, or with "
    '`"map"` with a 1 for each dimension of the map: `C x 1 x 1`, as torchvision\'s ConvNeXt.'
)


@dataclass(frozen=True, slots=True)
class Learned(ElementWise):
    """What `layer_scale` and `layer_shift` share: one learned tensor that meets every element."""

    role: ClassVar[Role] = "scaling"
    # Its name in the state dict, and what is done with it.
    tensor: ClassVar[str] = ""
    sign: ClassVar[str] = ""

    init: float
    per: str
    shape: str

    def tensor_shape(self, shape: Shape) -> tuple[int, ...]:
        """C or 1, with a 1 for each spatial dimension where it is stored as a map."""
        numbers = shape.channels if self.per == "channel" else 1
        return (numbers, *(1,) * shape.rank) if self.shape == "map" else (numbers,)

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        start = initial.constant(float(self.init))
        return (Tensor(self.tensor, self.tensor_shape(shape), start),)

    @property
    def needs_channels(self) -> bool:
        return self.per == "channel"

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.init,)

    def held(self, shape: Shape) -> Inline:
        is_column = self.per == "channel" and self.shape == "vector" and shape.rank > 0
        view = f".view(-1{', 1' * shape.rank})" if is_column else ""
        return Inline("product" if self.sign == "*" else "sum", f"{{tensor}}{view}")

    def module(self, shape: Shape) -> Module:
        per_channel, of_shape = self.helpers
        size = self.tensor_shape(shape)
        if self.per == "channel" and len(size) == 1:
            arguments = (Argument("channels", shape.channels), Argument("init", float(self.init)))
            return Module(per_channel.name, arguments, per_channel)
        numbers = [Argument("channels", size[0]), *(Argument("one", 1) for _ in size[1:])]
        return Module(of_shape.name, (Argument("init", float(self.init)), *numbers), of_shape)


@operator("layer_scale")
@dataclass(frozen=True, slots=True)
class LayerScale(Learned):
    """A learned factor per channel, or one, all `init` at first (Touvron et al. 2021, CaiT)."""

    tensor: ClassVar[str] = "gamma"
    sign: ClassVar[str] = "*"
    helpers: ClassVar[tuple[Helper, ...]] = (
        _per_channel("LayerScale", "A learned factor per channel.", tensor, sign),
        _of_shape("LearnedScale", "Learned factors; their shape broadcasts.", tensor, sign),
    )

    init: float = argument("float", 1e-6, doc="How all factors start.")
    per: str = argument("one_of", "channel", choices=("channel", "tensor"), doc=_PER)
    shape: str = argument("one_of", "vector", choices=("vector", "map"), doc=_SHAPE)


@operator("layer_shift")
@dataclass(frozen=True, slots=True)
class LayerShift(Learned):
    """A learned number added to each channel, or one to all (Zhang et al. 2019, Fixup)."""

    tensor: ClassVar[str] = "beta"
    sign: ClassVar[str] = "+"
    helpers: ClassVar[tuple[Helper, ...]] = (
        _per_channel("LayerShift", "A learned number added per channel.", tensor, sign),
        _of_shape(
            "LearnedShift", "Learned numbers added, of a shape that broadcasts.", tensor, sign
        ),
    )

    init: float = argument("float", 0.0, doc="How all numbers start.")
    per: str = argument("one_of", "channel", choices=("channel", "tensor"), doc=_PER)
    shape: str = argument("one_of", "vector", choices=("vector", "map"), doc=_SHAPE)
