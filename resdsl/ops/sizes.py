"""Sizes of windows and strides in words, as labels and rows have them."""

from __future__ import annotations

from resdsl.extents import Size, spread


def times(value: int | Size) -> str:
    """A size for people: `3×3`; an int stays a single number."""
    return "×".join(str(int(n)) for n in value) if isinstance(value, Size) else str(int(value))


def square(value: int | Size, rank: int) -> str:
    """A window for people: `3×3` in two dimensions, `3` in one."""
    return "×".join(str(int(n)) for n in spread(value, rank))


def step(value: int | Size) -> str:
    """`, /2` for a stride that is not 1."""
    if isinstance(value, Size):
        return "" if all(n == 1 for n in value) else f", /{times(value)}"
    return "" if value == 1 else f", /{int(value)}"
