"""What to do with a float where an int is asked for."""

from __future__ import annotations

import re
from typing import Any

from resdsl.source import Span

_LITERAL = re.compile(r"-?[\d._]+(e[+-]?\d+)?[KMG]?", re.IGNORECASE)
# Longer ones are not said again.
_SHORT = 40


def rounding(value: Any, span: Span, *, channels: bool = False) -> list[str]:
    """Help for `value`, which the text of `span` gives; nothing unless a computed float.

    `channels`: it may be a number of them.
    """
    text = " ".join(span.text.split())
    if not isinstance(value, float) or _LITERAL.fullmatch(text):
        return []
    shown = text if len(text) <= _SHORT else "…"
    others = "`floor(…)`, `ceil(…)` and `divisible(…)`, a multiple of 8"
    if not channels:
        others = "`floor(…)` and `ceil(…)`"
    help = [f"`round({shown})` is an int; so are {others}"]
    if re.search(r"[^/]/[^/]", text):
        help.insert(0, "`/` gives a float; `//` divides ints")
    return help
