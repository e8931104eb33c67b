"""The design: a hierarchy of elaborated definitions, like hardware after elaboration.

A `Definition` is a block, shortcut or network with its arguments, input channels and rank bound. It
is built once and shared by all its instances. Its body is a list of steps over numbered values
(`Ref`s); bodies of groups, mains and branches share the numbering of the definition they stand in,
so that a step may read any value before it. Channels and rank are fixed in a definition; spatial
extents are not (analysis follows them), except where they size a `linear` behind a `flatten`.

A design is valid by construction: whoever builds one (the language, the JSON reader) checks first.
Nothing changes it afterwards.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Literal, TypeAlias

from resdsl.design.join_expressions import Expression
from resdsl.design.join_expressions import Ref as Ref
from resdsl.design.keys import in_key_order
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.provenance import Origin, traced
from resdsl.records import dataclass
from resdsl.source import Span


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a definition as its author wrote it. `default` is a literal or None."""

    name: str
    type: str
    default: Any = None
    doc: str = ""


@dataclass(slots=True, eq=False)
class Definition:
    """An elaborated block, shortcut or network.

    `origin` names the text it comes from (`file:name`): elaborations of one text share it.
    `arguments` are the bound parameters by name, followed by what the definition knows of its
    surroundings: `in_channels`, and for a shortcut `out_channels` and `stride`. Numbers in the body
    carry their origin (resdsl.provenance) with these names as leaves.
    `inputs` are the refs of `in`, of the tensor parameters, those in a list one by one, and of
    `main` where a shortcut reads it.
    """

    name: str
    kind: Literal["block", "shortcut", "network"]
    origin: str
    doc: str
    parameters: tuple[Parameter, ...]
    arguments: dict[str, Any]
    inputs: tuple[Ref, ...]
    body: Body
    # By Ref, for the first instance; other instances have other extents.
    shapes: list[Shape]
    # By Ref: the step that made the value, for people ("`conv3`"), and where it is written.
    makers: list[tuple[str, Span | None]]
    # The extents size a `linear` inside, so instances at other extents are other definitions.
    reads_extents: bool = False
    # Results beside the first, which is the body's.
    others: tuple[Ref, ...] = ()
    # The names of the tensor parameters' inputs, and those of several results.
    tensors: tuple[str, ...] = ()
    results: tuple[str, ...] = ()

    @property
    def input(self) -> Ref:
        return self.inputs[0]

    @property
    def output(self) -> Ref:
        """The first of its results."""
        return self.body.output

    @property
    def outputs(self) -> tuple[Ref, ...]:
        return (self.body.output, *self.others)

    @property
    def reads_main(self) -> bool:
        return len(self.inputs) > 1 + len(self.tensors)

    @property
    def rank(self) -> int:
        return self.shapes[self.input].rank


@dataclass(slots=True, eq=False)
class Body:
    """A pipeline of steps from `input` to `output`.

    `numbered`: its modules are called 0, 1, 2…, as in an nn.Sequential.
    """

    input: Ref
    output: Ref
    steps: list[Step]
    numbered: bool = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing happens in it: values get names at most."""
        return all(isinstance(step, Keep) for step in self.steps)

    def modules(self) -> Iterator[Apply]:
        """The steps that are modules of this body, in the order of their keys, each once.

        Those of a residual (main's, then the shortcut) and of a fork's branches belong to the body
        around it. A tensor that the body holds itself comes first, and what lies in one container
        comes together.
        """
        written: list[Apply] = []
        self._collect(written)
        for apply in written:
            if apply.held or apply.is_again or "." in apply.key:
                own = [one for one in written if not one.is_again]
                others = in_key_order([one for one in own if not one.held], lambda one: one.key)
                return iter([*(one for one in own if one.held), *others])
        return iter(written)

    def _collect(self, written: list[Apply]) -> None:
        for step in self.steps:
            match step:
                case Apply():
                    written.append(step)
                case Residual():
                    step.main._collect(written)
                    if step.shortcut is not None:
                        written.append(step.shortcut)
                case Fork():
                    written += [branch.apply for branch in step.branches]


@dataclass(slots=True, eq=False)
class Instance:
    """A use of a definition. `arguments` are the values with the origin they have out here."""

    definition: Definition
    arguments: dict[str, Any]


@dataclass(slots=True, eq=False)
class Group:
    """Braces as a unit: a module whose body shares the values of the definition around.

    A further call of one makes other values: `first` is the body of the first call, whose module it
    is, with equal steps.
    """

    body: Body
    first: Body | None = None


Unit: TypeAlias = Op | Instance | Group


@dataclass(frozen=True, slots=True)
class FromSet:
    """An argument that a `set` gave (a slot's: what it is bound to), for what messages say.

    `where` is its key among the `set`s in force; `span` where it stands, if that is in the text of
    the definition itself: others differ between instances.
    """

    parameter: str
    where: Hashable
    span: Span | None


@dataclass(slots=True, eq=False)
class Run:
    """`count` equal copies in a row (in a replicated branch: side by side).

    `input` is what the first copy is fed, `output` what the last one gives; in between the shapes
    repeat. `shape` is that of the input with the features of a flat tensor resolved. `tensors` are
    what tensor parameters are given: the same for all copies, but for `input`, which is each copy's
    own. `source`: where the count comes from, if another would make more or fewer of these copies
    and change nothing else.
    """

    unit: Unit
    count: int
    input: Ref
    output: Ref
    shape: Shape
    settings: tuple[FromSet, ...] = ()
    tensors: tuple[Ref, ...] = ()
    source: Origin | None = None

    @property
    def traced_count(self) -> int:
        """The count, which remembers where it comes from."""
        if self.source is None:
            return self.count
        found: int = traced(self.count, self.source)
        return found

    @property
    def given(self) -> tuple[Ref, ...]:
        """What it is fed as the current tensor, and as tensor parameters."""
        return (self.input, *self.tensors)

    @property
    def around(self) -> tuple[Ref, ...]:
        """What tensor parameters are given that is not each copy's own input."""
        return tuple(ref for ref in self.tensors if ref != self.input)


@dataclass(slots=True, eq=False)
class Apply:
    """A module in the pipeline: a call or group, or `unit x n` (`repeated`, also for n = 1).

    `runs` are its copies in order, equal neighbours together; none for `x 0`.
    `key` is its name in the state dict, with dots in a container (`convs.0`); `word` what the
    author wrote (`conv`, `norm`, `group`), `label` the author's label. `main` is the value that a
    shortcut reads as `main`, else None. `held`: an operator whose one tensor is the body's own, by
    this key; there is no module. `others`: of a call of a definition with several results, those
    behind the first. `is_again`: a call of the module that was met before in its body by this key;
    the label is that of its result.
    """

    key: str
    word: str
    label: str | None
    runs: tuple[Run, ...]
    repeated: bool
    input: Ref
    output: Ref
    span: Span | None
    stage: bool = False
    main: Ref | None = None
    held: bool = False
    others: tuple[Ref, ...] = ()
    is_again: bool = False

    @property
    def unit(self) -> Unit:
        """The unit of a step that is not repeated."""
        return self.runs[0].unit

    @property
    def count(self) -> int:
        return sum(run.count for run in self.runs)

    def fed(self, run: Run) -> tuple[Ref, ...]:
        """The inputs of a copy: `in`, tensors, and `main` where it is a shortcut that reads it."""
        reads_main = isinstance(run.unit, Instance) and run.unit.definition.reads_main
        return (*run.given, self.main) if reads_main and self.main is not None else run.given


@dataclass(frozen=True, slots=True)
class Input:
    """Around main goes what enters it: the identity."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class Kept:
    """Around main goes a tensor that was kept, before main or in it; main's result too."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class Module:
    """Around main goes what a module makes."""

    apply: Apply

    @property
    def ref(self) -> Ref:
        return self.apply.output


Skip: TypeAlias = Input | Kept | Module


@dataclass(slots=True, eq=False)
class Residual:
    """`residual { main } via shortcut`.

    What goes around main (`skip`) is added to main's result, or replaces it: the shortcut has read
    that as `main`, or leaves it out. The shortcut `none`, of main alone, replaces main's result by
    itself. A shortcut that computes nothing is no module (`dataflow.alias`).
    """

    input: Ref
    output: Ref
    main: Body
    skip: Skip
    combine: Literal["add", "replace"]
    span: Span | None

    @property
    def adds(self) -> bool:
        return self.combine == "add"

    @property
    def shortcut(self) -> Apply | None:
        """The module around main, if there is one."""
        return self.skip.apply if isinstance(self.skip, Module) else None

    @property
    def is_main_alone(self) -> bool:
        """Whether main's result goes on as it is: the shortcut `none`."""
        return self.combine == "replace" and self.skip == Kept(self.main.output)


@dataclass(slots=True, eq=False)
class Branch:
    """One branch of a fork. A replicated one stands for all its copies in the join."""

    label: str
    apply: Apply
    replicated: bool


@dataclass(slots=True, eq=False)
class Fork:
    input: Ref
    output: Ref
    branches: tuple[Branch, ...]
    join: Expression
    span: Span | None


@dataclass(slots=True, eq=False)
class Join:
    """`join expression`."""

    input: Ref
    output: Ref
    join: Expression
    span: Span | None


@dataclass(slots=True, eq=False)
class Keep:
    """`keep name`: a name for the value; no computation."""

    name: str
    ref: Ref
    span: Span | None


Step: TypeAlias = Apply | Residual | Fork | Join | Keep
