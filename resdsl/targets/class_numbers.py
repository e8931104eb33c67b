"""The numbers of one emitted class: which expressions over its arguments give them.

A number that stands at one place of a class has one value per member. Equal values become a
literal; others an expression over the members' arguments that gives every member its value. Where
none does, it is for the caller to give, and gets a name when all of the class is known
(`class_names`). Nothing here remembers what it was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, TypeAlias

from resdsl.design.model import Body, Definition
from resdsl.extents import Size, collapsed
from resdsl.provenance import Leaf, leaves, operation, origin, plain
from resdsl.records import dataclass
from resdsl.targets import names
from resdsl.targets.formulas import Surroundings, Term, Tree, UnknownOriginError, substituted
from resdsl.targets.nodes import Text, literal
from resdsl.targets.progress import place


@dataclass(frozen=True, slots=True)
class Number:
    """A value as one member has it, and where it comes from in the terms of the scope around."""

    value: Any
    tree: Tree | None


@dataclass(frozen=True, slots=True)
class Formula(Text):
    """A number over the arguments: where it comes from, or the argument that it is.

    `text` has all `let`s written out, for which of them are variables is known only when the whole
    class is. `step`: how it says the number of the copy, where it rises from copy to copy.
    """

    tree: Tree | None = field(default=None, compare=False)
    source: str | None = field(default=None, compare=False)
    step: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class GivenNumber(Text):
    """A number that no expression gives, so that the caller must: `text` is what it would be
    called."""

    numbers: tuple[Number, ...] = field(default=(), compare=False)


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
    return Number(float(value), None if tree is None else operation("*", tree, 1.0))


@dataclass(frozen=True, slots=True)
class Member:
    """One elaboration that a class serves: a definition, or a group in one."""

    definition: Definition
    body: Body


class InexpressibleError(Exception):
    """No expression over the arguments gives all members their numbers."""


class ClassNumbers:
    """What may be said in one class: its members' arguments, and how the text calls them."""

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
        # The variable of comprehensions, which do not see each other's.
        taken = {*self.functions, *self.python.values()}
        self.loop = "i" if "i" not in taken else names.variable("index", taken)

    def number(self, column: Sequence[Number], hint: str | None, *, in_row: bool = False) -> Text:
        """The expression for a number: a literal, a `Formula`, or a `GivenNumber` named `hint`.

        `in_row`: what rises from copy to copy is said alike for all, for the first and last too.
        Raises InexpressibleError where only the latter is left, and there is no hint.
        """
        found = self._rising(column, in_row) or self._expression(column)
        if found is not None:
            return found
        if hint is None:
            raise InexpressibleError
        incoming = [
            plain(member.definition.shapes[member.body.input].channels) for member in self.members
        ]
        if [item.value for item in column] == incoming:
            hint = "channels" if "in_channels" in self.surroundings.free else "in_channels"
        return GivenNumber(hint, tuple(column))

    def said(self, number: Text) -> Text:
        """A constant as `forward` says it, where no `let` is a variable."""
        if not isinstance(number, Formula) or number.tree is None:
            return number
        return replace(self.surroundings, step=number.step).term(number.tree).node

    def _rising(self, column: Sequence[Number], in_row: bool) -> Text | None:
        """`drop_rate * (3 / 15)`; alone, the first of all has 0 and the last all of it."""
        tree = column[0].tree
        where = place(tree)
        if where is None or tree is None or any(item.tree != tree for item in column):
            return None
        step, last = where
        spelled = str(step) if in_row or 0 < step < last else None
        try:
            term = replace(self.surroundings, step=spelled).term(tree)
        except UnknownOriginError:
            return None
        if not are_same(term.values, [item.value for item in column]):
            return None
        if term.is_constant:
            return Text(literal(term.values[0]))
        return Formula(term.text, tree, step=spelled)

    def _expression(self, column: Sequence[Number]) -> Text | None:
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
            if term.is_open and any(not self._says(item, term) for item in column):
                # It fits the numbers of today, and a caller may choose others.
                continue
            if are_same(term.values, values):
                return Text(literal(values[0])) if term.is_constant else Formula(term.text, tree)
        for name in self.arguments:
            is_list = all(type(item.value) is tuple and item.tree == Leaf(name) for item in column)
            if name in self.chosen and not is_list:
                continue
            if name in self.surroundings.free and are_same(self.values(name), values):
                return Formula(self.python[name], source=name)
        return None

    def _says(self, item: Number, term: Term) -> bool:
        """Whether a member's number is this formula by where it comes from."""
        try:
            return item.tree is not None and self.surroundings.term(item.tree).text == term.text
        except UnknownOriginError:
            return False

    @property
    def rank(self) -> int:
        return self.members[0].definition.rank

    def is_constant(self, column: Sequence[Number]) -> bool:
        """Equal for all members, and not up to the caller of the network."""
        return _agree(item.value for item in column) and not any(map(self.is_open, column))

    def is_open(self, item: Number) -> bool:
        """Whether a caller of the network may choose it."""
        return bool(self.chosen.intersection(leaves(item.tree)))

    def values(self, name: str) -> tuple[Any, ...]:
        """An argument as each member has it."""
        values = (other[name] for other in self.surroundings.members)
        return tuple(collapsed(v) if isinstance(v, Size) else plain(v) for v in values)


def _agree(values: Iterable[Any]) -> bool:
    """All equal, and of one type: 1 is not True."""
    items = list(values)
    return all(_same(items[0], item) for item in items)


def are_same(ones: Sequence[Any], others: Sequence[Any]) -> bool:
    """Whether all are equal in pairs, and of one type."""
    return all(map(_same, ones, others))


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(plain(one)) is type(plain(other)) and bool(one == other))
