"""The names of one emitted class, chosen when all that it says is known.

In this order, each making way for those before it: the arguments that expressions mention
(`ClassNumbers`), the numbers and modules that the caller gives, local variables, and the attributes
that hold numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from typing import Any, TypeAlias

from resdsl.design.model import Apply
from resdsl.provenance import are_numbers, plain
from resdsl.records import dataclass
from resdsl.targets import names
from resdsl.targets.attributes import Attributes, HeldNumber, HeldNumbers
from resdsl.targets.class_numbers import ClassNumbers, Formula, GivenNumber, Number, are_same
from resdsl.targets.formulas import Term, Tree, is_number, lets
from resdsl.targets.nodes import Generator, Node, Text, literal, mapped, parts


@dataclass(frozen=True, slots=True)
class NumberParameter:
    """`stride: int = 1`. `source`: the definition's argument; else `numbers` per member."""

    name: str
    annotation: str
    default: Any = None
    source: str | None = None
    numbers: tuple[Number, ...] = ()

    @property
    def text(self) -> str:
        made = f"{self.name}: {self.annotation}"
        if self.default is None:
            return made
        default = float(self.default) if self.annotation == "float" else self.default
        return f"{made} = {literal(default)}"


@dataclass(frozen=True, slots=True)
class ModuleParameter:
    """A module that the caller builds, None where a member has none."""

    name: str
    applies: tuple[Apply | None, ...]
    is_list: bool = False

    @property
    def is_optional(self) -> bool:
        return any(apply is None for apply in self.applies)

    @property
    def text(self) -> str:
        kind = "nn.ModuleList" if self.is_list else "nn.Module"
        return f"{self.name}: {kind}" + (" | None = None" if self.is_optional else "")


Parameter: TypeAlias = NumberParameter | ModuleParameter


@dataclass(frozen=True, slots=True)
class GivenModule(Text):
    """A module that the caller builds, by its key: None where a member has none."""

    applies: tuple[Apply | None, ...] = ()
    is_list: bool = False


# What modules that a caller gives are called where they have numbers for keys.
_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_ORDINALS = {str(place): word for place, word in enumerate(_WORDS)}


class ClassNames:
    """The names in a class that says `nodes`; `keys` are those of its modules."""

    def __init__(
        self, numbers: ClassNumbers, nodes: Sequence[Node], keys: Iterable[str] = ()
    ) -> None:
        self.numbers = numbers
        leaves = [leaf for node in nodes for leaf in _leaves(node)]
        # The texts of leaves, by identity: equal ones may stand for different things.
        self._texts: dict[int, Text] = {}
        self.taken = {*numbers.functions, *numbers.python.values()}
        loops = [part for node in nodes for part in parts(node) if isinstance(part, Generator)]
        if any(loop.variable == numbers.loop for loop in loops):
            self.taken.add(numbers.loop)
        given = self._given(leaves)
        self.parameters, self.variables = self._numbers(leaves, given)
        numbers_of_forward = (leaf for leaf in leaves if isinstance(leaf, HeldNumber))
        held = HeldNumbers(numbers_of_forward, keys, self.text, self._surroundings)
        self._texts |= held.texts
        self._held = held.settings

    def node(self, node: Node) -> Node:
        """What was planned, in the names of the class."""
        return mapped(node, lambda leaf: self._texts.get(id(leaf), leaf))

    def text(self, leaf: Text) -> Text:
        return self._texts.get(id(leaf), leaf)

    def held(self, number: HeldNumber) -> Attributes:
        """What the constructor sets for a number of `forward`."""
        return self._held[id(number)]

    # --- parameters ------------------------------------------------------------------------------

    def _given(self, leaves: Sequence[Text]) -> list[Parameter]:
        """What no expression gives; equal numbers are one parameter."""
        made: list[Parameter] = []
        columns: list[tuple[str, list[Any]]] = []
        for leaf in leaves:
            match leaf:
                case GivenNumber(hint, numbers):
                    values = [number.value for number in numbers]
                    same = [name for name, others in columns if are_same(others, values)]
                    if not same:
                        same = [self._fresh(_spoken(hint, values, leaves))]
                        columns.append((same[0], values))
                        kind = annotation(values, self.numbers.rank)
                        made.append(NumberParameter(same[0], kind, numbers=numbers))
                    self._texts[id(leaf)] = Text(same[0])
                case GivenModule(key, applies, is_list):
                    name = self._fresh(_ORDINALS.get(key, key))
                    made.append(ModuleParameter(name, applies, is_list))
                    self._texts[id(leaf)] = Text(name)
                case _:
                    pass
        return made

    def _fresh(self, hint: str) -> str:
        name = names.variable(hint, self.taken)
        self.taken.add(name)
        return name

    def _numbers(
        self, leaves: Sequence[Text], given: Sequence[Parameter]
    ) -> tuple[list[Parameter], list[tuple[str, Text]]]:
        """The parameters in order, and the local variables as (name, value).

        A `let` that is used at least twice, and is not just another name, becomes a variable.
        """
        formulas = [leaf for leaf in leaves if isinstance(leaf, Formula)]
        said = [formula.tree for formula in formulas if formula.tree is not None]
        local = self._local_lets(said)
        surroundings = self._surroundings = replace(self.numbers.surroundings, lets=local)
        trees: dict[str, Any] = {}
        for whole in said:
            for name, value in lets(whole):
                trees.setdefault(name, value)
        values = {python: surroundings.term(trees[name]) for name, python in local.items()}
        mentioned = {name for term in values.values() for name in term.names}
        for formula in formulas:
            if formula.tree is not None:
                term = replace(surroundings, step=formula.step).term(formula.tree)
                self._texts[id(formula)] = term.node
                mentioned |= term.names
        words = {formula.source for formula in formulas}
        words |= {name for name, python in self.numbers.python.items() if python in mentioned}
        own = [self._source(name) for name in self._order() if name in words]
        own += [parameter for parameter in given if isinstance(parameter, NumberParameter)]
        modules = [parameter for parameter in given if isinstance(parameter, ModuleParameter)]
        parameters: list[Parameter] = [
            *(parameter for parameter in own if parameter.default is None),
            *(module for module in modules if not module.is_optional),
            *(parameter for parameter in own if parameter.default is not None),
            *(module for module in modules if module.is_optional),
        ]
        return parameters, _in_order(values)

    def _local_lets(self, said: Iterable[Tree]) -> dict[str, str]:
        uses: dict[str, int] = {}
        texts: dict[str, set[str]] = {}
        for whole in said:
            here: dict[str, None] = {}
            for name, tree in lets(whole):
                term = self.numbers.surroundings.term(tree)
                # A later `let` of a name replaces the earlier: such a name says nothing alone.
                texts.setdefault(name, set()).add(term.text)
                if not term.is_atomic:
                    here[name] = None
            for name in here:
                uses[name] = uses.get(name, 0) + 1
        found: dict[str, str] = {}
        for name, count in uses.items():
            if count >= 2 and len(texts[name]) == 1 and name not in self.numbers.arguments:
                found[name] = names.variable(name, self.taken)
                self.taken.add(found[name])
        return found

    def _order(self) -> list[str]:
        """`in_channels`, what the author wrote, and a shortcut's stride."""
        definition = self.numbers.members[0].definition
        written = [p.name for p in definition.parameters if p.name in self.numbers.arguments]
        implied = [name for name in self.numbers.arguments if name not in written]
        last = [name for name in implied if name == "stride"]
        return [*(name for name in implied if name not in last), *written, *last]

    def _source(self, name: str) -> NumberParameter:
        definition = self.numbers.members[0].definition
        values = self.numbers.values(name)
        default: Any = None
        for parameter in definition.parameters:
            if parameter.name == name and is_number(parameter.default):
                default = plain(parameter.default)
        if default not in values:
            # What nobody takes may be what the constructor cannot do: `squeeze_excite(inner=0)`.
            default = None
        if name == "stride" and definition.kind == "shortcut":
            default = 1
        if definition.kind == "network" and are_numbers(definition.arguments.get(name)):
            # What `--set` gave it: the module is that network.
            default = plain(definition.arguments[name])
        kinds = [*values, default] if default is not None else list(values)
        made = annotation(kinds, self.numbers.rank)
        return NumberParameter(self.numbers.python[name], made, default, name)


def _spoken(hint: str, values: Sequence[Any], leaves: Sequence[Text]) -> str:
    """What a number is called that stands in several places: a padding that follows the dilation,
    as `conv1_dilation`."""
    before, _, last = hint.rpartition("_")
    if last != "padding":
        return hint
    wanted = f"{before}_dilation" if before else "dilation"
    others = [leaf for leaf in leaves if isinstance(leaf, GivenNumber) and leaf.text == wanted]
    is_it = any(are_same([one.value for one in leaf.numbers], values) for leaf in others)
    return wanted if is_it else hint


def _leaves(node: Node) -> Iterator[Text]:
    """In the order of reading, the value of an attribute before it."""
    for part in parts(node):
        if isinstance(part, HeldNumber):
            yield part.value
        if isinstance(part, Text):
            yield part


def _in_order(values: Mapping[str, Term]) -> list[tuple[str, Text]]:
    """Each local variable behind those that its value reads, else as they came."""
    definitions = [(name, term.node) for name, term in values.items()]
    places = {name: place for place, name in enumerate(values)}
    waits: dict[str, int] = {}
    readers: dict[str, list[str]] = {}
    for name, term in values.items():
        reads = term.names & places.keys() - {name}
        waits[name] = len(reads)
        for other in reads:
            readers.setdefault(other, []).append(name)
    ready = [places[name] for name, count in waits.items() if not count]
    found: list[tuple[str, Text]] = []
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
        numbers = [n for value in values if isinstance(value, tuple) for n in value]
        kind = "float" if any(isinstance(n, float) for n in numbers) else "int"
        pair = f"tuple[{', '.join([kind] * (length or rank))}]"
        return f"int | {pair}" if any(is_number(value) for value in values) else pair
    return "float" if any(isinstance(value, float) for value in values) else "int"
