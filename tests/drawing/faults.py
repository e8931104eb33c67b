"""What is wrong with the figures of a network's blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import networkx

from resdsl.analysis.facts import Facts
from resdsl.design.model import Instance
from resdsl.drawing.figures.block_paths import Place, places
from resdsl.drawing.figures.blocks import blocks
from resdsl.drawing.layout.canvas import Box
from resdsl.drawing.layout.picture import Unplaced
from tests.drawing.geometry import problems
from tests.drawing.truth import operators, untrue


def blocks_of(known: Facts) -> Iterator[Place]:
    """One of each definition of a network, but shortcuts that join main themselves."""
    seen: set[int] = set()
    for place in places(known):
        unit = place.run.unit
        if not isinstance(unit, Instance) or place.apply.main is not None:
            continue
        if id(unit.definition) not in seen and known.liveness.is_read(place.apply):
            seen.add(id(unit.definition))
            yield place


def block_faults(
    known: Facts, graph: networkx.DiGraph, counts: Counter[str] | None = None
) -> Iterator[str]:
    """What figures show that is not so, hide or let overlap. Those that dot places are counted, and
    without `counts` they are faults."""
    for place in blocks_of(known):
        made = blocks([known], [place.path])
        if counts is not None:
            counts["blocks"] += 1
        if isinstance(made, Unplaced):
            if counts is None:
                yield f"{place.path}: {made.why}"
            else:
                counts["blocks placed by dot"] += 1
            continue
        expected = operators(graph, place.path)
        # In a large one, units are boxes.
        is_whole = all(box.look != "neutral" for box in made.canvas.of(Box))
        is_once = not any(graph.nodes[node].get("again") for node in expected if node)
        if len(expected) > 1 and is_whole and is_once:
            wrong = untrue(made.canvas, expected)
            if isinstance(place.run.unit, Instance) and place.run.unit.definition.others:
                # A result that nothing reads leaves the block all the same.
                wrong = [one for one in wrong if not one.endswith("'') is drawn and not there")]
            yield from (f"{place.path}: {one}" for one in wrong)
        yield from (f"{place.path}: {one}" for one in problems(made.canvas))
