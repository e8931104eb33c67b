"""Which `set`s were used, and by what."""

from __future__ import annotations

from typing import Any

from resdsl.language.values.scope import Setting


class Uses:
    """`statements`: the `set`s that gave something, by identity. `doing`: of each definition that
    is being elaborated, the innermost last, the places of the `set`s that it depends on. Those that
    an inner one depends on are used by its call, when it is made (elaborate/instances.py)."""

    def __init__(self) -> None:
        self.statements: set[int] = set()
        self.doing: list[set[Any]] = []

    def used(self, setting: Setting) -> None:
        self.statements.add(id(setting.statement))
        if self.doing:
            self.doing[-1].add(setting.where)
