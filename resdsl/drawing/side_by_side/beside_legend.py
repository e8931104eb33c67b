"""The legend below networks side by side: only what occurs in the figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.analysis.facts import Facts
from resdsl.analysis.shortcuts import Kind, Shortcut
from resdsl.drawing.column.legend import Entry
from resdsl.drawing.layout.arcs import DASHES, Dash
from resdsl.drawing.side_by_side.column_rows import Column

_SIGNS = {"*": "product", "|": "concatenation"}
_WORDS = {
    ", C=": "C: cardinality",
    " dw, ": "dw: depthwise",
    ", d=": "d: dilation",
    "GAP": "GAP: global average pool",
}


def legend(
    designs: Sequence[Facts],
    columns: Sequence[Column],
    signs: set[str],
    coloured: bool,
    word: str,
) -> list[Entry]:
    """`signs` are those in the figure, `word` is what a band is of."""
    found = list(_arcs(columns))
    rows = [row for column in columns for row in column.rows]
    if any(known.cost.norms for known in designs):
        found.append(Entry("norms and activations are left out"))
    if any(column.times for column in columns):
        found.append(Entry("×N: stands N times in a row"))
    found += [Entry(text, sign=sign) for sign, text in _SIGNS.items() if sign in signs]
    found += [Entry(text) for part, text in _WORDS.items() if any(part in r.text for r in rows)]
    if coloured:
        found.append(Entry(f"one fill for each {word}, in turn; plain: no convolution"))
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
    forms = dict.fromkeys(map(form_of, shortcuts))
    listed = [text for text in forms if text]
    return f"{name} ({', '.join(listed)})" if listed else name


def form_of(shortcut: Shortcut) -> str:
    """`1×1, 512, /2, C=4` without channels and stride."""
    lines = (line.split(", ") for line in shortcut.label.split("\n"))
    return " → ".join(
        ", ".join(word for word in words if not word.isdecimal() and word[0] != "/")
        for words in lines
    )
