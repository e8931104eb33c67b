"""The sections of a network as the overview draws them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from resdsl.analysis.cost import FREE
from resdsl.analysis.elements import Element
from resdsl.analysis.sections import Section
from resdsl.analysis.shapes import View
from resdsl.drawing.labels import text_width
from resdsl.drawing.palette import Colours, colours
from resdsl.records import dataclass

# What a block has around its rows and sides, in points.
_FRAME = 28
# Widths of blocks, in inches, with which dot's arcs around them come out round. For those between,
# its spline fitter gives up on some and starts them with a straight line.
_ROUND = (2.33, 2.63, 2.93, 3.23)


@dataclass(frozen=True, slots=True)
class Part:
    """A section as drawn: its elements, equal neighbours together, and the names beside blocks."""

    section: Section
    colours: Colours
    elements: tuple[Element, ...]
    names: tuple[str, ...]

    @property
    def has_row(self) -> bool:
        """Pools between the stages stand on the spine alone, without a row of the table."""
        return self.section.is_named or self.section.cost != FREE

    @property
    def beside(self) -> int:
        """The element that the row of the table stands beside."""
        return next((i for i, element in enumerate(self.elements) if element.cost != FREE), 0)


def parts(sections: Iterable[Section]) -> list[Part]:
    found: list[Part] = []
    for section, pair in colours(sections):
        # What nothing reads has no place on the spine.
        elements = tuple(_together(e for e in section.elements if e.is_read))
        if elements:
            found.append(Part(section, pair, elements, _names(elements)))
    return found


def block_widths(parts: Sequence[Part], view: View) -> tuple[float, tuple[int, int]]:
    """The width of all blocks, in inches; of their longest row and of each side, in points.

    The shapes on the spine's edges stay within it, too, so that no arc runs through them.
    """
    blocks = [
        (element, name)
        for part in parts
        for element, name in zip(part.elements, part.names, strict=True)
        if element.is_block
    ]
    row = max((text_width(row.text, 11) for e, _ in blocks for row in e.rows), default=0)
    sides = [text_width(name, 9) for _, name in blocks]
    sides += [text_width(f"×{e.count}", 14, True) for e, _ in blocks if e.count > 1]
    shapes = [view.text(element.output) for part in parts for element in part.elements]
    beside = max((text_width(shape, 9) for shape in shapes), default=0)
    needed = max(row + 2 * (max(sides, default=0) + 6) + _FRAME, 2 * (beside + 8))
    width = next((w for w in _ROUND if w * 72 >= needed), needed / 72)
    return width, (row, round(width * 72 - row - _FRAME) // 2)


def _together(elements: Iterable[Element]) -> list[Element]:
    """Equal layers one after the other are one node with a count."""
    found: list[Element] = []
    for element in elements:
        last = found[-1] if found else None
        if (
            last is not None
            and not (element.is_block or element.quiet)
            and (last.text, last.output, last.is_block) == (element.text, element.output, False)
        ):
            total = last.count + element.count
            found[-1] = replace(last, count=total, cost=last.cost + element.cost)
        else:
            found.append(element)
    return found


def _names(elements: tuple[Element, ...]) -> tuple[str, ...]:
    """`block 1`, `blocks 2–36`; the author's name where a block has one."""
    found: list[str] = []
    number = 1
    for element in elements:
        if not element.is_block:
            found.append("")
        elif element.labelled and not element.repeated:
            found.append(element.name)
        else:
            last = number + element.count - 1
            found.append(f"block {number}" if element.count == 1 else f"blocks {number}–{last}")
            number += element.count
    return tuple(found)
