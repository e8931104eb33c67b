"""What blocks are called."""

from __future__ import annotations

from resdsl.design.model import Definition


def spoken(definition: Definition) -> str:
    return definition.name.replace("_", " ")


# What a block is called that needs no other noun.
_NOUNS = ("bottleneck", "block", "unit", "layer", "residual", "module", "cell")


def block_name(name: str) -> str:
    """`bottleneck` is a noun of the field; `basic` is not without `block`."""
    words = name.replace("_", " ")
    return words if words.endswith(_NOUNS) else f"{words} block"
