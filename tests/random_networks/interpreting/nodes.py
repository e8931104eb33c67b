"""Values that are made of others, each only where the output is made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor, and how many convolution and linear layers lie behind it at most. `is_local`: each
    element is made of those around its own place alone, wherever that is."""

    tensor: Tensor
    depth: int
    is_local: bool = True


@dataclass(slots=True, eq=False)
class Node:
    """A value that is to be made of others; nothing is made that the output is not made of."""

    parts: tuple[Node, ...]
    make: Callable[[list[Value]], Value]
    # Which of all nodes it is, in the order of the text.
    number: int
    value: Value | None = None


# The values of one instance by ref; those of a replicated branch by the number of the copy.
Values: TypeAlias = "dict[int, Node | dict[int, Node]]"


def one(value: Node | dict[int, Node]) -> Node:
    assert isinstance(value, Node), "a replicated branch read as one tensor"
    return value


def made(node: Node) -> Value:
    assert node.value is not None
    return node.value


def behind(values: list[Value], tensor: Tensor) -> Value:
    """What is made of these."""
    depth = max((value.depth for value in values), default=0)
    return Value(tensor, depth, all(value.is_local for value in values))
