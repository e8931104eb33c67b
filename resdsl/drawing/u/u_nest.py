"""A U-Net is found by nested keeps and joins: what is kept last is joined first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from resdsl.analysis.facts import Facts
from resdsl.drawing.u.u_joins import NotNestedError
from resdsl.drawing.u.u_maps import Map, maps_of
from resdsl.records import dataclass

# Levels of keeps and joins in each other that make a U.
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Nest:
    """Maps in order; what is joined is among them. `levels` from the largest."""

    maps: tuple[Map, ...]
    levels: tuple[str, ...]


def nest(known: Facts) -> Nest | None:
    """The maps of a network; None where it has no two levels of keeps and joins in each other."""
    try:
        maps = maps_of(known)
    except NotNestedError:
        return None
    if sum(one.kept is not None for one in maps) < _LEAST:
        return None
    maps = _without_rising_steps(maps)
    if not _is_nested(maps) or not _are_beside(maps):
        return None
    sizes = {one.level: one.size for one in maps}
    return Nest(tuple(maps), tuple(sorted(sizes, key=lambda level: -sizes[level])))


def _is_nested(maps: Sequence[Map]) -> bool:
    """Each pair of a keep and a join has the next, and the way down to it, inside."""
    pairs = [(one.kept.source, number) for number, one in enumerate(maps) if one.kept]
    sources = [source for source, _ in pairs]
    sizes = [maps[source].size for source in sources]
    return (
        all(one > two for one, two in pairwise(sources))
        and all(one < two for one, two in pairwise(sizes))
        and all(maps[source].level == maps[end].level for source, end in pairs)
        and min(one.size for one in maps[sources[0] : pairs[0][1]]) < sizes[0]
    )


def _are_beside(maps: Sequence[Map]) -> bool:
    """All heads begin with one map, behind the last join, and stand in its row."""
    begins = {one.begins for one in maps if one.begins is not None}
    if not begins:
        return True
    last = max(number for number, one in enumerate(maps) if one.kept)
    first = min(begins)
    return len(begins) == 1 and first >= last and len({one.level for one in maps[first:]}) == 1


def _without_rising_steps(maps: Sequence[Map]) -> list[Map]:
    """What stands between leaving a level and the join above is one arrow: an up-convolution.

    Its map is the one that is joined.
    """
    found: list[Map] = []
    # By number before, the number after.
    places: dict[int, int] = {}
    for number, one in enumerate(maps):
        places[number] = len(found)
        last = found[-1] if found else None
        is_free = last is not None and last.kept is None and not last.outputs
        is_on_the_way = is_free and last is not None and last.does == "up"
        ahead = next((m for m in maps[number:] if m.kept or m.level != one.level), None)
        joins = ahead is not None and ahead.kept is not None and ahead.level == one.level
        if last is not None and is_on_the_way and joins and one.level == last.level:
            places[number] = len(found) - 1
            one.texts = (*_counted(last), *_counted(one))
            one.does, one.count = "up", 1
            found[-1] = one
        else:
            found.append(one)
    for one in found:
        if one.begins is not None:
            one.begins = places[one.begins]
        if one.kept is not None:
            one.kept = replace(one.kept, source=places[one.kept.source])
    return found


def _counted(one: Map) -> tuple[str, ...]:
    return tuple(f"{text} ×{one.count}" for text in one.texts) if one.count > 1 else one.texts
