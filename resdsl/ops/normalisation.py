"""Norms. All torch modules of one to three dimensions, and of flat tensors where torch has them."""

from __future__ import annotations

from typing import Any, ClassVar

from resdsl.extents import Shape
from resdsl.extents.extent import constant
from resdsl.ops import initial, meanings
from resdsl.ops.base import (
    Argument,
    Helper,
    Init,
    Module,
    Needs,
    Problem,
    Role,
    Scaling,
    Statistics,
    Tensor,
    argument,
    at_least,
    more_than_one,
    operator,
    undivided,
)
from resdsl.ops.positions import ElementWise
from resdsl.records import dataclass


def affine(channels: int, scale_init: Any) -> tuple[Tensor, ...]:
    """Scale and shift, one each per channel."""
    return (
        Tensor("weight", (channels,), initial.constant(float(scale_init))),
        Tensor("bias", (channels,), Init("constant", 0.0)),
    )


@operator("batchnorm")
@dataclass(frozen=True, slots=True)
class BatchNorm(ElementWise):
    """torch.nn.BatchNorm1d (also flat), BatchNorm2d, BatchNorm3d."""

    role: ClassVar[Role] = "norm"

    eps: float = argument("float", 1e-5, above=0, doc=meanings.EPS)
    momentum: float = argument(
        "float",
        0.1,
        least=0,
        most=1,
        doc="How much of a batch enters the running mean and variance.",
    )
    affine: bool = argument("bool", True, doc=meanings.AFFINE)
    scale_init: float = argument("float", 1.0, doc=meanings.SCALE_INIT)

    def statistics(self, shape: Shape) -> Statistics:
        return Statistics(shape.channels, over_batch=True)

    @property
    def scaling(self) -> Scaling:
        return Scaling(float(self.eps), self.affine)

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        return affine(shape.channels, self.scale_init) if self.affine else ()

    def buffers(self, shape: Shape) -> tuple[Tensor, ...]:
        return (
            Tensor("running_mean", (shape.channels,), Init("constant", 0.0)),
            Tensor("running_var", (shape.channels,), Init("constant", 1.0)),
            Tensor("num_batches_tracked", (), Init("constant", 0.0)),
        )

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.scale_init,)

    def module(self, shape: Shape) -> Module:
        return Module(
            f"nn.BatchNorm{max(shape.rank, 1)}d",
            (
                Argument("num_features", shape.channels),
                Argument("eps", self.eps, 1e-5, keyword=True),
                Argument("momentum", self.momentum, 0.1, keyword=True),
                Argument("affine", self.affine, True, keyword=True),
            ),
        )

    def label(self, shape: Shape) -> str:
        return "BN"


@operator("groupnorm")
@dataclass(frozen=True, slots=True)
class GroupNorm(ElementWise):
    """torch.nn.GroupNorm."""

    role: ClassVar[Role] = "norm"

    groups: int = argument(
        "int",
        32,
        least=1,
        doc="How many groups the channels are in, each normalised over all its elements.",
    )
    eps: float = argument("float", 1e-5, least=0, doc=meanings.EPS)
    affine: bool = argument("bool", True, doc=meanings.AFFINE)
    scale_init: float = argument("float", 1.0, doc=meanings.SCALE_INIT)

    def statistics(self, shape: Shape) -> Statistics:
        return Statistics(self.groups)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        return undivided(self.name, shape.channels, self.groups) or shape

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        return affine(shape.channels, self.scale_init) if self.affine else ()

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.scale_init,)

    def module(self, shape: Shape) -> Module:
        return Module(
            "nn.GroupNorm",
            (
                Argument("num_groups", self.groups),
                Argument("num_channels", shape.channels),
                Argument("eps", self.eps, 1e-5, keyword=True),
                Argument("affine", self.affine, True, keyword=True),
            ),
        )

    def label(self, shape: Shape) -> str:
        return f"GN ({int(self.groups)})"


@operator("instancenorm")
@dataclass(frozen=True, slots=True)
class InstanceNorm(ElementWise):
    """torch.nn.InstanceNorm1d, InstanceNorm2d, InstanceNorm3d (Ulyanov et al. 2016).

    Torch refuses a map of one element, in eval mode as well.
    """

    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    role: ClassVar[Role] = "norm"

    eps: float = argument("float", 1e-5, least=0, doc=meanings.EPS)
    affine: bool = argument("bool", False, doc=meanings.AFFINE)
    scale_init: float = argument("float", 1.0, doc=meanings.SCALE_INIT)

    def statistics(self, shape: Shape) -> Statistics:
        return Statistics(shape.channels)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        alone = [extent for extent in shape.extents if extent != constant(1)]
        if len(alone) == 1:
            needs.append(at_least(alone, (2,), "one element has no variance"))
        elif not any(extent.is_constant for extent in alone):
            needs.append(more_than_one(alone))
        return shape

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        return affine(shape.channels, self.scale_init) if self.affine else ()

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.scale_init,)

    def module(self, shape: Shape) -> Module:
        return Module(
            f"nn.InstanceNorm{shape.rank}d",
            (
                Argument("num_features", shape.channels),
                Argument("eps", self.eps, 1e-5, keyword=True),
                Argument("affine", self.affine, False, keyword=True),
            ),
        )

    def label(self, shape: Shape) -> str:
        return "IN"


LAYER_NORM = Helper(
    "ChannelLayerNorm",
    '''
class ChannelLayerNorm(nn.Module):
    """Layer norm over the channels of each position of a map."""

    def __init__(self, channels: int, eps: float = 1e-5, affine: bool = True) -> None:
        super().__init__()
        self.eps = eps
        if affine:
            self.weight = nn.Parameter(torch.ones(channels))
            self.bias = nn.Parameter(torch.zeros(channels))
        else:
            self.register_parameter("weight", None)
            self.register_parameter("bias", None)

    def reset_parameters(self) -> None:
        if self.weight is not None:
            nn.init.ones_(self.weight)
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1)
        x = nn.functional.layer_norm(x, x.shape[-1:], self.weight, self.bias, self.eps)
        return x.movedim(-1, 1)
''',
    names_torch=True,
)


@operator("layernorm")
@dataclass(frozen=True, slots=True)
class LayerNorm(ElementWise):
    """torch.nn.LayerNorm over channels, at each position of a map by itself."""

    role: ClassVar[Role] = "norm"
    helpers: ClassVar[tuple[Helper, ...]] = (LAYER_NORM,)

    eps: float = argument("float", 1e-5, least=0, doc=meanings.EPS)
    affine: bool = argument("bool", True, doc=meanings.AFFINE)
    scale_init: float = argument("float", 1.0, doc=meanings.SCALE_INIT)

    def statistics(self, shape: Shape) -> Statistics:
        return Statistics(1, over_positions=False)

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        return affine(shape.channels, self.scale_init) if self.affine else ()

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.scale_init,)

    def module(self, shape: Shape) -> Module:
        if shape.rank == 0:
            return self._of_the_last(shape)
        arguments = (
            Argument("channels", shape.channels),
            Argument("eps", self.eps, 1e-5, keyword=True),
            Argument("affine", self.affine, True, keyword=True),
        )
        return Module("ChannelLayerNorm", arguments, LAYER_NORM)

    def channels_last(self, shape: Shape) -> Module | None:
        return self._of_the_last(shape) if shape.rank > 0 else None

    def _of_the_last(self, shape: Shape) -> Module:
        return Module(
            "nn.LayerNorm",
            (
                Argument("normalized_shape", shape.channels),
                Argument("eps", self.eps, 1e-5, keyword=True),
                Argument("elementwise_affine", self.affine, True, keyword=True),
            ),
        )

    def label(self, shape: Shape) -> str:
        return "LN"


@operator("local_response_norm")
@dataclass(frozen=True, slots=True)
class LocalResponseNorm(ElementWise):
    """torch.nn.LocalResponseNorm, over `size` neighbouring channels (Krizhevsky et al. 2012, 3.3).

    As torch has it, `alpha` is divided by `size`.
    """

    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    reads_channels: ClassVar[bool] = False

    size: int = argument("int", 5, least=1, doc="How many neighbouring channels.")
    alpha: float = argument("float", 1e-4, doc="What their mean square is multiplied by.")
    beta: float = argument("float", 0.75, doc="The exponent of the divisor.")
    k: float = argument("float", 1.0, doc="What is added in the divisor.")

    def module(self, shape: Shape) -> Module:
        return Module(
            "nn.LocalResponseNorm",
            (
                Argument("size", self.size),
                Argument("alpha", self.alpha, 1e-4, keyword=True),
                Argument("beta", self.beta, 0.75, keyword=True),
                Argument("k", self.k, 1.0, keyword=True),
            ),
        )

    def label(self, shape: Shape) -> str:
        return "LRN"
