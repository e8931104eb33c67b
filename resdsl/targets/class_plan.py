"""What the class of a group says: the modules that it builds, and the numbers that it holds.

A plan has expressions for everything and names for nothing yet but the classes of the file: those
of parameters, variables and attributes follow (`class_names`), when all is known that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias

from resdsl import limits
from resdsl.design.join_expressions import Combine, Expression, Scalar
from resdsl.design.model import Instance
from resdsl.ops.base import Inline, Tensor
from resdsl.records import dataclass
from resdsl.targets import held, names
from resdsl.targets.attributes import HeldNumber
from resdsl.targets.calling import Attribute
from resdsl.targets.class_names import ClassNames, GivenModule, Parameter
from resdsl.targets.class_numbers import ClassNumbers, InexpressibleError, number
from resdsl.targets.classes import Classes, Emitted
from resdsl.targets.construct import Construct, Placed, word
from resdsl.targets.containers import Containers
from resdsl.targets.nodes import Node, Text
from resdsl.targets.program import Assemble, Instruction, Invoke, Sum
from resdsl.targets.shared_activations import (
    SharedActivation,
    keys,
    place_of_shared,
    shared_activations,
)


class TooLongError(Exception):
    """The text of a module would have more than `limits.CALLS` calls."""


@dataclass(frozen=True, slots=True)
class Submodule:
    """A module that the class builds. `is_item`: of a list, which numbers its modules itself.
    `is_tensor`: no module but a parameter of the class."""

    key: str
    node: Node
    is_item: bool = False
    is_tensor: bool = False


@dataclass(frozen=True, slots=True)
class Expressed:
    """An operator that is no module: an expression with these numbers."""

    inline: Inline
    values: tuple[tuple[str, Text], ...]


# In the order in which the constructor has them.
Setting: TypeAlias = Submodule | HeldNumber


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """`applied`: by the place of its instruction, the attribute or expression that runs a module.
    `scalars`: the numbers in joins, by the identity of a `Scalar`."""

    emitted: Emitted
    numbers: ClassNumbers
    settings: Sequence[Setting]
    applied: dict[int, Attribute | Expressed]
    scalars: dict[int, Text]
    containers: Containers
    keys: frozenset[str]

    @property
    def nodes(self) -> list[Node]:
        """All that the constructor says."""
        return [one.node if isinstance(one, Submodule) else one for one in self.settings]

    @property
    def given(self) -> frozenset[str]:
        """The keys of the modules that the caller builds."""
        submodules = (one for one in self.settings if isinstance(one, Submodule))
        return frozenset(one.key for one in submodules if isinstance(one.node, GivenModule))


# By the identity of a class.
Plans: TypeAlias = Mapping[int, tuple[ClassPlan, ClassNames]]


def planned(classes: Classes) -> Plans:
    """By the identity of a class: what it says, and the names in it.

    Each is made after those of the classes that it builds, whose parameters it gives. Raises
    TooLongError for a text of too many calls.
    """
    found: dict[int, tuple[ClassPlan, ClassNames]] = {}
    calls = 0

    def called(emitted: Emitted) -> Sequence[Parameter]:
        nonlocal calls
        calls += 1
        if calls > limits.CALLS * len(classes.programs.roots):
            raise TooLongError
        return found[id(emitted)][1].parameters

    for emitted in classes.innermost_first():
        if emitted.form != "chain":
            plan = _Planner(emitted, classes, called).plan()
            named = ClassNames(plan.numbers, plan.nodes, plan.keys)
            found[id(emitted)] = plan, named
    return found


class _Planner:
    """Makes the plan of one class. `parameters`: what the classes that it builds are given."""

    def __init__(
        self,
        emitted: Emitted,
        classes: Classes,
        parameters: Callable[[Emitted], Sequence[Parameter]],
    ) -> None:
        self.emitted = emitted
        self.classes = classes
        self.numbers = ClassNumbers(emitted.members, emitted.chosen, classes.functions)
        self.construct = Construct(classes, self.numbers, parameters)
        self.columns: list[tuple[Instruction, ...]] = list(
            zip(*(program.instructions for program in emitted.programs), strict=True)
        )
        self.inplace = emitted.overwriting.decisions
        self.containers = Containers(keys(self.columns))
        self.is_list = emitted.form in ("list", "function", "sequence")
        self.settings: list[Setting] = []
        self.applied: dict[int, Attribute | Expressed] = {}
        # By key, how the modules that were met are called.
        self.met: dict[str, Attribute] = {}
        self.scalars: dict[int, Text] = {}

    def plan(self) -> ClassPlan:
        shared: dict[int, SharedActivation] = {}
        if not self.is_list:
            shared = shared_activations(self.columns, self.inplace)
        where = place_of_shared(self.columns, shared)
        for index, column in enumerate(self.columns):
            if index == where:
                self._set_shared(shared)
            match column[0]:
                case Invoke() if index in shared:
                    self.applied[index] = Attribute(f"self.{shared[index].name}")
                case Invoke():
                    self._module(index, [step for step in column if isinstance(step, Invoke)])
                case Sum(adds=True):
                    self._shortcut(index, [step for step in column if isinstance(step, Sum)])
                case Assemble():
                    self._scalars([s.expression for s in column if isinstance(s, Assemble)])
                case _:
                    pass
        taken = {key.split(".")[0] for key in keys(self.columns)}
        taken |= {activation.name for activation in shared.values()}
        return ClassPlan(
            self.emitted,
            self.numbers,
            self.settings,
            self.applied,
            self.scalars,
            self.containers,
            frozenset(taken),
        )

    def _module(self, index: int, steps: list[Invoke]) -> None:
        first = steps[0]
        if any(step.is_absent for step in steps):
            self._optional(index, steps)
            return
        if first.apply.held:
            self._held(index, steps)
            return
        expressed = self._expressed(steps)
        if expressed is not None:
            self.applied[index] = expressed
            return
        key = first.apply.key
        if first.apply.is_again:
            self.applied[index] = self.met[key]
            return
        node = self._built(steps, inplace=index in self.inplace)
        is_list = first.op is None and self.classes.is_list(first.apply)
        text = self.containers.attribute(key)
        if self.is_list:
            place = sum(isinstance(one, Submodule) and one.is_item for one in self.settings)
            text = f"self[{place}]"
        if is_list and (self.is_list or "." in key):
            # An item of an nn.ModuleList is an nn.Module to a type checker, which has no
            # `__iter__`.
            text += ".children()"
        self.settings.append(Submodule(key, node, self.is_list))
        self.applied[index] = self.met[key] = Attribute(text, is_list)

    def _optional(self, index: int, steps: Sequence[Invoke]) -> None:
        """A module that some members do not have: the caller builds it."""
        key = steps[0].apply.key
        applies = tuple(None if step.is_absent else step.apply for step in steps)
        self.settings.append(Submodule(key, GivenModule(key, applies)))
        self.applied[index] = Attribute(self.containers.attribute(key), is_optional=True)

    def _built(self, steps: Sequence[Invoke], *, inplace: bool) -> Node:
        """The module of an instruction: built here, or where it cannot be, handed in."""
        placed = [Placed(step.apply) for step in steps]
        with suppress(InexpressibleError):
            return self.construct.module(placed, inplace=inplace)
        # Some calls may have no copy of it. Without a copy in any, it is built above.
        apply = next(step.apply for step in steps if step.apply.runs)
        if not isinstance(apply.unit, Instance):
            # The numbers of a block's own steps are given to it, not the steps.
            with suppress(InexpressibleError):
                return self.construct.module(placed, inplace=inplace, hint=word(apply))
        return self.construct.handed([step.apply for step in steps])

    def _shortcut(self, index: int, steps: list[Sum]) -> None:
        applies = [step.shortcut for step in steps]
        present = [apply for apply in applies if apply is not None]
        if not present:
            return
        key = present[0].key
        node: Node = GivenModule(key, tuple(applies))
        if len(present) == len(applies):
            node = self.construct.handed(present)
            with suppress(InexpressibleError):
                node = self.construct.module([Placed(apply) for apply in present])
        self.settings.append(Submodule(key, node))
        self.applied[index] = Attribute(self.containers.attribute(key))

    def _held(self, index: int, steps: Sequence[Invoke]) -> None:
        """A tensor of the class itself, and the expression with it instead of a module's call."""
        first = steps[0]
        key = first.apply.key
        assert first.op is not None
        inline = first.op.held(first.shape)
        assert inline is not None
        columns = zip(*(self._tensor(step).shape for step in steps), strict=True)
        extents = [self.construct.value([*map(number, c)], f"{key}_channels") for c in columns]
        value = held.value(self._tensor(first))
        if not first.apply.is_again:
            self.settings.append(Submodule(key, held.parameter(extents, value), is_tensor=True))
        self.applied[index] = Expressed(inline, (("tensor", Text(names.attribute(key))),))

    def _tensor(self, step: Invoke) -> Tensor:
        assert step.op is not None
        (tensor,) = step.op.tensors(step.shape)
        return tensor

    def _set_shared(self, shared: dict[int, SharedActivation]) -> None:
        for activation in dict.fromkeys(shared.values()):
            index = next(index for index, other in shared.items() if other == activation)
            placed = [
                Placed(step.apply) for step in self.columns[index] if isinstance(step, Invoke)
            ]
            name, inplace = activation.name, activation.inplace
            node = self.construct.module(placed, inplace=inplace, hint=name)
            self.settings.append(Submodule(name, node))

    # --- numbers ---------------------------------------------------------------------------------

    def _expressed(self, steps: Sequence[Invoke]) -> Expressed | None:
        """The expression that runs an operator without a module, where the class has a forward."""
        if self.is_list or "." in steps[0].apply.key:
            # A list or container has a place for each of its modules.
            return None
        inline = self.classes.programs.modules.inline
        found = [inline(step.op, step.shape) if step.op is not None else None for step in steps]
        first = found[0]
        if first is None:
            return None
        if any(inline is None or _form(inline) != _form(first) for inline in found):
            # One that does nothing beside one that does: the module serves both.
            return None
        values: list[tuple[str, Text]] = []
        for position, (name, _) in enumerate(first.values):
            column = [number(inline.values[position][1]) for inline in found if inline is not None]
            text = self.construct.value(column, f"{steps[0].apply.key}_{name}")
            if not self.numbers.is_constant(column):
                text = HeldNumber(name, text, is_bound=first.kind == "index")
                self.settings.append(text)
            else:
                text = self.numbers.said(text)
            values.append((name, text))
        return Expressed(first, tuple(values))

    def _scalars(self, joins: Sequence[Expression]) -> None:
        """The numbers in a join, which may differ between members."""
        stack: list[tuple[Expression, ...]] = [tuple(joins)]
        while stack:
            column = stack.pop()
            if isinstance(column[0], Scalar):
                values = [number(item.value) for item in column if isinstance(item, Scalar)]
                text = self.numbers.number(values, "factor")
                if not self.numbers.is_constant(values):
                    text = HeldNumber("factor", text, is_named_so=True)
                    self.settings.append(text)
                else:
                    text = self.numbers.said(text)
                self.scalars[id(column[0])] = text
            elif isinstance(column[0], Combine):
                operands = [item.operands for item in column if isinstance(item, Combine)]
                stack += zip(*operands, strict=True)


def _form(inline: Inline) -> Inline:
    """What it is but for its numbers."""
    return replace(inline, values=())
