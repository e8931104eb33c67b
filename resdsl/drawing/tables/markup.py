"""Tables as Markdown, LaTeX and HTML: the forms that papers and pages take."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

Cells = Sequence[str]


def markdown(header: Cells, rows: Sequence[Cells], right: Sequence[bool]) -> str:
    """GitHub's table syntax; `right` says which columns end at one place."""
    marks = ["---:" if ends else "---" for ends in right]
    shown = [[_plain(cells[0]), *map(_in_a_table, cells[1:])] for cells in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, marks, *shown])


def latex(
    header: Cells, rows: Sequence[Cells], sums: Sequence[Cells], right: Sequence[bool], needs: str
) -> str:
    """A `tabular` for booktabs, of cells in LaTeX; `sums` stand under a rule."""
    form = "".join("r" if ends else "l" for ends in right)
    return "\n".join(
        [
            f"% needs {needs}",
            rf"\begin{{tabular}}{{{form}}}",
            r"\toprule",
            " & ".join(header) + r" \\",
            r"\midrule",
            *(" & ".join(row) + r" \\" for row in rows),
            r"\midrule",
            *(" & ".join(row) + r" \\" for row in sums),
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )


def html(caption: str, header: Cells, rows: Sequence[Cells], right: Sequence[bool]) -> str:
    """A table without styles but the alignment."""
    head = _html_row("th", header, right)
    body = "\n".join(f"    <tr>{_html_row('td', row, right)}</tr>" for row in rows)
    return (
        f"<table>\n  <caption>{escape(caption)}</caption>\n"
        f"  <thead><tr>{head}</tr></thead>\n  <tbody>\n{body}\n  </tbody>\n</table>"
    )


def _html_row(tag: str, cells: Cells, right: Sequence[bool]) -> str:
    styles = (' style="text-align: right"' if ends else "" for ends in right)
    pairs = zip(cells, styles, strict=True)
    return "".join(f"<{tag}{style}>{escape(text)}</{tag}>" for text, style in pairs)


def _in_a_table(text: str) -> str:
    return text.replace("|", "\\|")


def _plain(name: str) -> str:
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
    "…": r"\dots{}",
    # Without a T1 font these are others.
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
}


def tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)


def tex_first(text: str) -> str:
    r"""A row's first cell: `\\` before it would take a `[` or `*` for its own."""
    return f"{{}}{tex(text)}" if text[:1] in ("[", "*") else tex(text)
