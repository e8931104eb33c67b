"""Attention over positions: a pool that sums them by weights that it computes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar, Literal

from resdsl.extents import Shape, constant
from resdsl.ops import initial, meanings
from resdsl.ops.base import (
    Argument,
    Helper,
    Module,
    Needs,
    Problem,
    Role,
    Tensor,
    argument,
    at_least,
    operator,
)
from resdsl.ops.positions import SeesAll
from resdsl.records import dataclass


def _attention_pool(rank: int) -> Helper:
    total = "x.flatten(2) @ weights.transpose(1, 2)"
    if rank > 1:  # the sum has one dimension for all positions, a map `rank` of them
        total = f"({total})[..., {', '.join(['None'] * (rank - 1))}]"
    return Helper(
        f"AttentionPool{rank}d",
        f'''
class AttentionPool{rank}d(nn.Conv{rank}d):
    """The sum of all positions by weights of a filter (Cao et al. 2019, GCNet)."""

    def __init__(self, channels: int, bias: bool = True) -> None:
        super().__init__(channels, 1, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        scores = nn.functional.conv{rank}d(x, self.weight, self.bias)
        weights = scores.flatten(2).softmax(2)
        return {total}
''',
        base=f"nn.Conv{rank}d",
    )


# By rank.
ATTENTION_POOL = {rank: _attention_pool(rank) for rank in (1, 2, 3)}


@operator("attention_pool")
@dataclass(frozen=True, slots=True)
class AttentionPool(SeesAll):
    """The sum of all positions by weights that add up to 1: a softmax over positions of what one
    1x1 filter gives each (Cao et al. 2019, GCNet, 1904.11492, Fig. 4(b), "context modeling").

    (C, *extents) to (C, 1, 1). The filter's and the sum's products are MACs.
    """

    role: ClassVar[Role] = "linear"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    helpers: ClassVar[tuple[Helper, ...]] = tuple(ATTENTION_POOL.values())

    bias: bool = argument("bool", True, doc=meanings.BIAS)
    init: str = argument("one_of", "he_fan_in", choices=initial.CHOICES, doc=meanings.INIT)
    bias_init: float | Literal["torch"] = argument("float|torch", 0.0, doc=meanings.BIAS_INIT)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        ones = (1,) * shape.rank
        needs.append(at_least(shape.extents, ones, "it needs at least one element"))
        return shape.with_extents([constant(1)] * shape.rank)

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        size = (1, shape.channels, *(1,) * shape.rank)
        weight = Tensor("weight", size, initial.weight(self.init, size))
        if not self.bias:
            return (weight,)
        return weight, Tensor("bias", (1,), initial.bias(self.bias_init, size))

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.bias_init,)

    def macs(self, shape: Shape, inside: Sequence[int], outside: Sequence[int]) -> int:
        return 2 * int(shape.channels) * prod(inside)

    def module(self, shape: Shape) -> Module:
        helper = ATTENTION_POOL[shape.rank]
        bias = Argument("bias", self.bias, True, keyword=True)
        return Module(helper.name, (Argument("channels", shape.channels), bias), helper)

    def label(self, shape: Shape) -> str:
        return "attention pool"
