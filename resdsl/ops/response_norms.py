"""Norms by what a whole map answers: global and filter response normalization, EvoNorm."""

from __future__ import annotations

from typing import Any, ClassVar

from resdsl.extents import Shape
from resdsl.ops import meanings
from resdsl.ops.base import (
    Argument,
    Helper,
    Init,
    Module,
    Needs,
    Problem,
    Role,
    Tensor,
    argument,
    operator,
    undivided,
)
from resdsl.ops.positions import ElementWise
from resdsl.records import dataclass

_ZERO, _ONE = Init("constant", 0.0), Init("constant", 1.0)


@dataclass(frozen=True, slots=True)
class ResponseNorm(ElementWise):
    """What these share: learned numbers per channel, and a class of our own that holds them."""

    role: ClassVar[Role] = "norm"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    # By the name of a tensor, how it starts.
    starts: ClassVar[dict[str, Init]] = {}
    abbreviated: ClassVar[str] = ""

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        size = (shape.channels,)
        return tuple(Tensor(name, size, start) for name, start in self.starts.items())

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return ()

    def module(self, shape: Shape) -> Module:
        return self._of(self.helpers[0], shape)

    def _of(self, helper: Helper, shape: Shape) -> Module:
        numbers = (
            Argument(one.name, getattr(self, one.name), one.default, keyword=True)
            for one in self.parameters()
        )
        return Module(helper.name, (Argument("channels", shape.channels), *numbers), helper)

    def label(self, shape: Shape) -> str:
        return self.abbreviated


# What both global response norms hold.
_RESPONSE_NUMBERS = """
    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def reset_parameters(self) -> None:
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)
"""

GLOBAL_RESPONSE_NORM = Helper(
    "GlobalResponseNorm",
    '''
class GlobalResponseNorm(nn.Module):
    """Channels compete by the norms of their maps (Woo et al. 2023, ConvNeXt V2)."""
'''
    + _RESPONSE_NUMBERS
    + """
    def forward(self, x: Tensor) -> Tensor:
        column = [-1] + [1] * (x.ndim - 2)
        weight, bias = self.weight.view(column), self.bias.view(column)
        norm = x.norm(p=2, dim=list(range(2, x.ndim)), keepdim=True)
        norm = norm / (norm.mean(1, keepdim=True) + self.eps)
        return x + torch.addcmul(bias, weight, x * norm)
""",
    names_torch=True,
)


CHANNELS_LAST_RESPONSE_NORM = Helper(
    "ChannelsLastResponseNorm",
    '''
class ChannelsLastResponseNorm(nn.Module):
    """A global response norm of maps (N, *extents, C) (Woo et al. 2023)."""
'''
    + _RESPONSE_NUMBERS
    + """
    def forward(self, x: Tensor) -> Tensor:
        norm = x.norm(p=2, dim=list(range(1, x.ndim - 1)), keepdim=True)
        norm = norm / (norm.mean(-1, keepdim=True) + self.eps)
        return x + torch.addcmul(self.bias, self.weight, x * norm)
""",
    names_torch=True,
)


@operator("global_response_norm")
@dataclass(frozen=True, slots=True)
class GlobalResponseNorm(ResponseNorm):
    """x + scale * x * (the norm of the channel's map / the mean of these norms) + shift (Woo et al.
    2023, "ConvNeXt V2", algorithm 1)."""

    role: ClassVar[Role] = "scaling"
    helpers: ClassVar[tuple[Helper, ...]] = (GLOBAL_RESPONSE_NORM, CHANNELS_LAST_RESPONSE_NORM)
    starts: ClassVar[dict[str, Init]] = {"weight": _ZERO, "bias": _ZERO}
    abbreviated: ClassVar[str] = "GRN"

    eps: float = argument("float", 1e-6, above=0, doc="Added to the mean of the norms.")

    def channels_last(self, shape: Shape) -> Module | None:
        return self._of(CHANNELS_LAST_RESPONSE_NORM, shape)


FILTER_RESPONSE_NORM = Helper(
    "FilterResponseNorm",
    '''
class FilterResponseNorm(nn.Module):
    """A map by its root mean square, then a threshold (Singh, Krishnan 2020)."""

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.tau = nn.Parameter(torch.zeros(channels))

    def reset_parameters(self) -> None:
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)
        nn.init.zeros_(self.tau)

    def forward(self, x: Tensor) -> Tensor:
        column = [-1] + [1] * (x.ndim - 2)
        square = x.square().mean(list(range(2, x.ndim)), keepdim=True)
        x = x * square.add(self.eps).rsqrt()
        x = x * self.weight.view(column) + self.bias.view(column)
        return torch.maximum(x, self.tau.view(column))
''',
    names_torch=True,
)


@operator("filter_response_norm")
@dataclass(frozen=True, slots=True)
class FilterResponseNorm(ResponseNorm):
    """max(scale * x / the root mean square of the channel's map + shift, threshold), all three
    learned per channel (Singh and Krishnan 2020, "Filter response normalization layer", section 3).

    It holds its activation: `set act = identity` goes with `set norm = filter_response_norm`.
    """

    helpers: ClassVar[tuple[Helper, ...]] = (FILTER_RESPONSE_NORM,)
    starts: ClassVar[dict[str, Init]] = {"weight": _ONE, "bias": _ZERO, "tau": _ZERO}
    abbreviated: ClassVar[str] = "FRN"

    eps: float = argument("float", 1e-5, above=0, doc="Added to the mean square.")


EVO_NORM = Helper(
    "EvoNorm",
    '''
class EvoNorm(nn.Module):
    """A norm over groups and an activation in one (Liu et al. 2020, EvoNorm-S0)."""

    def __init__(self, channels: int, groups: int = 32, eps: float = 1e-5) -> None:
        super().__init__()
        self.groups = groups
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.v = nn.Parameter(torch.ones(channels))

    def reset_parameters(self) -> None:
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)
        nn.init.ones_(self.v)

    def forward(self, x: Tensor) -> Tensor:
        column = [-1] + [1] * (x.ndim - 2)
        gated = x * (x * self.v.view(column)).sigmoid()
        groups = x.unflatten(1, [self.groups, -1])
        dims = list(range(2, groups.ndim))
        std = groups.var(dims, unbiased=False, keepdim=True).add(self.eps).sqrt()
        x = gated / std.expand(groups.shape).reshape(x.shape)
        return x * self.weight.view(column) + self.bias.view(column)
''',
    names_torch=True,
)


@operator("evonorm")
@dataclass(frozen=True, slots=True)
class EvoNorm(ResponseNorm):
    """scale * x * sigmoid(v * x) / the deviation of the channel's group + shift, with v, scale and
    shift per channel (Liu et al. 2020, "Evolving normalization-activation layers", EvoNorm-S0).

    It holds its activation: `set act = identity` goes with `set norm = evonorm`.
    """

    helpers: ClassVar[tuple[Helper, ...]] = (EVO_NORM,)
    starts: ClassVar[dict[str, Init]] = {"weight": _ONE, "bias": _ZERO, "v": _ONE}

    groups: int = argument(
        "int", 32, least=1, doc="How many groups the channels are in, each with one deviation."
    )
    eps: float = argument("float", 1e-5, above=0, doc=meanings.EPS)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        return undivided(self.name, shape.channels, self.groups) or shape

    def label(self, shape: Shape) -> str:
        return f"EvoNorm ({int(self.groups)})"
