"""The copies in a column: written out, or equal neighbours folded."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from resdsl.drawing.side_by_side.items import Item, Repeat, Row, Unit, form, renamed

# Equal neighbours from which on they are folded.
_MANY = 3


def written(items: Sequence[Item]) -> list[Item]:
    """With every copy written out."""
    found: list[Item] = []
    for item in items:
        match item:
            case Unit(inner):
                found.append(Unit(tuple(written(inner))))
            case Repeat(inner, count, path):
                once = written(inner)
                found += (_at(part, path, copy) for copy in range(count) for part in once)
            case _:
                found.append(item)
    return found


def folded(items: Sequence[Item]) -> list[Item]:
    """With equal neighbours together, be they copies of one unit or written one by one.

    A point that is read stands between those beside it, so that what it is of stays alone.
    """
    found: list[Item] = []
    for item in items:
        match item:
            case Unit(inner):
                found.append(Unit(tuple(folded(inner))))
            case Repeat(inner, count, path):
                once = tuple(folded(inner))
                if count < _MANY:
                    found += (_at(part, path, copy) for copy in range(count) for part in once)
                else:
                    found.append(Repeat(once, count, path))
            case _:
                found.append(item)
    return _together(found)


def _together(items: Sequence[Item]) -> list[Item]:
    """Runs of equal neighbours as one repeat; one that goes on as what is in it does, too."""
    found: list[Item] = []
    # Of each, what it repeats, or what it is.
    forms: list[Hashable] = []
    for item in items:
        mine = form(item.items if isinstance(item, Repeat) else [item])
        last = found[-1] if found else None
        more = item.count if isinstance(item, Repeat) else 1
        if isinstance(last, Repeat) and forms[-1] == mine:
            found[-1] = replace(last, count=last.count + more)
        elif isinstance(item, Row | Unit) and forms[-2:] == [mine, mine]:
            found[-2:] = [Repeat((found[-2],), _MANY, "")]
            forms.pop()
        else:
            found.append(item)
            forms.append(mine)
    return found


def _at(item: Item, path: str, copy: int) -> Item:
    """An item of the first copy as it is called in another: `layer1.0.conv1`, `layer1.2.conv1`."""
    if not copy:
        return item
    before, _, number = path.rpartition(".")
    return renamed(item, path, f"{before}.{int(number) + copy}")
