"""Mistakes of residuals and forks. Each function is one situation."""

from __future__ import annotations

from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.syntax.mistaken_words import unit_text
from resdsl.syntax.stop import WORDS, Finding, Stop, lacks_body, shown


def via_first(stop: Stop) -> Finding | None:
    """`residual via projection { … }`"""
    if stop.type != "VIA" or stop.type_at(-1) != "RESIDUAL":
        return None
    message = "the shortcut of a residual stands behind its body"
    help = f"write `residual {{ … }} via {unit_text(stop, 1)}`"
    return Finding(message, help=(help,))


def _in_fork(stop: Stop) -> bool:
    return str(stop.opener) == "{" and stop.type_before_opener(1) == "FORK"


def fork(stop: Stop) -> Finding | None:
    if stop.accepted == {"JOIN"}:
        is_function = stop.text in JOIN_FUNCTIONS and stop.type_at(1) == "LPAR"
        joined = unit_text(stop, 0) if is_function else "a + b"
        help = f"write `fork {{ a: … b: … }} join {joined}`"
        return Finding(
            f"a `fork` needs a `join` after its branches, found {shown(stop)}", help=(help,)
        )
    is_list = stop.type == "COMMA" and stop.opener == "[" and stop.type_before_opener(1) == "FORK"
    if is_list or (stop.type_at(-1) == "FORK" and lacks_body(stop.accepted)):
        at, names = 0, []
        while stop.token(at) and (at == 0 or not stop.is_first_on_line(at)):
            names += [str(stop.token(at))] if stop.type_at(at) == "NAME" else []
            at += 1
        help = "write `fork { a: … b: … } join a + b`"
        message = "the branches of a fork stand in braces"
        before = stop.innermost - stop.position if is_list and stop.innermost is not None else 0
        return Finding(message, help=(help,), at=before - 1, lost=tuple(names))
    if not _in_fork(stop):
        return None
    if stop.type == "NUMBER" and stop.type_at(1) == "COLON":
        help = f"write `path{stop.text}: …`"
        message = "a label begins with a letter or `_`"
        return Finding(message, help=(help,), mend=(0, 1, f"path{stop.text}"))
    if stop.type == "RBRACE" and stop.type_at(-1) == "LBRACE":
        return Finding("a `fork` needs at least one branch", others=stop.label_of_opener())
    if stop.type == "EQUAL" and "COLON" in stop.accepted and stop.type_at(-1) in WORDS:
        help = f"write `{stop.token(-1)}: {unit_text(stop, 1)}`"
        message = "a label is followed by `:`, not by `=`"
        return Finding(message, help=(help,), instead=":", mend=(0, 1, ":"))
    lacks_colon = stop.accepted <= {"COLON", "LSQB"}
    if lacks_colon or stop.type in ("LBRACE", "IF", "FOR"):
        is_body = lacks_colon and stop.type == "LBRACE"
        help = "write `NAME: unit`, with braces around several steps"
        return Finding(
            "every branch of a `fork` begins with a label",
            help=(f"write `{stop.token(-1)}: {{ … }}`" if is_body else help,),
            at=-1 if lacks_colon else 0,
            mend=(0, 0, ":") if is_body else None,
        )
    return None


def via_nothing(stop: Stop) -> Finding | None:
    """`residual { … } via` and no shortcut"""
    if stop.type_at(-1) != "VIA" or "STRING" not in stop.accepted:
        return None
    if stop.type not in ("RBRACE", "$END") and not stop.is_first_on_line(0):
        return None
    help = "write `via projection`, or leave `via` out: then the shortcut is the identity"
    return Finding("a shortcut is missing behind this `via`", help=(help,), at=-1)


def via_if(stop: Stop) -> Finding | None:
    """`residual { … } via if c { a } else { b }`"""
    if stop.type != "IF" or stop.type_at(-1) != "VIA":
        return None
    help = "`via where(condition, a, b)` chooses, and so does a body in braces, `via { if … }`"
    return Finding("a shortcut is a call, or a body in braces", help=(help,))


def residual(stop: Stop) -> Finding | None:
    """`residual`, and its steps on the lines below."""
    if stop.type_at(-1) != "RESIDUAL" or not lacks_body(stop.accepted):
        return None
    if stop.type == "NAME" and stop.type_at(1) == "LBRACE":
        help = f"write `{stop.text}: residual {{ … }}`"
        return Finding("a label stands before its unit", help=(help,), mend=(0, 1, ""))
    help = "write `residual {` before its steps, and `}` behind them"
    return Finding("the body of a residual stands in braces", help=(help,), at=-1)
