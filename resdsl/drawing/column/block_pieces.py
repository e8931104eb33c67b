"""From the design of a block to what stands in its box."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.analysis.element import Element
from resdsl.analysis.facts import Facts
from resdsl.analysis.plain import is_plain
from resdsl.analysis.rows import Lister
from resdsl.design.model import Apply, Body, Fork, Residual
from resdsl.drawing.column.block_content import LARGE, SMALL, Piece, again, rows, stack
from resdsl.drawing.column.branch_pieces import fan, past, unnamed
from resdsl.drawing.column.small_figures import bare, figure, named_figure, weighty
from resdsl.drawing.column.sources import Called, Source
from resdsl.drawing.fragments.mixes import UnclearError
from resdsl.drawing.layout.fonts import text_width
from resdsl.drawing.refusal import FigureError, TangledError
from resdsl.drawing.trees.flow import Flow
from resdsl.drawing.trees.flows import Flows
from resdsl.drawing.trees.series import Chain, Leaf, Mesh, Parallel, tree
from resdsl.extents import Shape

# What a difference does to what it takes away.
_NEGATED = "× −1"
# Rows wider than this go on in the next line; points.
_WIDEST = 230.0
# A block that branches and is higher is told in rows, and in no more than so many.
_TALLEST, _MOST = 600.0, 24
# A figure of a block of several tensors that is wider is told in rows, too.
_BROADEST = 400.0
# Operators of one that branches, above which its rows are told.
_LARGEST = 300


class Pieces:
    """The pieces of blocks."""

    def __init__(self, known: Facts) -> None:
        self.known = known
        self.lister = Lister(known.network.root, known.table, known.liveness)
        # One for all, so that names of signs are not given twice.
        self.flows = Flows(known)

    def of(self, element: Element, source: Source | None) -> Piece:
        rows = element.rows
        if source is not None and source.whole is not None:
            rows = self.lister.step(source.whole.step, source.whole.shapes)
        plain = tuple(row.text for row in rows)
        self.flows.names.reserve(f"{element.path}.sum")
        if source is not None and source.called is not None:
            return self._named(source, source.called) or listed(plain)
        if source is None or (body := self._body(source)) is None:
            return listed(plain)
        piece = self.branching(*body, is_figure=source.whole is not None)
        return listed(plain) if piece is None or piece.height > _TALLEST else piece

    def _named(self, source: Source, names: Called) -> Piece | None:
        """Of a block of several tensors: a figure in which they have their names. None where that
        is large, or no picture."""
        assert isinstance(source.of, Apply) and source.run is not None
        if self.lister.is_large(source.run.unit):
            return None
        given = (source.of, source.run, source.shapes, source.path.removesuffix("."))
        try:
            flow, results = self.flows.block(*given, is_called=True)
            if flow.size > _LARGEST:
                return None
            piece = named_figure(flow, results, names)
        except (TangledError, UnclearError, FigureError):
            return None
        return None if piece.height > _TALLEST or piece.width > _BROADEST else piece

    def alone(
        self,
        body: Body,
        shapes: list[Shape],
        path: str,
        texts: Sequence[str],
        form: tuple[float, float],
        *,
        is_figure: bool,
    ) -> Piece:
        """That of one step, the only one of `body`; `texts` are its rows."""
        piece = self.branching(body, shapes, path, form, is_figure=is_figure)
        return listed(texts, form) if piece is None or piece.height > _TALLEST else piece

    def _body(self, source: Source) -> tuple[Body, list[Shape], str] | None:
        """What is on the spine of a block that branches there, and the path of that."""
        if source.main is not None:
            main = source.main.step.main
            return None if is_plain(main) else (main, source.main.shapes, source.main.path)
        if source.whole is not None:
            whole = source.whole.step
            alone = Body(whole.input, whole.output, [whole])
            return alone, source.whole.shapes, source.whole.path
        match source.of:
            case Residual() | Fork() as step:
                return Body(step.input, step.output, [step]), source.shapes, source.path
            case apply:
                assert source.run is not None
                if self.lister.is_large(source.run.unit):
                    return None
                opened = self.known.table.inside(apply, source.run, source.shapes)
        return None if opened is None or is_plain(opened[0]) else (*opened, source.path)

    def branching(
        self,
        body: Body,
        shapes: list[Shape],
        path: str,
        form: tuple[float, float] = LARGE,
        *,
        is_figure: bool,
    ) -> Piece | None:
        """What stands in a body, None where that is no picture.

        `is_figure`: with boxes, where how main and shortcut meet is what is shown.
        """
        try:
            flow = self.flows.body(body, shapes, path)
            if flow.size > _LARGEST:
                return None
            chain = tree(flow)
            return figure(bare(chain)) if is_figure else _piece(chain, form)
        except (TangledError, UnclearError, FigureError):
            # It reads what is made outside, or is no tree: its rows are told.
            return None


def listed(texts: Sequence[str], form: tuple[float, float] = LARGE) -> Piece:
    """As rows; of very many the first ones, and how many more there are."""
    lines = [line for text in texts for line in wrapped(text)]
    if len(lines) > _MOST:
        lines = [*lines[: _MOST - 1], f"… {len(lines) - _MOST + 1} more"]
    return rows(lines or ["identity"], form)


def wrapped(text: str) -> list[str]:
    """A row in lines that end behind a step."""
    if text_width(text, LARGE[0]) <= _WIDEST:
        return [text]
    lines = [""]
    for word in text.replace("; ", ";\0").replace(" → ", " →\0").replace(", ", ",\0").split("\0"):
        if lines[-1] and text_width(f"{lines[-1]} {word}", LARGE[0]) > _WIDEST:
            lines.append("  ")
        lines[-1] = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
    return lines


def _piece(chain: Chain, form: tuple[float, float]) -> Piece | None:
    """None where nothing that papers list stands in it."""
    parts: list[Piece] = []
    texts: list[str] = []

    def flush() -> None:
        if texts:
            parts.append(rows(texts, form))
            texts.clear()

    for item in chain.items:
        match item:
            case Leaf(node) if node.inner is not None:
                flush()
                inner = _piece(tree(node.inner), form)
                if inner is not None:
                    parts.append(again(inner, node.count))
            case Leaf(node) if node.row:
                texts.append(_NEGATED if node.row == "−" else node.row)
            case Leaf():
                pass
            case Parallel():
                flush()
                parts.append(_past(item, form) or _fan(item))
            case Mesh():
                flush()
                parts.append(figure(Chain((weighty(item),))))
    flush()
    return stack(parts) if parts else None


def _past(item: Parallel, form: tuple[float, float]) -> Piece | None:
    """Where one of two columns goes on as it is."""
    busy = [column for column in item.columns if column.items]
    if len(item.columns) != 2 or len(busy) != 1:
        return None
    is_gate = item.sign.text == "*"
    inner = _piece(busy[0], SMALL if is_gate else form) or _column(busy[0])
    if inner is None:
        return None
    # What a concatenation takes first stands at the left.
    turn = -1 if item.sign.text == "|" and not item.columns[0].items else 1
    return past(inner, item.sign.text, item.sign.name, is_gate=is_gate, turn=turn)


def _fan(item: Parallel) -> Piece:
    columns: list[Piece | None] = []
    dots = None
    for column in item.columns:
        match column.items:
            case (Leaf(node),) if node.kind == "copies":
                assert node.inner is not None
                inner = _column(tree(node.inner))
                columns.append(inner)
                # Copies inside of copies are drawn once: twice each would double at every level.
                is_once = _has_copies(node.inner)
                if node.count > 2 or is_once:
                    dots = (len(columns) - 1, node.count)
                if node.count > 1 and not is_once:
                    columns.append(inner and unnamed(inner))
            case _:
                columns.append(_column(column))
    return fan(columns, item.sign.text, item.sign.name, dots)


def _has_copies(flow: Flow) -> bool:
    return any(
        node.kind == "copies" or (node.inner is not None and _has_copies(node.inner))
        for node in flow.nodes
    )


def _column(chain: Chain) -> Piece | None:
    """A column of nothing but norms says so."""
    found = _piece(chain, SMALL)
    texts = [item.node.text for item in chain.items if isinstance(item, Leaf)]
    return rows(texts, SMALL) if found is None and texts else found
