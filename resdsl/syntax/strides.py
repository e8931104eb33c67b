"""`/s` behind a call, and the count that follows it.

A size is read as long as it goes: of `unit /2 x 3` the lexer makes the size `2 x 3`. Behind `/`
the number after the last `x` with blanks is a count, `/1x2 x 3` the stride 1x2, three times.
"""

from __future__ import annotations

import re

from resdsl.source import Span

_COUNTED = re.compile(r"(.+?)(?:[ \t]+x[ \t]+|[ \t]*×[ \t]*)(\d[\d_]*)", re.DOTALL)


def parted(span: Span) -> tuple[Span, Span] | None:
    """The stride and the count in a size; None where it is a stride alone."""
    found = _COUNTED.fullmatch(span.text)
    if found is None:
        return None
    start = span.start
    return (
        Span(span.source, start, start + found.end(1)),
        Span(span.source, start + found.start(2), start + found.end(2)),
    )
