"""The names of an emitted file's classes and functions: those of their definitions, and for a
second class of one text what sets it apart from the first."""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable, Iterator, Sequence

from resdsl.design import walk
from resdsl.design.model import Body, Definition
from resdsl.design.network import Network
from resdsl.design.titles import class_name
from resdsl.targets import names
from resdsl.targets.program import Program, Sum


class FileNames:
    """Names of one file, each given once."""

    def __init__(self, network: Network) -> None:
        self.network = _network_class(network.name)
        # Where the definitions stand that have the names. Callers of the network name its
        # parameters: it is the functions that make way.
        own = [network.name, *network.shared_parameters, *network.flags]
        self._taken = {self.network: "", **dict.fromkeys(map(names.variable, own), "")}
        self._prefix = network.name
        # By the text and the word: the first class that has it.
        self._first: dict[tuple[str, str], list[Program]] = {}

    def of_class(self, programs: list[Program], partitions: Sequence[list[Program]]) -> str:
        """A class for these programs, which are one of the partitions."""
        definition = programs[0].definition
        name = class_name(self._told(programs, partitions))
        return self._unique(name, class_name(_file(definition)) + name, definition)

    def of_group(self, definition: Definition, words: Sequence[str]) -> str:
        """A class for a group of a definition, by the words of its place."""
        name = class_name("_".join(words))
        return self._unique(name, class_name(self._prefix) + name, definition)

    def of_function(self, programs: list[Program], partitions: Sequence[list[Program]]) -> str:
        """A function for these programs, which are one of the partitions."""
        definition = programs[0].definition
        name = names.variable(self._told(programs, partitions))
        words = re.findall(r"\w+", _file(definition).rsplit(".", 1)[-1])
        prefixed = names.variable("_".join([*words, name]))
        return self._unique(name, prefixed, definition, is_function=True)

    def _told(self, programs: list[Program], partitions: Sequence[list[Program]]) -> str:
        """The word for these, and where others have it, whether it is these that add a shortcut."""
        word = _word(programs, partitions)
        first = self._first.setdefault((programs[0].definition.origin, word), programs)
        further = _shortcut(first, programs)
        return f"{word}_{further}" if further else word

    def _unique(
        self, name: str, prefixed: str, definition: Definition, *, is_function: bool = False
    ) -> str:
        """The name; the longer one where another text has it, and with a letter where its own."""
        origin = definition.origin
        is_foreign = name in names.RESERVED_CLASSES or self._taken.get(name, origin) != origin
        first = [name, prefixed] if is_foreign else [name]
        if is_function:
            others = (f"{first[-1]}_{letters.lower()}" for letters in _letters())
        else:
            others = (name + letters for letters in _letters())
        for made in itertools.chain(first, others):
            if made not in self._taken and made not in names.RESERVED_CLASSES:
                self._taken[made] = origin
                return made
        raise AssertionError("letters without end")


def _letters() -> Iterator[str]:
    """`B` to `Z`, `BB` and so on."""
    for count in itertools.count(1):
        yield from map("".join, itertools.product("BCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=count))


def _network_class(name: str) -> str:
    """The network's own class, which keeps its name unless the text has one of its own by it."""
    made = class_name(name)
    return f"{made}Network" if made in names.RESERVED_CLASSES else made


def _file(definition: Definition) -> str:
    """The name of the file that has a definition."""
    file = definition.origin.rsplit(":", 1)[0].replace("\\", "/").rsplit("/", 1)[-1]
    return file.removesuffix(".res")


def _word(programs: list[Program], partitions: Sequence[list[Program]]) -> str:
    """The definition's name, and for the second class of a text what sets it apart."""
    definition = programs[0].definition
    usual = next(one for one in partitions if one[0].definition.origin == definition.origin)
    if usual is programs:
        return definition.name
    difference = _difference(usual, programs)
    return f"{definition.name}_{difference}" if difference else definition.name


def _difference(usual: list[Program], programs: list[Program]) -> str | None:
    """A word for what sets a second class of one text apart from the first, if there is one."""
    other = programs[0].definition
    for parameter in other.parameters:
        values = [
            {_named(p.definition.arguments.get(parameter.name)) for p in part}
            for part in (usual, programs)
        ]
        if any(len(of_part) != 1 for of_part in values):
            # It does not tell the one's members from the other's.
            continue
        (usual_value,), (value,) = values
        if isinstance(value, bool) and value != usual_value:
            return parameter.name if value else f"without_{parameter.name}"
        if isinstance(value, str) and value != usual_value:
            return value
    known = {word for p in usual for word in _used(p.body)}
    added = [word for p in programs for word in _used(p.body) if word not in known]
    for words in (_keys, _steps, _steps_inside):
        if words is _steps_inside and added:
            return f"with_{added[0]}"
        # Members of one class may have a shortcut or none.
        before = list(dict.fromkeys(word for p in usual for word in words(p.body)))
        now = list(dict.fromkeys(word for p in programs for word in words(p.body)))
        for word in before:
            # A place held for a key tells nothing.
            if word not in now and word != "identity":
                return f"without_{word}"
        for word in now:
            if word not in before:
                return f"with_{word}"
    return _shortcut(usual, programs)


def _shortcut(usual: list[Program], programs: list[Program]) -> str | None:
    """Whether it is the second that adds one, where only one of them does."""
    adds = [any(_adds(p) for p in part) for part in (usual, programs)]
    if adds[0] != adds[1]:
        return "with_shortcut" if adds[1] else "without_shortcut"
    return None


def _adds(program: Program) -> bool:
    return any(isinstance(step, Sum) and step.adds for step in program.instructions)


def _named(value: object) -> Hashable:
    """An operator, block or shortcut by its name, a bool or string as it is; nothing else tells."""
    name = getattr(value, "name", None)
    if isinstance(name, str):
        return name
    return value if isinstance(value, bool | str) else None


def _keys(body: Body) -> list[str]:
    return [apply.key for apply in body.modules() if not apply.key[-1:].isdigit()]


def _steps(body: Body) -> list[str]:
    return [op.name for op in walk.operators(body)]


def _used(body: Body) -> list[str]:
    """The definitions that stand in a body."""
    return [used.definition.name for used in walk.instances(body)]


def _steps_inside(body: Body) -> list[str]:
    """The operators of the definitions that stand in a body."""
    return [op.name for used in walk.instances(body) for op in walk.operators(used.definition.body)]
