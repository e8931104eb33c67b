"""Mistakes of words: definitions, names, steps. Each function is one situation (see errors.py)."""

from __future__ import annotations

from difflib import get_close_matches

from resdsl.diagnostics.codes import RESERVED
from resdsl.syntax.lalr import Token
from resdsl.syntax.stop import (
    CHOICE,
    HARD,
    LABELS_ONLY,
    OPERATORS,
    VALUES_TOO,
    WORDS,
    Finding,
    Stop,
    shown,
)

INSTEAD_OF_PYTHON = {
    "True": "write `true`",
    "False": "write `false`",
    "elif": "write `else if`",
    "while": "a repetition is `unit x 3` or `for i in range(3) { … }`",
    "def": "a definition is `block NAME(…) { … }`",
    "class": "a definition is `block NAME(…) { … }` or `network NAME(…) { … }`",
    "is": "write `==`",
    "as": "what is imported keeps its name",
    "return": "the last step's result is the result; `join` makes any kept tensor the current one",
    "lambda": "bind arguments instead, as in `bottleneck(cardinality=32)`",
}

_RESERVED_FOR = {
    "X": "it repeats a unit, as in `basic(64) x 3`",
    "EDITION": "it says the edition of the language",
    "VIA": "it gives a residual its shortcut",
}


# --- definitions and files ------------------------------------------------------------------------


def definition_inside(stop: Stop) -> Finding | None:
    at: int | None = None
    if stop.type in ("BLOCK", "SHORTCUT", "NETWORK") and stop.opener and stop.type_at(1) == "NAME":
        at = 0
    elif stop.type == "COLON" and "EQUAL" in stop.accepted and str(stop.opener) == "(":
        if stop.innermost is not None and stop.type_before_opener(2) in ("BLOCK", "SHORTCUT"):
            at = stop.innermost - 2 - stop.position
    elif stop.type == "NAME" and stop.type_at(-1) == "NETWORK" and "NAME" not in stop.accepted:
        at = -1
    elif stop.type in ("FROM", "IMPORT") and stop.is_at_step and stop.type_at(1) != "COLON":
        return Finding(
            "an import cannot stand inside a body",
            help=("imports stand at the top of the file; is a `}` missing above?",),
        )
    if at is None:
        return None
    return Finding(
        "a definition cannot stand inside a body",
        help=("definitions stand at the top of the file; is a `}` missing above?",),
        at=at,
    )


def not_an_item(stop: Stop) -> Finding | None:
    if not stop.is_at_item or stop.opener:
        return None
    if stop.type == "EDITION":
        return Finding("`edition` is the first word of a file")
    if stop.type == "IMPORT":
        help = 'write `from std.stem import NAME` or `from "file.res" import NAME`'
        return Finding("an import begins with `from`", help=(help,))
    if stop.type == "COMMA":
        return Finding("definitions are not separated by commas")
    if stop.type == "$END" or stop.type in OPERATORS or stop.type in ("EQUAL", "COLON"):
        return None
    close = get_close_matches(stop.text, ("network", "block", "shortcut", "from", "let"), 1)
    at_body = "steps stand in the braces of a `network`, `block` or `shortcut`"
    return Finding(
        f"expected a definition, found {shown(stop)}",
        help=(f"did you mean `{close[0]}`?" if close else at_body,),
    )


def count_first(stop: Stop) -> Finding | None:
    """`3 x basic(16)`, which is lexed as a number, or with the unit's name as a size."""
    if not stop.is_at_step or stop.type != "NUMBER" or stop.type_at(1) != "X":
        return None
    unit = stop.token(2) or "unit"
    return Finding("a count stands behind its unit", help=(f"write `{unit} x {stop.text}`",))


def amendment(stop: Stop) -> Finding | None:
    if not {"SET", "EXPECT"} <= stop.accepted or "LET" in stop.accepted or stop.type == "$END":
        return None
    return Finding(
        f"only `set` and `expect` can amend a network, found {shown(stop)}",
        help=("write a `network` or a `block` of its own for other steps",),
    )


# --- names ----------------------------------------------------------------------------------------


def keyword_as_label(stop: Stop) -> Finding | None:
    """Those that may stand where a label could, and `x` after a unit or an extent."""
    if stop.type == "COLON" and stop.type_at(-1) in ("IF", "FOR", "X"):
        return _reserved(stop.token(-1), -1)
    return None


def reserved_name(stop: Stop) -> Finding | None:
    if stop.type not in HARD or "NAME" not in stop.accepted:
        return None
    if stop.is_at_step and stop.type_at(1) not in ("COLON", "LSQB", "EQUAL"):
        return None
    if stop.is_at_operand and stop.type in ("IF", "ELSE", "FOR", "AND", "OR"):
        return None
    return _reserved(stop.token(0), 0)


def _reserved(token: Token | None, at: int) -> Finding:
    reason = _RESERVED_FOR.get(token.type if token else "", "it is a keyword")
    return Finding(f"`{token}` is reserved: {reason}", "not a name", code=RESERVED, at=at)


def soft_keyword(stop: Stop) -> Finding | None:
    if "NAME" not in stop.accepted or stop.is_at_step or stop.is_at_item:
        return None
    if stop.type in LABELS_ONLY:
        what = "a label, an argument or a field"
    elif stop.type in VALUES_TOO:
        what = "a label, an argument, a field, a parameter or a value"
    else:
        return None
    return Finding(f"`{stop.text}` cannot be a name here", f"it can name {what}", code=RESERVED)


def hyphen(stop: Stop) -> Finding | None:
    between = stop.touches_next(-1) and stop.touches_next(0) and stop.type_at(-1) in WORDS
    if stop.type != "MINUS" or not between or stop.type_at(1) not in WORDS | {"NUMBER", "SIZE"}:
        return None
    before, after = stop.token(-1), stop.token(1)
    return Finding("a name has no `-` in it", help=(f"write `{before}_{after}`",))


# --- steps ----------------------------------------------------------------------------------------


def repeat(stop: Stop) -> Finding | None:
    """`basic(64) * 3`, `basic(64) 3`, `basic(64) X 3`."""
    if stop.type == "NUMBER" and str(stop.token(-1)) == "X":
        return Finding("a unit is repeated with a small `x`", help=("write `x`",), at=-1)
    if "X" not in stop.accepted or "STAR" in stop.accepted or stop.is_after_input:
        return None
    if stop.type == "STAR" and stop.type_at(1) != "STAR":
        return Finding("a unit is repeated with `x`", help=(f"write `x {stop.token(1) or 3}`",))
    if stop.type == "NUMBER" and not stop.is_first_on_line(0):
        help = f"write `x {stop.text}` to repeat the unit"
        return Finding(f"expected a step, found {shown(stop)}", help=(help,))
    return None


def stage(stop: Stop) -> Finding | None:
    """The tokens since `stage` hold no `:` yet."""
    if "COLON" not in stop.accepted or stop.is_at_step:
        return None
    inside = -1 if stop.innermost is None else stop.innermost
    for index in range(stop.position - 1, max(inside, stop.position - 50), -1):
        kind = stop.tokens[index].type
        if kind in ("COLON", "LBRACE", "RBRACE"):
            return None
        if kind == "STAGE":
            return Finding(
                f"a `stage` needs a `:` before its unit, found {shown(stop)}",
                help=("write `stage NAME: unit x 3` or `stage NAME /2: unit x 3`",),
            )
    return None


def _in_fork(stop: Stop) -> bool:
    return str(stop.opener) == "{" and stop.type_before_opener(1) == "FORK"


def fork(stop: Stop) -> Finding | None:
    if stop.accepted == {"JOIN"}:
        help = "write `fork { a: … b: … } join a + b`"
        return Finding(
            f"a `fork` needs a `join` after its branches, found {shown(stop)}", help=(help,)
        )
    if not _in_fork(stop):
        return None
    if stop.type == "RBRACE" and stop.type_at(-1) == "LBRACE":
        return Finding("a `fork` needs at least one branch", others=stop.label_of_opener())
    lacks_colon = stop.accepted <= {"COLON", "LSQB"}
    if lacks_colon or stop.type in ("LBRACE", "IF", "FOR"):
        return Finding(
            "every branch of a `fork` begins with a label",
            help=("write `NAME: unit`, with braces around several steps",),
            at=-1 if lacks_colon else 0,
        )
    return None


def string_label(stop: Stop) -> Finding | None:
    if stop.type_at(-1) == "STRING" and stop.accepted == {"COLON"}:
        return Finding("a string is a label here and needs a `:`", at=-1)
    return None


def stray_keyword(stop: Stop) -> Finding | None:
    if stop.type == "ELSE" and "LBRACE" in stop.accepted and not stop.is_at_step:
        return Finding("`if` begins a step, not an expression", help=(CHOICE,))
    if not stop.is_at_step:
        return None
    if stop.type == "ELSE":
        return Finding("this `else` has no `if` before it")
    if stop.type == "VIA":
        return Finding("this `via` has no `residual { … }` before it")
    if stop.type == "X":
        return Finding(
            "this `x` has no unit to repeat", help=("write `unit x 3`; a unit has one count",)
        )
    if stop.type == "IN":
        help = "write `join in` to go on from the tensor that entered"
        return Finding("`in` is a tensor, not a step", help=(help,))
    return None
