"""Mistakes of an `input`: its extents, and the signs between. Each function is one situation (see
errors.py)."""

from __future__ import annotations

from resdsl.syntax.stop import Finding, Stop

_EXTENTS = ("NUMBER", "SIZE", "COMMA", "STAR", "X", "LPAR", "LSQB", "RPAR", "RSQB")
INPUT = "write `input 3 x 224 x 224`"


def listed(stop: Stop, begin: int, sign: str) -> tuple[int, int, str] | None:
    """The numbers of an input from a sign on, as they are to be written."""
    numbers, at = [], begin
    while stop.type_at(at) == sign and stop.type_at(at + 1) == "NUMBER":
        numbers.append(f"x {stop.token(at + 1)}")
        at += 2
    if stop.type_at(at) == sign == "COMMA":
        at += 1
    return (begin, at, " ".join(numbers)) if at > begin else None


def multiplied_input(stop: Stop) -> Finding | None:
    """`input 3 * 32 * 32`"""
    if stop.type != "STAR" or not stop.is_after_input:
        return None
    message, mend = "the extents of an input are separated by `x`", listed(stop, 0, "STAR")
    return Finding(message, help=(written(stop, 0),), mend=mend)


def labelled_input(stop: Stop) -> Finding | None:
    """`input: 3 x 32 x 32`"""
    if stop.type_at(-1) != "COLON" or stop.type_at(-2) != "INPUT":
        return None
    if stop.type not in ("NUMBER", "SIZE", "LSQB", "LPAR"):
        return None
    message, mend = "an input stands without a colon", (-2, 0, "input")
    return Finding(message, help=(written(stop, 0),), at=-1, mend=mend)


def written(stop: Stop, at: int) -> str:
    """How the numbers around a place are to be written as those of an input."""
    while stop.type_at(at - 1) in _EXTENTS:
        at -= 1
    numbers: list[str] = []
    while stop.type_at(at) in _EXTENTS and not (numbers and stop.is_first_on_line(at)):
        if stop.type_at(at) in ("NUMBER", "SIZE"):
            numbers += str(stop.token(at)).replace("×", "x").replace(" ", "").split("x")
        at += 1
    return f"write `input {' x '.join(numbers)}`" if len(numbers) > 1 else INPUT


def listed_input(stop: Stop) -> Finding | None:
    """`input [3, 32, 32]`, `input ((3, 32, 32))`"""
    if stop.type != "COMMA" or not stop.opener or stop.innermost is None:
        return None
    begin = stop.innermost - stop.position
    while stop.type_at(begin - 1) in ("LPAR", "LSQB"):
        begin -= 1
    if stop.type_at(begin - 1) != "INPUT":
        return None
    end, numbers = begin, []
    while (token := stop.token(end)) is not None:
        if token.type == "NUMBER":
            numbers.append(str(token))
        elif token.type not in ("LPAR", "LSQB", "COMMA", "RPAR", "RSQB"):
            break
        end += 1
    text = f"input {' x '.join(numbers)}"
    help = (f"write `{text}`",)
    message = "the extents of an input are separated by `x`"
    return Finding(message, help=help, mend=(begin - 1, end, text))


def free_extent(stop: Stop) -> Finding | None:
    """`input 3 x -1 x *`"""
    if stop.type not in ("MINUS", "STAR") or stop.type_at(-1) != "X" or not stop.is_after_input:
        return None
    line = stop.source.text[: stop.tokens[stop.position].start_pos].rpartition("input")[2]
    letter = "HWD"[min(line.count("x"), 3) - 1]
    end = 2 if stop.type == "MINUS" and stop.type_at(1) == "NUMBER" else 1
    help = "write `input 3 x H x W`"
    message = "a free extent is one capital letter"
    return Finding(message, help=(help,), mend=(0, end, letter))
