"""Sizes of windows, strides and paddings: one number, or one for each dimension."""

from __future__ import annotations

from tests.random_networks.shapes import Number
from tests.random_networks.writing.places import Writer


def as_size(w: Writer, value: int) -> tuple[str, Number]:
    """A number as an int or as a size."""
    if w.chance(0.15):
        values = tuple(value if w.chance(0.7) else w.pick([1, 3]) for _ in range(w.rank))
        if w.rank == 1:
            return f"size({values[0]})", values
        return "x".join(map(str, values)), values
    return str(value), value


def each(w: Writer, value: Number) -> list[int]:
    return list(value) if isinstance(value, tuple) else [value] * w.rank


def packed(values: list[int]) -> Number:
    return values[0] if len(set(values)) == 1 else tuple(values)


def size_text(value: Number | str) -> str:
    if isinstance(value, tuple):
        return f"size({', '.join(map(str, value))})"
    return str(value)
