"""Mistakes of punctuation: brackets and signs. Each function is one situation."""

from __future__ import annotations

from dataclasses import replace

from resdsl.diagnostics.diagnostic import Label
from resdsl.syntax import mistaken_inputs, mistaken_outputs
from resdsl.syntax.lalr import Token
from resdsl.syntax.stop import (
    CHOICE,
    CLOSERS,
    OPERANDS,
    WORDS,
    Finding,
    Stop,
    shown,
    span,
)

_TYPES = ("int", "float", "bool", "string", "size", "op", "list")


def never_closed(stop: Stop) -> Finding | None:
    if stop.type != "$END" or not stop.opener:
        return None
    opener = _set_in(stop) or stop.opener
    return Finding(
        f"this `{opener}` is never closed",
        f"the text ends without its `{CLOSERS[str(opener)]}`",
        others=(Label(span(stop.source, opener), "opened here"),),
    )


def _set_in(stop: Stop) -> Token | None:
    """The first brace whose `}` begins a line less far in than its own: it is another's."""
    opened: list[int] = []
    for index, token in enumerate(stop.tokens):
        at = index - stop.position
        if token == "{":
            opened.append(at)
        elif token == "}" and opened:
            begin = opened.pop()
            if stop.is_first_on_line(at) and stop.indent(at) < stop.indent(begin):
                return stop.token(begin)
    return None


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
    message = "steps follow each other without an arrow"
    return Finding(message, f"leave out the `{signs}`", over=2, mend=(0, 2, ""))


def comment(stop: Stop) -> Finding | None:
    # Behind a call a `/` begins a stride, and it is the next sign that is none.
    back = int(stop.type_at(-1) == "SLASH" and stop.text in ("*", "**") and stop.touches_next(-1))
    stop = replace(stop, position=stop.position - back)
    signs = stop.text + str(stop.token(1) or "")
    foreign = stop.type == "FLOOR" or signs in ("/*", "/**")
    if stop.is_at_step or stop.is_at_item:
        foreign |= stop.type == "PERCENT" or (signs == "--" and stop.touches_next(0))
    if not foreign:
        return None
    found = signs if signs in ("--", "/*", "/**") else stop.text
    help = f"write `#` instead of `{found}`"
    over = 1 if found == stop.text else 2
    message, (first, last, text) = "a comment begins with `#`", _to_end(stop, signs)
    mend = (first - back, last - back, text)
    return Finding(message, help=(help,), at=-back, over=over, mend=mend)


def _to_end(stop: Stop, signs: str) -> tuple[int, int, str]:
    """The tokens of a comment: to `*/`, else to the end of the line."""
    start, text, at = stop.token(0), stop.source.text, 0
    assert start is not None
    if signs.startswith("/*"):
        close = text.find("*/", start.end_pos) + 2
    else:
        close = text.find("\n", start.end_pos)
    while (token := stop.token(at)) is not None and (close < 2 or token.start_pos < close):
        at += 1
    return 0, at, ""


def equals(stop: Stop) -> Finding | None:
    if stop.type != "EQUAL":
        return None
    if stop.type_at(-1) == "INPUT":
        help, meant = mistaken_inputs.written(stop, 1), mistaken_inputs.whole(stop, 1)
        mend = (-1, *meant) if meant is not None else (-1, 1, "input")
        return Finding("an input stands without a sign", help=(help,), mend=mend)
    if "COLON" in stop.accepted:
        name = stop.token(-1)
        if stop.type_at(-2) == "VIA":
            right = f"via {name}: {stop.token(1)}"
            return Finding(
                "the label of a shortcut is followed by `:`, not by `=`",
                help=(f"write `{right}`",),
                at=-2,
                over=4,
                instead=right,
                mend=(0, 1, ":"),
            )
        if name in ("norm", "act"):
            help = f"write `set {name} = …`"
            return Finding(f"`{name}` is bound with `set`", help=(help,), mend=(-1, 0, "set"))
        help = f"write `{name}: …` for a step, `let {name} = …` for a value"
        if mistaken_outputs.is_item(stop, -1):
            message = "an output is named with `:`, not with `=`"
            return Finding(
                message, help=(f"write `output {name}: …`",), instead=":", mend=(0, 1, ":")
            )
        if stop.type_at(-1) != "NAME":
            help = f"`{name}` is a word of the language: a name stands behind it"
        is_step = stop.type_at(1) in ("LBRACE", "RESIDUAL", "FORK") or (
            stop.type_at(1) == "NAME" and stop.type_at(2) == "LPAR"
        )
        instead = ":" if is_step and not _is_called_again(stop) else None
        message = "a label is followed by `:`, not by `=`"
        is_mended = instead is not None and stop.type_at(-1) == "NAME"
        colon = (0, 1, ":") if is_mended else None
        return Finding(message, help=(help,), instead=instead, mend=colon)
    if "COMPARE" in stop.accepted:
        message = "`=` does not compare"
        return Finding(message, help=("write `==`",), instead="==", mend=(0, 1, "=="))
    if stop.type_at(-1) == "VIA":
        help = "write `via projection`"
        message = "a shortcut stands directly behind `via`"
        return Finding(message, help=(help,), instead="", mend=(0, 1, ""))
    if stop.type_at(-2) == "KEEP":
        help = f"write `keep {stop.token(-1)}` behind the step that makes it"
        return Finding("`keep` names the current tensor", help=(help,))
    return None


def _is_called_again(stop: Stop) -> bool:
    """`y = conv(3, 64)(x)`"""
    at = 1
    while (token := stop.token(at)) and not stop.is_first_on_line(at):
        if token == ")" and stop.type_at(at + 1) == "LPAR" and stop.touches_next(at):
            return True
        at += 1
    return False


def stride(stop: Stop) -> Finding | None:
    if stop.type != "SLASH" or stop.type_at(1) not in ("NUMBER", "SIZE"):
        return None
    # `/2 x 3` is read as a size, and the count is no part of the stride.
    by = str(stop.token(1)).replace("×", "x").split(" x ")[0]
    help = f"`stage layer2 /{by}: …` is the stride of a stage, `unit(…) /{by}` that of a call"
    return Finding("a `/` stands behind a call, or the name of a stage", help=(help,))


def compares(stop: Stop) -> Finding | None:
    if stop.text != "==" or "EQUAL" not in stop.accepted:
        return None
    message = "`==` compares; a value is given with `=`"
    return Finding(message, help=("write `=`",), instead="=", mend=(0, 1, "="))


def colon(stop: Stop) -> Finding | None:
    if stop.type != "COLON":
        return None
    if "EQUAL" in stop.accepted and stop.type_at(-2) in ("LET", "SET"):
        help = f"write `{stop.token(-2)} {stop.token(-1)} = …`"
        message = "a value is given with `=`, not with `:`"
        # The type of a value: `let w: int = 3`.
        typed = stop.type_at(1) in WORDS and stop.type_at(2) == "EQUAL"
        mend = (0, 2, "") if typed else (0, 1, "=")
        return Finding(message, help=(help,), instead=None if typed else " =", mend=mend)
    if "EQUAL" in stop.accepted and stop.opener:
        help = f"write `{stop.token(-1)}=…`"
        message = "an argument is given with `=`, not with `:`"
        return Finding(message, help=(help,), instead="=", mend=(0, 1, "="))
    if stop.type_at(-1) == "VIA":
        help = "write `via projection`"
        message = "a shortcut stands directly behind `via`"
        return Finding(message, help=(help,), instead="", mend=(0, 1, ""))
    if stop.type_at(-2) == "KEEP":
        name = stop.token(-1)
        help = f"write `keep {name}` behind the step; `{name}: …` is a label"
        return Finding("`keep` names the current tensor", help=(help,))
    if stop.type_at(-2) == "NETWORK" and stop.type_at(1) == "NAME":
        help = f"write `network {stop.token(-1)} = {stop.token(1)}(…)`"
        return Finding("an instance of a network is made with `=`", help=(help,), mend=(0, 1, "="))
    if "LBRACE" in stop.accepted and not stop.is_at_step:
        help = "write `{` for this `:`, and `}` behind the last of its steps"
        return Finding("a body is written in braces", help=(help,))
    if stop.is_at_step:
        return Finding("only a name or a string can be a label", help=("write `NAME: unit`",))
    return None


def comma(stop: Stop) -> Finding | None:
    if stop.type != "COMMA":
        return None
    if stop.opener == "{" and stop.type_before_opener(1) == "FORK":
        return Finding("branches are not separated by commas", instead="", mend=(0, 1, ""))
    if stop.type_at(-2) in ("LET", "SET") and "EQUAL" in stop.accepted:
        binder = stop.token(-2)
        help = f"write a `{binder}` for each"
        return Finding(f"a `{binder}` binds one name", help=(help,))
    if stop.type_at(-2) == "KEEP":
        return Finding("a `keep` has one name", help=("write a `keep` for each",))
    if not stop.is_at_step:
        return None
    if stop.is_after_input:
        help, mend = mistaken_inputs.written(stop, 0), mistaken_inputs.listed(stop, "COMMA")
        return Finding(mistaken_inputs.SEPARATED, help=(help,), mend=mend)
    if stop.type_at(-1) == "RPAR" and stop.type_at(1) == "NUMBER":
        help = f"write `x {stop.token(1)}`"
        return Finding("a unit is repeated with `x`", help=(help,), mend=(0, 1, "x"))
    if stop.type_at(1) == "NAME" and stop.type_at(2) == "EQUAL" and (word := _binder(stop)):
        help = f"write `{word} {stop.token(1)} = …`"
        return Finding(f"a `{word}` binds one name", help=(help,), mend=(0, 1, word))
    return Finding("steps are not separated by commas", instead="", mend=(0, 1, ""))


def _binder(stop: Stop) -> str:
    """The `let` or `set` that the line begins with."""
    at = -1
    while stop.token(at) and not stop.is_first_on_line(at):
        at -= 1
    return str(stop.token(at)) if stop.type_at(at) in ("LET", "SET") else ""


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
        message = f"a `,` or `:` is missing before {shown(stop)}"
        help = "a parameter is written `NAME: TYPE`"
        mend = None
        if stop.type == "NAME" and stop.token(-1) in _TYPES:
            mend = (-1, 1, f"{stop.text}: {stop.token(-1)}")
            help = f"write `{mend[2]}`"
        return Finding(message, help=(help,), mend=mend)
    literal = stop.type in ("NUMBER", "SIZE", "STRING", "TRUE", "FALSE")
    if literal and stop.type_at(-1) == "NAME" and stop.type_at(-2) in ("COMMA", "LPAR"):
        help = f"write `{stop.token(-1)}={stop.text}`"
        return Finding(f"a `=` is missing before {shown(stop)}", help=(help,), mend=(0, 0, "="))
    return Finding(f"a comma is missing before {shown(stop)}", mend=(0, 0, ","))


def leading_point(stop: Stop) -> Finding | None:
    if stop.type == "DOT" and stop.type_at(1) == "NUMBER" and stop.touches_next(0):
        if stop.touches_next(-1) and stop.type_at(-1) in WORDS:
            return None
        help = f"write `0.{stop.token(1)}`"
        message = "a number does not begin with a point"
        return Finding(message, help=(help,), mend=(0, 2, f"0.{stop.token(1)}"))
    return None


def trailing_point(stop: Stop) -> Finding | None:
    """`5.`"""
    number = stop.token(-1)
    if stop.type != "DOT" or number is None or number.type != "NUMBER" or not stop.touches_next(-1):
        return None
    if stop.touches_next(0) and stop.type_at(1) in WORDS | {"NUMBER", "DOT"}:
        return None
    written = f"{number}.0" if str(number).isdigit() else str(number)
    message = "a number does not end with a point"
    return Finding(message, help=(f"write `{written}`",), at=-1, over=2, mend=(-1, 1, written))


def list_as_step(stop: Stop) -> Finding | None:
    """`[conv(3, 8), norm]` on a line of its own, read as an index of what stands above"""
    if stop.type != "COMMA" or stop.opener != "[" or stop.innermost is None:
        return None
    at = stop.innermost - stop.position
    if not stop.is_first_on_line(at):
        return None
    help = "steps follow each other without brackets; `let a = [1, 2]` names a list"
    return Finding("a list is no step", help=(help,), at=at)


def labelled_expect(stop: Stop) -> Finding | None:
    """`expect: params == 3`"""
    if stop.type != "COMPARE" or stop.type_at(-2) != "COLON" or stop.type_at(-3) != "EXPECT":
        return None
    help = f"write `expect {stop.token(-1)} {stop.text} …`"
    message = "an `expect` stands without a colon"
    return Finding(message, help=(help,), at=-2, mend=(-3, -1, "expect"))


def index_of_label(stop: Stop) -> Finding | None:
    """`conv{i}: …`, `"conv" + i: …`"""
    name, index = None, None
    if stop.type == "COLON" and stop.type_at(-1) == "RBRACE" and stop.type_at(-3) == "LBRACE":
        name, index, mend = stop.token(-4), stop.token(-2), (-4, 0)
    elif stop.type == "PLUS" and stop.type_at(-1) == "STRING" and stop.type_at(2) == "COLON":
        name, index, mend = stop.token(-1), stop.token(1), (-1, 2)
    label = str(name or "").strip('"')
    if index is None or not label.isidentifier():
        return None
    written = f"{label}[{index}]"
    help = (f"write `{written}: …`",)
    return Finding("a label has its index in `[ ]`", help=help, at=mend[0], mend=(*mend, written))
