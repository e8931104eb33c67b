"""What is no name of a tensor behind `output`: an expression needs one, a step stands before."""

from __future__ import annotations

from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.syntax.mistaken_words import unit_text
from resdsl.syntax.stop import OPERANDS, OPERATORS, WORDS, Finding, Stop, shown

_FORMS = "`output logits: here` names the current tensor, `output layer2` gives one by its name"

_SIGNS = OPERATORS - {"DOT", "LSQB", "LPAR"}
_BEGINS = frozenset({"IN", "MINUS", "NUMBER"})
_IN_ITEMS = OPERANDS | OPERATORS | {"COMMA", "COLON", "EQUAL", "RPAR", "RSQB"}


def expression(stop: Stop) -> Finding | None:
    """`output a + b`, `output here, 2 * a`, `output concat(a, b)`, `output in`"""
    is_call = stop.type == "LPAR" and stop.token(-1) in JOIN_FUNCTIONS
    if stop.type in _BEGINS and is_item(stop, 0):
        begin = 0
    elif (is_call or stop.type in _SIGNS) and is_item(stop, -1):
        begin = -1
    else:
        return None
    end = _end(stop, begin)
    if stop.type == "NUMBER" and end == 1:
        return None
    written = stop.source_text(begin, end)
    if begin and not stop.is_at_step:
        help = ("`output c5: layer4` gives one another name",)
        message = "the outputs in braces are tensors that the network has names for"
        return Finding(message, "no name", help, at=begin, over=end - begin)
    # Another name for each, for two outputs of one name would be a mistake of their own.
    mend = (begin, end, f"logits_{stop.position}: {written}")
    message = "an output that is no name needs one"
    help = (f"`output logits: {written}`",)
    return Finding(message, "its name?", help, at=begin, over=end - begin, mend=mend)


def nameless(stop: Stop) -> Finding | None:
    """`output linear(10)`, `output 10`, `output` alone."""
    if stop.type == "LPAR" and stop.type_at(-2) == "OUTPUT" and stop.type_at(-1) in WORDS:
        help = f"put the step before it: `{unit_text(stop, -1)} output logits: here`"
        return Finding("`output` gives a tensor by its name, and is no step", help=(help,), at=-1)
    if stop.type_at(-1) == "OUTPUT" and "NAME" in stop.accepted and "LBRACE" not in stop.accepted:
        return Finding(f"`output` is followed by a name, not by {shown(stop)}", help=(_FORMS,))
    return None


def is_item(stop: Stop, begin: int) -> bool:
    """Whether an item of an `output` begins there, the first or one behind a comma."""
    at, behind = begin - 1, ""
    if stop.type_at(at) not in ("OUTPUT", "COMMA"):
        return False
    while (kind := stop.type_at(at)) in _IN_ITEMS:
        if kind == "OUTPUT" and stop.type_at(at - 1) not in ("COMMA", "COLON", "DOT"):
            return True
        # Two operands side by side belong to two steps.
        if kind in OPERANDS | {"RPAR", "RSQB"} and behind in OPERANDS:
            return False
        at, behind = at - 1, kind
    return False


def _end(stop: Stop, begin: int) -> int:
    """Behind the expression that begins there."""
    at, depth, is_operand = begin, 0, False
    while True:
        kind = stop.type_at(at)
        is_begin = kind in OPERANDS
        if kind in ("LPAR", "LSQB"):
            depth += 1
        elif kind in ("RPAR", "RSQB"):
            depth -= 1
        elif kind == "COMMA":
            if not depth:
                return at
        elif kind not in OPERANDS | OPERATORS:
            return at
        if depth < 0 or (is_begin and is_operand and not depth):
            return at
        is_operand = kind in OPERANDS | {"RPAR", "RSQB"}
        at += 1
