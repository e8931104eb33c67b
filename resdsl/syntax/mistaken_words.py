"""Mistakes of words: definitions, names, steps. Each function is one situation."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import pairwise

from resdsl.diagnostics.codes import RESERVED
from resdsl.syntax.lalr import Token
from resdsl.syntax.stop import (
    CHOICE,
    HARD,
    LABELS_ONLY,
    NO_FREE_SIZE,
    OPERANDS,
    OPERATORS,
    VALUES_TOO,
    WORDS,
    Finding,
    Stop,
    is_expected,
    shown,
)

_RESERVED_FOR = {
    "X": "it repeats a unit, as in `basic(64) x 3`",
    "EDITION": "it says the edition of the language",
    "VIA": "it gives a residual its shortcut",
}
_BINDERS = frozenset("KEEP LET STAGE NETWORK BLOCK SHORTCUT FOR".split())


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
    if stop.type == "IMPORT" or stop.text in ("use", "using", "include", "require"):
        help = 'write `from std.stem import NAME` or `from "file.res" import NAME`'
        return Finding("an import begins with `from`", help=(help,))
    if stop.type == "COMMA":
        return Finding("definitions are not separated by commas", mend=(0, 1, ""))
    if stop.type == "NAME" and stop.type_at(1) in ("EQUAL", "COLON"):
        help = f"write `let {stop.text} = …`"
        mend = (0, 2, f"let {stop.text} =")
        return Finding("a value is bound with `let`", help=(help,), mend=mend)
    if stop.type == "$END" or stop.type in OPERATORS or stop.type in ("EQUAL", "COLON"):
        return None
    if stop.type_at(-1) == "RBRACE" and stop.type in ("VIA", "JOIN", "ELSE", "X"):
        help = f"is a `}}` too many before this `{stop.text}`?"
        return Finding(f"expected a definition, found {shown(stop)}", help=(help,))
    close = get_close_matches(stop.text, ("network", "block", "shortcut", "from", "let"), 1)
    at_body = "steps stand in the braces of a `network`, `block` or `shortcut`"
    return Finding(
        f"expected a definition, found {shown(stop)}",
        help=(f"did you mean `{close[0]}`?" if close else at_body,),
    )


def count_first(stop: Stop) -> Finding | None:
    """`3 x basic(16)`, which is lexed as a number, or with the unit's name as a size; `3 * …`."""
    if not stop.is_at_step or stop.type != "NUMBER" or stop.type_at(1) not in ("X", "STAR"):
        return None
    help = f"write `{unit_text(stop, 2)} x {stop.text}`"
    return Finding("a count stands behind its unit", help=(help,), over=_last(stop, 2) + 1)


def _last(stop: Stop, first: int) -> int:
    """The last token of a call."""
    last, depth = first, 0
    while stop.type_at(last + 1) == "LPAR" or depth:
        last += 1
        depth += (stop.type_at(last) == "LPAR") - (stop.type_at(last) == "RPAR")
        if not stop.token(last):
            break
    return last


def unit_text(stop: Stop, at: int) -> str:
    """The text of a call."""
    first, end = stop.token(at), stop.token(_last(stop, at))
    if first is None or end is None:
        return "unit"
    return "{ … }" if first == "{" else stop.source.text[first.start_pos : end.end_pos]


def amendment(stop: Stop) -> Finding | None:
    if not {"SET", "EXPECT"} <= stop.accepted or "LET" in stop.accepted or stop.type == "$END":
        return None
    return Finding(
        f"only `set`, `expect` and `output` can amend a network, found {shown(stop)}",
        help=("write a `network` or a `block` of its own for other steps",),
    )


def import_of_all(stop: Stop) -> Finding | None:
    if stop.type != "STAR" or stop.type_at(-1) != "IMPORT":
        return None
    return Finding("names are imported one by one", help=("write them: `import a, b`",))


# --- names ----------------------------------------------------------------------------------------


def keyword_as_label(stop: Stop) -> Finding | None:
    """Those that may stand where a label could, and `x` after a unit or an extent."""
    if stop.type == "COLON" and stop.type_at(-1) in ("IF", "FOR", "X"):
        return _reserved(stop.token(-1), -1, (_another(stop.token(-1)),))
    return None


def reserved_name(stop: Stop) -> Finding | None:
    if stop.type not in HARD or "NAME" not in stop.accepted:
        return None
    if stop.is_at_step and stop.type_at(1) not in ("COLON", "LSQB", "EQUAL"):
        return None
    if stop.is_at_operand and stop.type in ("IF", "ELSE", "FOR", "AND", "OR"):
        return None
    # An argument's name is its callee's to choose.
    is_bound = stop.type_at(-1) in _BINDERS or stop.type_at(1) == "COLON"
    return _reserved(stop.token(0), 0, (_another(stop.token(0)),) if is_bound else ())


def _another(token: Token | None) -> str:
    return f"another name: `{'y' if token == 'x' else f'{token}_'}`"


def _reserved(token: Token | None, at: int, help: tuple[str, ...]) -> Finding:
    reason = _RESERVED_FOR.get(token.type if token else "", "it is a keyword")
    return Finding(f"`{token}` is reserved: {reason}", "not a name", help, code=RESERVED, at=at)


def missing_value(stop: Stop) -> Finding | None:
    """`let width = 8 +` at the end of a line."""
    if not stop.is_at_operand or not stop.is_first_on_line(0) or stop.type == "NAME":
        return None
    before = stop.token(-1)
    if stop.type in OPERANDS - LABELS_ONLY or not before or before.isidentifier():
        return None
    return Finding(f"a value is missing behind this `{before}`", at=-1)


def soft_keyword(stop: Stop) -> Finding | None:
    if "NAME" not in stop.accepted or stop.is_at_step or stop.is_at_item:
        return None
    if stop.type in LABELS_ONLY:
        if (branch := _branch(stop)) is not None:
            message = f"a branch that is joined cannot be called `{stop.text}`"
            help = f"another name: `{stop.text}_`"
            return Finding(message, "no name that can be read", (help,), code=RESERVED, at=branch)
        what = "a label, an argument or a field"
    elif stop.type in VALUES_TOO:
        what = "a label, an argument, a field, a parameter or a value"
    else:
        return None
    return Finding(f"`{stop.text}` cannot be a name here", f"it can name {what}", code=RESERVED)


def _branch(stop: Stop) -> int | None:
    """Where the word that a join reads is the label of a branch, counted from the stop."""
    at = -1
    while stop.token(at) and not (stop.type_at(at) == "JOIN" and stop.type_at(at - 1) == "RBRACE"):
        at -= 1
    depth = 0
    while stop.token(at := at - 1):
        depth += (stop.type_at(at) == "RBRACE") - (stop.type_at(at) == "LBRACE")
        if not depth:
            return None
        is_label = depth == 1 and stop.type_at(at + 1) in ("COLON", "LSQB")
        if is_label and stop.token(at) == stop.text:
            return at
    return None


def hyphen(stop: Stop) -> Finding | None:
    between = stop.touches_next(-1) and stop.touches_next(0) and stop.type_at(-1) in WORDS
    if stop.type != "MINUS" or not between or stop.type_at(1) not in WORDS | {"NUMBER", "SIZE"}:
        return None
    name = f"{stop.token(-1)}_{stop.token(1)}"
    mend = (-1, 2, name) if name.isidentifier() else None
    return Finding("a name has no `-` in it", help=(f"write `{name}`",), mend=mend)


# --- steps ----------------------------------------------------------------------------------------


_FUNCTIONS = frozenset("range len abs floor ceil round sum".split())
_STEPS = {
    "repeat": "a unit is repeated with `x`: `{ … } x 3`",
    "loop": "a unit is repeated with `x`: `{ … } x 3`",
}


def repeat(stop: Stop) -> Finding | None:
    """`basic(64) * 3`, `basic(64) 3`, `basic(64) X 3`."""
    if stop.type == "NUMBER" and str(stop.token(-1)) == "X":
        message = "a unit is repeated with a small `x`"
        return Finding(message, help=("write `x`",), at=-1, mend=(-1, 0, "x"))
    if "X" not in stop.accepted or "STAR" in stop.accepted or stop.is_after_input:
        return None
    if stop.type == "POWER" and stop.type_at(1) in ("NUMBER", "NAME"):
        help = f"write `x {stop.operand(1)}`"
        return Finding("a unit is repeated with `x`", help=(help,), mend=(0, 1, "x"))
    if stop.type == "STAR" and stop.type_at(1) != "STAR":
        # A word of the language is no count: what belongs behind the unit is not known then.
        is_count = stop.type_at(1) in {"NUMBER", "NAME", *VALUES_TOO}
        help = f"write `x {stop.operand(1) if is_count else 3}`"
        return Finding("a unit is repeated with `x`", help=(help,), mend=(0, 1, "x"))
    if stop.type not in ("NUMBER", "SIZE") or stop.is_first_on_line(0):
        return None
    return _number_behind(stop)


def _number_behind(stop: Stop) -> Finding:
    """A number behind a unit: its count, or what should stand in brackets."""
    word = stop.token(-1)
    if word in ("times", "by"):
        message = "a unit is repeated with `x`"
        return Finding(message, help=("write `x`",), at=-1, mend=(-1, 0, "x"))
    if word and word in _STEPS:
        return Finding(f"`{word}` is no word of the language", help=(_STEPS[word],), at=-1)
    message = f"expected a step, found {shown(stop)}"
    if stop.type == "SIZE" or stop.type_at(1) in ("COMMA", "NUMBER", "SIZE"):
        if word and word.type == "NAME":
            help = f"write `{word}({stop.text}, …)`"
            return Finding("the arguments of a call stand in brackets", help=(help,))
        return Finding(message)
    help = f"write `x {stop.text}` to repeat the unit"
    mend = (0, 0, "x") if stop.type_at(-1) in ("RPAR", "RBRACE") else None
    return Finding(message, help=(help,), mend=mend)


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
            return _stage(stop)
    return None


def _stage(stop: Stop) -> Finding:
    # `stride=2`, in brackets or not.
    at = 1 if stop.type == "LPAR" else 0
    if stop.token(at) == "stride" and stop.type_at(at + 1) == "EQUAL":
        by, end = stop.token(at + 2), at + 3 + at
        help = f"write `/{by}`, without `stride=`"
        return Finding("a stage has its stride behind a `/`", help=(help,), mend=(0, end, f"/{by}"))
    if stop.type == "NUMBER" and stop.type_at(-1) == "STAGE":
        name = f"layer{stop.text}"
        help = f"write `stage {name}: …`"
        return Finding("the name of a stage begins with a letter", help=(help,), mend=(0, 1, name))
    return Finding(
        f"a `stage` needs a `:` before its unit, found {shown(stop)}",
        help=("write `stage NAME: unit x 3` or `stage NAME /2: unit x 3`",),
        mend=(0, 0, ":"),
    )


def call_without_brackets(stop: Stop) -> Finding | None:
    """`for i in range 3 { … }`, `let n = len widths`"""
    if stop.token(-1) not in _FUNCTIONS or stop.type not in ("NUMBER", "NAME"):
        return None
    if "LPAR" not in stop.accepted or stop.is_first_on_line(0):
        return None
    written = f"{stop.token(-1)}({stop.text})"
    message = "a function takes its arguments in brackets"
    return Finding(message, help=(f"write `{written}`",), at=-1, over=2, mend=(-1, 1, written))


def set_sign(stop: Stop) -> Finding | None:
    """`set norm groupnorm`, `let width 64`."""
    before = stop.type_at(-2)
    if "EQUAL" not in stop.accepted or before not in ("SET", "LET") or stop.type not in OPERANDS:
        return None
    if stop.is_first_on_line(0):
        return None
    help = f"write `{before.lower()} {stop.token(-1)} = {stop.text}`"
    return Finding(f"expected `=`, found {shown(stop)}", help=(help,), mend=(0, 0, "="))


def kept_in_brackets(stop: Stop) -> Finding | None:
    if stop.type_at(-1) != "KEEP" or stop.type != "LPAR":
        return None
    help = f"write `keep {stop.token(1)}`"
    is_name = stop.type_at(1) in WORDS and stop.type_at(2) == "RPAR"
    mend = (0, 3, str(stop.token(1))) if is_name else None
    return Finding("`keep` takes a name without brackets", help=(help,), mend=mend)


def body_without_braces(stop: Stop) -> Finding | None:
    """`if a == 3 conv(3, 8) else act`"""
    if "LBRACE" not in stop.accepted or stop.is_at_step or stop.type not in WORDS:
        return None
    at = -1
    while stop.type_at(at) not in ("IF", "FOR", "ELSE"):
        if not stop.token(at) or stop.is_first_on_line(at):
            return None
        at -= 1
    if stop.type_at(at) == "FOR" and not stop.is_first_on_line(at) and stop.is_first_on_line(0):
        message = "a unit is repeated with `x`"
        return Finding(message, help=("write `x 3`, without a loop",), at=at)
    call = f"{stop.text}(…)" if stop.type_at(1) == "LPAR" else stop.text
    return Finding("a body is written in braces", help=(f"write `{{ {call} }}`",))


def string_label(stop: Stop) -> Finding | None:
    if stop.type_at(-1) == "STRING" and stop.type_at(-2) == "VIA":
        name = str(stop.token(-1)).strip('"')
        help = (f"write `via {name}`",)
        mend = (-1, 0, name) if name.isidentifier() else None
        return Finding("a shortcut stands without quotes", help=help, at=-1, mend=mend)
    if stop.type_at(-1) == "STRING" and stop.accepted <= {"COLON", "LSQB"}:
        return Finding("a string is a label here and needs a `:`", at=-1)
    return None


_NO_RESIDUAL = "`residual:` is a label: write `residual { … }` around its steps"


def _is_labelled(stop: Stop, kind: str) -> bool:
    """Whether a keyword is a label in what is open here."""
    first = (stop.innermost or 0) + 1
    return any(a.type == kind and b == ":" for a, b in pairwise(stop.tokens[first : stop.position]))


def stray_keyword(stop: Stop) -> Finding | None:
    if stop.type == "ELSE" and "LBRACE" in stop.accepted and not stop.is_at_step:
        return Finding("`if` begins a step, not an expression", help=(CHOICE,))
    if not stop.is_at_step:
        return None
    if stop.type == "ELSE":
        return Finding("this `else` has no `if` before it")
    if stop.type == "VIA" and stop.type_at(-2) == "X" and stop.type_at(-3) == "RBRACE":
        message = "the shortcut of a residual stands before the count"
        help = f"write `residual {{ … }} via {unit_text(stop, 1)} x {stop.token(-1)}`"
        return Finding(message, help=(help,))
    if stop.type == "VIA":
        message = "this `via` has no `residual { … }` before it"
        return Finding(message, help=(_NO_RESIDUAL,) * _is_labelled(stop, "RESIDUAL"))
    if stop.type == "X":
        token = stop.token(0)
        if token is not None and is_expected(stop.source, token.start_pos):
            return Finding("`expect` compares numbers and sizes of numbers", help=(NO_FREE_SIZE,))
        return Finding(
            "this `x` has no unit to repeat", help=("write `unit x 3`; a unit has one count",)
        )
    if stop.type == "IN":
        help = "write `join in` to go on from the tensor that entered"
        return Finding("`in` is a tensor, not a step", help=(help,))
    return None
