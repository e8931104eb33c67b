"""Sums and products of tensors without a `join`. Each function is one situation.

`skip + here` is read as the step `skip` and a sign too many: both sides are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from resdsl.diagnostics import join_words, library_layers
from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.syntax import other_languages, python_calls
from resdsl.syntax.stop import OPERANDS, OPERATORS, WORDS, Finding, Stop

_SIGNS = ("PLUS", "STAR")
_WORDS = WORDS | {"IN", "X"}
# Units that a step of its own often names, whatever is labelled so.
_UNITS = frozenset({"norm", "act"})


ONE_JOIN = "a `join` is one expression"


def one_join(items: Sequence[str]) -> str:
    """What to write for tensors that are listed."""
    return f"write `join {' + '.join(items)}`, or `join concat({', '.join(items)})`"


def listed(stop: Stop) -> Finding | None:
    """`join a, b`, `join a + b, here`"""
    first = _expression_before(stop) if stop.type == "COMMA" else None
    if first is None or not _is_item(stop, is_second=first == -1):
        return None
    names = [str(token) for token in stop.tokens[stop.position + first : stop.position]]
    items, at = [stop.source_text(first, 0)], 0
    while stop.type_at(at) == "COMMA":
        begin = at + 1
        at = _expression_end(stop, begin)
        if at == begin:
            break
        items.append(stop.source_text(begin, at))
        names += [str(token) for token in stop.tokens[stop.position + begin : stop.position + at]]
    if len(items) < 2 or stop.type_at(at) == "EQUAL":
        return None
    lost = tuple(name for name in names if name.isidentifier())
    return Finding(ONE_JOIN, help=(one_join(items),), lost=lost)


_IN_BRACKETS = "a function takes its arguments in brackets"


def function_without_brackets(stop: Stop) -> Finding | None:
    """`join concat a, b`"""
    if stop.type != "COMMA" or stop.type_at(-3) != "JOIN" or stop.token(-2) not in JOIN_FUNCTIONS:
        return None
    end, operands = 0, [str(stop.token(-1))]
    while stop.type_at(end) == "COMMA" and stop.type_at(end + 1) in _WORDS:
        operands.append(_side(stop, end + 1))
        end += 2
    written = join_words.called(str(stop.token(-2)), operands)
    help = (f"write `join {written}`",)
    return Finding(_IN_BRACKETS, help=help, lost=(str(stop.token(-2)),), mend=(-2, end, written))


def function_of_list(stop: Stop) -> Finding | None:
    """`join concat [a, b]`, read as an element of `concat`"""
    if stop.type != "COMMA" or stop.opener != "[" or stop.innermost is None:
        return None
    at = stop.innermost - stop.position
    if stop.token(at - 1) not in JOIN_FUNCTIONS or not python_calls.is_joined(stop, at - 1):
        return None
    given, end = python_calls.arguments(stop, at + 1)
    if given is None or stop.type_at(end) != "RSQB":
        return None
    written = join_words.called(str(stop.token(at - 1)), [text for _, text in given])
    is_all = stop.type_at(at - 2) == "JOIN"
    written = written if is_all else join_words.factor(written)
    help = (f"write `{'join ' if is_all else ''}{written}`",)
    return Finding(_IN_BRACKETS, help=help, at=at, mend=(at - 1, end + 1, written))


def _is_item(stop: Stop, *, is_second: bool) -> bool:
    """Whether what follows the comma is joined, and no step."""
    if stop.type_at(1) not in _WORDS:
        return stop.type_at(1) in OPERANDS | {"LPAR"}
    if stop.type_at(2) == "LPAR":
        return stop.token(1) in JOIN_FUNCTIONS
    return is_second or _is_tensor(stop, 1) or _is_label(stop, 1)


def _expression_before(stop: Stop) -> int | None:
    """Where the expression of a `join` begins that ends before the stop, counted from it."""
    at, depth, behind = -1, 0, ""
    while (kind := stop.type_at(at)) != "JOIN" or depth:
        depth += (kind in ("RPAR", "RSQB")) - (kind in ("LPAR", "LSQB"))
        # Two operands side by side belong to two steps.
        is_pair = kind in OPERANDS | {"RPAR", "RSQB"} and behind in OPERANDS
        if depth < 0 or is_pair or kind in ("LBRACE", "RBRACE", "KEEP", "COLON", ""):
            return None
        at, behind = at - 1, kind
    return at + 1 if at < -1 else None


def _expression_end(stop: Stop, at: int) -> int:
    """Before which token an expression ends that begins at one."""
    depth, before = 0, ""
    while (kind := stop.type_at(at)) in OPERANDS | OPERATORS | {"COMMA", "RPAR", "RSQB", "EQUAL"}:
        depth += (kind in ("LPAR", "LSQB")) - (kind in ("RPAR", "RSQB"))
        is_pair = kind in OPERANDS and before in OPERANDS | {"RPAR", "RSQB"}
        is_step = stop.is_first_on_line(at) and before != ""
        if depth < 0 or (not depth and (kind in ("COMMA", "EQUAL") or is_pair or is_step)):
            break
        at, before = at + 1, kind
    return at


def sum_of_steps(stop: Stop) -> Finding | None:
    """`skip + here`, `+ skip`, `residual { … } + projection`"""
    is_x = stop.type_at(-1) == "X" and _is_tensor(stop, 1)
    if stop.type != "PLUS" or not (stop.is_at_step or is_x):
        return None
    message = "a sum of tensors is a `join`"
    if stop.type_at(-1) == "RBRACE" and not stop.is_first_on_line(0):
        what = stop.token(1) or "skip"
        help = f"a residual adds what stands behind `via`: `residual {{ … }} via {what}`"
        return Finding(message, help=(help,))
    return _joined(stop, message)


def product_of_steps(stop: Stop) -> Finding | None:
    """`skip * here`, `sigmoid * skip`, where a unit could be repeated"""
    is_side = _is_tensor(stop, 1) or (
        _side_end(stop, 1) > 1 and not python_calls.is_number(stop, 1)
    )
    if stop.type != "STAR" or not stop.is_at_step or not is_side:
        return None
    return _joined(stop, "a product of tensors is a `join`")


def _joined(stop: Stop, message: str) -> Finding:
    if (found := _unit_beside(stop, message)) is not None:
        return found
    begin = -1 if _is_operand(stop) else 0
    end, right = _operands(stop, 0)
    if begin == 0 and right == f"{stop.text} here":
        help = "write `residual { … }` around the steps to whose result their input is added"
        return Finding(message, help=(help,))
    written = f"join {_side(stop, -1) if begin else 'here'} {right or f'{stop.text} skip'}"
    is_whole = bool(right) and stop.type_at(begin - 1) != "COLON"
    return _written(message, written, begin, max(end, 1), is_read_on=is_whole)


def _unit_beside(stop: Stop, message: str) -> Finding | None:
    """`conv(3, 64) + act`, `here + conv(3, 64)`, `sigmoid * here`: a side is a step."""
    end, begin = _side_end(stop, 1), _call_begin(stop, -1)
    is_right = end > 1 and not _is_tensor(stop, 1)
    is_left = begin < 0 and not _is_tensor(stop, -1)
    is_gate = begin == -1 and stop.token(1) in ("here", "in", "x")
    if stop.is_first_on_line(0) or not (is_gate or (is_right and (is_left or _is_operand(stop)))):
        return None
    begin = begin if is_left else -1
    if stop.type_at(end) in _SIGNS:
        while stop.type_at(end) in _SIGNS and (after := _side_end(stop, end + 1)) > end + 1:
            end = after
        first = stop.source_text(begin, 0) if is_left else ""
        help = f"each of them is a branch: `fork {{ a: {first or '…'} … }} join a {stop.text} …`"
        return Finding(message, help=(help,), at=begin, over=end - begin, mend=(begin, end, first))
    sides = [(is_left, begin, 0), (is_right, 1, end)]
    steps = [stop.source_text(first, last) for is_step, first, last in sides if is_step]
    tensors = [_side(stop, first) for is_step, first, _ in sides if not is_step]
    if not steps:
        return None
    written, help = _of_steps(stop, steps, tensors, stop.text)
    mend = (begin, end, written) if stop.type_at(begin - 1) != "COLON" else None
    return Finding(message, help=(help,), at=begin, over=end - begin, mend=mend)


def _written(
    message: str, written: str, begin: int, end: int, *, is_read_on: bool = True
) -> Finding:
    """What to write for the tokens from .. to before .., counted from the stop."""
    mend = (begin, end, written) if is_read_on else None
    help = (f"write `{written}`",)
    return Finding(message, help=help, at=begin, over=end - begin, mend=mend)


def assigned_step(stop: Stop) -> Finding | None:
    """`y = x + conv(3, 64)`, `y = skip + conv(3, 64)`, `y = conv(3, 64) * conv(1, 64)`"""
    is_name = "COLON" in stop.accepted and stop.type_at(-1) in WORDS
    if stop.type != "EQUAL" or not (is_name or stop.type_at(-1) == "X"):
        return None
    middle = _side_end(stop, 1)
    end = _side_end(stop, middle + 1)
    is_whole = stop.is_first_on_line(end) or stop.type_at(end) in ("RBRACE", "$END")
    if stop.type_at(middle) not in _SIGNS or end == middle + 1 or not is_whole:
        return None
    sides = [(1, middle), (middle + 1, end)]
    tensors = [_side(stop, begin) for begin, _ in sides if _is_tensor(stop, begin)]
    steps = [stop.source_text(*side) for side in sides if not _is_tensor(stop, side[0])]
    # `conv(3, 64)(x)`, `f(x)`: what a step is fed is not written.
    steps = [re.sub(r"\((?:x|here)\)$", "", step) for step in steps]
    if not steps:
        return None
    name, sign = str(stop.token(-1)), stop.token(middle)
    written, help = _of_steps(stop, steps, tensors, str(sign))
    if is_name and name != "out" and name in stop.tokens[stop.position + end :]:
        written += f" keep {name}"
    message, mend = "tensors are not assigned", (-1, end, written)
    return Finding(message, help=(help,), at=-1, over=end + 1, mend=mend, lost=(name,))


def _of_steps(
    stop: Stop, steps: Sequence[str], tensors: Sequence[str], sign: str
) -> tuple[str, str]:
    """How a sum or product of what steps make is written, and what is said of it."""
    comes_in = tensors in (["here"], ["in"])
    if comes_in and sign == "+":
        written = f"residual {{ {steps[0]} }}"
        return written, f"write `{written}`: it adds what comes in"
    if tensors and not comes_in:
        written = f"join {tensors[0]} {sign} here"
        return f"{steps[0]} {written}", f"write `{steps[0]}`, then `{written}`"
    one, two = (*steps, "identity")[:2]
    # Labels that nothing else has.
    known = {*stop.tokens}
    numbers = ("", *range(2, len(known) + 2))
    a, b = next((f"a{i}", f"b{i}") for i in numbers if not {f"a{i}", f"b{i}"} & known)
    written = f"fork {{ {a}: {one} {b}: {two} }} join {a} {sign} {b}"
    return written, f"write `{written}`"


def _side_end(stop: Stop, at: int) -> int:
    """Before which token a tensor or a step ends that begins at one; `at` if none does."""
    return at + 1 if _is_tensor(stop, at) else _call_end(stop, at)


def behind_x(stop: Stop) -> Finding | None:
    """`x = …`, `x += …`, where no unit stands that could be repeated"""
    if stop.type != "X" or not stop.is_at_step or stop.type_at(1) not in ("EQUAL", *_SIGNS):
        return None
    behind = replace(stop, position=stop.position + 1)
    situations = (
        assigned_step,
        assigned,
        augmented,
        other_languages.assigned_x,
        other_languages.augmented,
    )
    found = next((one for situation in situations if (one := situation(behind))), None)
    if found is None:
        return None
    mend = found.mend and (found.mend[0] + 1, found.mend[1] + 1, found.mend[2])
    return replace(found, at=found.at + 1, mend=mend)


def _call_end(stop: Stop, at: int) -> int:
    """Before which token a call of a unit ends that begins at one; `at` if none does."""
    if stop.type_at(at) != "NAME" or (stop.type_at(at + 1) != "LPAR" and not _is_unit(stop, at)):
        return at
    end, depth = at + 1, 0
    while stop.type_at(end) == "LPAR" or depth:
        depth += (stop.type_at(end) == "LPAR") - (stop.type_at(end) == "RPAR")
        end += 1
        if stop.type_at(end) == "$END":
            return at
    return end


def _call_begin(stop: Stop, at: int) -> int:
    """Where a call of a unit begins that ends at a token; 0 if none does."""
    end, depth = at, 0
    while stop.type_at(at) == "RPAR" or depth:
        depth += (stop.type_at(at) == "RPAR") - (stop.type_at(at) == "LPAR")
        at -= 1
        if stop.type_at(at) in ("LBRACE", "RBRACE", ""):
            return 0
    is_unit = stop.type_at(at) == "NAME" and (at < end or _is_unit(stop, at))
    return at if is_unit else 0


def _is_unit(stop: Stop, at: int) -> bool:
    return str(stop.token(at)) in _UNITS | library_layers.ACTIVATIONS


def assigned(stop: Stop) -> Finding | None:
    """`out = skip + here`"""
    is_name = "COLON" in stop.accepted and stop.type_at(-1) in WORDS
    if stop.type != "EQUAL" or not (is_name or stop.type_at(-1) == "X"):
        return None
    if not _is_tensor(stop, 1) or stop.type_at(2) not in _SIGNS:
        return None
    name = str(stop.token(-1))
    end, right = _operands(stop, 2)
    if not right or stop.type_at(end) in OPERATORS:
        help = "`keep a` names the current tensor, `join a + here` adds it to a later one"
        return Finding("tensors are not assigned", help=(help,), at=-1, lost=(name,))
    written = f"join {_side(stop, 1)} {right}"
    is_read = name in stop.tokens[stop.position + end :]
    if is_read and is_name and name != "out" and not _is_kept(stop, name):
        written += f" keep {name}"
    return replace(_written("tensors are not assigned", written, -1, end), lost=(name,))


def augmented(stop: Stop) -> Finding | None:
    """`skip += here`, `join skip += here`"""
    at = 0 if stop.type in _SIGNS else -1
    sign = stop.token(at)
    if stop.type_at(at) not in _SIGNS or stop.type_at(at + 1) != "EQUAL":
        return None
    is_join = stop.type_at(at - 2) == "JOIN"
    if not stop.touches_next(at) or not (is_join or _is_tensor(stop, at + 2)):
        return None
    name, other = _side(stop, at - 1), _side(stop, at + 2)
    # What comes in is named first, as everywhere.
    sides = (other, name) if other == "here" else (name, other)
    message, begin = "tensors are not assigned", at - 2 if is_join else at - 1
    if not _is_tensor(stop, at + 2):
        return _written(message, f"join {name} {sign} …", begin, at + 2, is_read_on=False)
    return _written(message, f"join {sides[0]} {sign} {sides[1]}", begin, at + 3)


def _operands(stop: Stop, at: int) -> tuple[int, str]:
    """The signs and names from a sign on: where they end, and their text."""
    parts: list[str] = []
    while stop.type_at(at) in _SIGNS and stop.type_at(at + 1) in _WORDS:
        parts += [str(stop.token(at)), _side(stop, at + 1)]
        at += 2
    return at, " ".join(parts)


def _side(stop: Stop, at: int) -> str:
    """The name of a tensor: `x` is the current one in a `forward`."""
    return "here" if stop.type_at(at) == "X" else str(stop.token(at))


def _is_operand(stop: Stop) -> bool:
    """Whether what stands before the sign is one of its sides, and no step before it."""
    if stop.type_at(-2) == "KEEP" or stop.type_at(-1) not in _WORDS:
        return False
    # No step is meant where what it makes is added to itself.
    return _is_tensor(stop, -1) or stop.token(1) == "here" or _is_label(stop, -1)


def _is_label(stop: Stop, at: int) -> bool:
    """Whether a step further up has this label, which is meant for its result."""
    word, tokens = stop.token(at), stop.tokens[: stop.position]
    return word not in _UNITS and any(a == word and b == ":" for a, b in pairwise(tokens))


def _is_tensor(stop: Stop, at: int) -> bool:
    """Whether a word is `here`, `in`, `x`, or kept further up."""
    word = stop.token(at)
    if stop.type_at(at) not in _WORDS or word in _UNITS:
        return False
    return word in ("here", "in", "x") or _is_kept(stop, str(word))


def _is_kept(stop: Stop, name: str) -> bool:
    tokens = stop.tokens[: stop.position]
    return any(a.type == "KEEP" and b == name for a, b in pairwise(tokens))
