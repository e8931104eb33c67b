"""A block of several results as trees: what leads to one hangs where it leaves the way to another.

The longest way to a result is the trunk; those that share nothing with it stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from resdsl.drawing.refusal import TangledError
from resdsl.drawing.trees.flow import ENTRY, Flow, Node, behind
from resdsl.drawing.trees.ways import Given
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class _Way:
    """Nodes to the result of `end`, and of which of before they begin with, if any does."""

    end: int
    numbers: Sequence[int]
    begin: int | None


def with_heads(flow: Flow, given: Given) -> list[Flow]:
    """Flows that share nothing, each with an end at its foot. Raises TangledError."""
    ways, taps = _ways(flow, given.outputs)
    return [_built(flow, given, way, ways, taps) for way in ways if way.begin is None]


def _ways(flow: Flow, outputs: Mapping[int, object]) -> tuple[list[_Way], set[int]]:
    """Also the results that are passed on the way to others."""
    named = any(node.kind == "entry" for node in flow.nodes)
    made = sorted(((end, behind(flow.nodes, end)) for end in outputs), key=lambda one: -len(one[1]))
    covered: set[int] = set()
    ways: list[_Way] = []
    taps: set[int] = set()
    for end, nodes in made:
        mine = sorted(nodes - covered)
        if ways and not mine:
            taps.add(end)
            continue
        sources = {source for n in mine for source in flow.nodes[n].inputs} - set(mine)
        if named or not ways:
            sources.discard(ENTRY)
        enters = named and any(flow.nodes[number].kind == "entry" for number in mine)
        if len(sources) + enters > 1:
            raise TangledError  # more than one tensor leads to it
        ways.append(_Way(end, mine, next(iter(sources), None)))
        covered |= nodes
    return ways, taps


def _built(flow: Flow, given: Given, way: _Way, ways: Sequence[_Way], taps: set[int]) -> Flow:
    nodes: list[Node] = []
    # By number before, the number after: of a value that leaves, that of where it goes on.
    at: dict[int, int] = {ENTRY: ENTRY}
    if way.begin is not None:
        at[way.begin] = ENTRY

    def add(node: Node) -> int:
        nodes.append(node)
        return len(nodes) - 1

    def leave(number: int) -> None:
        name = flow.nodes[number].name if number != ENTRY else "in"
        if number in taps:
            text, tip = ", ".join(given.outputs[number]), given.shapes.get(number, "")
            tap = Node(f"{name}..result", "exit", (at[number],), text, "output", tip)
            at[number] = add(tap)
        for other in ways:
            if other.begin == number and other is not way:
                inner = _built(flow, given, other, ways, taps)
                head = Node(f"{name}..head", "head", (at[number],), inner=inner)
                at[number] = add(head)

    if way.begin is None:
        leave(ENTRY)
    for number in way.numbers:
        node = flow.nodes[number]
        at[number] = add(replace(node, inputs=tuple(at[source] for source in node.inputs)))
        leave(number)
    text, tip = ", ".join(given.outputs[way.end]), given.shapes.get(way.end, "")
    end = add(Node(f"{text}..end", "end", (at[way.end],), text, "output", tip))
    return Flow(tuple(nodes), end, flow.entering, flow.leaving)
