"""Tensors that are read far below where they are made: lines beside the spine, each in a lane."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence

from resdsl.drawing.column.stations import Station
from resdsl.records import dataclass

# What needs more has its name at both ends.
MOST_LANES = 24


@dataclass(frozen=True, slots=True)
class Link:
    """A tensor that is read far below where it is made, by `meeting` of the target."""

    source: int
    target: int
    meeting: int
    name: str


def links(stations: Sequence[Station]) -> list[Link]:
    return [
        Link(source, station.number, number, name)
        for station in stations
        for number, meeting in enumerate(station.meetings)
        for source, name in meeting.sources
    ]


def lanes(links: Sequence[Link]) -> dict[Link, int]:
    """Which lane each line runs in: the first where nothing else runs beside it, shorter before
    longer, so that nested ones do not cross. What would need more lanes has none.
    """
    found: dict[Link, int] = {}
    # By lane, where its lines begin, in order, and where each of them ends.
    taken: list[list[tuple[int, int]]] = []
    for link in sorted(links, key=lambda link: (link.target - link.source, link.source)):
        mine = (link.source, link.target)
        for lane in range(MOST_LANES):
            if lane == len(taken):
                taken.append([])
            at = bisect(taken[lane], mine)
            before = at > 0 and taken[lane][at - 1][1] >= link.source
            after = at < len(taken[lane]) and taken[lane][at][0] <= link.target
            if not before and not after:
                taken[lane].insert(at, mine)
                found[link] = lane
                break
    return found
