"""The functions of a `join`: one line each, asked by the parser as by the emitter.

`+ - *` are no functions: the grammar has them. Nor is `softmax`, whose value is a list: of each of
some tensors, the share that it has of all.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from resdsl.records import dataclass

FunctionName: TypeAlias = Literal["concat", "max", "sum", "mean"]
Operation: TypeAlias = Literal["+", "-", "*"] | FunctionName | Literal["softmax"]


@dataclass(frozen=True, slots=True)
class Pairwise:
    """Element by element, of two: `torch.maximum`; with a number, `torch.clamp` with `bound`."""

    function: str
    bound: Literal["min", "max"]


@dataclass(frozen=True, slots=True)
class JoinFunction:
    # How tables tell it.
    title: str
    # `tensors`: any number of tensors and replicated branches; `copies`: one replicated branch;
    # `pairs`: two operands or more, some of which may be numbers, and extents of 1 are stretched.
    takes: Literal["tensors", "copies", "pairs"]
    # The channels of all stand one behind the other; else they agree.
    along_channels: bool = False
    # Of `pairs`, how torch takes two.
    pairwise: Pairwise | None = None
    # What other libraries call it, folded as in diagnostics/aliases.
    elsewhere: str = ""


JOIN_FUNCTIONS: dict[str, JoinFunction] = {
    "concat": JoinFunction(
        "concatenation",
        "tensors",
        along_channels=True,
        elsewhere="cat concatenate concatenation stack hstack vstack dstack depthconcat "
        "filterconcat columnstack merge",
    ),
    "max": JoinFunction(
        "maximum",
        "pairs",
        pairwise=Pairwise("torch.maximum", bound="min"),
        elsewhere="maximum eltwisemax elementwisemax maxout fmax",
    ),
    "sum": JoinFunction("sum", "copies"),
    "mean": JoinFunction("mean", "copies"),
}

# The operation that gives, of several tensors, the share of the first.
SOFTMAX: Literal["softmax"] = "softmax"

# As prose lists them: "`concat`, `max`, `sum` and `mean`".
*_FIRST, _LAST = (f"`{name}`" for name in JOIN_FUNCTIONS)
LISTED = f"{', '.join(_FIRST)} and {_LAST}"
