"""What is written on lines and at their ends, and how much room it takes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from resdsl.drawing.column.meetings import ARC, Meeting, Operand
from resdsl.drawing.layout.fonts import room, text_width

# Words on a line: their size, the height of the box around them, what is between them, and the
# room of an arrow before the sign.
WORDS, PILL, BESIDE, ARROW = 10.0, 18.0, 6.0, 12.0
# Names of tensors at the ends of lines: their size, the height of a line of them, how wide one
# is, and how many names there are at most.
KEPT, NAMES = 8.5, 10.5
_WIDE_NAMES, _MOST_NAMES = 150.0, 40


def names(operands: Sequence[Operand]) -> list[str]:
    """The names of lines that come from elsewhere, in lines of text."""
    return _in_lines([operand.name or "kept" for operand in operands if operand.source != ARC])


def order_lines(meeting: Meeting) -> list[str]:
    """What stands behind what in a concatenation."""
    return _in_lines(meeting.order)


def _in_lines(words: Sequence[str]) -> list[str]:
    if len(words) > _MOST_NAMES:
        left = len(words) - _MOST_NAMES
        words = [*words[:_MOST_NAMES], f"{left} more"]
    lines: list[str] = []
    for number, word in enumerate(words):
        part = word if number == len(words) - 1 else f"{word}, "
        if lines and text_width(lines[-1] + part, KEPT) <= _WIDE_NAMES:
            lines[-1] += part
        else:
            lines.append(part)
    return [line.rstrip() for line in lines]


def pill_width(text: str) -> float:
    return even(room(text, WORDS))


def words_width(words: Sequence[str]) -> float:
    """Of words on a line, from the sign on."""
    return sum(pill_width(word) + BESIDE for word in words) + (ARROW if words else 0.0)


def even(length: float) -> float:
    """The next even number of points: the sides of what stands in the middle are whole ones."""
    return 2.0 * ceil(length / 2)
