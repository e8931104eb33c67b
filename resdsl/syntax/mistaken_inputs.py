"""Mistakes of an `input`: its extents, and the signs between. Each function is one situation."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.syntax.stop import WORDS, Finding, Stop

_EXTENTS = ("NUMBER", "SIZE", "COMMA", "STAR", "X", "LPAR", "LSQB", "RPAR", "RSQB")
# What is written between them for an `x`.
_BETWEEN = ("by", "times", "X")
INPUT = "write `input 3 x 224 x 224`"
SEPARATED = "the extents of an input are separated by `x`"
# Channels of a picture, and the least extent of one.
_COLOURS, PICTURE = (1, 3, 4), 16


def channels_first(dims: Sequence[int | str]) -> list[int | str] | None:
    """The dimensions of an input as they are meant, where its channels stand last: `224 x 224 x 3`.

    None where they stand first, as far as one can tell.
    """
    first, last = dims[0], dims[-1]
    if len(dims) < 3 or last not in _COLOURS or not isinstance(first, int) or first < PICTURE:
        return None
    if last != 3 and len(set(dims[:-1])) > 1:
        return None
    return [last, *dims[:-1]]


def ordered(numbers: Sequence[str]) -> str:
    """Numbers as those of an input, in the order that is meant."""
    dims = [int(one) if one.isdecimal() else one for one in numbers]
    return " x ".join(map(str, (dims and channels_first(dims)) or numbers))


def listed(stop: Stop, sign: str) -> tuple[int, int, str] | None:
    """The numbers of an input with a sign between, as they are to be written."""
    begin = 0
    while stop.type_at(begin - 1) in ("NUMBER", "SIZE", "NAME", "X"):
        begin -= 1
    numbers, at, is_due = _numbers(stop, begin, 0), 0, True
    while is_due:
        at += stop.type_at(at) == sign
        is_due = _is_dimension(stop, at) and not stop.is_first_on_line(at)
        if is_due:
            numbers += _numbers(stop, at, at + 1)
            at += 1
    return (begin, at, ordered(numbers)) if at and stop.type_at(begin - 1) == "INPUT" else None


def _is_dimension(stop: Stop, at: int) -> bool:
    """A number, or the letter of a free extent."""
    word = stop.token(at)
    is_letter = bool(word) and len(str(word)) == 1 and str(word).isupper()
    return stop.type_at(at) in ("NUMBER", "SIZE") or is_letter


def whole(stop: Stop, at: int) -> tuple[int, str] | None:
    """Where the dimensions end that a line has from a token on, and how they are to be written.

    None where something else stands on the line.
    """
    end = at
    while stop.type_at(end) in _EXTENTS and not (end > at and stop.is_first_on_line(end)):
        end += 1
    numbers = _numbers(stop, at, end)
    is_all = stop.is_first_on_line(end) or stop.type_at(end) in ("RBRACE", "$END")
    return (end, f"input {ordered(numbers)}") if numbers and is_all else None


def _numbers(stop: Stop, begin: int, end: int) -> list[str]:
    """The extents in the tokens from .. to before .., counted from the stop."""
    tokens = stop.tokens[stop.position + begin : stop.position + end]
    texts = [str(token) for token in tokens if token.type in ("NUMBER", "SIZE", "NAME")]
    return [one for text in texts for one in text.replace("×", "x").replace(" ", "").split("x")]


def multiplied_input(stop: Stop) -> Finding | None:
    """`input 3 * 32 * 32`, `input 3 32 32`"""
    if not stop.is_after_input or stop.is_first_on_line(0) or stop.type_at(-1) == "X":
        return None
    if stop.type not in ("STAR", "NUMBER", "SIZE"):
        return None
    message, mend = SEPARATED, listed(stop, stop.type if stop.type == "STAR" else "")
    return Finding(message, help=(written(stop, 0),), mend=mend)


def spoken_input(stop: Stop) -> Finding | None:
    """`input 3 by 32 by 32`, whose first `by` was read as a step"""
    if stop.type not in ("NUMBER", "SIZE") or stop.token(-1) not in _BETWEEN:
        return None
    begin, end = -1, 1
    while stop.type_at(begin - 1) in ("NUMBER", "SIZE") or stop.token(begin - 1) in _BETWEEN:
        begin -= 1
    while stop.token(end) in _BETWEEN and _is_dimension(stop, end + 1):
        end += 2
    if stop.type_at(begin - 1) != "INPUT":
        return None
    places = [at for at in range(begin, end) if stop.token(at) not in _BETWEEN]
    right = ordered([one for at in places for one in _numbers(stop, at, at + 1)])
    help = (f"write `input {right}`",)
    mend = (begin, end, right)
    return Finding(SEPARATED, help=help, at=begin - 1, over=end - begin + 1, mend=mend)


def named_input(stop: Stop) -> Finding | None:
    """`input shape=(3, 224, 224)`"""
    if stop.type != "EQUAL" or stop.type_at(-2) != "INPUT" or stop.type_at(-1) not in WORDS:
        return None
    end = 1
    while stop.type_at(end) in (*_EXTENTS, "EQUAL") or stop.type_at(end + 1) == "EQUAL":
        if stop.is_first_on_line(end):
            break
        end += 1
    values = [at for at in range(1, end) if stop.type_at(at + 1) != "EQUAL"]
    numbers = [one for at in values for one in _numbers(stop, at, at + 1)]
    help, mend = INPUT, None
    if len(numbers) > 1 and stop.is_first_on_line(end):
        mend = (-1, end, ordered(numbers))
        help = f"write `input {mend[2]}`"
    message = "the dimensions of an input have no names: channels, then extents"
    return Finding(message, help=(help,), at=-1, over=2, mend=mend)


def labelled_input(stop: Stop) -> Finding | None:
    """`input: 3 x 32 x 32`"""
    if stop.type_at(-1) != "COLON" or stop.type_at(-2) != "INPUT":
        return None
    if stop.type not in ("NUMBER", "SIZE", "LSQB", "LPAR"):
        return None
    message, meant = "an input stands without a colon", whole(stop, 0)
    mend = (-2, *meant) if meant is not None else (-2, 0, "input")
    return Finding(message, help=(written(stop, 0),), at=-1, mend=mend)


def written(stop: Stop, at: int) -> str:
    """How the numbers around a place are to be written as those of an input."""
    while stop.type_at(at - 1) in _EXTENTS:
        at -= 1
    numbers: list[str] = []
    while stop.type_at(at) in _EXTENTS or _is_dimension(stop, at):
        if numbers and stop.is_first_on_line(at):
            break
        numbers += _numbers(stop, at, at + 1)
        at += 1
    return f"write `input {ordered(numbers)}`" if len(numbers) > 1 else INPUT


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
    text = f"input {ordered(numbers)}"
    help = (f"write `{text}`",)
    return Finding(SEPARATED, help=help, mend=(begin - 1, end, text))


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
