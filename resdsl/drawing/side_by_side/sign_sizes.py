"""How high what stands below a row is: signs, factors, and what is written beside them."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.drawing.column.branch_pieces import sign_reach
from resdsl.drawing.column.lanes import ENTERING, Link
from resdsl.drawing.column.line_words import KEPT, NAMES, PILL, names, order_lines, words_width
from resdsl.drawing.column.meetings import ARC, Meeting
from resdsl.drawing.column.side_lines import SideLines
from resdsl.drawing.fragments.exits import beside_height, end_height, inner_height
from resdsl.drawing.layout.fonts import text_width
from resdsl.drawing.side_by_side.column_rows import Column, Thing
from resdsl.records import dataclass

# A sum of main and shortcut as in the paper, and a sign at which more is told.
_SMALL, LARGE = 4.5, 7.0
# Above a sign, and above words; of a dot where another tensor goes on.
_ABOVE, _ABOVE_WORDS, _DOT = 3.5, 5.0, 4.0
# Where a repeat begins; its bracket does below its top.
_BEGIN = 8.0
# From what is above to the names of outputs at a line's end.
LEAD = 19.0
# From a sign to the order of its parts.
ORDER = 5.0


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one meeting stands below the top of its thing: its middle, its radius, its end."""

    middle: float
    radius: float
    end: float


class SignSizes:
    """Those of one column, whose kept lines are known."""

    def __init__(self, column: Column, side: SideLines) -> None:
        self.column = column
        self.side = side

    def spots(self, thing: Thing) -> list[Spot]:
        """Of its meetings, downwards."""
        found: list[Spot] = []
        y = 0.0
        for number, meeting in enumerate(thing.meetings):
            found.append(self._spot(thing, number, meeting, y))
            y = found[-1].end
        return found

    def height(self, thing: Thing) -> float:
        if thing.exits:
            return end_height(thing.exits, LEAD) if thing.is_end else beside_height(thing.exits)
        spots = self.spots(thing)
        return spots[-1].end if spots else _BEGIN

    def _spot(self, thing: Thing, number: int, meeting: Meeting, y: float) -> Spot:
        if meeting.factor:
            half = PILL / 2
            return Spot(y + _ABOVE_WORDS + half, half, y + _ABOVE_WORDS + PILL)
        is_bare = all(one.source == ARC and not one.words for one in meeting.operands)
        is_plain = is_bare and meeting.sign in ("+", "*", "|")
        radius = _DOT / 2 if not meeting.sign else _SMALL if is_plain else LARGE
        above = _ABOVE + radius
        below = radius + (0.5 if radius == _SMALL else 2.0)
        if any(one.words for one in meeting.operands):
            above = max(above, _ABOVE_WORDS + PILL / 2)
            below = max(below, PILL / 2)
        below = max(below, NAMES * (len(order_lines(meeting)) - 0.5))
        below = max(below, self.names_below((thing.number, number)))
        return Spot(y + above, radius, y + above + below)

    def names_below(self, key: tuple[int, int]) -> float:
        """Of names at the end of a line whose beginning is elsewhere, from its middle down."""
        named = self._named(key)
        return 5.0 + NAMES * len(names([link.operand for link in named])) if named else 0.0

    def entering(self, thing: Thing) -> float:
        """The height that a row needs for what enters it from the side."""
        named = self.names_below((thing.number, ENTERING))
        inner = thing.row.inner if thing.row is not None else ()
        if inner:
            # What enters does so in the middle, below what leaves.
            named = max(named, inner_height(inner))
            return 2 * named
        return 2 * named if named > NAMES + 5 else 0.0

    def _named(self, key: tuple[int, int]) -> Sequence[Link]:
        return [link for link in self.side.ending.get(key, ()) if link not in self.side.lanes]

    # --- to the sides -----------------------------------------------------------------------------

    def reach(self) -> float:
        """From the line to the ends of words at its right."""
        found = [0.0]
        for thing in self.column.things:
            for meeting in thing.meetings:
                words = max((words_width(one.words) for one in meeting.operands), default=0.0)
                found.append(sign_reach(meeting.sign, LARGE) + words)
        return max(found)

    def left(self) -> float:
        """From the line to the ends of what is written at its left."""
        lines = [
            line
            for thing in self.column.things
            for meeting in thing.meetings
            for line in order_lines(meeting)
        ]
        return max((LARGE + ORDER + text_width(line, KEPT) + 4 for line in lines), default=0.0)
