"""Which classes a network becomes: its elaborations grouped by likeness, each group one class.

A class serves every elaboration of one text whose programs are alike. A body that is a plain
numbered chain becomes a function that returns an nn.Sequential; a group that is a plain chain is
written where it is used; every other definition and group is a class with a `forward`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Literal, TypeAlias

from resdsl.design import walk
from resdsl.design.dataflow import gives_more
from resdsl.design.model import Apply, Body, Definition, Group, Instance
from resdsl.design.network import Network
from resdsl.provenance import leaves, origin
from resdsl.records import dataclass
from resdsl.targets.class_numbers import Member
from resdsl.targets.file_names import FileNames
from resdsl.targets.fixed_parameters import fixed
from resdsl.targets.inplace import Overwriting, Results
from resdsl.targets.lowering import Programs
from resdsl.targets.partition import partition
from resdsl.targets.program import Program
from resdsl.targets.starts import Starts
from resdsl.targets.structures import by_structure, place

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
        self._names = FileNames(network)
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
        others = [d for d in self.definitions if not self.programs.is_root(d)]
        programs = [self.programs.of_definition(d) for d in others]
        # Empty ones last: the usual class of a text is one that does something.
        partitions = sorted(
            by_structure(partition(programs, self.starts), self.programs, self.starts),
            key=lambda alike: not alike[0].instructions,
        )
        for programs in partitions:
            self._groups_of(programs)
            self._definition(programs, partitions)
        # The variants of a network share the classes of their groups, and each says how it is made.
        roots = [self.programs.of_definition(root) for root in self.programs.roots]
        self._groups_of(roots)
        for root in roots:
            self._enter(self._names.network, "network", fixed(self.network), [root])

    def _definition(self, programs: list[Program], partitions: Sequence[list[Program]]) -> None:
        first = programs[0].definition
        chain = programs[0].is_chain and programs[0].body.numbered
        form: Form
        if chain:
            # One whose modules are looked for, to start them otherwise, is a class of its own.
            odd = any(any(self.starts.departures(p.body).values()) for p in programs)
            form = "sequence" if odd else "function"
            named = self._names.of_class if odd else self._names.of_function
            name = named(programs, partitions)
        else:
            name = self._names.of_class(programs, partitions)
            form = "list" if programs[0].body.numbered else "class"
        self._enter(name, form, first.doc, programs)

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
                found.setdefault(place(group.path), []).append(group.body)
        for path in sorted(found, key=len, reverse=True):
            alike = [self.programs.of_group(body) for body in found[path]]
            for same in partition(alike, self.starts):
                self._group(path, same)

    def _group(self, path: tuple[str, ...], programs: list[Program]) -> None:
        if programs[0].is_chain:
            self._enter("", "chain", "", programs)
            return
        definition = programs[0].definition
        parts = [part for key in path for part in key.split(".")]
        words = [part for part in parts if part and not part.isdigit()] or ["group"]
        around = [] if self.programs.is_root(definition) else [definition.name]
        name = self._names.of_group(definition, [*around, *words])
        self._enter(name, "list" if programs[0].body.numbered else "class", "", programs)


def _chosen(network: Network, definitions: Sequence[Definition]) -> dict[int, frozenset[str]]:
    """By definition: the arguments whose values the caller of the network chooses in the end."""
    chosen: dict[int, frozenset[str]] = {id(d): frozenset() for d in definitions}
    chosen.update((id(root), frozenset(network.shared_parameters)) for root in network.roots)
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
