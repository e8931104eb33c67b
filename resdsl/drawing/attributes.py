"""Graphviz attributes that all pictures share."""

from __future__ import annotations

from resdsl.drawing.palette import EDGE as LINE
from resdsl.drawing.palette import GROUND, NEUTRAL, SECONDARY, TEXT

GRAPH = {
    "rankdir": "TB",
    "bgcolor": GROUND,
    "fontname": "Helvetica",
    "fontsize": "13",
    "fontcolor": TEXT,
    "nodesep": "0.30",
    "ranksep": "0.24",
    "pad": "0.25",
    "splines": "spline",
    "newrank": "true",
    "outputorder": "edgesfirst",
    "dpi": "144",
    "labelloc": "t",
    "labeljust": "l",
}
NODE = {
    "fontname": "Helvetica",
    "fontsize": "11",
    "fontcolor": TEXT,
    "shape": "box",
    "style": "filled,rounded",
    "fillcolor": NEUTRAL.fill,
    "color": NEUTRAL.line,
    "penwidth": "0.9",
    "margin": "0.14,0.06",
    "height": "0.30",
    "width": "1.9",
}
EDGE = {
    "fontname": "Helvetica",
    "fontsize": "9",
    "fontcolor": SECONDARY,
    "color": LINE,
    "penwidth": "1.0",
    "arrowsize": "0.55",
    "arrowhead": "normal",
    "weight": "100",
}
SUM = {
    "group": "spine",
    "shape": "circle",
    "style": "filled",
    "fillcolor": GROUND,
    "color": LINE,
    "label": "+",
    "fontsize": "11",
    "margin": "0",
    "width": "0.19",
    "height": "0.19",
    "fixedsize": "true",
}
BARE = {"shape": "plain", "style": ""}
