"""Keys with dots: modules that lie in containers, which all such keys of a body share.

`convs.0` is module 0 of the container `convs`. A container stands in the order of keys where its
first member stands; members that are all numbers come in their order, others in that of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Path: TypeAlias = tuple[str, ...]

# As torch numbers the modules of a list: `01` is another name.
_NUMBER = re.compile(r"0|[1-9]\d*", re.ASCII)


def are_numbers(members: Iterable[str]) -> bool:
    return all(map(_NUMBER.fullmatch, members))


def containers(key: str) -> list[str]:
    """The containers that a module lies in, the outermost first: `a`, `a.b` for `a.b.0`."""
    parts = key.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts))]


def members(keys: Iterable[str]) -> dict[Path, list[str]]:
    """By container, the body itself first, the names of what lies in it, in the order of keys."""
    found: dict[Path, dict[str, None]] = {(): {}}
    for key in keys:
        path = tuple(key.split("."))
        for depth, part in enumerate(path):
            found.setdefault(path[:depth], {})[part] = None
    return {
        path: sorted(row, key=int) if path and are_numbers(row) else list(row)
        for path, row in found.items()
    }


def in_key_order(items: Sequence[T], key: Callable[[T], str]) -> list[T]:
    """The modules of a body, given in the order of the text."""
    rows = members(map(key, items))
    ranks = {(*path, part): rank for path, row in rows.items() for rank, part in enumerate(row)}

    def ranked(item: T) -> list[int]:
        path = tuple(key(item).split("."))
        return [ranks[path[:depth]] for depth in range(1, len(path) + 1)]

    return sorted(items, key=ranked)
