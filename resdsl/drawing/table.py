"""The stage table of a network, as text, Markdown, LaTeX, HTML and a rich table."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from resdsl.analysis.stages import StageRow, StageTable
from resdsl.design.titles import title
from resdsl.drawing.columns import aligned
from resdsl.drawing.numbers import macs, parameters, percent
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
        """The rows as texts, below HEADER; the last is the whole network."""
        total = self.stages.cost
        return [
            *(_cells(row) for row in self.stages.rows),
            (
                "total",
                self.stages.output,
                f"{self.stages.depth} layer{'' if self.stages.depth == 1 else 's'} deep",
                parameters(total.params),
                macs(total.macs),
                percent(1.0),
            ),
        ]

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """Columns by blanks, the total under a rule; long lists of layers take several lines."""
        rows, folded = [self.header, *self.cells()], HEADER.index("layers")
        return aligned(self.caption, rows, _TO_THE_RIGHT, foot=1, folded=folded)

    def to_markdown(self) -> str:
        """GitHub's table syntax."""
        marks = ["---:" if right else "---" for right in _TO_THE_RIGHT]
        rows = [[_markdown(cells[0]), *map(_in_a_table, cells[1:])] for cells in self.cells()]
        lines = [self.header, marks, *rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)

    def to_latex(self) -> str:
        """A `tabular` for booktabs; needs also amsmath for the bracketed lists."""
        form = "".join("r" if right else "l" for right in _TO_THE_RIGHT)
        rows = [
            (
                _tex_first(cells[0]),
                _tex(cells[1]),
                _tex_layers(row),
                *(_tex(cell) for cell in cells[3:]),
            )
            for row, cells in zip(self.stages.rows, self.cells(), strict=False)
        ]
        total = tuple(_tex(cell) for cell in self.cells()[-1])
        body = [" & ".join(row) + r" \\" for row in rows]
        return "\n".join(
            [
                "% needs booktabs and amsmath",
                rf"\begin{{tabular}}{{{form}}}",
                r"\toprule",
                " & ".join(self.header) + r" \\",
                r"\midrule",
                *body,
                r"\midrule",
                " & ".join(total) + r" \\",
                r"\bottomrule",
                r"\end{tabular}",
            ]
        )

    def to_html(self) -> str:
        """A table without styles but the alignment."""
        head = "".join(_html_cell("th", cell, i) for i, cell in enumerate(self.header))
        rows = [
            "".join(_html_cell("td", cell, i) for i, cell in enumerate(row)) for row in self.cells()
        ]
        body = "\n".join(f"    <tr>{row}</tr>" for row in rows)
        return (
            f"<table>\n  <caption>{escape(self.caption)}</caption>\n"
            f"  <thead><tr>{head}</tr></thead>\n  <tbody>\n{body}\n  </tbody>\n</table>"
        )

    def to_rich(self) -> RichTable:
        """For a terminal: rich is imported here, where a terminal is near."""
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(title=self.caption, title_justify="left", title_style="bold")
        for name, right in zip(self.header, _TO_THE_RIGHT, strict=True):
            table.add_column(name, justify="right" if right else "left", overflow="fold")
        cells = self.cells()
        for i, row in enumerate(cells):
            last = i >= len(cells) - 2
            style = "bold" if i == len(cells) - 1 else None
            # Text, so that brackets are not read as markup.
            table.add_row(*(Text(cell) for cell in row), end_section=last, style=style)
        return table


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


def _in_a_table(text: str) -> str:
    return text.replace("|", "\\|")


def _markdown(name: str) -> str:
    """A name as it is: a label may hold what Markdown takes for its own."""
    return re.sub(r"[\\`*<>\[\]~|&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\\g<0>", name)


_TEX = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "×": r"$\times$",
    "→": r"$\rightarrow$",
    "←": r"$\leftarrow$",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "−": r"$-$",
    "·": r"$\cdot$",
    "–": "--",
    # Without a T1 font these are others.
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
}


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)


def _tex_first(text: str) -> str:
    r"""A row's first cell: `\\` before it would take a `[` or `*` for its own."""
    return f"{{}}{_tex(text)}" if text[:1] in ("[", "*") else _tex(text)


def _tex_layers(row: StageRow) -> str:
    r"""The papers' `\begin{bmatrix} … \end{bmatrix} \times 3`."""
    parts = []
    for group in row.groups:
        if not group.bracketed:
            parts.append(_tex(group.text))
            continue
        lines = r" \\ ".join(rf"\text{{{_tex(line)}}}" for line in group.rows)
        times = rf" \times {group.count}" if group.repeated else ""
        parts.append(rf"$\begin{{bmatrix}} {lines} \end{{bmatrix}}{times}$")
    return "; ".join(parts)


def _html_cell(tag: str, text: str, column: int) -> str:
    style = ' style="text-align: right"' if _TO_THE_RIGHT[column] else ""
    return f"<{tag}{style}>{escape(text)}</{tag}>"
