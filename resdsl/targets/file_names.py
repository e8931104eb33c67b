"""The names of an emitted file's classes and functions: those of their definitions, and for a
second class of one text what sets it apart from the first."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

from resdsl.design import walk
from resdsl.design.model import Body, Definition, Network
from resdsl.design.titles import class_name
from resdsl.targets import names
from resdsl.targets.program import Program, Sum


class FileNames:
    """Names of one file, each given once."""

    def __init__(self, network: Network) -> None:
        self.network = _network_class(network.name)
        self._taken = {self.network, names.variable(network.name)}
        # Callers of the network name its parameters: it is the functions that make way.
        self._taken |= {names.variable(name) for name in network.free_parameters}

    def of_class(self, programs: list[Program], partitions: Sequence[list[Program]]) -> str:
        """A class for these programs, which are one of the partitions."""
        definition = programs[0].definition
        return self.unique(class_name(_word(programs, partitions)), _file(definition))

    def of_function(self, programs: list[Program], partitions: Sequence[list[Program]]) -> str:
        name = names.variable(_word(programs, partitions))
        if name in self._taken:
            words = re.findall(r"\w+", _file(programs[0].definition).rsplit(".", 1)[-1])
            name = names.variable("_".join([*words, name]))
        while name in self._taken:
            name += "_b"
        self._taken.add(name)
        return name

    def unique(self, name: str, prefix: str) -> str:
        """The name; of another of this name with a prefix, or else letters."""
        candidates = [name, class_name(prefix) + name]
        candidates += [name + letter for letter in "BCDEFGHIJKLMNOPQRSTUVWXYZ"]
        while True:
            for candidate in candidates:
                if candidate not in self._taken and candidate not in names.RESERVED_CLASSES:
                    self._taken.add(candidate)
                    return candidate
            candidates = [candidate + "B" for candidate in candidates]


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
    return f"{definition.name}_{_difference(usual, programs)}"


def _difference(usual: list[Program], programs: list[Program]) -> str:
    """A word for what sets a second class of one text apart from the first."""
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
    for words in (_keys, _steps, _steps_inside):
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
    adds = [any(_adds(p) for p in part) for part in (usual, programs)]
    if adds[0] != adds[1]:
        return "with_shortcut" if adds[1] else "without_shortcut"
    return "b"


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


def _steps_inside(body: Body) -> list[str]:
    """The operators of the definitions that stand in a body."""
    return [op.name for used in walk.instances(body) for op in walk.operators(used.definition.body)]
