"""Programs of one text that one class can serve, grouped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resdsl.design.model import Body
from resdsl.records import dataclass
from resdsl.targets.idle_steps import filled
from resdsl.targets.program import Program, Sum
from resdsl.targets.starts import Departure, Starts


def partition(programs: Sequence[Program], starts: Starts) -> list[list[Program]]:
    """Those of one class together, in the order of the first of each."""

    def needed(body: Body) -> set[str]:
        """The keys of modules that the network's constructor goes into, to start what is there."""
        return {key for key, places in starts.departures(body).items() if places}

    found: dict[object, list[_Alike]] = {}
    for program in filled(programs, needed):
        shortcuts = [step.shortcut for step in program.instructions if isinstance(step, Sum)]
        keys = [None if shortcut is None else shortcut.key for shortcut in shortcuts]
        departures = starts.departures(program.body)
        classes = found.setdefault((program.definition.origin, program.likeness()), [])
        if not any(alike.takes(program, keys, departures) for alike in classes):
            classes.append(_Alike([program], keys, dict(departures)))
    return [alike.programs for classes in found.values() for alike in classes]


@dataclass(slots=True)
class _Alike:
    """Programs that one class can serve, the keys of their shortcuts, where they have any, and by
    key how modules start otherwise than most."""

    programs: list[Program]
    keys: list[str | None]
    starts: dict[str, tuple[Departure, ...]]

    def takes(
        self,
        program: Program,
        keys: Sequence[str | None],
        starts: Mapping[str, tuple[Departure, ...]],
    ) -> bool:
        """Adds a program, if nothing that is in one place has another key there, nor two one, and
        modules of one key start alike."""
        if any(self.starts.get(key, places) != places for key, places in starts.items()):
            return False
        pairs = list(zip(self.keys, keys, strict=True))
        if any(one and other and one != other for one, other in pairs):
            return False
        if any(
            (one is None) != (other is None) and "." in (one or other or "") for one, other in pairs
        ):
            # A container has no place for a module that is not there.
            return False
        both = [one or other for one, other in pairs]
        named = [key for key in both if key is not None]
        if len(set(named)) < len(named):
            return False
        self.keys = both
        self.starts.update(starts)
        self.programs.append(program)
        return True
