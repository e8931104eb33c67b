"""A table as plain text: columns by blanks, rules below its head and above its foot."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(caption: str, rows: Sequence[Sequence[str]], right: Sequence[bool], foot: int) -> str:
    """`rows` with the head as the first and `foot` rows of sums as the last ones.

    `right` says which columns end at one place, as numbers do.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths, right) for row in rows]
    rule = "─" * max(map(len, lines))
    return "\n".join([caption, "", lines[0], rule, *lines[1:-foot], rule, *lines[-foot:]])


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = [
        cell.rjust(width) if ends else cell.ljust(width)
        for cell, width, ends in zip(row, widths, right, strict=True)
    ]
    return "  ".join(cells).rstrip()
