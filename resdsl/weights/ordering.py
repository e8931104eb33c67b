"""Matching by order: the first tensor of theirs is the first of ours, whatever their names.

Counters go with the norm that they count for, as files of before torch 0.4.1 lack them. Names are
not asked, but where they are torch's own and say otherwise: a bias is no weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from resdsl.records import dataclass
from resdsl.weights.fitting import Fit, fit
from resdsl.weights.tensors import AVERAGED, COUNTER, Found, Wanted, is_counter, size
from resdsl.weights.wishes import Kept, Wishes

_NAMES = frozenset(("weight", "bias", "running_mean", "running_var"))


@dataclass(frozen=True, slots=True)
class Ordered:
    """The fit, and if it is not right, why, in words."""

    fit: Fit
    why: str | None


def in_order(wanted: Wanted, kept: Kept, wishes: Wishes) -> Ordered:
    counters = _counting(wanted, kept.tensors)
    others = kept.tensors.keys() - set(counters)
    theirs = [key for key in kept.tensors if key in others and _last(key) != AVERAGED]
    ours = [key for key in wanted.needed if not wishes.drops(key)]
    head = [key for key in wanted.head if key in ours]
    is_open = wanted.asks_head or bool(kept.dropped)
    left = head if is_open and len(theirs) == len(ours) - len(head) else []
    ours = [key for key in ours if key not in left]
    pairs = dict(zip(ours, theirs, strict=False))
    pairs |= _counters(pairs, wanted, counters)
    named = Kept({o: kept.tensors[t] for o, t in pairs.items()}, kept.origins, tuple(left), 0)
    found = fit(wanted, named, replace(wishes, rename=()), "", None)
    unknown = tuple(theirs[len(ours) :])
    taken = {key: pairs[key] for key in found.taken}
    changed = sum(one != other for one, other in pairs.items())
    found = replace(found, named=pairs, taken=taken, unknown=unknown, changed=changed)
    return Ordered(found, _why(wanted, kept.tensors, found, ours, theirs))


def _counting(wanted: Wanted, theirs: Mapping[str, Found]) -> list[str]:
    """By their names or, where names say nothing, as single whole numbers that are as many."""
    named = [key for key in theirs if is_counter(key)]
    whole = [key for key, one in theirs.items() if one.shape == () and not one.is_floating]
    is_every = len(whole) == len(wanted.shapes) - len(wanted.needed)
    return whole if is_every and not named else named


def _counters(pairs: Mapping[str, str], wanted: Wanted, theirs: Sequence[str]) -> dict[str, str]:
    every = [key for key in wanted.shapes if is_counter(key)]
    if len(every) == len(theirs):
        return dict(zip(every, theirs, strict=True))
    found: dict[str, str] = {}
    for ours in every:
        norm = pairs.get(ours.removesuffix(COUNTER) + "running_mean")
        if norm is not None and (there := f"{norm.rpartition('.')[0]}.{COUNTER}") in theirs:
            found[ours] = there
    return found


def _why(
    wanted: Wanted, tensors: Mapping[str, Found], found: Fit, ours: list[str], theirs: list[str]
) -> str | None:
    for i, (here, there) in enumerate(zip(ours, theirs, strict=False), 1):
        told = f"as number {i}, `{there}` ({size(tensors[there].shape)}) would be `{here}`"
        if here in found.wrong:
            return f"{told} ({size(wanted.shapes[here])})"
        names = {_last(here), _last(there)}
        if len(names) > 1 and names <= _NAMES:
            return told
    if len(ours) != len(theirs):
        return f"it has {len(theirs):,} tensors, the design {len(ours):,}, without counters"
    return None


def _last(key: str) -> str:
    return key.rpartition(".")[2]
