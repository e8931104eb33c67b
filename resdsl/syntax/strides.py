"""`/s` behind a call, and the count that follows it.

A size is read as long as it goes: of `unit /2 x 3` the lexer makes the size `2 x 3`, and of
`unit /2 * s x 3` none, but of `unit /s * 2 x 3` one. Behind `/` the number after the last `x` with
blanks is a count, `/1x2 x 3` the stride 1x2, three times.
"""

from __future__ import annotations

import re

from resdsl.source import Source, Span
from resdsl.syntax.lalr import Token, Tree

_COUNTED = re.compile(r"(\d.*?)(?:[ \t]+x[ \t]+|[ \t]*×[ \t]*)(\d[\d_]*)", re.DOTALL)


def parted(node: Tree, source: Source) -> tuple[Tree, Span] | None:
    """The expression without the count in it, and that; None where it is a stride alone."""
    spine = [node]
    while isinstance(last := spine[-1].children[-1] if spine[-1].children else None, Tree):
        spine.append(last)
    size = spine.pop()
    if size.data != "size" or size.end_pos != node.end_pos:
        return None  # nothing, or in brackets, the second of which may be missing
    assert size.start_pos is not None and size.end_pos is not None
    start, text = size.start_pos, source.text[size.start_pos : size.end_pos]
    found = _COUNTED.fullmatch(text)
    if found is None:
        return None
    kind = "number" if found[1].replace("_", "").isdigit() else "size"
    made = Tree(kind, [Token.at(kind.upper(), found[1], start)], start, start + found.end(1))
    for outer in reversed(spine):
        made = Tree(outer.data, [*outer.children[:-1], made], outer.start_pos, made.end_pos)
    return made, Span(source, start + found.start(2), start + found.end(2))
