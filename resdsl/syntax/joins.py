"""Sums and products of tensors without a `join`. Each function is one situation (see errors.py).

`skip + here` is read as the step `skip` and a sign too many: both sides are looked at.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from resdsl.syntax.stop import WORDS, Finding, Stop

_SIGNS = ("PLUS", "STAR")
_WORDS = WORDS | {"IN", "X"}
# Units that a step of its own often names, whatever is labelled so.
_UNITS = frozenset({"norm", "act"})


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
    if stop.type != "STAR" or not stop.is_at_step or not _is_tensor(stop, 1):
        return None
    return _joined(stop, "a product of tensors is a `join`")


def _joined(stop: Stop, message: str) -> Finding:
    begin = -1 if _is_operand(stop) else 0
    end, right = _operands(stop, 0)
    if begin == 0 and right == f"{stop.text} here":
        help = "write `residual { … }` around the steps to whose result their input is added"
        return Finding(message, help=(help,))
    written = f"join {_side(stop, -1) if begin else 'here'} {right or f'{stop.text} skip'}"
    is_whole = bool(right) and stop.type_at(begin - 1) != "COLON"
    return _written(message, written, begin, max(end, 1), is_read_on=is_whole)


def _written(
    message: str, written: str, begin: int, end: int, *, is_read_on: bool = True
) -> Finding:
    """What to write for the tokens from .. to before .., counted from the stop."""
    mend = (begin, end, written) if is_read_on else None
    help = (f"write `{written}`",)
    return Finding(message, help=help, at=begin, over=end - begin, mend=mend)


def assigned(stop: Stop) -> Finding | None:
    """`out = skip + here`"""
    is_name = "COLON" in stop.accepted and stop.type_at(-1) in WORDS
    if stop.type != "EQUAL" or not (is_name or stop.type_at(-1) == "X"):
        return None
    if not _is_tensor(stop, 1) or stop.type_at(2) not in _SIGNS:
        return None
    name = str(stop.token(-1))
    end, right = _operands(stop, 2)
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
