"""The attributes of a class that hold the numbers of its `forward`.

One is called what it is to its operator (`self.stride`). Slices are bounded by one number and its
multiples, and a person keeps that one: `self.width = width`, and in `forward`
`x[:, self.width : 2 * self.width]`. So where the formulas of all bounds together read fewer names
than they would be attributes, the names are held and `forward` has the formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from resdsl.language.names.reserved import MODULE_ATTRIBUTES
from resdsl.records import dataclass
from resdsl.targets import names
from resdsl.targets.class_numbers import Formula
from resdsl.targets.formulas import Surroundings
from resdsl.targets.nodes import Text


@dataclass(frozen=True, slots=True)
class HeldNumber(Text):
    """A number that attributes of the class hold: `text` is what one of its own would be called.

    `is_named_so`: unless `value` has a name. `is_bound`: of a slice, whose formula may stand in
    `forward`.
    """

    value: Text
    is_named_so: bool = False
    is_bound: bool = False


# What the constructor sets, without `self.`, and what it sets that to.
Attributes: TypeAlias = Sequence[tuple[str, Text]]


class HeldNumbers:
    """How `forward` says each number that is held, and what the constructor sets for it."""

    def __init__(
        self,
        numbers: Iterable[HeldNumber],
        keys: Iterable[str],
        text: Callable[[Text], Text],
        surroundings: Surroundings,
    ) -> None:
        """`keys` of the modules, which have their names first. `text`: a number in the names of the
        class. `surroundings`: what its formulas mention, its local variables too.
        """
        # By its own name if no module and no other number has it, nor `nn.Module` itself, for a
        # parameter of a spec may be called `training`.
        self._taken = {*keys, *MODULE_ATTRIBUTES}
        self._held: list[tuple[str, Text]] = []
        self._text = text
        self._surroundings = surroundings
        self.texts: dict[int, Text] = {}
        self.settings: dict[int, Attributes] = {}
        held = list({id(one): one for one in numbers}.values())
        bounds = [one for one in held if one.is_bound]
        read = {name for one in bounds for name in self._names(one)}
        unfolds = len(read) < len({(one.text, text(one.value).text) for one in bounds})
        for one in held:
            if one.is_bound and unfolds:
                self._unfold(one)
            else:
                attribute = self._attribute(one)
                self.texts[id(one)] = Text(f"self.{attribute}")
                self.settings[id(one)] = [(attribute, text(one.value))]

    def _names(self, held: HeldNumber) -> Collection[str]:
        """The variables of the constructor in the formula of a number."""
        value = held.value
        if isinstance(value, Formula) and value.tree is not None:
            return self._surroundings.term(value.tree).names
        return (self._text(value).text,)

    def _unfold(self, held: HeldNumber) -> None:
        attributes = {name: self._own(name, Text(name), name) for name in sorted(self._names(held))}
        self.settings[id(held)] = [(own, Text(name)) for name, own in attributes.items()]
        value = held.value
        if isinstance(value, Formula) and value.tree is not None:
            within = _spelled(self._surroundings, attributes)
            self.texts[id(held)] = Text(within.term(value.tree).text)
        else:
            (own,) = attributes.values()
            self.texts[id(held)] = Text(f"self.{own}")

    def _attribute(self, held: HeldNumber) -> str:
        # Formulas are compared with their `let`s written out.
        value = held.value if isinstance(held.value, Formula) else self._text(held.value)
        hint = held.text
        if held.is_named_so and value.text.isidentifier():
            hint = value.text
        return self._own(hint, value, names.variable(hint).rstrip("_"))

    def _own(self, hint: str, value: Text, wanted: str) -> str:
        """The attribute that holds a value under this name, or a new one."""
        for name, other in self._held:
            if other == value and name.rstrip("_") == wanted.rstrip("_"):
                return name
        made = names.variable(hint, self._taken)
        self._held.append((made, value))
        self._taken.add(made)
        return made


def _spelled(surroundings: Surroundings, attributes: Mapping[str, str]) -> Surroundings:
    """With the attributes for the variables."""

    def own(spelling: Mapping[str, str]) -> dict[str, str]:
        return {
            name: f"self.{attributes[python]}" if python in attributes else python
            for name, python in spelling.items()
        }

    return replace(surroundings, names=own(surroundings.names), lets=own(surroundings.lets))
