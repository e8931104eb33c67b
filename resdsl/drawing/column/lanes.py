"""Tensors that are read far below where they are made: lines beside the spine, each in a lane."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from typing import Protocol

from resdsl.drawing.column.meetings import ARC, Meeting, Operand
from resdsl.records import dataclass

# What needs more has its name at both ends.
MOST_LANES = 24
# In place of the number of a meeting: into the box, and onto the spine above it.
ENTERING, LEADING = -1, -2


class Reader(Protocol):
    """What stands on a spine: its number there, and what it reads besides what is above it."""

    @property
    def number(self) -> int: ...

    @property
    def meetings(self) -> tuple[Meeting, ...]: ...

    @property
    def entering(self) -> tuple[Operand, ...]: ...

    @property
    def leading(self) -> tuple[Operand, ...]:
        """What goes on there along the spine, where that is not what is above it."""

    @property
    def has_arc(self) -> bool:
        """Whether an arc runs past its right side."""


@dataclass(frozen=True, slots=True)
class Link:
    """A tensor that is read far below where it is made: operand `index` of a meeting of the target,
    or of what enters its box or leads to it (`meeting` is ENTERING, LEADING)."""

    source: int
    target: int
    meeting: int
    index: int
    operand: Operand


def links(stations: Sequence[Reader]) -> list[Link]:
    return [
        Link(operand.source, station.number, number, index, operand)
        for station in stations
        for number, operands in (
            (LEADING, station.leading),
            (ENTERING, station.entering),
            *enumerate(meeting.operands for meeting in station.meetings),
        )
        for index, operand in enumerate(operands)
        if operand.source != ARC
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
