"""The constructor of one emitted class: its numbers, its parameters and its local variables.

A number that stands at one place of a class has one value per member. Equal values become a
literal; others an expression over the members' arguments that gives every member its value; where
no origin does, the number becomes a parameter of its own, named for what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import Any, TypeAlias

from resdsl.design.model import Apply, Body, Definition
from resdsl.extents import Size, collapsed
from resdsl.provenance import Operation, depth, leaves, origin, plain
from resdsl.targets import names
from resdsl.targets.formulas import (
    Surroundings,
    Term,
    Tree,
    UnknownOriginError,
    is_number,
    lets,
    substituted,
)
from resdsl.targets.nodes import Node, Text, literal, parts


@dataclass(frozen=True, slots=True)
class Number:
    """A value as one member has it, and where it comes from in the terms of the scope around."""

    value: Any
    tree: Tree | None


@dataclass(slots=True)
class Formula(Text):
    """A number over the arguments: where it comes from, or the argument that it is.

    Its text is final once the constructor is known, for `let`s may have become variables there.
    """

    tree: Tree | None = field(default=None, compare=False)
    source: str | None = field(default=None, compare=False)


Frames: TypeAlias = tuple[Mapping[str, Any], ...]


def number(value: Any, frames: Frames = ()) -> Number:
    """`value` from inside calls that gave `frames` as arguments, the innermost first."""
    if isinstance(value, Size | tuple):
        return Number(collapsed(value) if isinstance(value, Size) else value, None)
    tree: Tree | None = origin(value)
    for frame in frames:
        tree = substituted(tree, frame)
    return Number(plain(value), tree)


def as_float(number: Number) -> Number:
    """What a parameter that is a `float` is given."""
    value, tree = number.value, number.tree
    if not isinstance(value, int):
        return number
    return Number(
        float(value), None if tree is None else Operation("*", tree, 1.0, depth(tree) + 1)
    )


@dataclass(frozen=True, slots=True)
class Member:
    """One elaboration that a class serves: a definition, or a group in one."""

    definition: Definition
    body: Body


@dataclass(slots=True)
class NumberParameter:
    """`stride: int = 1`. `source`: the definition's argument; else `numbers` per member."""

    name: str
    annotation: str
    default: Any = None
    source: str | None = None
    numbers: list[Number] = field(default_factory=list)

    @property
    def text(self) -> str:
        made = f"{self.name}: {self.annotation}"
        if self.default is None:
            return made
        default = float(self.default) if self.annotation == "float" else self.default
        return f"{made} = {literal(default)}"


@dataclass(slots=True)
class ModuleParameter:
    """A module that the caller builds, None where a member has none."""

    name: str
    applies: list[Apply | None]
    is_list: bool = False

    @property
    def is_optional(self) -> bool:
        return any(apply is None for apply in self.applies)

    @property
    def text(self) -> str:
        kind = "nn.ModuleList" if self.is_list else "nn.Module"
        return f"{self.name}: {kind}" + (" | None = None" if self.is_optional else "")


Parameter: TypeAlias = NumberParameter | ModuleParameter


class InexpressibleError(Exception):
    """No expression over the arguments gives all members their numbers."""


class Scope:
    """What may be said in one constructor, and what has been said."""

    def __init__(
        self,
        members: Sequence[Member],
        chosen: Iterable[str] = (),
        functions: Iterable[str] = (),
    ) -> None:
        """`chosen`: the arguments that the network's caller chooses, through whatever calls.
        `functions`: what the file defines, which nothing in here may hide.
        """
        self.members = members
        self.chosen = frozenset(chosen)
        self.functions = frozenset(functions)
        environments = [member.definition.arguments for member in members]
        first = environments[0]
        self.arguments = [name for name in first if all(name in other for other in environments)]
        free = {
            name
            for name in self.arguments
            if name in self.chosen or not _agree(other[name] for other in environments)
        }
        # How the arguments are called that the text may mention; others are constants.
        self.python: dict[str, str] = {}
        # Those that are spelled as Python does keep their names.
        named = [name for name in self.arguments if name in free]
        for name in sorted(named, key=lambda name: names.variable(name) != name):
            taken = {*self.functions, *self.python.values()}
            self.python[name] = names.variable(name, taken)
        self.surroundings = Surroundings(environments, free, self.chosen, self.python, {})
        self._extras: list[NumberParameter] = []
        self._modules: list[ModuleParameter] = []
        # The variables of comprehensions.
        self._loops: set[str] = set()

    # --- saying things ---------------------------------------------------------------------------

    def number(self, column: Sequence[Number], hint: str | None) -> Text:
        """The text of a number. Raises InexpressibleError, if no `hint` names a parameter."""
        if self.is_constant(column):
            return Text(literal(column[0].value))
        values = tuple(item.value for item in column)
        trees: list[Tree] = []
        for item in column:
            if item.tree is not None and item.tree not in trees:
                trees.append(item.tree)
        for tree in trees:
            try:
                term = self.surroundings.term(tree)
            except UnknownOriginError:
                continue
            if _are_same(term.values, values) and not term.is_constant:
                return Formula(term.text, tree)
        for name in self.arguments:
            if name in self.surroundings.free and _are_same(self._values(name), values):
                return Formula(self.python[name], source=name)
        if hint is None:
            raise InexpressibleError
        return self._extra(column, hint)

    def is_constant(self, column: Sequence[Number]) -> bool:
        """Equal for all members, and not up to the caller of the network."""
        return _agree(item.value for item in column) and not any(
            self.chosen.intersection(leaves(item.tree)) for item in column
        )

    def _values(self, name: str) -> tuple[Any, ...]:
        values = (other[name] for other in self.surroundings.members)
        return tuple(collapsed(v) if isinstance(v, Size) else plain(v) for v in values)

    def _extra(self, column: Sequence[Number], hint: str) -> Text:
        values = [item.value for item in column]
        incoming = [
            plain(member.definition.shapes[member.body.input].channels) for member in self.members
        ]
        if values == incoming:
            hint = "channels" if "in_channels" in self.surroundings.free else "in_channels"
        for known in self._extras:
            if _are_same([item.value for item in known.numbers], values):
                return Text(known.name)
        name = names.variable(hint, self._taken())
        self._extras.append(
            NumberParameter(name, annotation(values, self._rank), numbers=list(column))
        )
        return Text(name)

    def _taken(self) -> set[str]:
        return {*self.functions, *self._parameters(), *self._loops}

    def _parameters(self) -> set[str]:
        others: list[Parameter] = [*self._extras, *self._modules]
        return {*self.python.values(), *(parameter.name for parameter in others)}

    @property
    def _rank(self) -> int:
        return self.members[0].definition.rank

    def module(
        self, key: str, applies: Sequence[Apply | None], *, is_list: bool = False
    ) -> ModuleParameter:
        """A parameter for a module that the caller builds."""
        made = ModuleParameter(names.variable(key, self._taken()), list(applies), is_list)
        self._modules.append(made)
        return made

    def loop_variable(self) -> str:
        """The variable of a comprehension; another comprehension may have the same."""
        taken = self.functions | self._parameters()
        name = "i" if "i" not in taken else names.variable("index", taken)
        self._loops.add(name)
        return name

    # --- the result ------------------------------------------------------------------------------

    def finish(self, nodes: Iterable[Node]) -> tuple[list[Parameter], list[tuple[str, str]]]:
        """The parameters in order, and the local variables as (name, text), of a constructor that
        says `nodes`.

        A `let` that is used at least twice, and is not just another name, becomes a variable.
        """
        formulas = [part for node in nodes for part in parts(node) if isinstance(part, Formula)]
        trees_said = [formula.tree for formula in formulas if formula.tree is not None]
        local = self._local_lets(trees_said)
        surroundings = replace(self.surroundings, lets=local)
        trees: dict[str, Any] = {}
        for whole in trees_said:
            for name, value in lets(whole):
                trees.setdefault(name, value)
        values = {python: surroundings.term(trees[name]) for name, python in local.items()}
        mentioned = {name for term in values.values() for name in term.names}
        for formula in formulas:
            if formula.tree is not None:
                term = surroundings.term(formula.tree)
                formula.text = term.text
                mentioned |= term.names
        words = {formula.source for formula in formulas}
        words |= {name for name, python in self.python.items() if python in mentioned}
        sources = [self._source(name) for name in self._order() if name in words]
        own: list[NumberParameter] = [*sources, *self._extras]
        required = [module for module in self._modules if not module.is_optional]
        optional = [module for module in self._modules if module.is_optional]
        without = [parameter for parameter in own if parameter.default is None]
        given = [parameter for parameter in own if parameter.default is not None]
        return [*without, *required, *given, *optional], _in_order(values)

    def _local_lets(self, said: Iterable[Tree]) -> dict[str, str]:
        uses: dict[str, int] = {}
        texts: dict[str, set[str]] = {}
        for whole in said:
            here: dict[str, None] = {}
            for name, tree in lets(whole):
                term = self.surroundings.term(tree)
                # A later `let` of a name replaces the earlier: such a name says nothing alone.
                texts.setdefault(name, set()).add(term.text)
                if not term.is_atomic:
                    here[name] = None
            for name in here:
                uses[name] = uses.get(name, 0) + 1
        taken = self._taken()
        found: dict[str, str] = {}
        for name, count in uses.items():
            if count >= 2 and len(texts[name]) == 1 and name not in self.arguments:
                found[name] = names.variable(name, taken)
                taken.add(found[name])
        return found

    def _order(self) -> list[str]:
        """`in_channels`, what the author wrote, and a shortcut's stride."""
        definition = self.members[0].definition
        written = [p.name for p in definition.parameters if p.name in self.arguments]
        implied = [name for name in self.arguments if name not in written]
        last = [name for name in implied if name == "stride"]
        return [*(name for name in implied if name not in last), *written, *last]

    def _source(self, name: str) -> NumberParameter:
        definition = self.members[0].definition
        values = self._values(name)
        default: Any = None
        for parameter in definition.parameters:
            if parameter.name == name and is_number(parameter.default):
                default = plain(parameter.default)
        if name == "stride" and definition.kind == "shortcut":
            default = 1
        if definition.kind == "network" and is_number(definition.arguments.get(name)):
            # What `--set` gave it: the module is that network.
            default = plain(definition.arguments[name])
        kinds = [*values, default] if default is not None else list(values)
        made = annotation(kinds, self._rank)
        return NumberParameter(self.python[name], made, default, name)


def _in_order(values: Mapping[str, Term]) -> list[tuple[str, str]]:
    """Each local variable behind those that its value reads, else as they came."""
    definitions = [(name, term.text) for name, term in values.items()]
    places = {name: place for place, name in enumerate(values)}
    waits: dict[str, int] = {}
    readers: dict[str, list[str]] = {}
    for name, term in values.items():
        reads = term.names & places.keys() - {name}
        waits[name] = len(reads)
        for other in reads:
            readers.setdefault(other, []).append(name)
    ready = [places[name] for name, count in waits.items() if not count]
    found: list[tuple[str, str]] = []
    while ready:
        name, text = definitions[heappop(ready)]
        found.append((name, text))
        for reader in readers.get(name, ()):
            waits[reader] -= 1
            if not waits[reader]:
                heappush(ready, places[reader])
    assert len(found) == len(definitions), "local variables that read each other"
    return found


def annotation(values: Iterable[Any], rank: int) -> str:
    """The type of a parameter with these values."""
    values = list(values)
    if any(isinstance(value, tuple) for value in values):
        length = next(len(value) for value in values if isinstance(value, tuple))
        pair = f"tuple[{', '.join(['int'] * (length or rank))}]"
        return f"int | {pair}" if any(is_number(value) for value in values) else pair
    return "float" if any(isinstance(value, float) for value in values) else "int"


def _agree(values: Iterable[Any]) -> bool:
    """All equal, and of one type: 1 is not True."""
    items = list(values)
    return all(_same(items[0], item) for item in items)


def _are_same(ones: Sequence[Any], others: Sequence[Any]) -> bool:
    return all(map(_same, ones, others))


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(plain(one)) is type(plain(other)) and bool(one == other))
