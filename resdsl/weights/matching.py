"""From the keys and shapes of a file and those of a design to a plan, or to a refusal.

In this order: the wishes of the caller; a prefix that all keys share; exact keys; the names of
other libraries. What is left over on either side is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resdsl.records import dataclass
from resdsl.weights.causes import cause
from resdsl.weights.dialects import DIALECTS, Dialect
from resdsl.weights.difference import Difference
from resdsl.weights.fitting import Fit, candidates, is_other_head, quantised
from resdsl.weights.nearness import first_mismatch
from resdsl.weights.ordering import in_order
from resdsl.weights.refusal import WeightsError, unfit
from resdsl.weights.renaming import renames
from resdsl.weights.report import WeightsReport
from resdsl.weights.tensors import Tensors, Wanted
from resdsl.weights.wishes import Kept, Wishes, kept
from resdsl.weights.zoo_shapes import alike, is_of_zoo, siblings


@dataclass(frozen=True, slots=True)
class Plan:
    """`takes` are the file's keys by the design's. `adapted` and `new` are of the design's, and so
    are counters that are in neither, which start at 0."""

    takes: dict[str, str]
    adapted: tuple[str, ...]
    new: tuple[str, ...]
    report: WeightsReport


def plan(
    wanted: Wanted,
    tensors: Tensors,
    wishes: Wishes,
    *,
    name: str,
    wrapped: Sequence[str] = (),
    is_ordered: bool = True,
) -> Plan:
    """`name` is what the weights are called; `is_ordered`: their order means something.

    Raises WeightsError where they do not fit.
    """
    tensors = _under(tensors, wishes.key, wrapped)
    left = kept(tensors, wishes, wanted.shapes)
    allowed = [one for one in DIALECTS if one.holds_for(wanted.origin, is_of_zoo)]
    every = candidates(wanted, left, wishes, allowed)
    right = next((one for one in every if one.is_right), None)
    if wishes.in_order:
        by_name = max(every, key=lambda one: one.rank)
        right = _in_order(wanted, left, wishes, by_name, name, is_ordered=is_ordered)
    else:
        copies = _copies(every)
        if len(copies) > 1:
            raise _of_copies(copies, wanted, name)
    if right is None:
        best = max(every, key=lambda one: one.rank)
        raise _refused(wanted, left, wishes, best, allowed, name)
    if (ours := quantised(right, left.tensors)) is not None:
        dtype = left.tensors[right.taken[ours]].dtype
        raise unfit(f"{name} does not fit {wanted.name}: it is quantised: `{ours}` is of {dtype}")
    return _planned(wanted, left, right, wishes, wrapped)


def _under(tensors: Tensors, key: str | None, wrapped: Sequence[str]) -> Tensors:
    """Those below a prefix, where `key` is none of a dict around."""
    if key is None or key == ".".join(wrapped) or (wrapped and wrapped[-1] == key):
        return tensors
    found = {name: one for name, one in tensors.items() if name.startswith(f"{key}.")}
    if not found:
        first = [*wrapped, *sorted({name.partition(".")[0] for name in tensors})]
        raise unfit(
            f'key="{key}" is the name of no dict, and stands before no key',
            [f"what there is: {', '.join(f'`{one}`' for one in first[:8])}"] if first else [],
        )
    return found


def _in_order(
    wanted: Wanted, left: Kept, wishes: Wishes, named: Fit, name: str, *, is_ordered: bool
) -> Fit:
    if not is_ordered:
        raise unfit(
            f'{name}: a safetensors file keeps no order: match="order" is for dicts and .pt files'
        )
    found = in_order(wanted, left, wishes)
    is_named = 2 * len(named.taken) > len(wanted.shapes)
    odd = [key for key, theirs in named.taken.items() if found.fit.taken.get(key, theirs) != theirs]
    if is_named and odd:
        raise unfit(
            f"{name} does not fit {wanted.name} by order: its names say otherwise, as "
            f"`{named.taken[odd[0]]}` does",
            ['without match="order" it is taken by its names'],
        )
    if found.why is not None:
        raise unfit(f"{name} does not fit {wanted.name} by order: {found.why}")
    return found.fit


def _copies(every: Sequence[Fit]) -> list[Fit]:
    """Whole copies under different prefixes, none inside of another."""
    complete = {one.prefix: one for one in every if one.is_complete}
    return list(complete.values())


def _of_copies(copies: Sequence[Fit], wanted: Wanted, name: str) -> WeightsError:
    names = [one.prefix.rstrip(".") for one in copies]
    shown = [f"`{one}`" if one else "without a prefix" for one in names]
    return unfit(
        f"{name} has {len(copies)} copies of {wanted.name}: {', '.join(shown)}",
        [f'key="{one}" takes that one' for one in names if one],
    )


def _refused(
    wanted: Wanted, left: Kept, wishes: Wishes, best: Fit, allowed: Sequence[Dialect], name: str
) -> WeightsError:
    """Also where only names that are another network's would fit: shapes do not tell all."""
    others = [one for one in DIALECTS if one not in allowed]
    for one in candidates(wanted, left, wishes, others):
        if one.is_right and one.dialect is not None:
            zoo = ", ".join(f"{stem}.res" for stem in sorted(one.dialect.zoo)[:3])
            return unfit(
                f"{name} does not fit {wanted.name}: a sibling of equal shapes: its names are "
                f"those of {one.dialect.name} for the networks of {zoo}",
                _to_rename(one.dialect),
            )
    shapes = {key: found.shape for key, found in left.tensors.items()}
    if not shapes:
        return unfit(f"{name} does not fit {wanted.name}: there are no tensors in it")
    others_names = renames(wanted, left, wishes, best, allowed)
    why = cause(Difference.of(wanted, best, shapes, others_names))
    known = _known_as(wanted, left, best)
    first = first_mismatch(wanted, best, shapes)
    return unfit(f"{name} does not fit {wanted.name}: {why.text}{known}\n{first}", why.help)


def _to_rename(dialect: Dialect) -> list[str]:
    """Where it is one name for another."""
    only = re.fullmatch(r"`([\w.]+)` is `([\w.]+)`", dialect.note)
    text = "if it is this network all the same: "
    return [f'{text}rename={{"{only[1]}": "{only[2]}"}}'] if only else []


def _known_as(wanted: Wanted, left: Kept, best: Fit) -> str:
    """The networks of the zoo whose tensors these are, by whatever names."""
    inside = [key for key in left.tensors if key.startswith(best.prefix)]
    own = {key: key.removeprefix(best.prefix) for key in inside}
    for dialect in (None, *DIALECTS):
        if dialect is not None and not dialect.is_marked(inside):
            continue
        names = dialect.translated(list(own.values())) if dialect else {}
        shapes = {names.get(own[key], own[key]): left.tensors[key].shape for key in inside}
        found = alike(shapes, wanted)
        if wanted.name in found:
            return ""
        if found:
            shown = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if found[3:] else "")
            as_named = f", as {dialect.name} names them" if dialect else ""
            return f"; its tensors are those of {shown}{as_named}"
    return ""


def _planned(
    wanted: Wanted, left: Kept, found: Fit, wishes: Wishes, wrapped: Sequence[str]
) -> Plan:
    takes = {ours: left.origins[theirs] for ours, theirs in found.taken.items()}
    adapted = tuple(
        (ours, left.tensors[found.taken[ours]].shape[1], wanted.shapes[ours][1])
        for ours in found.adapted
    )
    new = tuple((ours, _why_new(wanted, left, found, ours)) for ours in found.new)
    report = WeightsReport(
        wanted.name,
        len(takes),
        len(wanted.shapes),
        tuple(wrapped),
        found.prefix,
        found.dialect.name if found.dialect else "order" if wishes.in_order else "",
        found.dialect.note if found.dialect else "by shapes alone" if wishes.in_order else "",
        found.changed if found.dialect or wishes.in_order else left.renamed,
        adapted,
        new,
        (*left.dropped, *(left.origins[found.named[o]] for o in found.named if o in wanted.cut)),
        siblings(wanted),
        takes,
    )
    return Plan(takes, found.adapted, found.new, report)


def _why_new(wanted: Wanted, left: Kept, found: Fit, ours: str) -> str:
    theirs = found.named.get(ours)
    if theirs is None:
        is_dropped = left.dropped and ours not in wanted.head
        return "dropped" if is_dropped or not wanted.asks_head else "the file has none"
    there = left.tensors[theirs].shape
    if there == wanted.shapes[ours]:
        return "dropped"
    if is_other_head(there, wanted.shapes[ours]):
        return f"the file has {there[0]} classes, the design {wanted.classes}"
    return "of another shape"
