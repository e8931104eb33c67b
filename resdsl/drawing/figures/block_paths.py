"""A block of a network by its module path (`layer1.1`) or by the name of its definition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from resdsl.analysis.facts import Facts
from resdsl.analysis.shapes import root_shapes
from resdsl.design.model import Apply, Body, Group, Instance, Run
from resdsl.drawing.refusal import FigureError
from resdsl.extents import Shape
from resdsl.records import dataclass

# The number of a copy, as in the state dict: no other digits than these, no zeros before them.
_INDEX = re.compile(r"0|[1-9][0-9]{0,18}")
# Of a name that is not there, the letters that are repeated.
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Place:
    """One copy of a unit, fed `shapes` (by Ref)."""

    path: str
    apply: Apply
    run: Run
    shapes: list[Shape]
    # What is said of the copies behind it, where all of them are asked for (`layer1`).
    copies: str = ""

    @property
    def definition(self) -> str:
        """The name of what stands there."""
        unit = self.run.unit
        return unit.definition.name if isinstance(unit, Instance) else self.apply.word


def find(known: Facts, name: str) -> Place:
    """Raises FigureError, which says what there is of similar names."""
    root = known.network.root
    shapes = known.table.shapes(root, root_shapes(known.network))
    found = _by_path(known, root.body, shapes, name.split("."))
    if found is None:
        found = next((place for place in places(known) if place.definition == name), None)
    if found is None:
        raise FigureError(_unknown(known, name))
    return found


def known_blocks(known: Facts, most: int) -> list[str]:
    """Paths and names of blocks, outer before inner: as many as there are, or `most`."""
    there: dict[str, None] = {}
    for place in places(known):
        if isinstance(place.run.unit, Instance | Group):
            there |= dict.fromkeys((place.path, place.definition))
        if len(there) >= most:
            break
    return list(there)


def _by_path(known: Facts, body: Body, shapes: list[Shape], keys: list[str]) -> Place | None:
    before: list[str] = []
    while True:
        step = _longest(body, keys)
        if step is None:
            return None
        length = len(step.key.split("."))
        before += keys[:length]
        rest = keys[length:]
        if step.repeated and not rest:
            return _first(known, step, shapes, ".".join(before))
        index = 0
        if step.repeated:
            if not _INDEX.fullmatch(rest[0]) or int(rest[0]) >= step.count:
                return None
            index, before, rest = int(rest[0]), [*before, rest[0]], rest[1:]
        run, seen = _copy(known, step, shapes, index)
        if not rest:
            return Place(".".join(before), step, run, seen)
        inside = known.table.inside(step, run, seen)
        if inside is None:
            return None
        (body, shapes), keys = inside, rest


def _first(known: Facts, apply: Apply, shapes: list[Shape], path: str) -> Place:
    """The first copy of a unit, which is drawn for all that follow and are as it is."""
    run = next((run for run in apply.runs if run.count), None)
    if run is None:
        raise FigureError(f"`{path}` is repeated 0 times: there is nothing to draw")
    alike, seen = next(iter(known.table.copies(apply, run, shapes)))
    count = apply.count
    if count == 1:
        copies = ""
    elif alike == 1:
        copies = f", the first of {count:,}"
    else:
        of = "" if alike == count else f" of {count:,}"
        copies = f" … {path}.{alike - 1}: ×{alike:,}{of}"
    return Place(f"{path}.0", apply, run, list(seen), copies)


def _longest(body: Body, keys: list[str]) -> Apply | None:
    """The module of a body whose key begins a path. In a container it has dots."""
    for step in body.modules():
        parts = step.key.split(".")
        if parts == keys[: len(parts)]:
            return step
    return None


def _copy(known: Facts, apply: Apply, shapes: list[Shape], index: int) -> tuple[Run, list[Shape]]:
    for run in apply.runs:
        for count, seen in known.table.copies(apply, run, shapes):
            if index < count:
                return run, list(seen)
            index -= count
    raise AssertionError("the caller has counted")


def places(known: Facts) -> Iterator[Place]:
    """The first copy of each unit of a network, outer before inner."""
    root = known.network.root
    shapes = known.table.shapes(root, root_shapes(known.network))
    return _places(known, root.body, shapes, "")


def _places(known: Facts, body: Body, shapes: list[Shape], path: str) -> Iterator[Place]:
    for step in body.modules():
        index = 0
        for run in step.runs:
            mine = f"{path}{step.key}.{index}" if step.repeated else path + step.key
            index += run.count
            seen = next(known.table.copies(step, run, shapes))[1]
            yield Place(mine, step, run, list(seen))
            inside = known.table.inside(step, run, list(seen))
            if inside is not None:
                yield from _places(known, *inside, f"{mine}.")


def _unknown(known: Facts, name: str) -> str:
    there = known_blocks(known, 1_000)
    near = get_close_matches(name[:_LONGEST], there, 3)
    offered = ", ".join(f"`{one}`" for one in near or there[:3])
    help = f"; did you mean {offered}?" if near else f"; there are {offered}, …" if there else ""
    told = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
    return f"{known.network.name} has no block `{told}`{help}"
