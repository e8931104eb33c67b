"""The size table as text, and for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl.analysis.size_table import SizeTable
from resdsl.design.titles import title
from resdsl.drawing.columns import aligned
from resdsl.drawing.numbers import macs, parameters
from resdsl.records import dataclass

if TYPE_CHECKING:
    from rich.table import Table as RichTable

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True, slots=True)
class Sizes:
    """A network at several sizes; `str()` is the plain text, `sizes` has the numbers."""

    sizes: SizeTable

    @property
    def caption(self) -> str:
        return f"{title(self.sizes.name)}: {self.sizes.dtype}, batches of {self.sizes.batch}"

    @property
    def header(self) -> tuple[str, ...]:
        return ("stage", "stride", "field", *self.sizes.inputs)

    def cells(self) -> list[tuple[str, ...]]:
        """The rows as texts, below the header; the last four are of the whole network."""
        table = self.sizes
        return [
            *((row.name, row.stride or "–", row.field or "–", *row.outputs) for row in table.rows),
            ("output", "", "", *table.output),
            ("MACs", "", "", *map(macs, table.macs)),
            ("activations", "", "", *map(parameters, table.activations)),
            ("memory", "", "", *map(memory, table.memory)),
        ]

    def __str__(self) -> str:
        right = [number > 0 for number in range(len(self.header))]
        return aligned(self.caption, [self.header, *self.cells()], right, foot=4)

    def to_rich(self) -> RichTable:
        """For a terminal."""
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(title=self.caption, title_justify="left", title_style="bold")
        for i, name in enumerate(self.header):
            table.add_column(name, justify="right" if i else "left", overflow="fold")
        cells = self.cells()
        for i, row in enumerate(cells):
            table.add_row(*(Text(cell) for cell in row), end_section=i == len(cells) - 5)
        return table


def memory(size: int) -> str:
    """`97.8 MiB`."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{size} B"
