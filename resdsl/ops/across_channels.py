"""Operators over the channels of each position: a convolution across them, mean and maximum."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar, Literal

from resdsl.diagnostics import codes
from resdsl.extents import Shape
from resdsl.ops import initial, meanings
from resdsl.ops.base import (
    Argument,
    Helper,
    Inline,
    Module,
    Needs,
    Problem,
    Role,
    Tensor,
    argument,
    operator,
)
from resdsl.ops.positions import ElementWise
from resdsl.records import dataclass

CHANNEL_CONV = Helper(
    "ChannelConv",
    '''
class ChannelConv(nn.Conv1d):
    """A convolution across the channels of each position, by one filter."""

    def __init__(self, kernel_size: int, bias: bool = False) -> None:
        super().__init__(1, 1, kernel_size, padding=kernel_size // 2, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1)
        rows = x.reshape(-1, 1, x.shape[-1])
        rows = nn.functional.conv1d(rows, self.weight, self.bias, padding=self.padding)
        return rows.reshape(x.shape).movedim(-1, 1)
''',
    base="nn.Conv1d",
)


@operator("channel_conv")
@dataclass(frozen=True, slots=True)
class ChannelConv(ElementWise):
    """Each channel of a position from its neighbours, by one filter: torch.nn.Conv1d on a row of
    channels (Wang et al. 2020, ECA-Net, section 3.3).

    There are as many channels as before; beyond the first and the last there are zeros.
    """

    role: ClassVar[Role] = "linear"
    helpers: ClassVar[tuple[Helper, ...]] = (CHANNEL_CONV,)

    k: int = argument("int", least=1, doc="How many neighbouring channels it takes, an odd number.")
    bias: bool = argument("bool", False, doc=meanings.BIAS)
    init: str = argument("one_of", "torch", choices=initial.CHOICES, doc=meanings.INIT)
    bias_init: float | Literal["torch"] = argument("float|torch", "torch", doc=meanings.BIAS_INIT)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        if self.k % 2 == 0:
            return Problem(
                codes.VALUE,
                f"`channel_conv` needs an odd window, not {int(self.k)}",
                "as many neighbours on both sides",
            )
        return shape

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        size = (1, 1, self.k)
        weight = Tensor("weight", size, initial.weight(self.init, size))
        if not self.bias:
            return (weight,)
        return weight, Tensor("bias", (1,), initial.bias(self.bias_init, size))

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.k, self.bias_init)

    def macs(self, shape: Shape, inside: Sequence[int], outside: Sequence[int]) -> int:
        return int(self.k) * int(shape.channels) * prod(outside)

    def module(self, shape: Shape) -> Module:
        arguments = (
            Argument("kernel_size", self.k),
            Argument("bias", self.bias, False, keyword=True),
        )
        return Module(CHANNEL_CONV.name, arguments, CHANNEL_CONV)

    def label(self, shape: Shape) -> str:
        return f"{int(self.k)} conv across channels"

    def row(self, shape: Shape) -> str:
        return f"{int(self.k)} across channels"


class OneChannel(ElementWise):
    """One number of all channels of a position."""

    __slots__ = ()

    reads_channels: ClassVar[bool] = False
    torch_function: ClassVar[str] = ""

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        return Shape(1, (), flat=True) if shape.flat else shape.with_channels(1)

    def module(self, shape: Shape) -> Module:
        (helper,) = self.helpers
        return Module(helper.name, (), helper)

    def inline(self, shape: Shape) -> Inline:
        return Inline("call", self.torch_function, ("1", "keepdim=True"))


def _one_channel(name: str, doc: str, function: str) -> Helper:
    return Helper(
        name,
        f'''
class {name}(nn.Module):
    """{doc}"""

    def forward(self, x: Tensor) -> Tensor:
        return {function}(x, 1, keepdim=True)
''',
        names_torch=True,
    )


CHANNEL_MEAN = _one_channel("ChannelMean", "The mean of all channels.", "torch.mean")
CHANNEL_MAX = _one_channel("ChannelMax", "The largest of all channels.", "torch.amax")


@operator("channel_mean")
class ChannelMean(OneChannel):
    """The mean of the channels of each position, one channel: torch.mean (CBAM's spatial part)."""

    __slots__ = ()

    helpers: ClassVar[tuple[Helper, ...]] = (CHANNEL_MEAN,)
    torch_function: ClassVar[str] = "torch.mean"

    def label(self, shape: Shape) -> str:
        return "mean of channels"


@operator("channel_max")
class ChannelMax(OneChannel):
    """The largest of the channels of each position, one channel: torch.amax (CBAM's spatial
    part)."""

    __slots__ = ()

    keeps_result: ClassVar[bool] = True
    helpers: ClassVar[tuple[Helper, ...]] = (CHANNEL_MAX,)
    torch_function: ClassVar[str] = "torch.amax"

    def label(self, shape: Shape) -> str:
        return "max of channels"
