"""The legend below networks side by side: only what occurs in the figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.analysis.shortcuts import Kind, Shortcut
from resdsl.drawing.column.legend import Entry
from resdsl.drawing.layout.arcs import DASHES, Dash
from resdsl.drawing.side_by_side.column_rows import Column

_SIGNS = {"*": "product", "|": "concatenation"}
_WORDS = {
    ", C=": "C: cardinality",
    " dw, ": "dw: depthwise",
    "GAP": "GAP: global average pool",
}


def legend(columns: Sequence[Column], signs: set[str], coloured: bool, word: str) -> list[Entry]:
    """`signs` are those in the figure, `word` is what a band is of."""
    found = list(_arcs(columns))
    rows = [row for column in columns for row in column.rows]
    if any(column.times for column in columns):
        found.append(Entry("×N: stands N times in a row"))
    found += [Entry(text, sign=sign) for sign, text in _SIGNS.items() if sign in signs]
    found += [Entry(text) for part, text in _WORDS.items() if any(part in r.text for r in rows)]
    if coloured:
        found.append(Entry(f"colours: one for each {word}, in turn; grey: no convolution"))
    return found


def _arcs(columns: Sequence[Column]) -> Iterator[Entry]:
    """One entry for all arcs that look alike."""
    shortcuts = [arc.shortcut for column in columns for arc in column.arcs]
    alike: dict[Dash, dict[str, None]] = {}
    for kind in Kind:
        mine = [shortcut for shortcut in shortcuts if shortcut.kind is kind]
        if mine:
            alike.setdefault(DASHES[kind], {})[_told(kind, mine)] = None
    for dash, words in alike.items():
        yield Entry(f"{' or '.join(words)} shortcut", dash)


def _told(kind: Kind, shortcuts: Sequence[Shortcut]) -> str:
    """The kind; of projections, what they do but their channels. What others do stands on arcs."""
    name = str(kind.value).removesuffix(" shortcut")
    if kind is not Kind.PROJECTION:
        return name
    forms = dict.fromkeys(_without_numbers(shortcut.label) for shortcut in shortcuts)
    listed = [text for text in forms if text]
    return f"{name} ({', '.join(listed)})" if listed else name


def _without_numbers(label: str) -> str:
    """`1×1, 512, /2` without channels and stride."""
    return " → ".join(line.split(",")[0] for line in label.split("\n"))
