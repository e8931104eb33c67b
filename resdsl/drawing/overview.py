"""The overview: a paper's Table 1 and Figure 3 in one picture, as DOT.

A straight spine, a block for each group of equal blocks, shortcuts as arcs on its right, and the
table at its left, each row beside its stage.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import graphviz  # type: ignore[import-untyped]

from resdsl.analysis.cost import Cost
from resdsl.analysis.elements import Element
from resdsl.analysis.facts import Facts, facts
from resdsl.design.model import Network
from resdsl.design.titles import title
from resdsl.drawing import labels
from resdsl.drawing.attributes import BARE, EDGE, GRAPH, NODE, SUM
from resdsl.drawing.drawn_sections import Part, block_widths, parts
from resdsl.drawing.legend import STYLES, legend, lines
from resdsl.drawing.numbers import macs, parameters
from resdsl.drawing.palette import SECONDARY, TEXT, Colours
from resdsl.records import dataclass


@dataclass(frozen=True)
class Picture:
    """A picture as DOT, and how many boxes a renderer has to place: known before it is written."""

    boxes: int
    write: Callable[[], str]

    @cached_property
    def dot(self) -> str:
        return self.write()


def overview(network: Network, extents: tuple[int | None, ...] | None = None) -> Picture:
    """The overview of a network, with numbers at `extents` (default: as declared)."""
    drawn = _Overview(facts(network, extents))
    return Picture(drawn.boxes, drawn.dot)


class _Overview:
    """Writes nodes and edges from the input to the output."""

    def __init__(self, known: Facts) -> None:
        self.facts = known
        self.graph = graphviz.Digraph(
            _safe(title(known.network.name)),
            graph_attr=GRAPH,
            node_attr=NODE,
            edge_attr=EDGE,
        )
        self.parts = parts(known.sections)
        self.block_width, self.widths = block_widths(self.parts, known.view)
        self.columns = self._columns()
        self.previous = "input"
        self.table_rows = ["t_head"]
        self.serial = 0

    @property
    def boxes(self) -> int:
        elements = [element for part in self.parts for element in part.elements]
        sums = sum(element.shortcut is not None for element in elements)
        return len(elements) + sums + sum(part.has_row for part in self.parts)

    def dot(self) -> str:
        self._begin()
        for part in self.parts:
            beside = part.beside
            for i, element in enumerate(part.elements):
                name = self._element(element, part.names[i], part.colours)
                if i == beside and part.has_row:
                    self._table_row(part, name)
        self._end()
        return str(self.graph.source)

    # --- the table ----------------------------------------------------------------------

    def _cells(self, part: Part) -> list[tuple[str, str, bool]]:
        section = part.section
        ink = part.colours.ink
        cells = [
            (section.name, ink, True),
            (self.facts.view.text(section.output), TEXT, False),
            (parameters(section.cost.params), SECONDARY, False),
        ]
        if self.facts.cost.macs is not None:
            cells.append((macs(section.cost.macs), SECONDARY, False))
        return cells

    def _head_cells(self) -> list[tuple[str, str, bool]]:
        words = ["stage", "output", "params", "MACs"]
        shown = words if self.facts.cost.macs is not None else words[:3]
        return [(word, SECONDARY, False) for word in shown]

    def _columns(self) -> list[int]:
        """Points that each column needs, so that all rows are cut alike."""
        rows = [self._head_cells(), *(self._cells(p) for p in self.parts if p.has_row)]
        return [
            max(labels.text_width(text, 11, bold) for text, _, bold in column) + 14
            for column in zip(*rows, strict=True)
        ]

    def _table_row(self, part: Part, beside: str) -> None:
        name = f"t_{len(self.table_rows)}"
        section = part.section
        known = {
            "id": _safe(f"table.{section.path or section.name}"),
            "tooltip": self._tooltip(section.name, section.cost),
        }
        self.graph.node(name, labels.table_row(self._cells(part), self.columns), **BARE, **known)
        self._beside(name, beside)

    def _beside(self, row: str, node: str) -> None:
        with self.graph.subgraph() as rank:
            rank.attr(rank="same")
            rank.node(row)
            rank.node(node)
        if row != "t_head":
            self.graph.edge(self.table_rows[-1], row, style="invis", weight="10")
            self.table_rows.append(row)

    # --- the spine ----------------------------------------------------------------------

    def _begin(self) -> None:
        rank = self.facts.input.rank
        word = {1: "signal", 2: "image", 3: "volume"}.get(rank, "input")
        self.graph.node(
            "t_head",
            labels.table_row(self._head_cells(), self.columns),
            **BARE,
            id="table",
            tooltip="table",
        )
        self._terminal("input", word)
        self._beside("t_head", "input")
        self.shape = self.facts.view.text(self.facts.input)

    def _end(self) -> None:
        last = self.parts[-1].elements[-1] if self.parts else None
        logits = self.facts.output.flat and last is not None and last.cost.linears
        self._terminal("output", "logits" if logits else "output")
        self._advance("output", self.facts.view.text(self.facts.output))
        cost = self.facts.cost
        subtitle = f"{parameters(cost.params)} parameters"
        at = self.facts.view.text(self.facts.input)
        if cost.macs is None:
            subtitle += f" · input {at}"
        else:
            subtitle += f" · {macs(cost.macs)} MACs at {at}"
        shown = [element for part in self.parts for element in part.elements]
        phrases = lines(legend(shown, self.facts.input.rank))
        self.graph.attr(label=labels.heading(title(self.facts.network.name), subtitle, phrases))

    def _terminal(self, name: str, word: str) -> None:
        label = labels.html(labels.font(word, TEXT, None, bold=True))
        shape = self.facts.input if name == "input" else self.facts.output
        known = {"id": name, "tooltip": f"{name}: {_safe(self.facts.view.text(shape))}"}
        self.graph.node(name, label, group="spine", **BARE, **known)

    def _advance(self, node: str, shape: str, head: bool = True) -> None:
        """An edge along the spine, with the shape that flows there."""
        label = f"  {_safe(self.shape)}" if head else ""
        arrow = {} if head else {"arrowhead": "none"}
        self.graph.edge(self.previous, node, label or None, **arrow)
        self.previous, self.shape = node, shape

    def _element(self, element: Element, name: str, colours: Colours) -> str:
        self.serial += 1
        node = f"n{self.serial}"
        shape = self.facts.view.text(element.output)
        if element.is_block:
            self._block(node, element, name, colours)
        else:
            self._layer(node, element, colours)
        before = self.previous
        self._advance(node, shape)
        if element.shortcut is not None:
            self._sum(node, before, element, colours)
        return node

    def _layer(self, node: str, element: Element, colours: Colours) -> None:
        label = labels.layer(element.text, element.count, element.quiet, colours.ink)
        look = {"fillcolor": colours.fill, "color": colours.line}
        self.graph.node(node, label, group="spine", **look, **self._known(element))

    def _block(self, node: str, element: Element, name: str, colours: Colours) -> None:
        rows = [row.text for row in element.rows] or ["identity"]
        label = labels.block(rows, name, element.count, self.widths, colours)
        look = {
            "group": "spine",
            "width": f"{self.block_width:.2f}",
            "fillcolor": colours.fill,
            "color": colours.line,
            "margin": "0.02,0.02",
        }
        self.graph.node(node, label, **look, **self._known(element))

    def _sum(self, node: str, before: str, element: Element, colours: Colours) -> None:
        """The sum under a block, and the arc that goes around it."""
        assert element.shortcut is not None
        total = f"{node}_sum"
        known = {"id": _safe(f"{element.path}.sum"), "tooltip": _safe(f"{element.path}: sum")}
        self.graph.node(total, **SUM, **known)
        self._advance(total, self.shape, head=False)
        style = STYLES[element.shortcut.kind]
        look = {
            "weight": "0",
            "style": style,
            "penwidth": "1.6" if style == "dotted" else "1.2",
            "color": colours.line,
            "fontcolor": colours.ink,
        }
        label = element.shortcut.label
        if label:
            look["label"] = "".join(f"  {_safe(line)}\\l" for line in label.split("\n"))
        self.graph.edge(f"{before}:e", f"{total}:e", **look)

    def _known(self, element: Element) -> dict[str, str]:
        """What a reader of the SVG finds: the module's path and its numbers."""
        shape = self.facts.view.text(element.output)
        path = (
            element.path if element.count == 1 else f"{element.path} and {element.count - 1} more"
        )
        return {
            "id": _safe(element.path),
            "tooltip": self._tooltip(f"{path}: {shape}", element.cost),
        }

    def _tooltip(self, what: str, cost: Cost) -> str:
        text = f"{what} · {cost.params:,} parameters"
        return _safe(text if cost.macs is None else f"{text} · {cost.macs:,} MACs")


def _safe(text: str) -> str:
    """A plain label: no backslash escapes, and never taken for HTML."""
    # A string type of the package's own says so: `str()` of it would forget it.
    safe: str = graphviz.escape(text)
    return safe
