"""Did you mean: the names that somebody who wrote an unknown one may have had in mind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

from resdsl import limits
from resdsl.diagnostics.aliases import fold, ours

LONGEST = 64  # what is longer than a name can be is not a misspelled name
_FUZZY = 6  # letters from which on a misspelled foreign name is recognised as well


def suggest(name: str, candidates: Iterable[str], limit: int = 3) -> list[str]:
    """At most `limit` of `candidates` that `name` may stand for, the likeliest first.

    Of very many candidates only the first are looked at (`limits.CANDIDATES`).

    A candidate that differs in case, underscores or `2d` alone wins. Else, what other libraries'
    `name` is called here (`fc` is `linear`), then what goes on behind it (`resnext50_32x4d`), then
    the candidates fewest typing slips away.
    """
    if not name or len(name) > LONGEST:
        return []
    compared = set(islice(candidates, limits.CANDIDATES)) - {name}
    return list(_suggested(name, tuple(sorted(compared)))[:limit])


# One unknown name is often written in many places.
@lru_cache(256)
def _suggested(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    folded = fold(name)
    if same := [one for one in known if fold(one) == folded]:
        return tuple(same)

    found = _aliases(folded, known)
    if len(folded) >= _FUZZY:
        found += [one for one in known if one.lower().startswith(f"{name.lower()}_")]
    found += _misspelled(folded, known, 1 if found else LONGEST)
    if not found:
        found = _begun(folded, known)
    if not found and len(folded) >= _FUZZY:
        near = (alias for alias in ours() if distance(folded, alias, 1) <= 1)
        found = [one for alias in near for one in _aliases(alias, known)]
    return tuple(dict.fromkeys(found))


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """The sentence for a help line, or None where no candidate comes near."""
    return sentence([f"`{one}`" for one in suggest(name, candidates)])


def sentence(found: Sequence[str]) -> str | None:
    """`did you mean a, b or c?`; None for nothing."""
    if not found:
        return None
    *first, last = found
    return f"did you mean {', '.join(first)} or {last}?" if first else f"did you mean {last}?"


def _aliases(folded: str, known: Sequence[str]) -> list[str]:
    """What a foreign name is called here; `bn1` is one of the `bn`s."""
    table = ours()
    names = table.get(folded) or table.get(folded.rstrip("0123456789")) or ()
    return [one for one in names if one in known]


def _misspelled(folded: str, known: Sequence[str], most: int) -> list[str]:
    """Those of `known` with the fewest slips, up to `most` and to one in three letters; of names
    that end with numbers the nearest first."""
    slips: dict[str, int] = {}
    best = most
    for one in known:
        other = fold(one)
        allowed = min(best, max(len(folded), len(other)) // 3)
        found = distance(folded, other, allowed)
        if found <= allowed:
            slips[one] = best = found
    fewest = [one for one, found in slips.items() if found == best]
    number = _last_number(folded)
    return sorted(fewest, key=lambda one: abs(_last_number(one) - number))


def _last_number(name: str) -> int:
    digits = name[len(name.rstrip("0123456789")) :]
    return int(digits) if digits and digits.isascii() else 0


def _begun(folded: str, known: Sequence[str]) -> list[str]:
    """Those that go on where `folded` ends: `squeeze` for `squeeze_excite`."""
    if len(folded) < 3:
        return []
    return [one for one in known if fold(one).startswith(folded)]


def distance(one: str, other: str, most: int) -> int:
    """Letters to insert, drop, replace, or swap with their neighbour; above `most`, any number
    above it (restricted Damerau-Levenshtein distance).

    A column at a time, its differences as the bits of two numbers: Hyyrö, "A Bit-Vector Algorithm
    for Computing Levenshtein and Damerau Edit Distances", 2003.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    if not one:
        return len(other)
    places: dict[str, int] = {}
    for i, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << i
    last = 1 << (len(one) - 1)
    # Where a column goes up by one, where down, and where the diagonal stays; `found` is its end.
    up, down, stays, before, found = 2 * last - 1, 0, 0, 0, len(one)
    for left, letter in enumerate(other, 1 - len(other)):
        here = places.get(letter, 0)
        swapped = (~stays & here) << 1 & before
        stays = ((here & up) + up ^ up) | here | down | swapped
        rises, falls = down | ~(stays | up), stays & up
        found += bool(rises & last) - bool(falls & last)
        if found + left > most:  # it falls by one with each letter that is left, at most
            return most + 1
        rises, falls = rises << 1 | 1, falls << 1
        up, down, before = falls | ~(stays | rises), rises & stays, here
    return found
