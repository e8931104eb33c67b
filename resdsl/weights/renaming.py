"""Whether a few other names would make a file fit: renames that are tried before they are said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from resdsl import limits
from resdsl.records import dataclass
from resdsl.weights.dialects import Dialect
from resdsl.weights.fitting import Fit, candidates
from resdsl.weights.refusal import WeightsError
from resdsl.weights.tensors import Shape, Wanted, is_counter
from resdsl.weights.wishes import TOP, Kept, Wishes, kept

_NUMBERS = re.compile(r"\d+")
# More names than these are other names for everything, and no few.
_MOST = 4
# Tensors of one shape that are tried for one of ours.
_TRIED = 16


@dataclass(frozen=True, slots=True)
class Renames:
    """What `rename` would have to say; or why more than one way fits, and none is said."""

    found: Mapping[str, str]
    doubt: str = ""


def renames(
    wanted: Wanted, left: Kept, wishes: Wishes, best: Fit, dialects: Sequence[Dialect]
) -> Renames:
    """For all to fit; nothing where that is not found."""
    none = Renames({})
    head = [key for key in wanted.head if key in best.new and key not in best.named]
    if best.wrong or not (best.missing or head) or len(best.unknown) > limits.CANDIDATES:
        return none
    ours = {f"{best.prefix}{key}": shape for key, shape in wanted.shapes.items()}
    theirs = {key: tensor.shape for key, tensor in left.tensors.items()}
    found: dict[str, str] = {}
    doubt = ""
    while (first := _first(ours, theirs)) is not None:
        pairs = _best(first, ours, theirs) if len(found) < _MOST else {}
        if not pairs:
            return none
        sources = list(dict.fromkeys(pairs.values()))
        pair = next(iter(pairs))
        if len(sources) > 1:
            doubt = doubt or _doubt(first, sources)
        elif _is_shifted(sources[0], first, ours, theirs):
            doubt = doubt or f"`{sources[0]}` is left for `{first}`: numbers may count otherwise"
        found |= [pair]
        theirs = {_renamed(pair, key): shape for key, shape in theirs.items()}
    if not _fits(wanted, left, wishes, dialects, found):
        return none
    return Renames({}, doubt) if doubt else Renames(found)


def _first(ours: Mapping[str, Shape], theirs: Mapping[str, Shape]) -> str | None:
    return next((key for key in ours if key not in theirs and not is_counter(key)), None)


def _best(
    first: str, ours: Mapping[str, Shape], theirs: Mapping[str, Shape]
) -> dict[tuple[str, str], str]:
    """The renames that give `first` a tensor, and the most others, each with the key of that one;
    the shortest comes first. Where names have numbers, those with the number of `first` count."""
    alike = [key for key, s in theirs.items() if s == ours[first] and key not in ours]
    alike = sorted(alike, key=lambda key: -_shared(key.split("."), first.split(".")))
    sources = {pair: key for key in alike[:_TRIED] for pair in _pairs(key, first)}
    gains = {pair: _gain(pair, first, ours, theirs) for pair in sources}
    most = max(gains.values(), default=0)
    best = sorted((p for p in sources if gains[p] == most > 0), key=lambda pair: len(pair[0]))
    numbered = [pair for pair in best if _NUMBERS.findall(pair[0]) == _NUMBERS.findall(pair[1])]
    return {pair: sources[pair] for pair in numbered or best}


def _doubt(first: str, sources: Sequence[str]) -> str:
    shown = ", ".join(f"`{key}`" for key in sources[:3]) + (", …" if len(sources) > 3 else "")
    return f"each of {shown} could be `{first}`"


def _is_shifted(
    source: str, first: str, ours: Mapping[str, Shape], theirs: Mapping[str, Shape]
) -> bool:
    """Whether names differ in a number alone, and others of these names would fit as well: then
    what both sides call alike may be another tensor, too."""
    name = _NUMBERS.sub("#", first)
    if _NUMBERS.sub("#", source) != name:
        return False
    return any(
        key != source and shape == ours[first] and key in ours and _NUMBERS.sub("#", key) == name
        for key, shape in theirs.items()
    )


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
    try:
        again = replace(kept(tensors, replace(wish, drop=()), ()), dropped=left.dropped)
    except WeightsError:  # one after the other they would do, and all at once they do not
        return False
    return any(one.is_right for one in candidates(wanted, again, wish, dialects))
