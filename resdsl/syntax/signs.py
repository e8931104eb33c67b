"""Mistakes of punctuation: brackets and signs. Each function is one situation (see errors.py)."""

from __future__ import annotations

from resdsl.syntax.stop import CHOICE, CLOSERS, OPERANDS, WORDS, Finding, Stop, shown

_INPUT = "write `input 3 x 224 x 224`"


def never_closed(stop: Stop) -> Finding | None:
    if stop.type != "$END" or not stop.opener:
        return None
    return Finding(
        f"this `{stop.opener}` is never closed",
        f"the text ends without its `{CLOSERS[str(stop.opener)]}`",
        others=stop.label_of_opener(),
    )


def wrong_closer(stop: Stop) -> Finding | None:
    if stop.text not in CLOSERS.values():
        return None
    opened = [str(token) for token in stop.open]
    if stop.text not in [CLOSERS[opener] for opener in opened]:
        return Finding(f"this `{stop.text}` closes nothing")
    if stop.text == CLOSERS[opened[-1]]:
        return None
    return Finding(
        f"a `{CLOSERS[opened[-1]]}` is missing before this `{stop.text}`",
        others=stop.label_of_opener("never closed"),
    )


def open_on_earlier_line(stop: Stop) -> Finding | None:
    """A `)` forgotten at the end of a line is noticed on the next."""
    opener = stop.opener
    if not opener or str(opener) == "{":
        return None
    at = 0 if stop.is_first_on_line(0) else -1
    first = stop.token(at)
    if not first or not stop.is_first_on_line(at) or not stop.is_on_later_line(first, opener):
        return None
    goes_on = stop.type_at(at + 1) in ("EQUAL", "COMMA", "RPAR", "RSQB")
    if first.type not in WORDS | {"IF", "FOR"} or goes_on:
        return None
    return Finding(
        f"a `{CLOSERS[str(opener)]}` is missing before `{first}`",
        others=stop.label_of_opener("never closed"),
        at=at,
    )


def arrow(stop: Stop) -> Finding | None:
    signs = stop.text + str(stop.token(1) or "")
    if signs not in ("->", "=>", ">>", ">>=") or not stop.touches_next(0):
        return None
    return Finding("steps follow each other without an arrow", f"leave out the `{signs}`")


def comment(stop: Stop) -> Finding | None:
    if stop.type == "FLOOR" or (stop.text + str(stop.token(1) or "") in ("/*", "/**")):
        return Finding("a comment begins with `#`", help=(f"write `#` instead of `{stop.text}`",))
    return None


def equals(stop: Stop) -> Finding | None:
    if stop.type != "EQUAL":
        return None
    if "COLON" in stop.accepted:
        name = stop.token(-1)
        if name in ("norm", "act"):
            return Finding(f"`{name}` is bound with `set`", help=(f"write `set {name} = …`",))
        help = f"write `{name}: …` for a step, `let {name} = …` for a value"
        is_step = stop.type_at(1) in ("LBRACE", "RESIDUAL", "FORK") or (
            stop.type_at(1) == "NAME" and stop.type_at(2) == "LPAR"
        )
        instead = ":" if is_step else None
        return Finding("a label is followed by `:`, not by `=`", help=(help,), instead=instead)
    if "COMPARE" in stop.accepted:
        return Finding("`=` does not compare", help=("write `==`",), instead="==")
    return None


def stride(stop: Stop) -> Finding | None:
    if stop.type != "SLASH" or stop.type_at(1) not in ("NUMBER", "SIZE"):
        return None
    by = stop.token(1)
    help = f"`stage layer2 /{by}: …` is the stride of a stage, `stride={by}` of a call"
    return Finding("a `/` stands behind the name of a stage", help=(help,))


def compares(stop: Stop) -> Finding | None:
    if stop.text == "==" and "EQUAL" in stop.accepted:
        return Finding("`==` compares; a value is given with `=`", help=("write `=`",), instead="=")
    return None


def colon(stop: Stop) -> Finding | None:
    if stop.type != "COLON":
        return None
    if "EQUAL" in stop.accepted and stop.type_at(-2) in ("LET", "SET"):
        help = f"write `{stop.token(-2)} {stop.token(-1)} = …`"
        return Finding("a value is given with `=`, not with `:`", help=(help,), instead=" =")
    if "EQUAL" in stop.accepted and stop.opener:
        help = f"write `{stop.token(-1)}=…`"
        return Finding("an argument is given with `=`, not with `:`", help=(help,), instead="=")
    if "LBRACE" in stop.accepted:
        return Finding("a body is written in braces", help=("write `{ … }` instead of `:`",))
    if stop.is_at_step:
        return Finding("only a name or a string can be a label", help=("write `NAME: unit`",))
    return None


def comma(stop: Stop) -> Finding | None:
    if stop.type != "COMMA":
        return None
    if stop.opener == "{" and stop.type_before_opener(1) == "FORK":
        return Finding("branches are not separated by commas", instead="")
    if not stop.is_at_step:
        return None
    if stop.is_after_input:
        return Finding("the extents of an input are separated by `x`", help=(_INPUT,))
    return Finding("steps are not separated by commas", instead="")


def listed_input(stop: Stop) -> Finding | None:
    if stop.opener and stop.type_before_opener(1) == "INPUT" and stop.type == "COMMA":
        return Finding("the extents of an input are separated by `x`", help=(_INPUT,))
    return None


def missing_comma(stop: Stop) -> Finding | None:
    if "COMMA" not in stop.accepted or not stop.opener or stop.is_at_operand:
        return None
    if stop.type in ("IF", "ELSE"):
        return Finding("`if` begins a step, not an expression", help=(CHOICE,))
    if stop.type == "FOR":
        help = "write the list, or `for i in range(3) { … }` around steps"
        return Finding("a list is written out, without `for`", help=(help,))
    if stop.type not in OPERANDS:
        return None
    if "COLON" in stop.accepted:
        help = "a parameter is written `NAME: TYPE`"
        return Finding(f"a `,` or `:` is missing before {shown(stop)}", help=(help,))
    return Finding(f"a comma is missing before {shown(stop)}")


def leading_point(stop: Stop) -> Finding | None:
    if stop.type == "DOT" and stop.type_at(1) == "NUMBER" and stop.touches_next(0):
        help = f"write `0.{stop.token(1)}`"
        return Finding("a number does not begin with a point", help=(help,))
    return None
