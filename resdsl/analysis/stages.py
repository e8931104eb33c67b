"""The rows of a network's table, as Table 1 of "Deep Residual Learning" (He et al. 2015)."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from resdsl.analysis.cost import Cost
from resdsl.analysis.element import Element
from resdsl.analysis.folding import first_calls, merged_rows, without_stride
from resdsl.analysis.rows import Row, called, listed, same
from resdsl.analysis.sections import Section
from resdsl.analysis.shapes import View
from resdsl.extents import Shape
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class RowGroup:
    """`[1×1, 64; 3×3, 64; 1×1, 256] × 3, /2`.

    `bracketed`: a block, not a layer. `repeated`: the author wrote a count, if only 1. `stride` is
    that of the first block, where the rows are those of the others. `called`: a module begins here
    which is called again, by this name.
    """

    rows: tuple[str, ...]
    count: int
    bracketed: bool
    repeated: bool
    stride: str = ""
    called: str = ""

    @property
    def text(self) -> str:
        before = called(self.called) if self.called else ""
        inside = listed(self.rows)
        text = f"[{inside}]" if self.bracketed else inside
        times = f" × {self.count}" if self.repeated or self.count > 1 else ""
        return before + text + times + (f", {self.stride}" if self.stride else "")


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
class OutputRow:
    """One of several outputs: what the row `row` ends with, or with `is_inside` what is made in it.

    `depth` counts the weighted layers on the longest path to it. `row` is empty for the input.
    """

    name: str
    output: str
    shape: tuple[int, ...] | None
    row: str
    is_inside: bool
    depth: int


@dataclass(frozen=True, slots=True)
class StageTable:
    """All rows, the whole, and the input size that the numbers are for.

    `outputs` are those of a network that has several.
    """

    name: str
    input: str
    output: str
    rows: tuple[StageRow, ...]
    cost: Cost
    depth: int
    outputs: tuple[OutputRow, ...] = ()

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
        grouped(section.elements, section.name),
        section.cost,
        max(section.end - section.start, 0),
        share(section.cost, total),
    )


def output_row(
    name: str, view: View, shape: Shape, section: Section | None, *, is_inside: bool, depth: int
) -> OutputRow:
    row = "" if section is None else section.name
    return OutputRow(name, view.text(shape), plain_shape(view, shape), row, is_inside, depth)


def plain_shape(view: View, shape: Shape) -> tuple[int, ...] | None:
    known = view.at(shape)
    return None if known is None or min(known) < 1 else tuple(int(n) for n in known)


def share(part: Cost, total: Cost) -> float:
    if part.macs is not None and total.macs:
        return part.macs / total.macs
    return part.params / total.params if total.params else 0.0


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Blocks of a stage that a table counts together."""

    rows: tuple[Row, ...]
    first: Element
    count: int
    stride: str = ""

    def joined_by(self, element: Element) -> _Blocks | None:
        """With the next one: it differs in its shortcut at most, from the first in its stride."""
        if self.first.is_block != element.is_block or self.first.called != element.called:
            return None
        count = self.count + element.count
        rows = merged_rows(self.rows, _rows(element))
        if rows is not None:
            return replace(self, rows=rows, count=count)
        if not element.is_block or self.count > 1:
            return None
        rest, stride = without_stride(self.rows)
        rows = merged_rows(rest, element.rows) if stride else None
        return None if rows is None else replace(self, rows=rows, count=count, stride=stride)

    def group(self, called: str) -> RowGroup:
        """As the table has it."""
        block = self.first.is_block
        several = self.count > self.first.count
        repeated = several or (self.first.repeated and (block or self.count > 1))
        rows = tuple(row.text for row in self.rows)
        return RowGroup(rows, self.count, block, repeated, self.stride, called)


def grouped(elements: tuple[Element, ...], name: str) -> tuple[RowGroup, ...]:
    """Blocks of a stage that differ only in the shortcut count as equal, as in papers; the stride
    of the first stands behind their number. `name`: the row's, which names a module already."""
    found: list[_Blocks] = []
    is_left = False
    for element in elements:
        # More than the next goes on from the last: they are no copies in a row.
        both = found[-1].joined_by(element) if found and not is_left else None
        if both is None:
            found.append(_Blocks(_rows(element), element, element.count))
        else:
            found[-1] = both
        is_left = element.is_left
    called = first_calls((blocks.first for blocks in found), name)
    return tuple(map(_Blocks.group, found, called))


def _rows(element: Element) -> tuple[Row, ...]:
    """A layer on its own has room for its full name."""
    alone = element.quiet or tuple(row.text for row in element.rows) == ("GAP",)
    return (same(element.text),) if alone else element.rows
