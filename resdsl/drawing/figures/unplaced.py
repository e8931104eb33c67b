"""Flows as DOT whose places dot chooses, where ours has none: in the looks of all figures."""

from __future__ import annotations

from collections.abc import Sequence

import graphviz  # type: ignore[import-untyped]

from resdsl.drawing.fragments.fragments import FORMS
from resdsl.drawing.layout.pinned import FONT, hint, plain, strong
from resdsl.drawing.layout.theme import THEMES, Theme, ThemeName
from resdsl.drawing.trees.flow import ENTRY, Flow, Node
from resdsl.records import dataclass

_ROUND = {"shape": "circle", "width": "0.24", "fixedsize": "true", "margin": "0"}
_SIGNS = {"|": "‖", "*": "×", "-": "−"}
# Of captions and shapes.
_CAPTION, _SHAPE = "12", "10"
# Of names and shapes of what enters and leaves.
_WORDS = {"shape": "plaintext", "height": "0.2", "margin": "0.05,0", "fontsize": _SHAPE}


@dataclass(frozen=True, slots=True)
class Loose:
    """A flow, the shapes before and after it, its caption, and in grey where it is.

    Where a shape is empty, what enters or leaves are nodes of the flow, by their names.
    """

    flow: Flow
    before: str
    after: str
    caption: str
    where: str = ""


def dot(flows: Sequence[Loose], name: str, theme: ThemeName) -> str:
    """Each flow with its caption below it."""
    colours = THEMES[theme]
    graph = graphviz.Digraph(
        plain(name),
        graph_attr={
            "bgcolor": colours.ground,
            "rankdir": "TB",
            "fontname": FONT,
            "fontsize": _CAPTION,
            "fontcolor": colours.text,
            "nodesep": "0.3",
            "ranksep": "0.25",
            "labelloc": "b",
        },
        node_attr={"fontname": FONT, "fontsize": "11", "margin": "0.12,0.05", "height": "0.3"},
        edge_attr={"color": colours.line, "arrowsize": "0.56", "penwidth": "1.1"},
    )
    for number, loose in enumerate(flows):
        with graph.subgraph(name=f"cluster_{number}") as cluster:
            cluster.attr(label=_told(loose, colours), pencolor="transparent", margin="14")
            first, last = _add(cluster, loose.flow, f"p{number}", colours)
            for end, text in ((first, loose.before), (f"p{number}_out", loose.after)):
                if text:
                    cluster.node(end, plain(text), fontcolor=colours.secondary, **_WORDS)
            if loose.after:
                cluster.edge(last, f"p{number}_out")
            _in_line(cluster, loose.flow, f"p{number}")
    return str(graph.source)


def _in_line(graph: graphviz.Digraph, flow: Flow, prefix: str) -> None:
    """What enters stands side by side."""
    entries = [n for n, node in enumerate(flow.nodes) if node.kind == "entry"]
    if entries:
        with graph.subgraph() as line:
            line.attr(rank="same")
            for number in entries:
                line.node(f"{prefix}_{number}")


def _told(loose: Loose, theme: Theme) -> str:
    where = strong(loose.where).removeprefix("<B>").removesuffix("</B>")
    grey = f'<FONT POINT-SIZE="{_SHAPE}" COLOR="{theme.secondary}">{where}</FONT>'
    lines = [strong(loose.caption) if loose.caption else "", grey if loose.where else ""]
    text = "<BR/>".join(line for line in lines if line)
    return f"<{text}>" if text else ""


def _add(graph: graphviz.Digraph, flow: Flow, prefix: str, theme: Theme) -> tuple[str, str]:
    """The names of what enters a flow and of what leaves it."""
    entry = f"{prefix}_in"
    names: dict[int, str] = {ENTRY: entry}
    for number, node in enumerate(flow.nodes):
        name = f"{prefix}_{number}"
        if node.inner is not None:
            with graph.subgraph(name=f"cluster_{name}") as cluster:
                cluster.attr(
                    label=f"<{strong(f'×{node.count}')}>",
                    labelloc="t",
                    labeljust="r",
                    style="dashed",
                    pencolor=theme.secondary,
                )
                first, last = _add(cluster, node.inner, name, theme)
                cluster.node(first, shape="point", width="0.05", color=theme.line, label="")
            for source in node.inputs:
                graph.edge(names[source], first)
            names[number] = last
            continue
        _node(graph, name, node, theme)
        for source in node.inputs:
            if node.kind != "entry":
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
    if node.kind in ("exit", "entry"):
        words = f"{node.text} {node.tip}"
        graph.node(name, plain(words), fontcolor=theme.text, **_WORDS, **told)
        return
    look = theme.look(node.look)
    _, size, is_bold = FORMS[node.look]
    graph.node(
        name,
        f"<{strong(node.text)}>" if is_bold else plain(node.text),
        shape="box",
        style="filled,rounded",
        fillcolor=look.fill,
        color=look.line,
        fontcolor=look.ink,
        fontsize=f"{size:g}",
        **told,
    )
