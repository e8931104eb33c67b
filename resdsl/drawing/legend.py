"""The legend under the title: only what occurs in the picture."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.analysis.elements import Element
from resdsl.analysis.shortcuts import Kind

# Arcs by kind, as Graphviz's edge styles: solid is what adds the input as it is.
STYLES = {
    Kind.IDENTITY: "solid",
    Kind.PROJECTION: "dotted",
    Kind.PADDING: "dotted",
    Kind.SCALED: "dashed",
    Kind.GATED: "dashed",
    Kind.OTHER: "dashed",
}

_SEPARATOR = "  ·  "


def legend(elements: Iterable[Element], rank: int) -> list[str]:
    """The phrases of the legend."""
    shown = list(elements)
    blocks = [element for element in shown if element.is_block]
    phrases: list[str] = []
    if blocks:
        window = "×".join("k" * max(rank, 1))
        kinds = list(dict.fromkeys(block.kind for block in blocks if block.kind))
        named = f" {' or '.join(map(_block_name, kinds))}" if 0 < len(kinds) < 3 else ""
        phrases.append(f"[{window}, channels]{named}")
    texts = [row.text for block in blocks for row in block.rows] + [e.text for e in shown]
    if any(", C=" in text for text in texts):
        phrases.append("C: cardinality")
    if any(" dw, " in text for text in texts):
        phrases.append("dw: depthwise")
    if any("GAP" in text for text in texts):
        phrases.append("GAP: global average pool")
    if any(element.count > 1 for element in shown):
        phrases.append("×N repeats")
    kinds_of_arcs = {block.shortcut.kind for block in blocks if block.shortcut}
    phrases += [f"{STYLES[kind]} arc: {kind.value}" for kind in Kind if kind in kinds_of_arcs]
    return phrases


def _block_name(name: str) -> str:
    """`bottleneck` is a noun of the field; `basic` is not without `block`."""
    words = name.replace("_", " ")
    return words if words.endswith(("bottleneck", "block", "unit")) else f"{words} block"


def lines(phrases: Iterable[str], width: int = 120) -> list[str]:
    """Phrases in lines of about `width` characters."""
    found: list[str] = []
    for phrase in phrases:
        if found and len(found[-1]) + len(_SEPARATOR) + len(phrase) <= width:
            found[-1] += _SEPARATOR + phrase
        else:
            found.append(phrase)
    return found
