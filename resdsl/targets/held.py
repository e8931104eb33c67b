"""Tensors that a class holds itself: `self.gamma = nn.Parameter(torch.full((channels,), 1e-6))`."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.ops.base import InitCall, Tensor
from resdsl.targets.nodes import Call, Items, Node, Text, literal


def parameter(extents: Sequence[Node], value: float) -> Node:
    """The parameter, all its elements `value` at first."""
    if value in (0, 1):
        made = Call("torch.ones" if value else "torch.zeros", tuple(extents))
    else:
        closing = ",)" if len(extents) == 1 else ")"
        made = Call("torch.full", (Items("(", tuple(extents), closing), Text(literal(value))))
    return Call("nn.Parameter", (made,))


def value(tensor: Tensor) -> float:
    """What all elements of a tensor start as."""
    assert tensor.init.kind == "constant", "a tensor that a class holds itself starts as a constant"
    return float(tensor.init.value)


def start(tensor: Tensor) -> InitCall:
    """The call that starts it again."""
    return tensor.init.call or InitCall("nn.init.constant_", (literal(value(tensor)),))
