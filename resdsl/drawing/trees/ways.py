"""A network of several outputs as ways: its trunk, and heads that begin with a tensor of before.

What is given on a way, or begins a head there, leaves it and goes on: a node that makes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from resdsl.drawing.refusal import TangledError
from resdsl.drawing.trees.flow import ENTRY, Flow, Node, behind
from resdsl.records import dataclass

# What is called so in a picture where its author gave it no name.
_INPUT = "input"


@dataclass(frozen=True, slots=True)
class Told:
    """A value as it is told of: by its name, and its shape for people."""

    name: str
    shape: str


@dataclass(frozen=True, slots=True)
class Way:
    """A flow to the outputs `ends`. A head begins with what the node `tail` makes, called so."""

    flow: Flow
    ends: tuple[Told, ...]
    begins: Told | None = None
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """By the number of a node: the outputs that its value is, what it is called, its shape."""

    outputs: Mapping[int, tuple[str, ...]]
    names: Mapping[int, str]
    shapes: Mapping[int, str]

    def told(self, number: int) -> tuple[Told, ...]:
        return tuple(Told(name, self.shapes[number]) for name in self.outputs.get(number, ()))


def ways(flow: Flow, given: Given) -> list[Way]:
    """The trunk, which is the longest, and the heads as they stand. Raises TangledError."""
    made = [(number, behind(flow.nodes, number)) for number in given.outputs]
    # The longest first: what another passes is no way of its own.
    made.sort(key=lambda one: -len(one[1]))
    covered: set[int] = set()
    # By the last node of a way, its nodes; by the nodes of before that heads begin with, the ends.
    inside: dict[int, list[int]] = {}
    begins: dict[int, int] = {}
    for end, nodes in made:
        mine = sorted(nodes - covered)
        if inside and not mine:
            continue
        if inside:
            sources = {source for n in mine for source in flow.nodes[n].inputs} - set(mine)
            if len(sources) != 1:
                raise TangledError  # more than one tensor leads to it
            (begins[end],) = sources
        inside[end] = mine
        covered |= nodes
    trunk, *heads = inside
    order = [trunk, *sorted(heads, key=lambda end: inside[end][0])]
    return [_way(flow, given, end, inside[end], begins, set(inside)) for end in order]


def loose(flow: Flow, given: Given, *, whole: bool = False) -> tuple[Flow, tuple[str, ...]]:
    """With a node for each output but that to which the flow leads, and the names of that one.

    `whole`: with a node for that, too.
    """
    nodes = list(flow.nodes)
    for number, names in given.outputs.items():
        if whole or number != flow.output:
            text = ", ".join(names)
            name = f"{text}..output"
            nodes.append(Node(name, "exit", (number,), text, "output", tip=given.shapes[number]))
    return replace(flow, nodes=tuple(nodes)), given.outputs.get(flow.output, ())


def _way(
    flow: Flow,
    given: Given,
    end: int,
    numbers: Sequence[int],
    begins: Mapping[int, int],
    ends: set[int],
) -> Way:
    nodes: list[Node] = []
    # By number before, the number after: of a value that leaves, that of where it goes on.
    at: dict[int, int] = {begins.get(end, ENTRY): ENTRY}
    begun = {source for other, source in begins.items() if other != end}

    def leave(number: int, kind: str, told: Sequence[str]) -> None:
        name = f"{flow.nodes[number].name if number != ENTRY else _INPUT}..{kind}"
        nodes.append(
            Node(
                name, "exit", (at[number],), ", ".join(told), kind, tip=given.shapes.get(number, "")
            )
        )
        at[number] = len(nodes) - 1

    def left(number: int) -> None:
        if number in given.outputs and number not in ends:
            leave(number, "output", given.outputs[number])
        if number in begun:
            leave(number, "keep", (_called(flow, given, number),))

    if end not in begins:
        left(ENTRY)
    for number in numbers:
        node = flow.nodes[number]
        nodes.append(replace(node, inputs=tuple(at[source] for source in node.inputs)))
        at[number] = len(nodes) - 1
        left(number)
    local = Flow(tuple(nodes), at[end], flow.entering, flow.leaving)
    source = begins.get(end)
    if source is None:
        return Way(local, given.told(end))
    told = Told(_called(flow, given, source), given.shapes.get(source, ""))
    return Way(local, given.told(end), told, _last(flow, source))


def _last(flow: Flow, number: int) -> str:
    """The name of the node that makes a value, the last inside of one that is several."""
    if number == ENTRY:
        return ""
    node = flow.nodes[number]
    return node.name if node.inner is None else _last(node.inner, node.inner.output)


def _called(flow: Flow, given: Given, number: int) -> str:
    if number in given.names:
        return given.names[number]
    outputs = given.outputs.get(number)
    return outputs[0] if outputs else _INPUT if number == ENTRY else flow.nodes[number].name
