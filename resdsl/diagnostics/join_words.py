"""What other libraries call the ways to join tensors, and how each is written here."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.diagnostics.aliases import fold
from resdsl.join_functions import JOIN_FUNCTIONS, LISTED

JOINED = f"tensors are joined with `+`, `-`, `*`, {LISTED}"

# Folded, as in diagnostics/aliases.
_SIGNS = {
    "+": "add plus addn eltwiseadd elementwiseadd elemwiseadd residualadd addition",
    "-": "sub subtract minus diff difference",
    "*": "mul multiply times prod product hadamard elemwisemul eltwisemul elementwisemul",
}
_MEANS = ("avg", "average", "addavg")


def written(name: str, operands: Sequence[str]) -> str | None:
    """`cat` of `a` and `b` is `concat(a, b)`; None for what has no word here.

    Operands are texts, `a` and `b` where they are not known; one that holds a sign is put in
    brackets where it needs them.
    """
    folded = fold(name)
    if folded.removeprefix("reduce") in ("min", "minimum") and len(operands) > 1:
        return f"-max({', '.join(f'-{factor(one)}' for one in operands)})"
    if folded in ("abs", "absolute") and len(operands) == 1:
        return f"max({operands[0]}, -{factor(operands[0])})"
    for name_here, function in JOIN_FUNCTIONS.items():
        if folded in function.elsewhere.split():
            return f"{name_here}({', '.join(operands) or 'a, b'})"
    for sign, names in _SIGNS.items():
        if folded in names.split():
            parts = operands or ("a", "b")
            if len(parts) == 1:
                return None
            first, rest = parts[0], [one if sign == "+" else factor(one) for one in parts[1:]]
            return f" {sign} ".join([factor(first) if sign == "*" else first, *rest])
    if folded in _MEANS and len(operands) > 1:
        by = "0.5" if len(operands) == 2 else f"(1 / {len(operands)})"
        return f"({' + '.join(operands)}) * {by}"
    return None


def called(function: str, operands: Sequence[str]) -> str:
    """One of our functions, of operands; `sum` and `mean` are of the copies of one branch here."""
    signs = {"sum": "add", "mean": "average"}
    if function in signs and len(operands) > 1:
        return written(signs[function], operands) or ""
    return f"{function}({', '.join(operands)})"


def factor(operand: str) -> str:
    """An operand as it stands beside a sign that binds more than `+`."""
    depth = 0
    for sign in operand:
        depth += (sign in "([") - (sign in ")]")
        if not depth and sign in "+-":
            return f"({operand})"
    return operand
