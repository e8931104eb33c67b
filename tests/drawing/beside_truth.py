"""What a column of networks side by side shows of what reads what, held against the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import resdsl
from resdsl.drawing.column.meetings import ARC
from resdsl.drawing.side_by_side.column_items import items_of
from resdsl.drawing.side_by_side.column_rows import Column, lined_up
from resdsl.drawing.side_by_side.items import Row
from tests.drawing.overview_truth import names_of
from tests.drawing.truth import flowing

Edges: TypeAlias = set[tuple[str, str]]

INPUT, OUTPUT = "<input>", "<output>"


def written(design: resdsl.Design) -> Column:
    """With every copy."""
    (column,) = lined_up([items_of(design.facts)], 10**9)
    return column


def _between(edges: Edges, order: list[str], shown: set[str]) -> Edges:
    """From one that is shown to the next: all others hand on what they read."""
    before: dict[str, list[str]] = {}
    for tail, head in edges:
        before.setdefault(head, []).append(tail)
    made: dict[str, set[str]] = {}
    found: Edges = set()
    for name in order:
        read = set().union(*(made[tail] for tail in before.get(name, ())))
        if name in shown:
            found |= {(tail, name) for tail in read}
        made[name] = {name} if name in shown else read
    return found


def drawn_edges(column: Column, shown: set[str], given: Sequence[str] = ()) -> Edges:
    """`given` are outputs that are what enters."""

    def name(number: int) -> str:
        return INPUT if number < 0 else f"{number}:{column.things[number].path}"

    edges: Edges = set()
    for thing in column.things:
        mine = name(thing.number)
        if not thing.is_broken:
            edges.add((name(thing.number - 1), mine))
        operands = [*thing.entering, *(one for met in thing.meetings for one in met.operands)]
        edges |= {(name(one.source), mine) for one in operands if one.source != ARC}
    edges |= {(name(arc.source), name(arc.target)) for arc in column.arcs}
    last = len(column.things) - 1
    outputs = {(INPUT, _output(one)) for one in given}
    for thing in column.things:
        told = [one for exit in thing.exits for one in names_of(exit)]
        outputs |= {(name(thing.number), _output(one)) for one in told}
    outputs = outputs or {(name(last), OUTPUT)}
    edges |= outputs
    ends = [end for _, end in outputs]
    order = [INPUT, *(name(n) for n in range(last + 1)), *ends]
    named = {one for one in order if one.partition(":")[2] in shown}
    found = _between(edges, order, named | {INPUT, *ends})
    return {(a.partition(":")[2] or a, b.partition(":")[2] or b) for a, b in found}


def _output(name: str) -> str:
    return f"<output {name}>"


def wrong_lines(design: resdsl.Design) -> str:
    """In words; nothing is best."""
    column = written(design)
    graph = flowing(design.graph("op"))
    kinds = dict(graph.nodes(data="kind"))
    ends = {name: f"<{kind}>" for name, kind in kinds.items() if kind in ("input", "output")}
    outputs = [name for name, kind in kinds.items() if kind == "output"]
    names = design.network.outputs
    if names:
        ends |= {name: _output(word) for name, word in zip(outputs, names, strict=True)}
    shown = {thing.path for thing in column.things} & (set(kinds) - set(ends))
    edges = {(ends.get(a, a), ends.get(b, b)) for a, b in graph.edges}
    order = [ends.get(name, name) for name in kinds]
    real = _between(edges, order, shown | set(ends.values()))
    root = design.network.root
    entry = [n for n, ref in zip(names, root.outputs, strict=False) if ref == root.input]
    seen = drawn_edges(column, shown, entry)
    # Of what is made inside of a box, the box is all that can be said.
    inner = {_output(n) for row in column.rows for exit in row.inner for n in names_of(exit)}
    inner &= {head for _, head in real}
    boxes = {row.path for row in column.rows if row.inner}
    seen -= {(a, box) for a, b in real if b in inner for box in boxes} - real
    real = {(a, b) for a, b in real if b not in inner}
    seen = {(a, b) for a, b in seen if b not in inner and not (names and b == OUTPUT)}
    return ", ".join(
        [f"{a} → {b} is not drawn" for a, b in sorted(real - seen)]
        + [f"{a} → {b} is drawn" for a, b in sorted(seen - real)]
        + [f"{row.path} is no operator" for row in column.rows if _is_lost(row, kinds)]
    )


def _is_lost(row: Row, kinds: dict[str, str]) -> bool:
    return row.piece is None and row.text != "identity" and row.path not in kinds
