"""The keys of modules that are new, or that follow each other by number."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import count

from resdsl.design.keys import containers
from resdsl.design.model import Apply, Body, Definition
from resdsl.design.walk import groups
from resdsl.fusing.editing import Edit
from resdsl.fusing.plan import Plan


class Keys:
    """What may be the key of a module that is added to a body."""

    def __init__(self) -> None:
        # By the identity of a body.
        self._taken: dict[int, set[str]] = {}

    def free(self, body: Body, wanted: str, gone: Collection[str]) -> str:
        """The key, with a number where another has it; `gone` are modules that are left out."""
        if id(body) not in self._taken:
            keys = [apply.key for apply in body.modules()]
            around = [outer for key in keys for outer in containers(key)]
            self._taken[id(body)] = {*keys, *around}
        taken = self._taken[id(body)]
        left = {outer for key in taken - set(gone) for outer in (key, *containers(key))}
        found = wanted
        for number in count(1):
            if found not in left:
                break
            found = f"{wanted}_{number}"
        taken -= set(gone)
        taken.add(found)
        return found


def renumbered(definition: Definition, plan: Plan) -> Definition:
    """The definition whose numbered bodies have no gaps; the plan knows what keys were before."""
    bodies = [definition.body, *(group.body for group in groups(definition.body, again=True))]
    if not any(_moved(body) for body in bodies):
        return definition
    return _Renumbering(plan).definition(definition)


def _moved(body: Body) -> dict[str, str]:
    """The keys of a numbered body that are to be others."""
    keys = list(dict.fromkeys(apply.key for apply in body.modules())) if body.numbered else []
    return {key: str(place) for place, key in enumerate(keys) if key != str(place)}


class _Renumbering(Edit):
    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan

    def body(self, body: Body) -> Body:
        made = super().body(body)
        moved = _moved(made)
        if moved:
            made.steps = [
                replace(one, key=moved.get(one.key, one.key)) if isinstance(one, Apply) else one
                for one in made.steps
            ]
            self.plan.keys[id(made)] = made, {new: old for old, new in moved.items()}
        return made
