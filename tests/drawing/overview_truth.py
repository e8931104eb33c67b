"""What an overview shows of what elements read of each other, held against the graph."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

import resdsl
from resdsl.analysis.element import Element
from resdsl.analysis.facts import Facts
from resdsl.drawing.column.drawn_sections import parts
from resdsl.drawing.column.meetings import ENTRY
from resdsl.drawing.column.stations import Station, entry_exits, stations
from resdsl.drawing.fragments.exits import Exit
from tests.drawing.truth import flowing


def shown(known: Facts) -> list[Station]:
    return stations(known, parts(known.sections))


def _owners(elements: list[Element], names: Mapping[str, bool]) -> dict[str, int]:
    """By operator of the graph, in the order of execution, the element that shows it: the next
    where it is of that by its path, else the one before, into which it was folded. `names` say
    whether it was called before."""
    found: dict[str, int] = {}
    at, fork_is_open = -1, False
    for name, is_again in names.items():
        # Without the number of a further call.
        bare = re.sub(r"_\d+$", "", name)
        after = elements[at + 1] if at + 1 < len(elements) else None
        if fork_is_open and bare.split(".")[-1] == "join":
            fork_is_open = False
        elif at >= 0 and elements[at].name == "residual" and bare == _beside(elements[at], "join"):
            return {}  # of a residual's main, or of what stands behind it
        elif after is not None and _shows(after, name, bare, is_again=is_again):
            at += 1
            fork_is_open = after.name == "fork"
        elif after is not None and after.name == "residual" and bare == _beside(after, "join"):
            return {}  # which of two residuals joins something there is not said
        found[name] = at
    return found


def _beside(element: Element, name: str) -> str:
    """The path of what is called so beside an element."""
    return ".".join([*element.path.split(".")[:-1], name])


def _shows(element: Element, name: str, bare: str, *, is_again: bool) -> bool:
    path = element.path
    if element.again and not is_again:
        return False
    if path.endswith("residual"):
        path = f"{path.removesuffix('residual')}sum"
    return name == path or name.startswith(f"{path}.") or bare == path


Edges: TypeAlias = set[tuple[int, int | str]]


def _edges(design: resdsl.Design, elements: list[Element]) -> Edges | None:
    """What the operators of one element read of another, and which outputs are what they make; None
    where that cannot be said: one has no operator, as `join in`, or branches begin with nothing."""
    graph = flowing(design.graph("op"))
    names = {
        name: known["again"]
        for name, known in graph.nodes(data=True)
        if known["kind"] not in ("input", "output")
    }
    of = _owners(elements, names)
    if set(of.values()) != set(range(len(elements))):
        return None
    inputs = {name: -1 for name, known in graph.nodes(data=True) if known["kind"] == "input"}
    at: dict[str, int | str] = {**of, **inputs}
    outputs = {name for name, known in graph.nodes(data=True) if known["kind"] == "output"}
    if design.network.outputs:
        is_alone = len(outputs) == 1
        (alone,) = design.network.outputs if is_alone else ("",)
        at |= {name: alone or graph.nodes[name]["label"] for name in outputs}
    found = {(at[u], at[v]) for u, v in graph.edges if u in at and v in at}
    return {(one, two) for one, two in found if one != two and isinstance(one, int)}


def _drawn_edges(found: list[Station], design: resdsl.Design) -> Edges:
    edges: Edges = {(s.number - 1, s.number) for s in found if not s.is_broken}
    edges |= {(operand.source, s.number) for s in found for operand in s.operands}
    told = [(s.number, exit) for s in found for exit in (*s.exits, *s.inner)]
    told += [(ENTRY, exit) for exit in entry_exits(design.facts)]
    return edges | {(n, name) for n, exit in told for name in names_of(exit)}


def names_of(exit: Exit) -> list[str]:
    return exit.names.removesuffix(",").split(", ")


def in_the_void(design: resdsl.Design) -> list[str]:
    """Stations whose result goes nowhere."""
    found = shown(design.facts)
    if not design.network.outputs:
        return []
    read = {one for one, _ in _drawn_edges(found, design)}
    return [station.element.path for station in found if station.number not in read]


def wrong_lines(design: resdsl.Design) -> str | None:
    """None where it cannot be said."""
    found = shown(design.facts)
    if not all(e.is_read for section in design.facts.sections for e in section.elements):
        return None
    real = _edges(design, [station.element for station in found])
    if real is None:
        return None
    seen = _drawn_edges(found, design)
    inner = {name: s.number for s in found for e in s.inner for name in names_of(e)}
    # What a branch hands on as it is comes into the box, and leaves it by its name.
    through = {(a, name) for a, name in real if isinstance(name, str) and a < inner.get(name, a)}
    real -= through
    real |= {(a, inner[name]) for a, name in through}
    real |= {(inner[name], name) for _, name in through}
    names = {s.number: s.element.path for s in found} | {-1: "input"}

    def told(edges: Edges, what: str) -> list[str]:
        pairs = ((names[a], names[b] if isinstance(b, int) else b) for a, b in edges)
        return [f"{a} → {b} {what}" for a, b in sorted(pairs)]

    return ", ".join(told(real - seen, "is not drawn") + told(seen - real, "is drawn"))
