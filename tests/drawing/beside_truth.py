"""A column of networks side by side, held against the operators' graph of its network."""

from __future__ import annotations

import resdsl
from resdsl.design.dataflow import steps
from resdsl.design.model import Residual
from resdsl.design.walk import bodies, definitions, modules
from resdsl.drawing.side_by_side.column_items import items_of
from resdsl.drawing.side_by_side.column_rows import Column, Foot, lined_up

# The number of what enters the network.
ENTRY = -1


def untrue(design: resdsl.Design) -> str | None:
    """What is drawn and not there, or the other way; None where a box shows a step alone, whose
    operators have no path in common."""
    (column,) = lined_up([items_of(design.facts)], 1_000_000)
    if any(row.piece is not None and f"{row.path}." != row.base for row in column.rows):
        return None
    graph = design.graph("op")
    nodes, seen = _drawn(column)
    number = {name: i for i, (name, _) in enumerate(nodes)}
    boxes = [(name, i) for i, (name, is_box) in enumerate(nodes) if is_box]
    # By operator, the elements that make its value: what is not drawn hands on what it is fed.
    made: dict[str, set[int]] = {}
    real: set[tuple[int, int]] = set()
    hidden = []
    for name, known in graph.nodes(data=True):
        fed = {one for before in graph.predecessors(name) for one in made.get(before, ())}
        at = number.get(name)
        if at is None:
            at = next((i for path, i in boxes if name.startswith(path)), None)
        if known["kind"] == "input":
            made[name] = {ENTRY}
        elif known["kind"] == "output" or at is None:
            made[name] = fed
            if known["kind"] == "join" or known.get("op") in ("conv", "conv_transpose", "linear"):
                hidden.append(name)
        else:
            real |= {(one, at) for one in fed if one != at}
            made[name] = {at}
    around = _shortcuts(design)
    found = [f"{name} is not told" for name in hidden if not around & set(name.split("."))]
    found += [f"{name} is no operator" for name, box in nodes if not box and name not in graph]
    names = [name for name, _ in nodes] + ["input"]
    found += [f"{names[a]} → {names[b]} is not drawn" for a, b in sorted(real - seen)]
    found += [f"{names[a]} → {names[b]} is drawn" for a, b in sorted(seen - real)]
    return ", ".join(found)


def _drawn(column: Column) -> tuple[list[tuple[str, bool]], set[tuple[int, int]]]:
    """The elements, downwards: (path, whether all under it is in the box); and the lines."""
    nodes: list[tuple[str, bool]] = []
    lines: set[tuple[int, int]] = set()
    # By place below a row, the element above it; by row.
    above: dict[tuple[int, int], int] = {}
    before: dict[int, int] = {}
    for n in range(-1, len(column.rows)):
        if n >= 0:
            before[n] = len(nodes) - 1
            row = column.rows[n]
            lines.add((len(nodes) - 1, len(nodes)))
            nodes.append((row.base or row.path, row.piece is not None))
        for index, entry in enumerate(column.below(n)):
            if isinstance(entry, Foot):
                owner = entry.meet.path.partition("..")[0]
                if not nodes or nodes[-1][0] != owner:
                    if not entry.is_begin:
                        lines.add((len(nodes) - 1, len(nodes)))
                    nodes.append((owner, False))
                if entry.arc is not None:
                    lines.add((before[entry.arc.first], len(nodes) - 1))
            above[n, index] = len(nodes) - 1
    lines |= {(above[link.source], above[link.target]) for link in column.links}
    return nodes, lines


def _shortcuts(design: resdsl.Design) -> set[str]:
    """The keys of what goes around mains: what is done there is told beside the arc or line."""
    return {
        step.shortcut.key
        for definition in definitions(design.network.root)
        for body in [definition.body, *_groups(definition.body)]
        for step in steps(body)
        if isinstance(step, Residual) and step.shortcut is not None
    }


def _groups(body: object) -> list:  # type: ignore[type-arg]
    found = []
    for step in steps(body):  # type: ignore[arg-type]
        for apply in modules(step):
            for inner in bodies(apply):
                found += [inner, *_groups(inner)]
    return found
