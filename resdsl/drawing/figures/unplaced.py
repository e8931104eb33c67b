"""Flows as DOT whose places dot chooses, where ours has none: nodes and lines, and no more."""

from __future__ import annotations

from collections.abc import Sequence

import graphviz  # type: ignore[import-untyped]

from resdsl.drawing.fragments.fragments import FORMS
from resdsl.drawing.layout.pinned import FONT, hint, plain
from resdsl.drawing.layout.theme import THEMES, Theme, ThemeName
from resdsl.drawing.trees.flow import ENTRY, Flow, Node

_ROUND = {"shape": "circle", "width": "0.24", "fixedsize": "true", "margin": "0"}
_SIGNS = {"|": "concatenate", "*": "×", "-": "−"}


def dot(flows: Sequence[tuple[Flow, str, str]], name: str, theme: ThemeName) -> str:
    """Each flow in a cluster, with a caption and where it is."""
    colours = THEMES[theme]
    graph = graphviz.Digraph(
        plain(name),
        graph_attr={
            "bgcolor": colours.ground,
            "rankdir": "TB",
            "fontname": FONT,
            "fontsize": "11",
            "fontcolor": colours.text,
            "nodesep": "0.3",
            "ranksep": "0.3",
            "labelloc": "b",
        },
        node_attr={"fontname": FONT, "fontsize": "11", "margin": "0.12,0.05", "height": "0.3"},
        edge_attr={"color": colours.line, "arrowsize": "0.56", "penwidth": "1.1"},
    )
    for number, (flow, caption, where) in enumerate(flows):
        with graph.subgraph(name=f"cluster_{number}") as cluster:
            words = "\\n".join(plain(text) for text in (caption, where) if text)
            cluster.attr(label=words, color=colours.hair)
            _, last = _add(cluster, flow, f"p{number}", colours)
            end = f"p{number}_out"
            cluster.node(end, shape="point", width="0.05", color=colours.line, label="")
            cluster.edge(last, end, arrowhead="none")
    return str(graph.source)


def _add(graph: graphviz.Digraph, flow: Flow, prefix: str, theme: Theme) -> tuple[str, str]:
    """The names of what enters a flow and of what leaves it."""
    entry = f"{prefix}_in"
    graph.node(entry, shape="point", width="0.05", color=theme.line, label="")
    names: dict[int, str] = {ENTRY: entry}
    for number, node in enumerate(flow.nodes):
        name = f"{prefix}_{number}"
        if node.inner is not None:
            with graph.subgraph(name=f"cluster_{name}") as cluster:
                cluster.attr(label=f"×{node.count}", style="dashed", color=theme.secondary)
                first, last = _add(cluster, node.inner, name, theme)
            for source in node.inputs:
                graph.edge(names[source], first)
            names[number] = last
            continue
        _node(graph, name, node, theme)
        for source in node.inputs:
            graph.edge(names[source], name)
        names[number] = name
    return entry, names[flow.output]


def _node(graph: graphviz.Digraph, name: str, node: Node, theme: Theme) -> None:
    told = {"id": plain(node.name), "tooltip": hint(node.tip or node.name)}
    if node.kind == "sign":
        label = _SIGNS.get(node.text, node.text)
        known = _ROUND if len(label) == 1 else {"shape": "box"}
        graph.node(name, plain(label), color=theme.line, fontcolor=theme.text, **known, **told)
        return
    look = theme.look(node.look)
    _, size, _ = FORMS[node.look]
    graph.node(
        name,
        plain(node.text),
        shape="box",
        style="filled,rounded",
        fillcolor=look.fill,
        color=look.line,
        fontcolor=look.ink,
        fontsize=f"{size:g}",
        **told,
    )
