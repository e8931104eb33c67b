"""Programs of one text that one class can serve, grouped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from resdsl.design.model import Body
from resdsl.records import dataclass
from resdsl.targets.idle_steps import filled
from resdsl.targets.program import Program, Sum, Value
from resdsl.targets.starts import Departure, Starts


def partition(programs: Sequence[Program], starts: Starts) -> list[list[Program]]:
    """Those of one class together, in the order of the first of each."""

    def needed(body: Body) -> set[str]:
        """The keys of modules that the network's constructor goes into, to start what is there."""
        return {key for key, places in starts.departures(body).items() if places}

    found: dict[object, list[_Alike]] = {}
    for program in filled(programs, needed):
        sums = [step for step in program.instructions if isinstance(step, Sum)]
        shortcuts = [
            None if step.shortcut is None else (step.shortcut.key, step.args) for step in sums
        ]
        departures = {
            (root, key): places
            for key, places in starts.departures(program.body).items()
            for root in starts.programs.below[id(program.definition)]
        }
        # How tensors start is for `departures` to compare.
        likeness = program.definition.origin, program.likeness()
        classes = found.setdefault(likeness, [])
        if not any(alike.takes(program, shortcuts, departures) for alike in classes):
            classes.append(_Alike([program], shortcuts, departures))
    return [alike.programs for classes in found.values() for alike in classes]


# The key of the module of a shortcut, and what it is called with.
_Shortcut: TypeAlias = tuple[str, tuple[Value, ...]]


@dataclass(slots=True)
class _Alike:
    """Programs that one class can serve, their shortcuts, where they have any, and by root and key
    how modules start otherwise than most: in each variant of the network they may do so alike."""

    programs: list[Program]
    shortcuts: list[_Shortcut | None]
    starts: dict[tuple[int, str], tuple[Departure, ...]]

    def takes(
        self,
        program: Program,
        shortcuts: Sequence[_Shortcut | None],
        starts: Mapping[tuple[int, str], tuple[Departure, ...]],
    ) -> bool:
        """Adds a program, if nothing that is in one place has another key there, or is called with
        something else, nor two have one key, and modules of one key start alike."""
        if any(self.starts.get(key, places) != places for key, places in starts.items()):
            return False
        pairs = list(zip(self.shortcuts, shortcuts, strict=True))
        if any(one and other and one != other for one, other in pairs):
            return False
        both = [one or other for one, other in pairs]
        named = [found[0] for found in both if found]
        if any(
            not (one and other) and found and "." in found[0]
            for (one, other), found in zip(pairs, both, strict=True)
        ):
            # A container has no place for a module that is not there.
            return False
        if len(set(named)) < len(named):
            return False
        self.shortcuts = both
        self.starts.update(starts)
        self.programs.append(program)
        return True
