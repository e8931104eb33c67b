"""`param` with what cannot be a tensor of the body: a count, a stride, braces, no label."""

from __future__ import annotations

from resdsl.syntax.stop import WORDS, Finding, Stop

_FORM = "`param gamma: layer_scale(1e-6)` is a tensor `gamma` of the body"


def param(stop: Stop) -> Finding | None:
    if stop.type_at(-2) == "PARAM" and stop.accepted <= {"COLON", "LSQB"}:
        return Finding("`param` needs a label", "taken for its label", (_FORM,), at=-1)
    if stop.type_at(-1) == "COLON" and _is_labelled(stop, -1):
        if stop.type in ("LBRACE", "RESIDUAL", "FORK", "REUSE"):
            message = "`param` takes a call of an operator that is one learned tensor"
            return Finding(message, help=(_FORM,))
        if stop.type in ("NUMBER", "MINUS"):
            message = "`param` takes a call of an operator, not a value to start from"
            label = stop.token(-2)
            right = f"`param {label}: layer_scale({_number(stop)})`"
            return Finding(message, help=(f"it is the operator's argument: {right}",))
        return None
    if stop.type in ("X", "SLASH") and stop.is_at_step and _is_call(stop):
        what = "is not repeated" if stop.type == "X" else "has no stride"
        message = f"a `param` is a tensor of the body, which {what}"
        return Finding(message, "stands behind calls only")
    return None


def _number(stop: Stop) -> str:
    minus = stop.type == "MINUS"
    return f"-{stop.token(1)}" if minus else stop.text


def _is_call(stop: Stop) -> bool:
    """Whether a whole `param label: call` stands before."""
    at = _before_brackets(stop, -1, "LPAR", "RPAR")
    return stop.type_at(at) in WORDS and _is_labelled(stop, at - 1)


def _is_labelled(stop: Stop, colon: int) -> bool:
    """Whether `param label` stands before what may be its colon."""
    at = _before_brackets(stop, colon - 1, "LSQB", "RSQB")
    is_label = stop.type_at(at) in WORDS | {"STRING"}
    return stop.type_at(colon) == "COLON" and is_label and stop.type_at(at - 1) == "PARAM"


def _before_brackets(stop: Stop, at: int, opening: str, closing: str) -> int:
    """The token before the brackets that end at a token, or that token."""
    depth = 0
    while True:
        depth += (stop.type_at(at) == closing) - (stop.type_at(at) == opening)
        if stop.type_at(at) == opening and not depth:
            return at - 1
        if not depth or not stop.type_at(at):
            return at
        at -= 1
