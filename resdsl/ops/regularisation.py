"""Dropout and stochastic depth: nothing in evaluation mode."""

from __future__ import annotations

from typing import ClassVar

from resdsl.extents import Shape
from resdsl.ops.base import Argument, Helper, Module, argument, operator
from resdsl.ops.positions import ElementWise
from resdsl.records import dataclass


@operator("dropout")
@dataclass(frozen=True, slots=True)
class Dropout(ElementWise):
    """Elements are zeroed with probability p, the rest scaled by 1 / (1 - p): torch.nn.Dropout."""

    reads_channels: ClassVar[bool] = False
    may_alias: ClassVar[bool] = True

    p: float = argument(
        "float", 0.5, least=0, most=1, doc="How often an element is zeroed in training."
    )

    @property
    def idle(self) -> Dropout:
        return Dropout(0.0)

    def module(self, shape: Shape) -> Module:
        return Module("nn.Dropout", (Argument("p", self.p, 0.5),))

    def channels_last(self, shape: Shape) -> Module | None:
        return self.module(shape) if shape.rank > 0 else None

    def label(self, shape: Shape) -> str:
        return f"dropout {float(self.p):.3g}"


DROP_PATH = Helper(
    "DropPath",
    '''
class DropPath(nn.Module):
    """Zeroes whole samples with probability p, the rest scaled by 1 / (1 - p)."""

    def __init__(self, p: float) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p is at least 0 and less than 1, not {p}")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        keep = x.new_empty([x.shape[0]] + [1] * (x.ndim - 1)).bernoulli_(1 - self.p)
        return x * keep.div_(1 - self.p)
''',
)


@operator("drop_path")
@dataclass(frozen=True, slots=True)
class DropPath(ElementWise):
    """Stochastic depth (Huang et al. 2016): a sample's map is zeroed with probability p."""

    reads_channels: ClassVar[bool] = False
    may_alias: ClassVar[bool] = True
    helpers: ClassVar[tuple[Helper, ...]] = (DROP_PATH,)

    p: float = argument(
        "float", least=0, below=1, doc="How often a sample's tensor is zeroed in training."
    )

    @property
    def samples_zeroed(self) -> float:
        return float(self.p)

    @property
    def idle(self) -> DropPath:
        return DropPath(0.0)

    def module(self, shape: Shape) -> Module:
        return Module("DropPath", (Argument("p", self.p),), DROP_PATH)

    def label(self, shape: Shape) -> str:
        return f"drop path {float(self.p):.3g}"

    def plain_row(self, shape: Shape) -> str:
        # Stochastic depth grows from block to block; what repeats is the rest.
        return "drop path"
