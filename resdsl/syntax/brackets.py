"""Repairs of brackets that are of another kind, or too many. See repair.py."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from resdsl.syntax.lalr import Token
from resdsl.syntax.recovery import BEGINNERS
from resdsl.syntax.stop import CLOSERS, WORDS

if TYPE_CHECKING:
    from resdsl.syntax.repair import Repair

TERMINALS = {"(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", "{": "LBRACE", "}": "RBRACE"}
# What stands in each kind of brackets.
_INSIDE = {"(": "arguments stand", "[": "a list stands", "{": "a body stands"}
_ARGUMENTS = re.compile(r"\([^()]*\)")
# Tokens behind a pair of other brackets that must fit.
_PROOF = 4


def closer(repair: Repair, position: int) -> int | None:
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
        found = repair.replaced(position, position + 1, "")
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


def _costs(repair: Repair, position: int, opened: Sequence[Token]) -> tuple[int, int, int]:
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


def opener(repair: Repair, position: int) -> int | None:
    """`conv[3, 64]`, `residual ( … )`, `(3, 4)`: both brackets are of another kind."""
    parse = repair.parse
    closers = parse.closers()
    for begin in _openers(repair, position, closers):
        end, wrong = closers[begin], parse.tokens[begin]
        for right in "([{":
            word = begin - _belongs(repair, begin, right)
            if right == wrong or (right == "{" and not _begins_body(repair, begin, position)):
                continue
            if right == "[" and not _begins_list(repair, begin, position):
                continue
            if not _exchanged(repair, word, begin, end, position, right):
                continue
            _say_exchanged(repair, begin, end, wrong, right)
            return word
    return None


def _openers(repair: Repair, position: int, closers: dict[int, int]) -> Iterator[int]:
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


def _belongs(repair: Repair, begin: int, right: str) -> bool:
    """Whether the word before a bracket has to be read again with it."""
    before = repair.parse.tokens[begin - 1].type if begin else ""
    if right == "{":
        return before in ("FORK", "RESIDUAL")
    return right == "(" and begin > 0 and _is_unit(repair, begin - 1)


def _begins_body(repair: Repair, begin: int, position: int) -> bool:
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


def _begins_list(repair: Repair, begin: int, position: int) -> bool:
    """`(3, 4)`, which stops the parse at its comma, or `{3, 4}`."""
    tokens = repair.parse.tokens
    if tokens[begin] == "(":
        return begin < position and tokens[position] == ","
    return begin == position and "TRUE" in repair.parse.parser.accepted()


def _is_unit(repair: Repair, position: int) -> bool:
    """A word directly before its bracket: `conv[3, 64]`."""
    tokens = repair.parse.tokens
    word, bracket = tokens[position], tokens[position + 1]
    return word.type in WORDS and word.end_pos == bracket.start_pos


def _exchanged(repair: Repair, word: int, begin: int, end: int, position: int, right: str) -> bool:
    """Exchanges a pair of brackets, if what is read then goes on behind the mistake."""
    parse = repair.parse
    is_index = parse.tokens[begin] == "[" and "," not in parse.tokens[begin:end]
    if right == "(" and is_index and end == position - 1:
        return False  # `s[2] conv(…)` may be a label that lacks its colon
    changed = list(parse.tokens)
    for index, bracket in ((begin, right), (end, CLOSERS[right])):
        changed[index] = _like(changed[index], bracket)
    last = position + 1 + _PROOF
    if not repair.fits(changed[word].start_pos, changed[word:last]):
        return False
    parse.parser.back_to(changed[word].start_pos)
    parse.exchange(begin, end + 1, changed[begin : end + 1])
    return True


def _say_exchanged(repair: Repair, begin: int, end: int, wrong: Token, right: str) -> None:
    parse = repair.parse
    before = [token.type for token in parse.tokens[max(begin - 2, 0) : begin]]
    inside = _INSIDE[right]
    if right == "(" and before[:1] in (["BLOCK"], ["SHORTCUT"], ["NETWORK"]):
        inside = "parameters stand"
    message = f"{inside} in `{right} {CLOSERS[right]}`, not in `{wrong} {CLOSERS[wrong]}`"
    help = []
    if right == "{" and before[-1:] == ["RESIDUAL"]:
        body = parse.text[wrong.end_pos : parse.tokens[end].start_pos].strip()
        is_short = len(body) <= 40 and body.isprintable() and "," not in _ARGUMENTS.sub("", body)
        help = [f"write `residual {{ {body if is_short else '…'} }}`"]
    if right == "[" and wrong == "(":
        message, help = tuples(parse.tokens[begin + 1 : end])
        # Which of both it is, is not known.
        parse.unsure.add(wrong.start_pos)
    parse.say(message, wrong, help=help)


def tuples(inside: Sequence[Token]) -> tuple[str, list[str]]:
    """What there is to say of the tuple in whose brackets these tokens stand."""
    items = [str(token) for token in inside if token != ","]
    help = []
    if items and all(item.isdigit() for item in items):
        size = f", `{'x'.join(items)}` is a size" if len(items) > 1 else ""
        help = [f"`[{', '.join(items)}]` is a list{size}"]
    return "there are no tuples here: a list is written with `[ ]`, a size with `x`", help


def _like(token: Token, bracket: str) -> Token:
    made = Token.at(TERMINALS[bracket], bracket, token.start_pos)
    made.end_pos = token.end_pos
    return made


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
