"""Repairs of brackets that are of another kind, or too many. See repair.py."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from resdsl.syntax.lalr import Token
from resdsl.syntax.mistaken_joins import ONE_JOIN, one_join
from resdsl.syntax.recovery import BEGINNERS, defines
from resdsl.syntax.replacing import PROOF, TERMINALS, Replacing, bracket_at
from resdsl.syntax.stop import CLOSERS, WORDS

# What stands in each kind of brackets.
_INSIDE = {"(": "arguments stand", "[": "a list stands", "{": "a body stands"}
_ARGUMENTS = re.compile(r"\([^()]*\)")
# Before a body.
_BODIES = frozenset({"FORK", "RESIDUAL", "ELSE", "VIA"})
# How often a text is read again.
_AGAIN = 3


def body_closed_too_early(repair: Replacing, position: int) -> int | None:
    """`}} via a`, and steps behind the `}` of a definition, where a `}` is too many."""
    parse = repair.parse
    tokens = parse.tokens
    if parse.parser.brackets or parse.begun > _AGAIN or tokens[position] == "}":
        return None
    if defines(parse.text, tokens, position):
        return None
    begin = next((i for i in range(position, 0, -1) if defines(parse.text, tokens, i)), 0)
    whole = [*map(str, tokens[begin:position]), *map(str, repair.rest(position))]
    signs = [str(token) for token in tokens]
    if "}" not in signs[begin:position] or whole.count("}") <= whole.count("{"):
        return None
    # One that stands on a line with others, else the last.
    last = position - 1 - signs[:position][::-1].index("}")
    if not (last == position - 1 or parse.is_first_on_line(last + 1)):
        return None
    parse.say("this `}` is one too many", tokens[last])
    return parse.begin_again(last)


def closer(repair: Replacing, position: int) -> int | None:
    """`conv(3, 8]`, `[8, 16)`, `act)`: another bracket closes, or one is missing before it, or
    this one is too many: what leaves the fewest brackets without a partner."""
    parse = repair.parse
    opened = parse.parser.brackets
    token = parse.tokens[position] if position < len(parse.tokens) else ""
    if token not in CLOSERS.values() or not opened or CLOSERS[opened[-1]] == token:
        return None
    assert isinstance(token, Token)
    opener, right = opened[-1], CLOSERS[opened[-1]]
    missing, another, too_many = _costs(repair, position, opened)
    other: Token | None = opener
    if too_many <= min(missing, another):
        end = position + 1
        while parse.tokens[end : end + 1] == [token] and _helps(repair, end, opened):
            end += 1  # `act)))`
        found = repair.replaced(position, end, "")
        message, other, label = f"this `{token}` closes nothing", None, ""
    elif another < missing:
        found = repair.replaced(position, position + 1, right)
        message, label = f"a `{opener}` is closed by `{right}`, not by `{token}`", "opened here"
    else:
        found = repair.replaced(position, position, right)
        message, label = f"a `{right}` is missing before this `{token}`", "never closed"
    if found is not None:
        parse.say(message, token, other, label)
    return found


def _helps(repair: Replacing, position: int, opened: Sequence[Token]) -> bool:
    """Whether a closer, too, is too many."""
    rest = [str(one) for one in repair.rest(position)]
    around = [str(one) for one in opened]
    return mismatches(around, rest[1:]) < mismatches(around, rest)


def _costs(repair: Replacing, position: int, opened: Sequence[Token]) -> tuple[int, int, int]:
    """Brackets without a partner if one is missing before a closer, if it is of another kind,
    if it is too many: on the line if that tells, else in the definition."""
    parse = repair.parse
    line = parse.text.rfind("\n", 0, parse.tokens[position].start_pos)
    near = [str(one) for one in opened if one.start_pos > line]
    row = [str(parse.tokens[position])]
    for index in range(position + 1, len(parse.tokens)):
        if parse.is_first_on_line(index):
            break
        row.append(str(parse.tokens[index]))
    whole = [str(one) for one in opened], [str(one) for one in repair.rest(position)]
    costs = []
    for around, rest in ((near, row), whole):
        if around:
            missing = mismatches(around[:-1], rest)
            another = mismatches(around[:-1], rest[1:])
            costs.append((missing, another, mismatches(around, rest[1:])))
    clear = [found for found in costs if found.count(min(found)) == 1]
    return (clear or costs)[0]


def opener(repair: Replacing, position: int) -> int | None:
    """`conv[3, 64]`, `residual ( … )`, `(3, 4)`: both brackets are of another kind."""
    parse = repair.parse
    closers = parse.closers()
    for begin in _openers(repair, position, closers):
        end, wrong = closers[begin], parse.tokens[begin]
        for right in "([{":
            if right == wrong or (right == "{" and not _begins_body(repair, begin, position)):
                continue
            if right == "[" and not _begins_list(repair, begin, position):
                continue
            if right == "(" and not _begins_arguments(repair, begin):
                continue
            found = _exchanged(repair, begin, end, position, right)
            if found is not None:
                _say_exchanged(repair, begin, end, wrong, right)
                return found
    return None


def opener_alone(repair: Replacing, position: int) -> int | None:
    """`residual ( … }`: the opening bracket is of another kind, the closing one is not."""
    tokens = repair.parse.tokens
    opened = repair.parse.parser.brackets
    inner = [i for i, token in enumerate(tokens) if token is opened[-1]] if opened else []
    for begin in (position, *inner):
        wrong = tokens[begin] if begin < len(tokens) else ""
        if wrong not in ("(", "[") or not begin or tokens[begin - 1].type not in _BODIES:
            continue
        assert isinstance(wrong, Token)
        rest = [str(token) for token in repair.rest(begin + 1)]
        around = [str(one) for one in opened if one is not wrong]
        if mismatches([*around, "{"], rest) >= mismatches([*around, str(wrong)], rest):
            continue
        if (found := _exchanged(repair, begin, begin, position, "{")) is not None:
            repair.parse.say(f"a body begins with `{{`, not with `{wrong}`", wrong)
            return found
    return None


def _openers(repair: Replacing, position: int, closers: dict[int, int]) -> Iterator[int]:
    """The bracket that stops the parse, the one that is open, the one that was just closed."""
    parse = repair.parse
    tokens = parse.tokens
    opened = parse.parser.brackets
    inner = opened[-1] if opened else None
    found = [position, *(i for i, token in enumerate(tokens) if token is inner)]
    found += [begin for begin, end in closers.items() if end == position - 1]
    for begin in found:
        if begin not in closers or closers[begin] + 1 < position:
            continue
        first = begin
        while first and tokens[first - 1] in ("(", "["):
            first -= 1
        # `input [3, 8, 8]` is told for what it is.
        if not first or tokens[first - 1].type != "INPUT":
            yield begin


def _begins_arguments(repair: Replacing, begin: int) -> bool:
    """Behind a word, as `conv[3, 64]`, or the name of a definition."""
    tokens = repair.parse.tokens
    if not begin or tokens[begin - 1].type not in WORDS:
        return False
    touches = tokens[begin - 1].end_pos == tokens[begin].start_pos
    return touches or (begin > 1 and tokens[begin - 2].type in BEGINNERS)


def _begins_body(repair: Replacing, begin: int, position: int) -> bool:
    """A bracket that cannot stand where it does, or one behind the name of a definition."""
    tokens = repair.parse.tokens
    if begin == position:
        # `conv(3, 8)(here)` and `widths.len()` have no body.
        before = tokens[begin - 1] if begin else tokens[begin]
        is_call = before in CLOSERS.values() or before.type == "NAME"
        return not (is_call and before.end_pos == tokens[begin].start_pos)
    if tokens[begin - 1].type in ("FORK", "RESIDUAL"):
        return True
    is_inside = len(repair.parse.parser.brackets) > 1
    return begin > 1 and tokens[begin - 2].type in BEGINNERS and not is_inside


def _begins_list(repair: Replacing, begin: int, position: int) -> bool:
    """`(3, 4)`, which stops the parse at its comma, or `{3, 4}`."""
    tokens = repair.parse.tokens
    if tokens[begin] == "(":
        return begin < position and tokens[position] == ","
    return begin == position and "TRUE" in repair.parse.parser.accepted()


def _exchanged(repair: Replacing, begin: int, end: int, position: int, right: str) -> int | None:
    """Exchanges a pair of brackets, if what is read then goes on behind the mistake.

    `end` is that of the opening bracket where the closing one is right already.
    """
    parse = repair.parse
    inner = parse.tokens[begin + 1 : end]
    is_index = parse.tokens[begin] == "[" and "," not in inner
    if right == "(" and is_index and end == position - 1:
        return None  # `s[2] conv(…)` may be a label that lacks its colon
    if right == "{":
        # `[conv(3, 8), norm]`: a list of steps.
        inner = _outermost(inner, ",")
    first, last = parse.tokens[begin], parse.tokens[end]
    new = [bracket_at(right, first.start_pos, first.end_pos), *inner]
    if end > begin:
        new.append(bracket_at(CLOSERS[right], last.start_pos, last.end_pos))
    length = max(position - begin, 0) + 1 + PROOF
    return repair.swapped(begin, end + 1, new, parse.tokens[end + 1 : begin + length], length)


def _outermost(inner: Sequence[Token], sign: str) -> list[Token]:
    """Tokens without a sign, but where it stands in brackets among them."""
    kept, depth = [], 0
    for token in inner:
        depth += (token in CLOSERS) - (token in CLOSERS.values())
        if depth or token != sign:
            kept.append(token)
    return kept


def _say_exchanged(repair: Replacing, begin: int, end: int, wrong: Token, right: str) -> None:
    parse = repair.parse
    before = [token.type for token in parse.tokens[max(begin - 2, 0) : begin]]
    where = _INSIDE[right]
    if right == "(" and before[:1] in (["BLOCK"], ["SHORTCUT"], ["NETWORK"]):
        where = "parameters stand"
    message = f"{where} in `{right} {CLOSERS[right]}`, not in `{wrong} {CLOSERS[wrong]}`"
    help = []
    if right == "{" and before[-1:] == ["RESIDUAL"]:
        body = parse.text[wrong.end_pos : parse.tokens[end].start_pos].strip()
        is_short = len(body) <= 40 and body.isprintable() and "," not in _ARGUMENTS.sub("", body)
        help = [f"write `residual {{ {body if is_short else '…'} }}`"]
    if right == "[" and wrong == "(":
        inside = parse.tokens[begin + 1 : end]
        message, help = tuples(inside)
        if before[-1:] == ["JOIN"] and (names := _outermost_names(inside)):
            message, help = ONE_JOIN, [one_join(names)]
    if right == "[":
        # Whether it is a list is not known.
        parse.unsure.add(wrong.start_pos)
    parse.say(message, wrong, help=help)


def _outermost_names(inside: Sequence[Token]) -> list[str]:
    """The items between commas, if each is a word."""
    items = [str(token) for token in inside[::2]]
    is_row = all(token == "," for token in inside[1::2]) and all(map(str.isidentifier, items))
    return items if is_row and len(items) > 1 else []


def tuples(inside: Sequence[Token]) -> tuple[str, list[str]]:
    """What there is to say of the tuple in whose brackets these tokens stand."""
    items = [str(token) for token in inside if token != ","]
    help = []
    if items and all(item.isdigit() for item in items):
        size = f", `{'x'.join(items)}` is a size" if len(items) > 1 else ""
        help = [f"`[{', '.join(items)}]` is a list{size}"]
    return "there are no tuples here: a list is written with `[ ]`, a size with `x`", help


def mismatches(opened: Sequence[str], rest: Sequence[str]) -> int:
    """How many brackets have no partner, where some are open already."""
    found, stack = 0, list(opened)
    for token in rest:
        if token in CLOSERS:
            stack.append(token)
        elif token in TERMINALS:
            while stack and CLOSERS[stack[-1]] != token and token in map(CLOSERS.get, stack):
                stack.pop()
                found += 1
            if stack and CLOSERS[stack[-1]] == token:
                stack.pop()
            else:
                found += 1
    return found + len(stack)
