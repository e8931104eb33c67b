"""Sizes: one number per spatial dimension, or per channel and dimension in a shape."""

from __future__ import annotations

from collections.abc import Sequence


class Size(tuple[int, ...]):
    """`3x3`, `2048x7x7`. A list of the language is a plain tuple, a size is this."""

    __slots__ = ()

    def __str__(self) -> str:
        return "x".join(str(int(n)) for n in self)

    def __repr__(self) -> str:
        return f"Size({tuple(int(n) for n in self)})"


def spread(value: int | Size, rank: int) -> tuple[int, ...]:
    """One number per dimension: an int means that int in every dimension.

    The caller has checked that a `Size` has `rank` numbers.
    """
    return tuple(value) if isinstance(value, Size) else (value,) * rank


def collapsed(value: int | Sequence[int]) -> int | tuple[int, ...]:
    """The opposite of `spread`: one number where all dimensions have it, else a plain tuple."""
    if isinstance(value, int):
        return value
    return value[0] if len(set(value)) == 1 else tuple(value)


def size_text(values: Sequence[int]) -> str:
    """A size as one would write it: `3`, `3x5`."""
    numbers = [str(int(n)) for n in values]
    return numbers[0] if len(set(numbers)) == 1 else "x".join(numbers)
