"""A table as plain text: columns by blanks, rules below its head and above its foot."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

# A wider table is folded in the column that may be; `_LEAST` of it stay.
WIDTH, _LEAST = 120, 40


def aligned(
    caption: str,
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
    foot: int,
    folded: int | None = None,
) -> str:
    """`rows` with the head as the first and `foot` rows of sums as the last ones.

    `right` says which columns end at one place, as numbers do. In the column `folded` a text goes
    on in further lines where the table would be wider than WIDTH.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    excess = sum(widths) + 2 * (len(widths) - 1) - WIDTH
    if folded is not None and excess > 0:
        widths[folded] = max(widths[folded] - excess, _LEAST)
    groups = (rows[:1], rows[1:-foot], rows[-foot:])
    head, body, sums = (
        [_line(part, widths, right) for row in group for part in _folded(row, folded, widths)]
        for group in groups
    )
    rule = "─" * max(map(len, [*head, *body, *sums]))
    text = [*head, rule, *body, rule, *sums]
    return "\n".join([caption, "", *text])


def _folded(row: Sequence[str], column: int | None, widths: Sequence[int]) -> list[list[str]]:
    """The lines of a row: the first has all its cells, the others what is left of the one."""
    if column is None or len(row[column]) <= widths[column]:
        return [list(row)]
    first, *others = _pieces(row[column], widths[column])
    blank = [""] * len(row)
    lines = [[*row[:column], first, *row[column + 1 :]]]
    return lines + [[*blank[:column], other, *blank[column + 1 :]] for other in others]


def _pieces(text: str, width: int) -> list[str]:
    """A list's text in lines, which end behind an item where they can."""
    lines = [""]
    for item in text.replace("; ", ";\0").split("\0"):
        if lines[-1] and len(lines[-1]) + 1 + len(item) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {item}".lstrip()
    return [piece for line in lines for piece in wrap(line, width, break_on_hyphens=False)]


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = [
        cell.rjust(width) if ends else cell.ljust(width)
        for cell, width, ends in zip(row, widths, right, strict=True)
    ]
    return "  ".join(cells).rstrip()
