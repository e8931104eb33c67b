"""A name that means nothing, what stands around it, and a reason to tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label
from resdsl.language.messages.join_calls import joined_calls
from resdsl.language.names import elsewhere
from resdsl.language.names.mentions import bound_names, nodes, parents
from resdsl.language.names.symbols import Module
from resdsl.records import dataclass
from resdsl.syntax import tree


class Surroundings:
    """What stands around the names of a definition (or `let`) of a file: looked up once for all."""

    def __init__(self, item: Any, module: Module) -> None:
        self.item = item
        self.module = module
        # What was found in other definitions, by name.
        self.outside: dict[str, tuple[elsewhere.Definition, elsewhere.Binder] | None] = {}
        # The joins of which it was told what to write, by identity.
        self.told_joins: set[int] = set()
        # The labels that were told to be no tensors, with the join that reads them.
        self.told_labels: set[tuple[int, str]] = set()
        # Whether it was told that the extents of its input have no names.
        self.are_extents_told = False

    @classmethod
    def of(cls, item: Any, module: Module) -> Surroundings:
        """Those of a definition, the same each time."""
        found: Surroundings | None = module.around.get(item)
        if found is None:
            found = module.around[item] = cls(item, module)
        return found

    @cached_property
    def nodes(self) -> list[Any]:
        return list(nodes(self.item))

    @cached_property
    def own(self) -> set[str]:
        """The names that it binds."""
        return bound_names(self.nodes)[0]

    @cached_property
    def binders(self) -> elsewhere.Binders:
        return elsewhere.Binders(self.nodes)

    @cached_property
    def _parents(self) -> dict[int, Any]:
        return parents(self.item)

    def enclosing(self, node: Any) -> Iterator[Any]:
        """A node and those that it stands in, the innermost first."""
        while node is not None:
            yield node
            node = self._parents.get(id(node))

    @cached_property
    def labels(self) -> dict[str, elsewhere.Labelled]:
        return elsewhere.labels(self.nodes)

    @cached_property
    def calls(self) -> dict[int, tree.Call]:
        """By the identity of a name, the call that it is the callee of."""
        return {id(node.callee): node for node in self.nodes if isinstance(node, tree.Call)}

    @cached_property
    def fields(self) -> dict[int, str]:
        """By the identity of a value, the field that is read of it."""
        return {id(node.value): node.name.id for node in self.nodes if isinstance(node, tree.Field)}

    @cached_property
    def arguments(self) -> dict[int, tuple[tree.Call, int]]:
        """By the identity of a value, the call that it is an argument of, and its place there."""
        calls = [node for node in self.nodes if isinstance(node, tree.Call)]
        return {
            id(argument.value): (call, place)
            for call in calls
            for place, argument in enumerate(call.arguments)
        }

    @cached_property
    def units(self) -> dict[int, tree.Apply | tree.Stage | tree.Branch | tree.Residual]:
        """By the identity of a call, what applies it to a tensor."""
        found: dict[int, tree.Apply | tree.Stage | tree.Branch | tree.Residual] = {}
        for node in self.nodes:
            if isinstance(node, tree.Apply | tree.Stage | tree.Branch):
                found[id(node.unit)] = node
            elif isinstance(node, tree.Residual):
                found[id(node.mode)] = node
        return found

    @cached_property
    def joined(self) -> set[int]:
        """The identities of the calls whose results a `join` would work on."""
        joins = [node for node in self.nodes if isinstance(node, tree.Join | tree.Fork)]
        return {id(call) for node in joins for call in joined_calls(node)}

    @cached_property
    def neighbours(self) -> dict[int, tuple[tree.Step | None, tree.Step | None]]:
        """By the identity of a step's unit, the step before, and that behind it on its line."""
        found: dict[int, tuple[tree.Step | None, tree.Step | None]] = {}
        for body in self.nodes:
            steps = body.steps if isinstance(body, tree.Body) else ()
            for place, step in enumerate(steps):
                if isinstance(step, tree.Apply):
                    before = steps[place - 1] if place else None
                    after = steps[place + 1] if place + 1 < len(steps) else None
                    is_near = after is not None and after.span.line == step.span.line
                    found[id(step.unit)] = before, after if is_near else None
        return found


@dataclass(frozen=True, slots=True)
class Sought:
    """A name that nothing could be found for. `candidates` are those that could have been meant."""

    name: tree.Name
    around: Surroundings
    candidates: Sequence[str]
    # It stands in an `expect`.
    expecting: bool = False

    @property
    def call(self) -> tree.Call | None:
        """The call that it is the callee of."""
        return self.around.calls.get(id(self.name))

    @property
    def neighbours(self) -> tuple[tree.Step | None, tree.Step | None]:
        return self.around.neighbours.get(id(self.call), (None, None))

    @property
    def is_unit(self) -> bool:
        """It is applied to a tensor."""
        return self.call is not None and id(self.call) in self.around.units


@dataclass(frozen=True, slots=True)
class Reason:
    """What there is to say of it."""

    message: str
    label: str = "unknown name"
    help: str | None = None
    others: tuple[Label, ...] = ()
    code: codes.Code = codes.UNKNOWN_NAME
    # What else is part of the mistake: not told again.
    lost: tuple[str, ...] = ()
    # With another name of the same mistake.
    is_told: bool = False
    # One of the names that could have been meant.
    is_guess: bool = False
