"""Which operators stand for themselves in columns and bars, and what blocks are called."""

from __future__ import annotations

from resdsl.design.model import Definition
from resdsl.ops import Op


def is_row(op: Op, rank: int) -> bool:
    """It has weights or changes extents; the rest belongs to the row before it."""
    if op.is_weighted or op.role == "pooling":
        return True
    if op.is_norm or op.is_activation or op.flattens or op.role == "scaling":
        return False
    if op.added(rank) is not None:
        return False
    sampling = op.sampling(rank)
    return sampling is not None and any(step != (1, 1) for step in sampling)


def spoken(definition: Definition) -> str:
    return definition.name.replace("_", " ")


# What a block is called that needs no other noun.
_NOUNS = ("bottleneck", "block", "unit", "layer", "residual", "module", "cell")


def block_name(name: str) -> str:
    """`bottleneck` is a noun of the field; `basic` is not without `block`."""
    words = name.replace("_", " ")
    return words if words.endswith(_NOUNS) else f"{words} block"
