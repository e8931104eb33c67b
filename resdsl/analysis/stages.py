"""The rows of a network's table, as Table 1 of "Deep Residual Learning" (He et al. 2015)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from resdsl.analysis.cost import Cost
from resdsl.analysis.elements import Element
from resdsl.analysis.rows import listed
from resdsl.analysis.sections import Section
from resdsl.analysis.shapes import View
from resdsl.extents import Shape
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class RowGroup:
    """`[1×1, 64; 3×3, 64; 1×1, 256] × 3`.

    `bracketed`: a block, not a layer. `repeated`: the author wrote a count, if only 1.
    """

    rows: tuple[str, ...]
    count: int
    bracketed: bool
    repeated: bool

    @property
    def text(self) -> str:
        inside = listed(self.rows)
        text = f"[{inside}]" if self.bracketed else inside
        return f"{text} × {self.count}" if self.repeated or self.count > 1 else text


@dataclass(frozen=True, slots=True)
class StageRow:
    """One row. `output` is for people, `shape` the numbers (None where an extent is free).

    `depth` counts the weighted layers on the longest path through it, `share` is its part of the
    network's MACs (of its parameters where these are not known).
    """

    name: str
    kind: str
    path: str
    output: str
    shape: tuple[int, ...] | None
    groups: tuple[RowGroup, ...]
    cost: Cost
    depth: int
    share: float

    @property
    def layers(self) -> str:
        return "; ".join(group.text for group in self.groups)


@dataclass(frozen=True, slots=True)
class StageTable:
    """All rows, the whole, and the input size that the numbers are for."""

    name: str
    input: str
    output: str
    rows: tuple[StageRow, ...]
    cost: Cost
    depth: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def stage_row(section: Section, view: View, total: Cost) -> StageRow:
    return StageRow(
        section.name,
        section.kind,
        section.path,
        view.text(section.output),
        plain_shape(view, section.output),
        grouped(section.elements),
        section.cost,
        section.end - section.start,
        share(section.cost, total),
    )


def plain_shape(view: View, shape: Shape) -> tuple[int, ...] | None:
    known = view.at(shape)
    return None if known is None or min(known) < 1 else tuple(int(n) for n in known)


def share(part: Cost, total: Cost) -> float:
    if part.macs is not None and total.macs:
        return part.macs / total.macs
    return part.params / total.params if total.params else 0.0


def grouped(elements: tuple[Element, ...]) -> tuple[RowGroup, ...]:
    """Consecutive blocks that differ only in stride or shortcut count as equal, as in papers."""
    found: list[tuple[tuple[str, ...], RowGroup]] = []
    for element in elements:
        full = _rows(element)
        plain = tuple(row.plain for row in element.rows) if element.is_block else full
        last, group = found[-1] if found else (None, None)
        if group is None or (last, group.bracketed) != (plain, element.is_block):
            repeated = element.repeated and (element.is_block or element.count > 1)
            found.append((plain, RowGroup(full, element.count, element.is_block, repeated)))
            continue
        rows = group.rows if group.rows == full else plain
        found[-1] = (plain, RowGroup(rows, group.count + element.count, group.bracketed, True))
    return tuple(group for _, group in found)


def _rows(element: Element) -> tuple[str, ...]:
    """A layer on its own has room for its full name."""
    rows = tuple(row.text for row in element.rows)
    return (element.text,) if element.quiet or rows == ("GAP",) else rows
