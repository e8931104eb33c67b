"""Repairs of brackets that are missing, and of bodies by indentation. See repair.py."""

from __future__ import annotations

from resdsl.syntax.brackets import mismatches
from resdsl.syntax.lalr import Token, Tree
from resdsl.syntax.recovery import BEGINNERS, defines
from resdsl.syntax.replacing import PROOF, TERMINALS, Replacing, bracket_at
from resdsl.syntax.stop import CLOSERS


def closed(repair: Replacing, position: int) -> int | None:
    """Closes the innermost bracket before a place, or before the word that stands there."""
    for back in _places_before(repair, position):
        if _is_closed_before(repair, position - back):
            return position - back
    return None


def _is_closed_before(repair: Replacing, position: int) -> bool:
    """Closes the innermost bracket, if that alone is missing, and says so.

    A word that was taken for a label may be the one: `join` in a fork.
    """
    parse = repair.parse
    following = parse.tokens[position : position + PROOF]
    opened = parse.parser.brackets
    if not opened or not following or opened[-1].start_pos >= following[0].start_pos:
        return False
    opener, token = opened[-1], following[0]
    closer = CLOSERS[opener]
    if token.type in BEGINNERS and not defines(parse.text, parse.tokens, position):
        return False
    if closer != "}" and token != "{" and not parse.is_first_on_line(position):
        return False
    depth = parse.parser.depth_before(token.start_pos)
    kinds = [TERMINALS[closer], *(one.type for one in following)]
    if depth is None or not parse.parser.takes(kinds, depth):
        return False
    if _stands_too_late(repair, position, opener):
        return True
    parse.say(f"a `{closer}` is missing before `{token}`", token, opener, "never closed")
    repair.put_in(position, closer)
    return True


def _places_before(repair: Replacing, position: int) -> tuple[int, ...]:
    """How many tokens back a bracket may be missing: one, where a word was just taken."""
    parse = repair.parse
    last = parse.parser.values[-1] if parse.parser.values else None
    while isinstance(last, Tree) and len(whole := [one for one in last.children if one]) == 1:
        last = whole[0]
    if not position or last is not parse.tokens[position - 1] or not str(last).isidentifier():
        return (0,)
    return (1, 0) if parse.is_first_on_line(position - 1) else (0, 1)


def _stands_too_late(repair: Replacing, position: int, opener: Token) -> bool:
    """The `}` of a fork that stands behind its join."""
    parse = repair.parse
    join = parse.tokens[position]
    begin = next(i for i, token in enumerate(parse.tokens) if token is opener)
    end = parse.closers().get(begin)
    if join != "join" or end is None or not _is_one_more(repair, position):
        return False
    parse.say("the `}` of a `fork` stands before its `join`", parse.tokens[end], join, "here")
    del parse.tokens[end]
    repair.put_in(position, "}")
    return True


def _is_one_more(repair: Replacing, position: int) -> bool:
    """The brackets from a place to the end of the definition are one too many if another is
    closed here."""
    rest = [str(token) for token in repair.rest(position)]
    opened = [str(token) for token in repair.parse.parser.brackets]
    return mismatches(opened[:-1], rest) > mismatches(opened, rest)


def opened(repair: Replacing, position: int) -> int | None:
    """Opens a body whose `}` is there, and whose `{` is missing or a `:`."""
    parse = repair.parse
    is_colon = position < len(parse.tokens) and parse.tokens[position] == ":"
    following = parse.tokens[position + is_colon : position + is_colon + PROOF]
    braces = [str(token) for token in parse.tokens if token in ("{", "}")]
    if not following or braces.count("}") <= braces.count("{"):
        return None
    token = parse.tokens[position]
    if (found := repair.replaced(position, position + is_colon, "{")) is None:
        return None
    missing = f"a `{{` is missing before `{token}`"
    parse.say("`{` stands here, not `:`" if is_colon else missing, token)
    return found


def behind_a_keyword(repair: Replacing, position: int) -> int | None:
    """`fork:` or `residual:` at the end of a line: what is set in behind it is a body.

    Noticed at the first of its tokens that cannot stand behind a label: the `:` of a first branch.
    What can is read as a step with that label, of which elaboration warns.
    """
    parse = repair.parse
    for colon in range(position, max(position - 4, 0), -1):
        if colon < len(parse.tokens) and parse.tokens[colon] == ":":
            before = parse.tokens[colon - 1].type
            if before in ("RESIDUAL", "FORK") and parse.is_first_on_line(colon + 1):
                return _set_in(repair, colon)
    return None


def indented(repair: Replacing, position: int) -> int | None:
    """A body as Python's: behind a `:`, on the lines that are set in."""
    parse = repair.parse
    colon = parse.tokens[position] if position < len(parse.tokens) else None
    if colon != ":" or {"LET", "KEEP"} <= parse.parser.accepted():
        return None
    is_network = position > 1 and parse.tokens[position - 2].type == "NETWORK"
    if is_network and not parse.is_first_on_line(position + 1):
        return None  # `network a: family(…)`
    return _set_in(repair, position)


def _set_in(repair: Replacing, position: int) -> int | None:
    """Reads a colon as the begin of a body, which ends with the lines that are set in behind it,
    unless a `}` that nothing opened is there."""
    parse = repair.parse
    colon = parse.tokens[position]
    end = _end_of_lines(repair, position)
    rest = [str(token) for token in repair.rest(position + 1)]
    around = [str(token) for token in parse.parser.brackets]
    is_closed = mismatches([*around, "{"], rest) < mismatches(around, rest)
    new = bracket_at("{", colon.start_pos, colon.end_pos)
    behind = parse.tokens[position + 1 : position + 1 + PROOF]
    if (
        end == position + 1
        or (found := repair.swapped(position, position + 1, [new], behind)) is None
    ):
        return None
    if is_closed:
        parse.say("`{` stands here, not `:`", colon)
        return found
    parse.exchange(end, end, [bracket_at("}", parse.tokens[end - 1].end_pos)])
    help = "write `{` for this `:`, and `}` behind the last of its steps"
    parse.say("a body is written in braces", colon, help=[help])
    return found


def _end_of_lines(repair: Replacing, colon: int) -> int:
    """Behind the last token that belongs to a header, by where the lines begin."""
    parse = repair.parse
    limit = _indent(repair, colon)
    depth, index = 0, colon + 1
    is_block = parse.is_first_on_line(index)
    while index < len(parse.tokens):
        token = parse.tokens[index]
        if parse.is_first_on_line(index) and (not is_block or _indent(repair, index) <= limit):
            break
        depth += (token in CLOSERS) - (token in CLOSERS.values())
        if depth < 0:
            break
        index += 1
    return index


def _indent(repair: Replacing, position: int) -> int:
    """Where the line of a token begins."""
    start = repair.parse.tokens[position].start_pos
    line = repair.parse.text[repair.parse.text.rfind("\n", 0, start) + 1 : start]
    return len(line) - len(line.lstrip())
