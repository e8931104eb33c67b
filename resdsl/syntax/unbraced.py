"""Repairs of residuals and forks whose braces are left out. See repair.py."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.syntax.lalr import Token
from resdsl.syntax.replacing import Replacing, bracket_at
from resdsl.syntax.stop import CLOSERS, WORDS, lacks_body

# Tokens that a fork has, at most, to be looked through.
_LONGEST = 400


def residual(repair: Replacing, position: int) -> int | None:
    """`residual conv(3, 64) via projection`"""
    parse = repair.parse
    if not _follows(repair, position, "RESIDUAL") or parse.is_first_on_line(position):
        return None
    if parse.tokens[position + 1 : position + 2] == ["{"]:
        return None  # a label in the wrong place
    end = position
    while end < len(parse.tokens) and (end == position or not parse.is_first_on_line(end)):
        token = parse.tokens[end]
        if token.type == "VIA" or token in CLOSERS.values():
            break
        end = parse.closers().get(end, end) + 1
    body = parse.tokens[position:end]
    found = _in_braces(repair, position, end, body)
    if found is not None:
        text = parse.text[body[0].start_pos : body[-1].end_pos]
        shown = text if len(text) <= 40 and text.isprintable() else "…"
        help = f"write `residual {{ {shown} }}`"
        parse.say("the body of a residual stands in braces", body[0], help=[help])
    return found


def empty_brackets(repair: Replacing, position: int) -> int | None:
    """`residual() { … }`, `fork() { … }`"""
    parse = repair.parse
    tokens = parse.tokens[position : position + 3]
    if tokens != ["(", ")", "{"] or not position:
        return None
    word = parse.tokens[position - 1]
    if word.type not in ("RESIDUAL", "FORK"):
        return None
    found = repair.swapped(position, position + 2, [], tokens[2:])
    if found is not None:
        help = f"write `{word} {{ … }}`"
        parse.say(f"a `{word}` takes no arguments", tokens[0], help=[help])
    return found


def fork(repair: Replacing, position: int) -> int | None:
    """`fork a { … } b { … } join a + b`, `fork a: … b: … join a + b`"""
    parse = repair.parse
    if not _follows(repair, position, "FORK"):
        return None
    branches: list[Token] = []
    end, closers = position, parse.closers()
    while end < len(parse.tokens) and parse.tokens[end].type != "JOIN":
        token = parse.tokens[end]
        if token in CLOSERS.values() or end - position > _LONGEST:
            return None
        inner = closers.get(end, end)
        if token == "{" and branches and branches[-1].type in WORDS:
            branches.append(Token.at("COLON", ":", token.start_pos, token.start_pos))
        branches += parse.tokens[end : inner + 1]
        end = inner + 1
    if end == len(parse.tokens):
        return None
    first = parse.tokens[position]
    found = _in_braces(repair, position, end, branches)
    if found is not None:
        help = f"write `fork {{ {first}: … }} join …`"
        parse.say("the branches of a fork stand in braces", first, help=[help])
    return found


def _follows(repair: Replacing, position: int, kind: str) -> bool:
    tokens = repair.parse.tokens
    is_behind = 0 < position < len(tokens) and tokens[position - 1].type == kind
    return is_behind and lacks_body(repair.parse.parser.accepted())


def _in_braces(repair: Replacing, begin: int, end: int, inside: Sequence[Token]) -> int | None:
    """Puts braces around tokens, if what they hold and the next token fit then."""
    if not inside:
        return None
    opened = bracket_at("{", inside[0].start_pos)
    closed = bracket_at("}", inside[-1].end_pos)
    behind = repair.parse.tokens[end : end + 1]
    return repair.swapped(begin, end, [opened, *inside, closed], behind)
