"""How tensors meet, in the words of a paper's table: `gated sum of plain and in`, `concat level4`.

Tables and pictures have no expressions. The author's names stand: `in`, `here`, `main`, kept
tensors and branches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resdsl.design.join_expressions import Combine, Copies, Expression, Ref, Scalar, Use
from resdsl.design.model import Fork, Join
from resdsl.join_functions import JOIN_FUNCTIONS, SOFTMAX

_TITLES = {
    "+": "sum",
    "-": "difference",
    "*": "product",
    **{name: function.title for name, function in JOIN_FUNCTIONS.items()},
    SOFTMAX: "softmax",
}


def join_text(step: Join) -> str:
    """What a join does with the current tensor, or what it makes without it."""
    join = step.join
    if isinstance(join, Use):
        return f"← {join.name}"
    others = _beside(join, step.input)
    if others is None or not isinstance(join, Combine):
        return phrase(join)
    names = listed_words(others)
    scaled = all(isinstance(other, Scalar) for other in others)
    match join.op:
        case "+" | "-":
            return f"{'+' if join.op == '+' else '−'} {names}"
        case "*" if scaled:
            return f"scale {names}"
        case "concat":
            # The order of what is concatenated is part of what it is.
            return f"concat {listed_words(join.operands)}"
        case op:
            return f"{_TITLES[op]} with {names}"


def _beside(join: Expression, here: Ref) -> tuple[Expression, ...] | None:
    """What is combined with the current tensor, if that is one operand of one operation."""
    operands = flat(join)
    if not all(isinstance(part, Use | Scalar) for part in operands):
        return None
    at = [i for i, part in enumerate(operands) if isinstance(part, Use) and part.ref == here]
    if not at or len(operands) < 2 or (isinstance(join, Combine) and join.op == "-" and at[0] > 0):
        return None
    return (*operands[: at[0]], *operands[at[0] + 1 :])


def gated(step: Fork | Join) -> tuple[Use | Copies, ...] | None:
    """The factors of a product of tensors alone."""
    join = step.join
    if not isinstance(join, Combine) or join.op != "*":
        return None
    factors = tuple(part for part in flat(join) if isinstance(part, Use | Copies))
    return factors if len(factors) == len(flat(join)) else None


def meeting_text(step: Fork, enters: Ref | None = None) -> str:
    """How branches meet; `enters` is the value that the rows around know as `in`.

    `here` is what the fork was fed: where that entered the block, `in`.
    """
    join = step.join if enters is None else renamed(step.join, {enters: "in"})
    operands = flat(join)
    if isinstance(join, Combine) and join.op != "-":
        leaves = [part for part in operands if isinstance(part, Use | Copies)]
        labels = {branch.label for branch in step.branches}
        mine = [name(leaf) for leaf in leaves if name(leaf) in labels]
        ordered = [branch.label for branch in step.branches]
        is_whole = mine == ordered if join.op == "concat" else sorted(mine) == sorted(ordered)
        if len(leaves) == len(operands) and is_whole:
            others = [leaf for leaf in leaves if name(leaf) not in labels]
            title = _TITLES[join.op]
            return f"{title} with {listed_words(others)}" if others else title
    return phrase(join)


def name(leaf: Use | Copies) -> str:
    if isinstance(leaf, Use):
        return leaf.name
    return leaf.branch if leaf.are_many else f"{leaf.branch}[{leaf.place}]"


def renamed(expression: Expression, names: Mapping[Ref, str]) -> Expression:
    """With `names` for what is only called `in` or `here`."""
    match expression:
        case Use(ref, "in" | "here") if ref in names:
            return Use(ref, names[ref])
        case Combine(op, operands):
            return Combine(op, tuple(renamed(operand, names) for operand in operands))
        case _:
            return expression


def flat(expression: Expression) -> tuple[Expression, ...]:
    """The operands of an operation; sums of sums and products of products are one."""
    match expression:
        case Combine("+" | "*" as op, operands):
            return tuple(
                inner
                for operand in operands
                for inner in (
                    flat(operand)
                    if isinstance(operand, Combine) and operand.op == op
                    else (operand,)
                )
            )
        case Combine(_, operands):
            return operands
        case _:
            return (expression,)


def phrase(expression: Expression, inside: bool = False) -> str:
    """A noun for any expression: `gated sum of main and kept`."""
    match expression:
        case Use() | Copies():
            return name(expression)
        case Scalar(value):
            return number_text(value)
        case Combine("-", (Scalar(value), other)) if float(value) == 1:
            text = f"complement of {phrase(other, True)}"
        case Combine("+"):
            text = _sum(flat(expression))
        case Combine("*"):
            return _product(flat(expression), inside)
        case Combine("softmax", (one, *_)):
            text = f"softmax share of {phrase(one, True)}"
        case Combine(op, operands):
            text = f"{_TITLES[op]} of {listed_words(operands)}"
    return f"the {text}" if inside else text


def _sum(terms: Sequence[Expression]) -> str:
    shares = [_weighed(term) for term in terms]
    if any(weight is not None for _, weight in shares) and all(
        isinstance(term, Use | Copies) for term, _ in shares
    ):
        words = [
            f"{number_text(1 if weight is None else weight.value)} on {phrase(term)}"
            for term, weight in shares
        ]
        return f"weighted sum, {_enumerated(words)}"
    pair = _shared_gate(terms)
    if pair is not None:
        return f"gated sum of {listed_words(pair)}"
    return f"sum of {listed_words(terms)}"


def _weighed(term: Expression) -> tuple[Expression, Scalar | None]:
    """A term and the number that it is multiplied by."""
    match term:
        case Combine("*", (Scalar() as weight, other) | (other, Scalar() as weight)):
            return other, weight
        case _:
            return term, None


def _shared_gate(terms: Sequence[Expression]) -> tuple[Expression, Expression] | None:
    """`a` and `b` of `a · g + b · (1 − g)`, in any order."""
    if len(terms) != 2:
        return None
    one, two = (flat(term) if _is(term, "*") else () for term in terms)
    for first, second, turned in ((one, two, False), (two, one, True)):
        for i, factor in enumerate(second):
            gate = _complemented(factor)
            if gate is None or len(first) != 2 or len(second) != 2:
                continue
            for j, other in enumerate(first):
                if other == gate:
                    pair = (first[1 - j], second[1 - i])
                    return pair[::-1] if turned else pair
    return None


def _product(factors: Sequence[Expression], inside: bool) -> str:
    scales = [factor for factor in factors if isinstance(factor, Scalar)]
    gates = [factor for factor in factors if _complemented(factor) is not None]
    if len(factors) == 2 and len(scales) == 1:
        (other,) = (factor for factor in factors if factor is not scales[0])
        return f"{phrase(other, inside)} scaled by {phrase(scales[0])}"
    if len(factors) == 2 and len(gates) == 1:
        (other,) = (factor for factor in factors if factor is not gates[0])
        if isinstance(other, Use | Copies):
            return f"gated {phrase(other)}"
    if len(factors) == 2 and factors[0] == factors[1]:
        text = f"square of {phrase(factors[0], True)}"
    else:
        text = f"product of {listed_words(factors)}"
    return f"the {text}" if inside else text


def _complemented(factor: Expression) -> Expression | None:
    """`g` of `1 − g`."""
    match factor:
        case Combine("-", (Scalar(value), gate)) if float(value) == 1:
            return gate
        case _:
            return None


def _is(expression: Expression, op: str) -> bool:
    return isinstance(expression, Combine) and expression.op == op


def listed_words(parts: Sequence[Expression]) -> str:
    """`a, b and c`"""
    return _enumerated([phrase(part, True) for part in parts])


def _enumerated(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def number_text(value: object) -> str:
    """`0.5`, `−1`, `1000000.5`: to nine digits."""
    return f"{float(value):.9g}".replace("-", "−")  # type: ignore[arg-type]


_RANK = {"+": 1, "-": 1, "*": 2}


def expression_text(expression: Expression, rank: int = 0) -> str:
    """A join as a formula, which names of nodes may be: `main · gate + here · (1 − gate)`."""
    match expression:
        case Use() | Copies():
            return name(expression)
        case Scalar(value):
            return number_text(value)
        case Combine(op, operands) if op in _RANK:
            sign = {"+": " + ", "-": " − ", "*": " · "}[op]
            mine = _RANK[op]
            parts = [
                expression_text(operand, mine + (i > 0 and op == "-"))
                for i, operand in enumerate(operands)
            ]
            text = sign.join(parts)
            return f"({text})" if mine < rank else text
        case Combine(op, operands):
            return f"{op}({', '.join(expression_text(operand) for operand in operands)})"
