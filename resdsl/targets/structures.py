"""Bodies of one text whose groups are made of other modules: each such structure is a class.

A group that is a plain chain has no class of its own, so it is written where it is used. Where an
`if` in it decides, or an operator that is given, no one constructor builds it for all members, and
each call of the class would have to spell it out. A class for each structure builds its own.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from resdsl.design import walk
from resdsl.design.model import Body, Instance
from resdsl.targets.lowering import Programs
from resdsl.targets.partition import partition
from resdsl.targets.program import Program, Sum
from resdsl.targets.starts import Starts

# How many classes one may become. More of them are harder to read than calls that say all.
STRUCTURES = 3

# By the identity of a body: which class it is of.
_Places: TypeAlias = Mapping[int, int]


def by_structure(
    partitions: Sequence[list[Program]], programs: Programs, starts: Starts
) -> list[list[Program]]:
    """The partitions, those whose chains differ split until no more do: a class that is split is
    another module in the chains that hold it."""
    found = list(partitions)
    while True:
        places = {id(one.body): index for index, alike in enumerate(found) for one in alike}
        made = [part for alike in found for part in _split(alike, places, programs, starts)]
        if len(made) == len(found):
            return found
        found = made


def place(path: tuple[str, ...]) -> tuple[str, ...]:
    """Where a group stands: what lies in one container, numbered, stands in one place."""
    return tuple(re.sub(r"\.\d+(?=\.|$)", ".", key, flags=re.ASCII) for key in path)


def _split(
    alike: list[Program], places: _Places, programs: Programs, starts: Starts
) -> list[list[Program]]:
    if len(alike) == 1:
        return [alike]
    groups = [list(walk.groups(program.body)) for program in alike]
    # A shortcut is handed in where they differ in it, and what some do not have.
    keys = [{one.path[0] for one in found} for found in groups]
    common = set[str].intersection(*keys)
    for step in itertools.chain(*(program.instructions for program in alike)):
        if isinstance(step, Sum) and step.shortcut is not None:
            common.discard(step.shortcut.key)
    chains = [
        [
            (place(one.path), programs.of_group(one.body))
            for one in found
            if one.path[0] in common and programs.of_group(one.body).is_chain
        ]
        for found in groups
    ]
    by_path: dict[tuple[str, ...], list[Program]] = {}
    for path, chain in itertools.chain(*chains):
        by_path.setdefault(path, []).append(chain)
    kinds = {
        id(one.body): kind
        for found in by_path.values()
        for kind, same in enumerate(partition(found, starts))
        for one in same
    }
    parts: dict[object, list[Program]] = {}
    for program, own in zip(alike, chains, strict=True):
        structure = frozenset(
            (path, kinds[id(chain.body)], *_inside(chain.body, places)) for path, chain in own
        )
        parts.setdefault(structure, []).append(program)
    return list(parts.values()) if len(parts) <= STRUCTURES else [alike]


def _inside(body: Body, places: _Places) -> Iterator[tuple[str, frozenset[int]]]:
    """The classes of the modules of a chain."""
    for apply in body.modules():
        definitions = [run.unit.definition for run in apply.runs if isinstance(run.unit, Instance)]
        yield apply.key, frozenset(places[id(one.body)] for one in definitions)
