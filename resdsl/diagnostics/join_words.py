"""What other libraries call the ways to join tensors."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.diagnostics.aliases import fold
from resdsl.join_functions import JOIN_FUNCTIONS, LISTED

JOINED = f"tensors are joined with `+`, `-`, `*`, {LISTED}"

# Folded, as in diagnostics/aliases.
_MEANINGS = {
    "+": "add plus addn eltwiseadd elementwiseadd elemwiseadd residualadd addition",
    "-": "sub subtract minus diff difference",
    "*": "mul multiply times prod product hadamard elemwisemul eltwisemul elementwisemul",
    "/": "div divide truedivide truediv",
    "mean": "avg average addavg mean",
    "min": "min minimum fmin amin",
    "abs": "abs absolute",
    "stack": "stack vstack dstack",
}


def meaning(name: str) -> str | None:
    """What `Concatenate`, `add`, `reduce_max` join with: a sign, `concat`, `mean`, `abs`, …

    None for what has no word here.
    """
    folded = fold(name)
    folded = folded.removeprefix("reduce") or folded
    for ours, names in _MEANINGS.items():
        if folded in names.split():
            return ours
    for ours, function in JOIN_FUNCTIONS.items():
        if folded in (ours, *function.elsewhere.split()):
            return ours
    return None


def called(function: str, operands: Sequence[str]) -> str:
    """One of our functions, of operands; `sum` and `mean` are of the copies of one branch here."""
    if len(operands) > 1 and function in ("sum", "mean"):
        terms = " + ".join(operands)
        by = "0.5" if len(operands) == 2 else f"(1 / {len(operands)})"
        return terms if function == "sum" else f"({terms}) * {by}"
    return f"{function}({', '.join(operands)})"


def factor(operand: str) -> str:
    """An operand as it stands beside a sign that binds more than `+`."""
    depth = 0
    for sign in operand:
        depth += (sign in "([") - (sign in ")]")
        if not depth and sign in "+-":
            return f"({operand})"
    return operand
