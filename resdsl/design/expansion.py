"""How large a design is when written out: twenty definitions may stand for a million operators."""

from __future__ import annotations

from resdsl.design.model import Body, Definition, Group, Instance
from resdsl.design.walk import calls


class Expansion:
    """Counts operators, each definition once. `copies`: every copy of a run counts, else one.
    `again`: every call of a module counts, else the first.

    A block of nothing counts as one: blocks that hold nothing but each other take time as well.
    """

    def __init__(self, *, copies: bool, again: bool = False) -> None:
        self.copies = copies
        self.again = again
        self._known: dict[Definition, int] = {}

    def definition(self, definition: Definition) -> int:
        if definition not in self._known:
            self._known[definition] = self.body(definition.body)
        return self._known[definition]

    def body(self, body: Body) -> int:
        total = 0
        for apply in calls(body) if self.again else body.modules():
            for run in apply.runs:
                count = run.count if self.copies else 1
                match run.unit:
                    case Instance(definition):
                        total += count * max(self.definition(definition), 1)
                    case Group(inner):
                        total += count * max(self.body(inner), 1)
                    case _:
                        total += count
        return total
