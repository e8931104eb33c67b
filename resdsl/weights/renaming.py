"""Whether a few other names would make a file fit: renames that are tried before they are said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from resdsl import limits
from resdsl.weights.dialects import Dialect
from resdsl.weights.fitting import Fit, candidates
from resdsl.weights.tensors import Shape, Wanted, is_counter
from resdsl.weights.wishes import TOP, Kept, Wishes, kept

# More names than these are other names for everything, and no few.
_MOST = 4
# Tensors of one shape that are tried for one of ours.
_TRIED = 16


def renames(
    wanted: Wanted, left: Kept, wishes: Wishes, best: Fit, dialects: Sequence[Dialect]
) -> dict[str, str]:
    """What `rename` would have to say, for all to fit; nothing where that is not found."""
    if best.wrong or not best.missing or len(best.unknown) > limits.CANDIDATES:
        return {}
    ours = {f"{best.prefix}{key}": shape for key, shape in wanted.shapes.items()}
    theirs = {key: tensor.shape for key, tensor in left.tensors.items()}
    found: dict[str, str] = {}
    while (first := _first(ours, theirs)) is not None:
        pair = _best(first, ours, theirs) if len(found) < _MOST else None
        if pair is None:
            return {}
        found |= [pair]
        theirs = {_renamed(pair, key): shape for key, shape in theirs.items()}
    return found if _fits(wanted, left, wishes, dialects, found) else {}


def _first(ours: Mapping[str, Shape], theirs: Mapping[str, Shape]) -> str | None:
    return next((key for key in ours if key not in theirs and not is_counter(key)), None)


def _best(
    first: str, ours: Mapping[str, Shape], theirs: Mapping[str, Shape]
) -> tuple[str, str] | None:
    """The rename that gives `first` its tensor, and the most others, the shortest of equals."""
    alike = [key for key, s in theirs.items() if s == ours[first] and key not in ours]
    alike = sorted(alike, key=lambda key: -_shared(key.split("."), first.split(".")))
    pairs = {pair: None for key in alike[:_TRIED] for pair in _pairs(key, first)}
    gains = {pair: _gain(pair, first, ours, theirs) for pair in pairs}
    best = max(pairs, key=lambda pair: (gains[pair], -len(pair[0])), default=None)
    return best if best is not None and gains[best] > 0 else None


def _pairs(theirs: str, ours: str) -> Iterator[tuple[str, str]]:
    """What differs in two keys that end alike: wherever it stands, and where keys begin."""
    there, here = theirs.split("."), ours.split(".")
    end = _shared(there, here)
    there, here = there[: len(there) - end], here[: len(here) - end]
    start = 0
    while start < min(len(there), len(here)) and there[start] == here[start]:
        start += 1
    if end and there:
        for begin in range(start, -1, -1):
            if there[begin:]:
                yield ".".join(there[begin:]), ".".join(here[begin:])
        yield f"{TOP}{'.'.join(there)}", ".".join(here)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """The components at the end of both."""
    count = 0
    while count < min(len(one), len(other)) and one[-count - 1] == other[-count - 1]:
        count += 1
    return count


def _gain(
    pair: tuple[str, str], first: str, ours: Mapping[str, Shape], theirs: Mapping[str, Shape]
) -> int:
    """How many more tensors are where they belong; 0 where `first` is not."""
    run = f".{pair[0].removeprefix(TOP)}."
    moved = {key: _renamed(pair, key) for key in theirs if run in f".{key}."}
    if first not in moved.values():
        return 0
    before = sum(ours.get(key) == theirs[key] for key in moved)
    return sum(ours.get(new) == theirs[key] for key, new in moved.items()) - before


def _renamed(pair: tuple[str, str], key: str) -> str:
    return Wishes((pair,)).renamed(key)


def _fits(
    wanted: Wanted, left: Kept, wishes: Wishes, dialects: Sequence[Dialect], found: dict[str, str]
) -> bool:
    wish = replace(wishes, rename=(*wishes.rename, *found.items()))
    tensors = {left.origins[key]: tensor for key, tensor in left.tensors.items()}
    again = replace(kept(tensors, replace(wish, drop=()), ()), dropped=left.dropped)
    return any(one.is_right for one in candidates(wanted, again, wish, dialects))
