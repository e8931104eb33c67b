"""Random expressions of a join, and what they are worth."""

from __future__ import annotations

import random

Vector = tuple[float, ...]

VALUES: dict[str, Vector] = {"here": (2.0,), "main": (-3.0,), "a": (5.0,), "b": (0.25,)}


def expression(rng: random.Random, names: tuple[str, ...], depth: int) -> tuple[str, Vector]:
    """Its text, and what it is worth for VALUES."""
    if depth == 0 or rng.random() < 0.25:
        name = rng.choice(names)
        return name, VALUES[name]
    kind = rng.choice(["+", "-", "*", "max", "scaled", "complement", "shifted"])
    one, left = expression(rng, names, depth - 1)
    if kind == "scaled":
        return f"0.5 * ({one})", tuple(0.5 * x for x in left)
    if kind == "complement":
        return f"(1 - ({one}))", tuple(1 - x for x in left)
    if kind == "shifted":
        return f"(({one}) - 0.125)", tuple(x - 0.125 for x in left)
    two, right = expression(rng, names, depth - 1)
    if kind == "max":
        return f"max({one}, {two})", tuple(map(max, left, right))
    made = {"+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y}[kind]
    return f"({one}) {kind} ({two})", tuple(map(made, left, right))
