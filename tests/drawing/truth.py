"""What a figure of a block shows, held against the operators' graph of the network.

Boxes are operators and lines are edges: all of them, and no others. An identity computes nothing
and is not drawn; the signs and factors of one join are one node of the graph. What stands for
several (`count`) is counted as often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import networkx

from resdsl.drawing.layout.canvas import Box, Canvas, Line, Sign


def operators(graph: networkx.DiGraph, path: str) -> networkx.DiGraph:
    """The part of `graph("op")` under a path, or all of it, without identities, with what flows in
    and out.

    `""` is all that is outside.
    """
    graph = flowing(graph)
    inside = {
        name
        for name, known in graph.nodes(data=True)
        if known["kind"] not in ("input", "output")
        and (not path or name.startswith(f"{path}.") or (name == path and known["kind"] == "op"))
    }
    found = networkx.DiGraph()
    found.add_nodes_from(n for n in inside if graph.nodes[n].get("op") != "identity")
    for node in found.nodes - {""}:
        found.add_edges_from((source, node) for source in _sources(graph, node, inside))
    for node in inside:
        if any(after not in inside for after in graph.successors(node)):
            found.add_edges_from((source, "") for source in _past(graph, node, inside))
    return found


def flowing(graph: networkx.DiGraph) -> networkx.DiGraph:
    """Without the edges by which an operator takes extents alone: no line is drawn for them."""
    like = [(one, two) for one, two, is_like in graph.edges(data="like") if is_like]
    found = graph.copy()
    found.remove_edges_from(like)
    return found


def read(graph: networkx.DiGraph) -> networkx.DiGraph:
    """Without what makes a result of a block that nothing reads."""
    found = flowing(graph)
    ends = [name for name, kind in graph.nodes(data="kind") if kind == "output"]
    inside = set(ends).union(*(networkx.ancestors(found, end) for end in ends))
    found.remove_nodes_from(set(found) - inside)
    return found


def _sources(graph: networkx.DiGraph, node: str, inside: set[str]) -> Iterator[str]:
    for source in graph.predecessors(node):
        yield from _past(graph, source, inside)


def _past(graph: networkx.DiGraph, node: str, inside: set[str]) -> Iterator[str]:
    """The node itself, or what an identity hands on."""
    if node not in inside:
        yield ""
    elif graph.nodes[node].get("op") == "identity":
        yield from _sources(graph, node, inside)
    else:
        yield node


def untrue(canvas: Canvas, expected: networkx.DiGraph) -> list[str]:
    """What is drawn and is not there, and what is there and not drawn."""
    found: list[str] = []
    boxes: Counter[str] = Counter()
    for item in (*canvas.of(Box), *canvas.of(Sign)):
        if ".." not in item.node:
            boxes[item.node] += item.count
    lines: Counter[tuple[str, str]] = Counter()
    for line in canvas.of(Line):
        ends = (_name(line.tail), _name(line.head))
        if line.arrow or line.head:
            lines[ends] = max(lines[ends], line.count)
    lines = Counter({ends: n for ends, n in lines.items() if ends[0] != ends[1] or not ends[0]})
    nodes = {n for n in expected if n}
    found += [f"{name} is drawn and not there" for name in boxes.keys() - nodes]
    if sum(boxes.values()) != len(nodes):
        found.append(f"{sum(boxes.values())} boxes for {len(nodes)} operators")
    edges = set(expected.edges)
    if all(count == 1 for count in boxes.values()):
        found += [f"the line {ends} is drawn and not there" for ends in lines.keys() - edges]
        found += [f"the line {ends} is there and not drawn" for ends in edges - lines.keys()]
    elif sum(lines.values()) != len(edges):
        found.append(f"{sum(lines.values())} lines for {len(edges)}")
    return found


def _name(part: str) -> str:
    """The node of the graph that a part of a join belongs to."""
    return part.partition("..")[0]
