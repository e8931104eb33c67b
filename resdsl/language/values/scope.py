"""Names in scope while elaborating, and the `set`s in force."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import field
from typing import Any

from resdsl.design.model import Ref
from resdsl.language.names.symbols import Symbol
from resdsl.language.values.values import Callee, TensorValue, key
from resdsl.records import dataclass
from resdsl.source import Span
from resdsl.syntax import tree

_ABSENT = object()


class Scope:
    """Names of one pair of braces, inside those around it.

    `let`s end with their braces. Kept tensors stay visible to the end of the definition, but not
    outside a repetition: a scope that `holds_keeps` is such an end.
    """

    __slots__ = ("_tensors", "holds_keeps", "names", "outer")

    def __init__(self, outer: Scope | None = None, *, holds_keeps: bool = False) -> None:
        self.outer = outer
        self.names: dict[str, Any] = {}
        # The names that a tensor was given here; it may have lost some since.
        self._tensors: dict[Ref, dict[str, None]] = {}
        self.holds_keeps = holds_keeps or outer is None

    def find(self, name: str) -> Any:
        """The value of a name, or None."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name, _ABSENT)
            if found is not _ABSENT:
                return found
            scope = scope.outer
        return None

    def has(self, name: str) -> bool:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return True
            scope = scope.outer
        return False

    def let(self, name: str, value: Any) -> None:
        self.names[name] = value
        if isinstance(value, TensorValue):
            self._tensors.setdefault(value.ref, {})[name] = None

    def keep(self, name: str, tensor: TensorValue) -> None:
        """A kept tensor replaces whatever had its name on the way out to its holder."""
        scope = self
        while not scope.holds_keeps and scope.outer is not None:
            scope.names.pop(name, None)
            scope = scope.outer
        scope.let(name, tensor)

    def names_of(self, ref: Ref) -> list[str]:
        """The visible names of a tensor, innermost first."""
        names: dict[str, None] = {}
        scope: Scope | None = self
        while scope is not None:
            names.update(scope._tensors.get(ref, {}))
            scope = scope.outer
        return [
            name
            for name in names
            if isinstance(value := self.find(name), TensorValue) and value.ref == ref
        ]

    def lists_of(self, ref: Ref) -> list[str]:
        """The visible names of lists that a tensor is in."""
        found = ((name, self.find(name)) for name in self.all_names())
        return [
            name
            for name, value in found
            if type(value) is tuple
            and any(isinstance(item, TensorValue) and item.ref == ref for item in value)
        ]

    def all_names(self) -> list[str]:
        """Every visible name, innermost first."""
        names: dict[str, None] = {}
        scope: Scope | None = self
        while scope is not None:
            names.update(dict.fromkeys(scope.names))
            scope = scope.outer
        return list(names)


@dataclass(slots=True, eq=False)
class Setting:
    """One bound value of a `set` statement; `where` is its key in the environment."""

    where: Any
    value: Any
    statement: tree.SetSlot | tree.SetDefaults

    @property
    def span(self) -> Span:
        return self.statement.span


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """The `set`s in force at a call. Immutable: a `set` makes a new one.

    `slots` binds `norm` and `act`; `defaults` has (operator or definition, parameter) as keys.
    """

    slots: dict[str, Setting] = field(default_factory=dict)
    defaults: dict[tuple[str | Symbol, str], Setting] = field(default_factory=dict)
    key: Any = ()
    # Beyond which strides are not taken (`output_stride`), None where all are; and whether that
    # holds for the whole network, whatever its text says.
    output_stride: int | None = None
    is_strided_from_outside: bool = False

    def with_slot(self, slot: str, value: Callee, statement: tree.SetSlot) -> Environment:
        slots = {**self.slots, slot: Setting(slot, value, statement)}
        return _environment(slots, self.defaults, self)

    def with_default(
        self, target: str | Symbol, name: str, value: Any, statement: tree.SetDefaults
    ) -> Environment:
        setting = Setting((target, name), value, statement)
        defaults = {**self.defaults, (target, name): setting}
        return _environment(self.slots, defaults, self)

    def with_output_stride(self, most: int, *, of_whole: bool = False) -> Environment:
        how = Environment(output_stride=most, is_strided_from_outside=of_whole)
        return _environment(self.slots, self.defaults, how)

    def at(self, where: Any) -> Setting | None:
        """The setting of a key, slot or default."""
        return self.slots.get(where) if isinstance(where, str) else self.defaults.get(where)

    def giving(
        self, called: str | Symbol, callee: Callee, given: Container[str]
    ) -> dict[str, Setting]:
        """By parameter, the `set`s that give a call arguments besides those that are `given`.

        `called` may be a slot, whose `set` goes by its own name; `callee` is what that is bound to.
        """
        found = {called: self.slots[called]} if called in self.slots else {}
        if self.defaults:
            bound = dict(callee.bound)
            for (target, name), setting in self.defaults.items():
                if target == callee.target and name not in given and name not in bound:
                    found[name] = setting
        return found

    def default(self, target: str | Symbol, name: str) -> Setting | None:
        return self.defaults.get((target, name))


def _environment(
    slots: dict[str, Setting],
    defaults: dict[tuple[str | Symbol, str], Setting],
    strides: Environment,
) -> Environment:
    """Its strides are those of another."""
    parts = [(name, key(setting.value)) for name, setting in sorted(slots.items())]
    entries = frozenset((where, key(setting.value)) for where, setting in defaults.items())
    most, is_of_whole = strides.output_stride, strides.is_strided_from_outside
    return Environment(slots, defaults, (tuple(parts), entries, most), most, is_of_whole)
