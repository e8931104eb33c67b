"""The HTML-like labels of nodes, in Graphviz's subset.

Cells are given the width that their column needs, from the widths of Helvetica's characters: it is
what keeps the table at the left and the boxes on the spine in line.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from resdsl.drawing.palette import SECONDARY, TEXT, Colours

# Adobe's metrics of Helvetica, in thousandths of the size.
_NARROW = dict.fromkeys("ijl'|", 222) | dict.fromkeys(" ,./:;!ft[]I·", 278)
_NARROW |= dict.fromkeys("-()r⌉⌋", 333) | dict.fromkeys("ckvxyzsJ", 500)
_WIDE = dict.fromkeys("×+=<>−≥", 584) | dict.fromkeys("ABEKPSVXY", 667)
_WIDE |= dict.fromkeys("CDHNRUw", 722) | dict.fromkeys("GOQ", 778)
_WIDE |= dict.fromkeys("mM", 833) | dict.fromkeys("%W→", 1000)
# Room for `ceil(` and `floor(`, which stand for these where a renderer's font has no such signs.
_WIDE |= {"⌈": 1840, "⌊": 2280}
_WIDTHS = _NARROW | _WIDE


def text_width(text: str, size: float, bold: bool = False) -> int:
    """In points, a little more than less."""
    units = sum(_WIDTHS.get(character, 556) for character in text)
    return round(units / 1000 * size * (1.08 if bold else 1.02)) + 1


def font(text: str, colour: str, size: float | None = None, bold: bool = False) -> str:
    points = "" if size is None else f' POINT-SIZE="{size:g}"'
    inside = f"<B>{escape(text)}</B>" if bold else escape(text)
    return f'<FONT COLOR="{colour}"{points}>{inside}</FONT>'


def html(inside: str) -> str:
    """An HTML-like label, as the graphviz package recognises it."""
    return f"<{inside}>"


_BARE = 'BORDER="0" CELLBORDER="0" CELLSPACING="0"'


def bracket(rows: Sequence[str], ink: str) -> str:
    """A paper's bracketed list: the rows between two thin cells with three borders each."""
    # Renderers without the metrics of `→` take it for a blank: the width is said.
    width = max((text_width(row, 11) for row in rows), default=0)
    cells = "".join(f'<TR><TD ALIGN="LEFT" WIDTH="{width}">{escape(row)}</TD></TR>' for row in rows)
    left, right = (
        f'<TD BORDER="1" SIDES="{sides}" COLOR="{ink}" WIDTH="4"></TD>' for sides in ("LTB", "RTB")
    )
    return (
        f'<TABLE {_BARE} CELLPADDING="0"><TR>{left}'
        f'<TD><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1.5">{cells}</TABLE>'
        f"</TD>{right}</TR></TABLE>"
    )


def block(
    rows: Sequence[str], left: str, count: int, widths: tuple[int, int], colours: Colours
) -> str:
    """`blocks 2–36 [1×1, 64; 3×3, 64; 1×1, 256] ×35`.

    `widths` are those of the longest row and of a side, for all blocks of the picture. What
    a block's own rows need less goes to its sides, as a table inside a wider cell would stretch.
    """
    longest, side = widths
    own = max((text_width(row, 11) for row in rows), default=0)
    side += (longest - own) // 2
    times = font(f"×{count}", colours.ink, 14, bold=True) if count > 1 else ""
    name = font(left, colours.ink, 9) if left else ""
    return html(
        f'<TABLE {_BARE} CELLPADDING="3"><TR>'
        f'<TD WIDTH="{side}" ALIGN="LEFT">{name}</TD>'
        f"<TD>{bracket(rows, colours.ink)}</TD>"
        f'<TD WIDTH="{side}" ALIGN="LEFT">{times}</TD>'
        "</TR></TABLE>"
    )


def layer(text: str, count: int, quiet: bool, ink: str) -> str:
    """`3×3 conv, 64`; what has no weights of its own in the secondary colour."""
    words = font(text, SECONDARY if quiet else TEXT)
    if count == 1:
        return html(words)
    return html(f"{words}   {font(f'×{count}', ink, 12, bold=True)}")


def table_row(cells: Sequence[tuple[str, str, bool]], widths: Sequence[int]) -> str:
    """One row of the table at the left: (text, colour, bold) a column, the first to the left."""
    columns = []
    for i, ((text, colour, bold), width) in enumerate(zip(cells, widths, strict=True)):
        align = "LEFT" if i == 0 else "RIGHT"
        columns.append(f'<TD WIDTH="{width}" ALIGN="{align}">{font(text, colour, None, bold)}</TD>')
    return html(f'<TABLE {_BARE} CELLPADDING="3"><TR>{"".join(columns)}</TR></TABLE>')


def heading(title: str, subtitle: str, legend: Sequence[str]) -> str:
    """The picture's title, its numbers, and the lines of the legend."""
    first = f"{font(title, TEXT, 15, bold=True)}   {font(subtitle, SECONDARY, 11)}"
    lines = [first, *(font(line, SECONDARY, 9) for line in legend)]
    rows = "".join(f'<TR><TD ALIGN="LEFT">{line}</TD></TR>' for line in lines)
    return html(f'<TABLE {_BARE} CELLPADDING="2">{rows}</TABLE>')
