"""A long spine in columns side by side, so that the page is one that can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, log, sqrt

from resdsl.drawing.column.stations import Station

# Height by width: what a page should have, up to which one column is left as it is, and of which
# there is none.
_GOOD, _TALL, _LIMIT = 1.5, 2.35, 2.8
# What a line that goes from one column to another is worth, in logarithms of that ratio.
_CUT = 0.12
# The share of a column's height that may stay empty so that a stage begins in the next.
_SLACK = 0.12


def wrapped(
    stations: Sequence[Station], width: float, gutter: float, around: tuple[float, float]
) -> list[list[Station]]:
    """The stations by column.

    One is `width` wide, between two is a `gutter`, and `around` them so much width and height.
    """
    whole = sum(station.room for station in stations)
    single = (whole + around[1]) / (width + around[0])
    if single <= _TALL or not stations:
        return [list(stations)]
    likely = max(2, round(sqrt(whole / (_GOOD * width))))
    best = [list(stations)]
    least = log(single / _GOOD) if single < _LIMIT else inf
    for count in range(max(2, likely - 1), likely + 2):
        columns = _columns(stations, count)
        tall = max(sum(station.room for station in column) for column in columns) + around[1]
        wide = len(columns) * (width + gutter) - gutter + around[0]
        off = abs(log(tall / wide / _GOOD))
        # With many lines, where they are cut decides no more than the page does.
        off += _CUT * min(_cuts(columns), 4)
        if off < least:
            best, least = columns, off
    return best


def _columns(stations: Sequence[Station], count: int) -> list[list[Station]]:
    """Up to `count` columns, as even as may be."""
    rooms = [station.room for station in stations]
    low, high = max(sum(rooms) / count, *rooms), sum(rooms)
    for _ in range(24):
        if high - low < 1:
            break
        middle = (low + high) / 2
        if len(list(_filled(stations, middle))) <= count:
            high = middle
        else:
            low = middle
    return list(_filled(stations, high + 0.5))


def _filled(stations: Sequence[Station], limit: float) -> Iterator[list[Station]]:
    """Columns as full as they may be; a stage that would begin at a foot begins in the next."""
    column: list[Station] = []
    height = 0.0
    for station in stations:
        if column and height + station.room > limit:
            last = _last_stage(column, limit)
            yield column[:last]
            column = column[last:]
            height = sum(one.room for one in column)
        column.append(station)
        height += station.room
    if column:
        yield column


def _last_stage(column: Sequence[Station], limit: float) -> int:
    """Where the last stage of a column begins, if little of it is there."""
    left = limit * _SLACK
    for number in range(len(column) - 1, 0, -1):
        left -= column[number].room
        if left < 0:
            break
        if column[number].part is not column[number - 1].part:
            return number
    return len(column)


def _cuts(columns: Sequence[Sequence[Station]]) -> int:
    """How many lines go from one column to another."""
    at = {station.number: i for i, column in enumerate(columns) for station in column}
    at[-1] = 0
    return sum(
        at[number] != at[station.number]
        for column in columns
        for station in column
        for number in {operand.source for operand in station.operands}
    )
