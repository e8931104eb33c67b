"""The stage table of a network, as text, Markdown, LaTeX, HTML and a rich table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl.analysis.rows import called
from resdsl.analysis.stages import OutputRow, StageRow, StageTable
from resdsl.design.titles import title
from resdsl.drawing.tables import markup
from resdsl.drawing.tables.columns import aligned
from resdsl.drawing.tables.markup import tex, tex_first
from resdsl.drawing.tables.numbers import macs, parameters, percent
from resdsl.records import dataclass

if TYPE_CHECKING:
    from rich.table import Table as RichTable

HEADER = ("stage", "output", "layers", "params", "MACs", "share")
_TO_THE_RIGHT = (False, True, False, True, True, True)


@dataclass(frozen=True, slots=True)
class Table:
    """Table 1 of a network; `str()` is the plain text."""

    stages: StageTable

    @property
    def caption(self) -> str:
        """`ResNet-50 at 3×224×224`."""
        return f"{title(self.stages.name)} at {self.stages.input}"

    @property
    def header(self) -> tuple[str, ...]:
        """Where MACs depend on the input, shares are of the parameters."""
        return HEADER if self.stages.cost.macs is not None else (*HEADER[:-1], "share of params")

    def cells(self) -> list[tuple[str, ...]]:
        """The rows as texts, below HEADER.

        The last is the whole network, behind it are its outputs, if it has several.
        """
        total, outputs = self.stages.cost, self.stages.outputs
        return [
            *(_cells(row) for row in self.stages.rows),
            (
                "total",
                f"{len(outputs)} outputs" if outputs else self.stages.output,
                _deep(self.stages.depth),
                parameters(total.params),
                macs(total.macs),
                percent(1.0),
            ),
            *(_output_cells(row) for row in outputs),
        ]

    @property
    def _sums(self) -> int:
        """The rows of the whole network."""
        return 1 + len(self.stages.outputs)

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """Columns by blanks, the total under a rule; long lists of layers take several lines."""
        rows, folded = [self.header, *self.cells()], HEADER.index("layers")
        return aligned(self.caption, rows, _TO_THE_RIGHT, foot=self._sums, folded=folded)

    def to_markdown(self) -> str:
        """GitHub's table syntax."""
        return markup.markdown(self.header, self.cells(), _TO_THE_RIGHT)

    def to_latex(self) -> str:
        """A `tabular` for booktabs; needs also amsmath for the bracketed lists."""
        rows = [
            (
                tex_first(cells[0]),
                tex(cells[1]),
                _tex_layers(row),
                *(tex(cell) for cell in cells[3:]),
            )
            for row, cells in zip(self.stages.rows, self.cells(), strict=False)
        ]
        sums = [tuple(map(tex, cells)) for cells in self.cells()[-self._sums :]]
        needs = "booktabs and amsmath"
        return markup.latex(self.header, rows, sums, _TO_THE_RIGHT, needs)

    def to_html(self) -> str:
        """A table without styles but the alignment."""
        return markup.html(self.caption, self.header, self.cells(), _TO_THE_RIGHT)

    def to_rich(self) -> RichTable:
        """For a terminal: rich is imported here, where a terminal is near."""
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(title=self.caption, title_justify="left", title_style="bold")
        for name, right in zip(self.header, _TO_THE_RIGHT, strict=True):
            table.add_column(name, justify="right" if right else "left", overflow="fold")
        cells = self.cells()
        total = len(cells) - self._sums
        for i, row in enumerate(cells):
            last = i in (total - 1, len(cells) - 1)
            style = "bold" if i == total else None
            # Text, so that brackets are not read as markup.
            table.add_row(*(Text(cell) for cell in row), end_section=last, style=style)
        return table


def _output_cells(row: OutputRow) -> tuple[str, ...]:
    """Where it leaves, unless the row there has its name, and how deep it is."""
    if not row.row:
        told = "the input"
    elif row.is_inside:
        told = f"in {row.row}, {_deep(row.depth)}"
    else:
        told = "" if row.row == row.name else f"behind {row.row}, "
        told += _deep(row.depth)
    return (f"→ {row.name}", row.output, told, "", "", "")


def _deep(depth: int) -> str:
    return f"{depth} layer{'' if depth == 1 else 's'} deep"


def _cells(row: StageRow) -> tuple[str, ...]:
    cost = row.cost
    return (
        row.name,
        row.output,
        row.layers,
        parameters(cost.params),
        macs(cost.macs),
        percent(row.share),
    )


def _tex_layers(row: StageRow) -> str:
    r"""The papers' `\begin{bmatrix} … \end{bmatrix} \times 3`."""
    parts = []
    for group in row.groups:
        if not group.bracketed:
            parts.append(tex(group.text))
            continue
        lines = r" \\ ".join(rf"\text{{{tex(line)}}}" for line in group.rows)
        times = rf" \times {group.count}" if group.repeated else ""
        stride = f", {group.stride}" if group.stride else ""
        name = tex(called(group.called)) if group.called else ""
        parts.append(rf"{name}$\begin{{bmatrix}} {lines} \end{{bmatrix}}{times}$" + tex(stride))
    return "; ".join(parts)
