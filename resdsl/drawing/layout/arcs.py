"""How the arcs of shortcuts are drawn, by what they are."""

from __future__ import annotations

from typing import Literal

from resdsl.analysis.shortcuts import Kind

Dash = Literal["solid", "dashed", "dotted"]

# Arcs by kind: solid adds the input as it is, dotted goes through weights, dashed is changed by
# something that has none.
DASHES: dict[Kind, Dash] = {
    Kind.IDENTITY: "solid",
    Kind.PROJECTION: "dotted",
    Kind.PADDING: "dashed",
    Kind.SCALED: "dashed",
    Kind.GATED: "dashed",
    Kind.OTHER: "dashed",
}
