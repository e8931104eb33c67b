"""Values by themselves, with commas between: what stands behind `--set widths=`.

The parser is at a list's first element when the text begins, and finds the list's end behind it. So
spans are of the text as it was written, and a text cannot close what it did not open.
"""

from __future__ import annotations

from resdsl.diagnostics.codes import SYNTAX
from resdsl.diagnostics.diagnostic import Sink
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.lalr import CLOSING, UNKNOWN, Token
from resdsl.syntax.parser import Parse, begin
from resdsl.syntax.stop import CLOSERS, Stop, shown, span
from resdsl.syntax.tree_building import walk

_BEFORE = (("LET", "let"), ("NAME", "values"), ("EQUAL", "="), ("LSQB", "["))


def parse_values(source: Source, sink: Sink) -> tuple[tree.Expr, ...] | None:
    """The expressions of a text, one at least; None after an error, which is told to the sink."""
    before = sink.errors
    parse = begin(source, sink)
    if parse is None:
        return None
    written = parse.tokens
    for kind, sign in _BEFORE:
        parse.parser.feed(Token.at(kind, sign, 0))
    for position, token in enumerate(written):
        is_refused = token.type == "NAME" and parse.is_refused(position)
        if is_refused or (token in CLOSERS and parse.is_too_deep(token)):
            return None
        is_stray = token.type in CLOSING and len(parse.parser.brackets) == 1
        if is_stray or not parse.parser.feed(token):
            _report(parse, position, is_stray=is_stray)
            return None
    # What stands open would be closed by the end of the list around the text.
    is_open = len(parse.parser.brackets) > 1
    if not written or is_open or not parse.parser.feed(Token.at("RSQB", "]", len(source.text))):
        _report(parse, len(written))
        return None
    start = parse.parser.finish()
    file = None if start is None else walk(start, source, sink, (), before)
    if file is None or sink.errors > before:
        return None
    (item,) = file.items
    assert isinstance(item, tree.Let) and isinstance(item.value, tree.ListExpr)
    return item.value.items


def _report(parse: Parse, position: int, *, is_stray: bool = False) -> None:
    """Says what is wrong with a token; the brackets around the text are not of the text."""
    source, written = parse.source, parse.tokens
    token = written[position] if position < len(written) else None
    if token is not None and token.type == UNKNOWN:
        from resdsl.syntax import characters

        characters.report(source, token.start_pos, parse.sink)
        return
    opened, accepted = parse.parser.brackets[1:], parse.parser.accepted()
    stop = Stop(source, written, position, accepted if opened else accepted - {"RSQB"}, opened)
    if token is not None and not opened and (is_stray or "COMMA" in accepted):
        message = f"expected the end of the value, found {shown(stop)}"
        parse.sink.error(SYNTAX, message, span(source, token))
        return
    from resdsl.syntax import brackets, situations

    if token == "," and opened and opened[-1] == "(" and "RPAR" in accepted:
        # No argument of a call: that could be followed by others.
        inside = written[written.index(opened[-1]) + 1 :]
        closed = next((i for i, one in enumerate(inside) if one == ")"), len(inside))
        message, help = brackets.tuples(inside[:closed])
        parse.sink.error(SYNTAX, message, span(source, opened[-1]), help=help)
        return
    situations.report(stop, parse.sink)
