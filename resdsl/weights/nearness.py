"""The first tensor where a file and a design part, and what comes nearest to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from resdsl import limits
from resdsl.diagnostics.suggest import distance
from resdsl.weights.fitting import Fit
from resdsl.weights.tensors import Shape, Wanted, size

# Letters that a key is off, at the most, to come near.
_FAR = 24


def first_mismatch(wanted: Wanted, found: Fit, theirs: Mapping[str, Shape]) -> str:
    """In the design's order, the first of another shape or that is not there; else the first that
    nobody asked for. `theirs` are all shapes of the file, by its own keys."""
    odd = {*found.wrong, *found.missing}
    ours = next((key for key in wanted.shapes if key in odd), None)
    if ours is None:
        key = min(found.unknown, key=_numbers)
        near = nearest(key.removeprefix(found.prefix), wanted.shapes)
        text = f"first: its `{key}` ({size(theirs[key])}) is nothing of the design's"
        return text + (f"; nearest is `{near}`" if near else "")
    here = size(wanted.shapes[ours])
    if ours in found.wrong:
        there = theirs[found.named[ours]]
        return f"first: `{ours}` is {size(there)} there, {here} in the design"
    text = f"first: `{ours}` ({here}) is not there"
    unused = set(found.unknown)
    near = nearest(ours, [key for key in theirs if key in unused]) or nearest(ours, theirs)
    return text + (f"; nearest is `{near}` ({size(theirs[near])})" if near else "")


def _numbers(key: str) -> list[tuple[int, str]]:
    """Numbers in keys count as numbers; a file has no order of its own."""
    return [(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"(\d+)", key) if p]


def nearest(key: str, others: Iterable[str]) -> str | None:
    """By letters, of those that end alike; the first of equals."""
    last = key.rpartition(".")[2]
    same = [one for one in others if one.rpartition(".")[2] == last][: limits.CANDIDATES]
    best, found = _FAR, None
    for one in same:
        off = distance(key, one, best)
        if off < best or (off == best and found is None):
            best, found = off, one
    return found
