"""Sizes of windows and strides in words, as labels and rows have them."""

from __future__ import annotations

from resdsl.extents import Size, spread


def times(value: int | Size) -> str:
    """A size for people: `3×3`; an int stays a single number."""
    return "×".join(str(int(n)) for n in value) if isinstance(value, Size) else str(int(value))


def kernel(value: int | Size, rank: int) -> str:
    """A window for people: `3×3` in two dimensions, `k=3` in one, where a bare 3 says nothing."""
    text = extents(value, rank)
    return f"k={text}" if rank == 1 else text


def upscaled(value: int | Size) -> str:
    """By how much each extent grows: `2×`, and `2×1` where the dimensions differ.

    The sign stands behind the number: `×2` is a repetition.
    """
    return times(value) if isinstance(value, Size) else f"{int(value)}×"


def extents(value: int | Size, rank: int) -> str:
    """Extents for people: `7×7`."""
    return "×".join(str(int(n)) for n in spread(value, rank))


def spacing(dilation: int | Size) -> str:
    """`, d=2` for a dilation that is not 1."""
    if isinstance(dilation, Size):
        return "" if all(n == 1 for n in dilation) else f", d={times(dilation)}"
    return "" if dilation == 1 else f", d={int(dilation)}"


def step(value: int | Size) -> str:
    """`, /2` for a stride that is not 1."""
    if isinstance(value, Size):
        return "" if all(n == 1 for n in value) else f", /{times(value)}"
    return "" if value == 1 else f", /{int(value)}"
