"""What a join of a U says: how what is kept meets what comes to it, in which order, by which words.

A U has room for one line of a kept map, and for one small word on each line at a sign. What says
more is no U: the column tells it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resdsl.analysis.join_words import number_text
from resdsl.design.join_expressions import Use
from resdsl.design.model import Join, Ref
from resdsl.drawing.column.meetings import Meeting, NoSignsError, Operand, meetings
from resdsl.records import dataclass

# A tensor that is no map of the U.
_UNKNOWN = -1


class NotNestedError(Exception):
    """A join of several kept maps, one in a place where no U has one, or one that says too much."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A map of before that is joined to one: by `sign` (`|`: both stand beside each other).

    `is_first`: a concatenation begins with it. `word` is what is done to it on its way, `here` what
    is done to the map that it meets, `after` what to both.
    """

    source: int
    sign: str
    channels: int
    is_first: bool = True
    word: str = ""
    here: str = ""
    after: str = ""

    @property
    def is_copied(self) -> bool:
        return self.sign == "|"

    @property
    def is_difference(self) -> bool:
        return self.sign == "+" and (self.word.startswith(("−", "× −")) != (self.here == "−"))


def kept_of(step: Join, named: Mapping[Ref, int], channels: int) -> Kept:
    """`named` are the maps by ref, `channels` what a concatenation adds. Raises NotNestedError."""

    def operand(use: Use) -> Operand:
        return Operand(named.get(use.ref, _UNKNOWN), use.name)

    try:
        found = meetings(step.join, step.input, operand)
    except NoSignsError:
        raise NotNestedError from None
    at = [number for number, meeting in enumerate(found) if not meeting.factor]
    if len(at) != 1:
        raise NotNestedError
    (meeting,) = (found[n] for n in at)
    side = _one(meeting)
    here = _word([one.factor for one in found[: at[0]]])
    after = _word([one.factor for one in found[at[0] + 1 :]])
    if meeting.sign == "|" and after:
        # Nothing stands between the maps and what is behind them.
        raise NotNestedError
    is_first = not meeting.order or meeting.order[0] == side.name
    return Kept(side.source, meeting.sign, channels, is_first, _word(side.words), here, after)


def _one(meeting: Meeting) -> Operand:
    """The kept map; added several times, it is added once with a number on its line."""
    first, *others = meeting.operands
    if not meeting.sign or first.source == _UNKNOWN or (others and meeting.sign != "+"):
        raise NotNestedError
    if any(other != first for other in others) or (others and first.words):
        raise NotNestedError
    if others:
        return Operand(first.source, first.name, (f"× {len(others) + 1}",))
    return first


def _word(words: Sequence[str]) -> str:
    """All of them in one: numbers that multiply, and signs, are one number."""
    if len(words) < 2:
        return "".join(words)
    number = 1.0
    for word in words:
        if word == "−":
            number = -number
        elif word.startswith("× "):
            number *= float(word[2:].replace("−", "-"))
        else:
            raise NotNestedError
    if abs(number) == 1:
        return "−" if number < 0 else ""
    return f"× {number_text(number)}"
