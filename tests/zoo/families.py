"""One network of each family for every run, or a part of what there is; the rest for `.ci/full`.

What is left to it has the mark `full`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from zlib import crc32

import pytest
from _pytest.mark.structures import ParameterSet

import resdsl
from resdsl.api import zoo
from resdsl.api.groups import grouped

full = pytest.mark.full


def family(name: str) -> str:
    """The file of several networks that has this one, else its file's group in `resdsl list`."""
    path = zoo.entries()[name].path
    together = [entry for entry in zoo.entries().values() if entry.path == path]
    if len(together) > 1:
        return path.stem
    return next(title for title, stems in grouped([path.stem]).items() if stems)


def smallest(names: Iterable[str]) -> list[str]:
    """One of each family, by the numbers in their names."""
    return _firsts(sorted(names, key=_numbers))


def lightest(names: Iterable[str]) -> list[str]:
    """One of each family, that with the fewest parameters: for what runs a network."""
    params = {one.name: one.params for one in resdsl.networks()}
    return _firsts(sorted(names, key=params.__getitem__))


def _firsts(names: list[str]) -> list[str]:
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(family(name), name)
    return list(found.values())


def one_a_family(
    names: Iterable[str], choose: Callable[[Iterable[str]], list[str]] = smallest
) -> list[ParameterSet]:
    """`names` for pytest.mark.parametrize: all marked `full` but one of each family."""
    names = list(names)
    chosen = choose(names)
    return [pytest.param(name, marks=[] if name in chosen else [full]) for name in names]


def some_families(names: Iterable[str], always: Collection[str] = ()) -> list[ParameterSet]:
    """As `one_a_family`, of about every third family: for what has little to do with the network.

    Which those are is read off their names, so that a new family changes no other's place; `always`
    are networks that a test cannot do without.
    """
    names = list(names)
    chosen = {name for name in smallest(names) if crc32(family(name).encode()) % 3 == 0} | {*always}
    return [pytest.param(name, marks=[] if name in chosen else [full]) for name in names]


def every(step: int, values: Iterable[object]) -> list[ParameterSet]:
    """`values` for pytest.mark.parametrize: all marked `full` but the first of each `step`."""
    return [
        pytest.param(value, marks=[full] if place % step else [])
        for place, value in enumerate(values)
    ]


def _numbers(name: str) -> list[int]:
    """resnet18 before resnet101, and resnext50_32x4d before resnext101_32x8d."""
    return [int(number) for number in re.findall(r"\d+", name)]
