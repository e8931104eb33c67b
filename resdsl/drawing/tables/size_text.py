"""The size table as text, Markdown, LaTeX, HTML, and for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl.analysis.size_table import SizeTable
from resdsl.design.titles import title
from resdsl.drawing.tables import markup
from resdsl.drawing.tables.columns import aligned
from resdsl.drawing.tables.markup import tex, tex_first
from resdsl.drawing.tables.numbers import macs, parameters
from resdsl.records import dataclass

if TYPE_CHECKING:
    from rich.table import Table as RichTable

# Rows of the whole network below its outputs.
_NUMBERS = 3
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
        """The rows as texts, below the header; the last are of the whole network: its output, or
        each of several, and three rows of numbers."""
        table = self.sizes
        return [
            *((row.name, row.stride or "–", row.field or "–", *row.outputs) for row in table.rows),
            *(
                (f"→ {name}" if name else "output", "", "", *shapes)
                for name, shapes in table.outputs.items()
            ),
            ("MACs", "", "", *map(macs, table.macs)),
            ("activations", "", "", *map(parameters, table.activations)),
            ("memory", "", "", *map(memory, table.memory)),
        ]

    def __str__(self) -> str:
        return aligned(self.caption, [self.header, *self.cells()], self._right, foot=self._sums)

    @property
    def _sums(self) -> int:
        return len(self.sizes.outputs) + _NUMBERS

    @property
    def _right(self) -> tuple[bool, ...]:
        return tuple(number > 0 for number in range(len(self.header)))

    def to_markdown(self) -> str:
        """GitHub's table syntax."""
        return markup.markdown(self.header, self.cells(), self._right)

    def to_latex(self) -> str:
        """A `tabular` for booktabs."""
        rows = [(tex_first(first), *map(tex, others)) for first, *others in self.cells()]
        header = tuple(map(tex, self.header))
        body, sums = rows[: -self._sums], rows[-self._sums :]
        return markup.latex(header, body, sums, self._right, "booktabs")

    def to_html(self) -> str:
        """A table without styles but the alignment."""
        return markup.html(self.caption, self.header, self.cells(), self._right)

    def to_rich(self) -> RichTable:
        """For a terminal."""
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(title=self.caption, title_justify="left", title_style="bold")
        for i, name in enumerate(self.header):
            table.add_column(name, justify="right" if i else "left", overflow="fold")
        cells = self.cells()
        last = len(cells) - self._sums - 1
        for i, row in enumerate(cells):
            table.add_row(*(Text(cell) for cell in row), end_section=i == last)
        return table


def memory(size: int) -> str:
    """`97.8 MiB`."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{size} B"
