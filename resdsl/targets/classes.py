"""Which classes a network becomes: its elaborations grouped by likeness, each group one class.

A class serves every elaboration of one text whose programs are alike. A body that is a plain
numbered chain becomes a function that returns an nn.Sequential; a group that is a plain chain is
written where it is used; every other definition and group is a class with a `forward`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Literal, TypeAlias

from resdsl.design import walk
from resdsl.design.dataflow import gives_more
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Group,
    Instance,
    Network,
)
from resdsl.design.titles import class_name
from resdsl.provenance import leaves, origin
from resdsl.records import dataclass
from resdsl.targets import names
from resdsl.targets.class_numbers import Member
from resdsl.targets.fixed_parameters import fixed
from resdsl.targets.idle_steps import filled
from resdsl.targets.inplace import Overwriting, Results
from resdsl.targets.lowering import Programs
from resdsl.targets.program import Program, Sum
from resdsl.targets.starts import Departure, Starts

Form: TypeAlias = Literal["class", "list", "sequence", "function", "network", "chain"]


@dataclass(slots=True, eq=False)
class Emitted:
    """A class or function of the emitted file.

    `form`: a `class`, a `list` (an nn.ModuleList with a forward, for numbered modules that are no
    plain chain), a `function` that returns an nn.Sequential or a `sequence`, which is a class of
    its own (so that it can be found), or the `network`; `chain` is a group that gets no name.
    """

    name: str
    form: Form
    doc: str
    programs: list[Program]
    overwriting: Overwriting
    chosen: frozenset[str]
    _positions: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._positions = {id(program.body): i for i, program in enumerate(self.programs)}

    @property
    def members(self) -> list[Member]:
        return [Member(program.definition, program.body) for program in self.programs]

    @property
    def has_forward(self) -> bool:
        return self.form in ("class", "list", "network")

    @property
    def is_empty(self) -> bool:
        """A chain of no modules: the identity."""
        return self.form == "function" and not self.programs[0].instructions

    @property
    def is_named(self) -> bool:
        """Whether others call it: an empty chain is not there, another is written in its place."""
        return self.form != "chain" and not self.is_empty

    def position(self, body: Body) -> int:
        """Which member has this body."""
        return self._positions[id(body)]


class Classes:
    """All classes of a network, by the body that they serve."""

    def __init__(self, network: Network, programs: Programs, starts: Starts) -> None:
        self.network = network
        self.definitions = programs.definitions
        self.programs = programs
        self.starts = starts
        self.chosen = _chosen(network, self.definitions)
        self.results = Results(programs)
        self.by_body: dict[int, Emitted] = {}
        self.in_order: list[Emitted] = []
        self._taken: set[str] = set()
        self._lists = {
            id(apply) for definition in self.definitions for apply in self._listed(definition)
        }
        self._build()

    @property
    def functions(self) -> frozenset[str]:
        """The names that constructors call, in lower case as their own names are."""
        return frozenset(made.name for made in self.in_order if made.form == "function")

    def of(self, body: Body) -> Emitted:
        return self.by_body[id(body)]

    def innermost_first(self) -> list[Emitted]:
        """Each class after all that its text builds.

        Of two classes one member may hold another's, and the other way round. But what the text
        builds, every member holds: so does the one with the fewest definitions inside each other,
        and what that holds has fewer.
        """
        heights: dict[int, int] = {}
        for definition in self.definitions:
            self._measure(definition.body, heights)
        least = {
            id(emitted): min(heights[id(program.body)] for program in emitted.programs)
            for emitted in self.in_order
        }
        return sorted(self.in_order, key=lambda emitted: least[id(emitted)])

    def _measure(self, body: Body, heights: dict[int, int]) -> int:
        """How many bodies stand inside each other below one, with those of groups."""
        height = 0
        for apply in body.modules():
            for run in apply.runs:
                match run.unit:
                    case Instance(definition):
                        height = max(height, 1 + heights[id(definition.body)])
                    case Group(inner):
                        height = max(height, 1 + self._measure(inner, heights))
                    case _:
                        pass
        heights[id(body)] = height
        return height

    def is_list(self, apply: Apply) -> bool:
        """Whether copies lie in an nn.ModuleList: side by side, or called with several tensors."""
        return id(apply) in self._lists

    def _listed(self, definition: Definition) -> Iterator[Apply]:
        wiring = self.programs.wiring(definition)
        for body in (definition.body, *(g.body for g in walk.groups(definition.body))):
            for branch in walk.branches(body):
                if branch.replicated:
                    yield branch.apply
            applies = list(walk.calls(body))
            # One module does the work of all its calls.
            keys = {
                apply.key
                for apply in applies
                if apply.repeated and (wiring.has_further(apply) or gives_more(apply))
            }
            yield from (apply for apply in applies if apply.key in keys)

    def _build(self) -> None:
        """Children first, so that a class knows the parameters of the classes that it builds."""
        network = self.network
        self._taken |= {_network_class(network.name), names.variable(network.name)}
        # Callers of the network name its parameters: it is the functions that make way.
        self._taken |= {names.variable(name) for name in network.free_parameters}
        programs = [self.programs.of_definition(d) for d in self.definitions]
        # Empty ones last: the usual class of a text is one that does something.
        partitions = sorted(self._alike(programs), key=lambda alike: not alike[0].instructions)
        for programs in partitions:
            self._groups_of(programs)
            self._definition(programs, partitions)

    def _definition(self, programs: list[Program], partitions: list[list[Program]]) -> None:
        first = programs[0].definition
        chain = programs[0].is_chain and programs[0].body.numbered
        form: Form
        if first is self.network.root:
            name, form = _network_class(self.network.name), "network"
        elif chain:
            # One whose modules are looked for, to start them otherwise, is a class of its own.
            odd = any(any(self.starts.departures(p.body).values()) for p in programs)
            form = "sequence" if odd else "function"
            name = self._fresh(programs, partitions, function=not odd)
        else:
            name = self._fresh(programs, partitions, function=False)
            form = "list" if programs[0].body.numbered else "class"
        doc = fixed(self.network) if form == "network" else first.doc
        self._enter(name, form, doc, programs)

    def _enter(
        self,
        name: str,
        form: Form,
        doc: str,
        programs: list[Program],
    ) -> None:
        chosen = frozenset[str]().union(*(self.chosen[id(p.definition)] for p in programs))
        made = Emitted(name, form, doc, programs, Overwriting(programs, self.results), chosen)
        for program in programs:
            self.by_body[id(program.body)] = made
        self.in_order.append(made)

    def _groups_of(self, programs: list[Program]) -> None:
        """Classes for the groups of these definitions, the innermost first."""
        found: dict[tuple[str, ...], list[Body]] = {}
        for program in programs:
            for group in walk.groups(program.body):
                found.setdefault(_place(group.path), []).append(group.body)
        for path in sorted(found, key=len, reverse=True):
            for same in self._alike([self.programs.of_group(body) for body in found[path]]):
                self._group(path, same)

    def _alike(self, programs: Sequence[Program]) -> list[list[Program]]:
        """Programs of one text that one class can serve, in the order of the first of each."""
        found: dict[object, list[_Alike]] = {}
        for program in filled(programs, self._looked_for):
            origin = program.definition.origin
            shortcuts = [step.shortcut for step in program.instructions if isinstance(step, Sum)]
            keys = [None if shortcut is None else shortcut.key for shortcut in shortcuts]
            starts = self.starts.departures(program.body)
            classes = found.setdefault((origin, program.likeness()), [])
            if not any(alike.takes(program, keys, starts) for alike in classes):
                classes.append(_Alike([program], keys, dict(starts)))
        return [alike.programs for classes in found.values() for alike in classes]

    def _looked_for(self, body: Body) -> set[str]:
        """The keys of modules that the network's constructor goes into, to start what is there."""
        return {key for key, places in self.starts.departures(body).items() if places}

    def _group(self, path: tuple[str, ...], programs: list[Program]) -> None:
        if programs[0].is_chain:
            self._enter("", "chain", "", programs)
            return
        definition = programs[0].definition
        parts = [part for key in path for part in key.split(".")]
        words = [part for part in parts if part and not part.isdigit()] or ["group"]
        around = definition.name if definition is not self.network.root else ""
        base = class_name("_".join([around, *words]))
        name = self._unique(base, self.network.name)
        self._enter(name, "list" if programs[0].body.numbered else "class", "", programs)

    def _fresh(
        self, programs: list[Program], partitions: list[list[Program]], *, function: bool
    ) -> str:
        """A name for a class: the definition's, and for several what sets them apart."""
        definition = programs[0].definition
        same = [other for other in partitions if other[0].definition.origin == definition.origin]
        name = definition.name
        if same[0] is not programs:
            name += "_" + _difference(same[0], programs)
        if function:
            return self._unique_variable(names.variable(name), definition)
        file = definition.origin.rsplit(":", 1)[0].replace("\\", "/").rsplit("/", 1)[-1]
        return self._unique(class_name(name), file.removesuffix(".res"))

    def _unique(self, name: str, prefix: str) -> str:
        """Another definition of this name gets its file's before it, or else letters."""
        candidates = [name, class_name(prefix) + name]
        candidates += [name + letter for letter in "BCDEFGHIJKLMNOPQRSTUVWXYZ"]
        while True:
            for candidate in candidates:
                if candidate not in self._taken and candidate not in names.RESERVED_CLASSES:
                    self._taken.add(candidate)
                    return candidate
            candidates = [candidate + "B" for candidate in candidates]

    def _unique_variable(self, name: str, definition: Definition) -> str:
        file = definition.origin.rsplit(":", 1)[0].replace("\\", "/").rsplit("/", 1)[-1]
        if name in self._taken:
            words = re.findall(r"\w+", file.removesuffix(".res").rsplit(".", 1)[-1])
            name = names.variable("_".join([*words, name]))
        while name in self._taken:
            name += "_b"
        self._taken.add(name)
        return name


@dataclass(slots=True)
class _Alike:
    """Programs that one class can serve, the keys of their shortcuts, where they have any, and by
    key how modules start otherwise than most."""

    programs: list[Program]
    keys: list[str | None]
    starts: dict[str, tuple[Departure, ...]]

    def takes(
        self,
        program: Program,
        keys: Sequence[str | None],
        starts: Mapping[str, tuple[Departure, ...]],
    ) -> bool:
        """Adds a program, if nothing that is in one place has another key there, nor two one, and
        modules of one key start alike."""
        if any(self.starts.get(key, places) != places for key, places in starts.items()):
            return False
        pairs = list(zip(self.keys, keys, strict=True))
        if any(one and other and one != other for one, other in pairs):
            return False
        if any(
            (one is None) != (other is None) and "." in (one or other or "") for one, other in pairs
        ):
            # A container has no place for a module that is not there.
            return False
        both = [one or other for one, other in pairs]
        named = [key for key in both if key is not None]
        if len(set(named)) < len(named):
            return False
        self.keys = both
        self.starts.update(starts)
        self.programs.append(program)
        return True


def _place(path: tuple[str, ...]) -> tuple[str, ...]:
    """Where a group stands: what lies in one container, numbered, stands in one place."""
    return tuple(re.sub(r"\.\d+(?=\.|$)", ".", key, flags=re.ASCII) for key in path)


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


def _chosen(network: Network, definitions: Sequence[Definition]) -> dict[int, frozenset[str]]:
    """By definition: the arguments whose values the caller of the network chooses in the end."""
    chosen: dict[int, frozenset[str]] = {id(d): frozenset() for d in definitions}
    chosen[id(network.root)] = frozenset(network.free_parameters)
    for definition in reversed(definitions):
        own = chosen[id(definition)]
        if not own:
            continue
        for instance in walk.instances(definition.body):
            passed = {
                name
                for name, value in instance.arguments.items()
                if own.intersection(leaves(origin(value)))
            }
            chosen[id(instance.definition)] |= passed
    return chosen


def _network_class(name: str) -> str:
    """The network's own class, which keeps its name unless the text has one of its own by it."""
    made = class_name(name)
    return f"{made}Network" if made in names.RESERVED_CLASSES else made
