"""How the tensors of a file meet those of a design, by one prefix and one dialect."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from resdsl.records import dataclass
from resdsl.weights.dialects import Dialect
from resdsl.weights.tensors import AVERAGED, Shape, Tensors, Wanted, is_counter
from resdsl.weights.wishes import Kept, Wishes


@dataclass(frozen=True, slots=True)
class Fit:
    """Keys of the design are ours, keys of the file theirs.

    `named` are theirs by what they would be called here. `taken` are theirs by ours, of equal
    shape or adapted: `adapted` those of other input channels, the others of as many elements.
    `new` are ours that the file does not fill, as it may. `wrong` are ours of another shape there,
    `missing` ours, `unknown` theirs that are nothing here.
    """

    prefix: str
    dialect: Dialect | None
    named: dict[str, str]
    taken: dict[str, str]
    adapted: tuple[str, ...]
    new: tuple[str, ...]
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    unknown: tuple[str, ...]
    # Keys that the dialect or a wish has changed.
    changed: int

    @property
    def is_complete(self) -> bool:
        """Every tensor of the design is there, whatever else is."""
        return not self.missing and not self.wrong and bool(self.taken)

    @property
    def is_right(self) -> bool:
        return self.is_complete and not self.unknown

    @property
    def rank(self) -> tuple[int, int]:
        """The more, the nearer."""
        return len(self.taken) + len(self.wrong), len(self.taken)


def fit(wanted: Wanted, kept: Kept, wishes: Wishes, prefix: str, dialect: Dialect | None) -> Fit:
    inside = {key[len(prefix) :]: key for key in kept.tensors if key.startswith(prefix)}
    names = dialect.translated(list(inside)) if dialect else {key: key for key in inside}
    named = {names[key]: theirs for key, theirs in inside.items()}
    changed = sum(names[key] in wanted.shapes for key in inside if names[key] != key)
    left = _left(kept, wishes, prefix, dialect)
    taken: dict[str, str] = {}
    adapted: list[str] = []
    new: list[str] = []
    missing: list[str] = []
    wrong: list[str] = []
    lacks_head = not any(key in named for key in wanted.head)
    for ours, shape in wanted.shapes.items():
        theirs = named.get(ours)
        if theirs is None:
            is_left = wishes.drops(ours) or ours in left
            is_head = ours in wanted.head and wanted.asks_head and lacks_head
            if is_left or is_head:
                new.append(ours)
            elif not is_counter(ours):
                missing.append(ours)
            continue
        there = kept.tensors[theirs].shape
        if wishes.drops(ours):
            # By the design's name, whatever the file calls it.
            new.append(ours)
        elif there == shape:
            taken[ours] = theirs
        elif ours in wanted.entry and adapts(there, shape):
            taken[ours] = theirs
            adapted.append(ours)
        elif is_counter(ours) and prod(there) == 1:
            taken[ours] = theirs
        elif prod(there) == prod(shape) == 1 and () in (there, shape):
            # A learned number: of no dimension there, of one here.
            taken[ours] = theirs
        elif dialect is not None and dialect.reshapes and _flattens(there, shape):
            taken[ours] = theirs
        elif ours in wanted.head and wanted.asks_head and is_other_head(there, shape):
            new.append(ours)
        else:
            wrong.append(ours)
    used = {named[ours] for ours in (*wanted.shapes, *wanted.cut) if ours in named}
    unknown = tuple(
        theirs
        for theirs in kept.tensors
        if theirs not in used and theirs.rpartition(".")[2] != AVERAGED
    )
    return Fit(
        prefix,
        dialect,
        named,
        taken,
        tuple(adapted),
        tuple(new),
        tuple(missing),
        tuple(wrong),
        unknown,
        changed,
    )


def _left(kept: Kept, wishes: Wishes, prefix: str, dialect: Dialect | None) -> set[str]:
    """What dropped tensors would be called here: they start as new."""
    keys = [wishes.renamed(key) for key in kept.dropped]
    inside = [key.removeprefix(prefix) for key in keys]
    return set(dialect.translated(inside).values() if dialect else inside)


def adapts(there: Shape, here: Shape) -> bool:
    """Whether weights of 1 or 3 channels can be made into those of other channels."""
    return (
        len(there) == len(here) > 2
        and there[1] in (1, 3)
        and there[:1] == here[:1]
        and there[2:] == here[2:]
    )


def _flattens(there: Shape, here: Shape) -> bool:
    """Whether a convolution over all of its input is there what is a linear layer here."""
    return len(there) == 4 and len(here) == 2 and (there[0], prod(there[1:])) == here


def is_other_head(there: Shape, here: Shape) -> bool:
    """The same features for another number of classes."""
    return len(there) == len(here) > 0 and there[1:] == here[1:] and there != here


def prefixes(wanted: Wanted, tensors: Tensors) -> list[str]:
    """What may stand before all keys of a copy: the beginnings that enough of them share."""
    counts: dict[str, int] = {}
    for key in tensors:
        parts = key.split(".")[:-1]
        for depth in range(1, min(len(parts), _DEPTH) + 1):
            beginning = ".".join(parts[:depth]) + "."
            counts[beginning] = counts.get(beginning, 0) + 1
    least = len(wanted.needed) // 3
    common = sorted((key for key, n in counts.items() if n >= max(least, 1)), key=len)
    return ["", *common[:_MOST]]


# Components of a prefix, and prefixes that are tried.
_DEPTH = 5
_MOST = 40


def candidates(
    wanted: Wanted, kept: Kept, wishes: Wishes, dialects: Sequence[Dialect]
) -> list[Fit]:
    """With every prefix and each dialect that leaves traces; the exact names first."""
    whole = fit(wanted, kept, wishes, "", None)
    if whole.is_right:  # there is no room for another
        return [whole]
    begins = prefixes(wanted, kept.tensors)
    exact = [fit(wanted, kept, wishes, prefix, None) for prefix in begins]
    if any(one.is_right for one in exact):
        return exact
    marked = [one for one in dialects if one.is_marked(kept.tensors)]
    return exact + [fit(wanted, kept, wishes, prefix, one) for one in marked for prefix in begins]


def quantised(found: Fit, tensors: Tensors) -> str | None:
    """A tensor of ours that is taken from whole numbers, though it is none of them."""
    return next(
        (
            ours
            for ours, theirs in found.taken.items()
            if not is_counter(ours) and not tensors[theirs].is_floating
        ),
        None,
    )
