"""What a figure of a block shows: its operators, the signs where tensors meet, and what flows.

A flow is the operators' graph (`analysis/graph`) of one body, with what only the design knows: the
expression of a join as signs and factors, how often a unit is repeated, the copies of a branch.
Names of nodes are the graph's. An identity is no node, as it computes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import Literal, TypeAlias

from resdsl.design.model import Ref
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.records import dataclass

Origin: TypeAlias = Literal["residual", "join", "fork"]

# What enters a flow is made by no node of it.
ENTRY = -1

# Of copies of a branch: the first two and the last.
COPIES_DRAWN = 3


@dataclass(frozen=True, slots=True)
class Node:
    """`inputs` are numbers of nodes, or ENTRY; several for a sign.

    An operator has its text and look; a sign its `sign` and where it is from; a factor is a sign of
    one tensor, told in words on its line; at an exit a tensor goes on as it is, and leaves by the
    names that are its text. At an `entry` a tensor comes in and at an `end` one leaves, by the name
    that is its text; at a `head` one goes on as it is, and `inner` leads from there to other
    results. Else `inner` is what stands `count` times in a row (`repeat`)
    or side by side (`copies`); `owner` the node of the graph that a sign or factor belongs to.
    """

    name: str
    kind: Literal[
        "operator", "sign", "factor", "repeat", "copies", "closed", "exit", "entry", "end", "head"
    ]
    inputs: tuple[int, ...]
    text: str = ""
    look: str = "other"
    tip: str = ""
    origin: Origin | None = None
    inner: Flow | None = None
    count: int = 1
    owner: str = ""
    # Of copies side by side, the path of the last.
    last: str = ""
    # Its row in a paper's list; empty for norms and activations, which belong to the row before.
    row: str = ""

    @property
    def is_box(self) -> bool:
        """Whether it is more than names and lines."""
        return self.kind not in ("exit", "entry", "end", "head")

    @property
    def drawn(self) -> int:
        """How many are drawn of copies side by side; what stands in a row is drawn once."""
        return min(self.count, COPIES_DRAWN) if self.kind == "copies" else 1


@dataclass(frozen=True, slots=True)
class Flow:
    """Nodes, each behind those that it reads; `output` is the number of one, or ENTRY."""

    nodes: tuple[Node, ...]
    output: int
    entering: Shape
    leaving: Shape

    @property
    def size(self) -> int:
        """How many nodes are drawn: of copies side by side, those of three."""
        return sum(node.drawn * node.inner.size if node.inner else 1 for node in self.nodes)

    @property
    def reach(self) -> int:
        """Over how many rows its lines reach, all together, where each node is below its inputs."""
        return _reach(self)[0]


def _reach(flow: Flow) -> tuple[int, int]:
    """Of all lines, and of the longest way through: how many rows they pass."""
    rows: dict[int, int] = {ENTRY: 0}
    found = 0
    for number, node in enumerate(flow.nodes):
        inside, high = (0, 1) if node.inner is None else _reach(node.inner)
        rows[number] = max((rows[source] for source in node.inputs), default=0) + high
        found += inside + sum(rows[number] - rows[source] for source in node.inputs)
    return found, max(rows.values())


def behind(nodes: Sequence[Node], end: int) -> set[int]:
    """The nodes that a value is made of."""
    found: set[int] = set()
    waiting = [end]
    while waiting:
        number = waiting.pop()
        if number != ENTRY and number not in found:
            found.add(number)
            waiting += nodes[number].inputs
    return found


def look_of(op: Op) -> str:
    """The look of an operator's box."""
    if op.is_norm:
        return "norm"
    if op.is_activation:
        return "gate" if op.is_gate else "activation"
    if op.is_weighted:
        return "weight"
    return {"pooling": "pool", "scaling": "gate"}.get(op.role, "other")


def words_of(op: Op, shape: Shape) -> str:
    """What stands in an operator's box."""
    return op.row(shape) or op.label(shape)


@dataclass(slots=True)
class Nodes:
    """The nodes of a flow that is being built, and by Ref which of them make a value."""

    nodes: list[Node] = field(default_factory=list)

    def add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def leading_to(self, ends: Iterable[int]) -> tuple[tuple[Node, ...], dict[int, int]]:
        """The nodes without those that lead to none of these, as what makes a result of a block
        that nothing reads; by number before, the number there."""
        kept = sorted(set().union(*(behind(self.nodes, end) for end in ends)))
        at = {ENTRY: ENTRY} | {number: i for i, number in enumerate(kept)}
        if len(kept) == len(self.nodes):
            return tuple(self.nodes), at
        nodes = (self.nodes[number] for number in kept)
        moved = (replace(one, inputs=tuple(at[n] for n in one.inputs)) for one in nodes)
        return tuple(moved), at


# What nothing reads is made by no node.
At: TypeAlias = defaultdict[Ref, tuple[int, ...]]
