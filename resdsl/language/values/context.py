"""What surrounds a step or an expression while it is elaborated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any, Final

from resdsl.design.model import Ref
from resdsl.extents import Shape
from resdsl.language.names.symbols import Module, Symbol
from resdsl.language.values.comparisons import Comparison, source_of
from resdsl.language.values.scope import Environment, Scope
from resdsl.language.values.values import Callee, OutShape, TensorValue
from resdsl.provenance import Leaf, Origin, depth, leaves, origin
from resdsl.records import dataclass
from resdsl.source import Span
from resdsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Deferred:
    """A name whose value is computed where it is read, as it may be an error to read it."""

    compute: Callable[[tree.Name], Any]


@dataclass(frozen=True, slots=True)
class Call:
    """Where a definition is called: the `set`s in force there, and those that give it arguments."""

    span: Span
    environment: Environment
    settings: Mapping[str, Span]


# The step between the elements of a tensor, per dimension, in elements of a main's or definition's
# input: (numerator, denominator). None where the path comes from elsewhere or a global pool.
Sampling = tuple[tuple[Any, int], ...] | None


class Conflict:
    """Paths with different sampling met."""


CONFLICT: Final = Conflict()


@dataclass(slots=True, eq=False)
class ResidualContext:
    """What a shortcut knows of the residual that it serves. `reads_main` is set when it does."""

    out: OutShape
    stride: Any
    main: Ref
    reads_main: bool = False


@dataclass(slots=True, eq=False)
class Frame:
    """The definition being elaborated: its values, and what has been noted of them.

    A shape is None after an error. `pinned` are the leaves (resdsl.provenance) whose numbers have
    decided something, so that the design holds for these numbers only; `placed` are those that
    stand as arguments of operators, `shaping` those that extents depend on. `depths`: how deep the
    formulas are that have a leaf. `comparisons` are what was decided, and may hold for others too
    (`comparisons.py`); `left_out` the steps that are not there where a number is 0.
    """

    symbol: Symbol
    module: Module
    shapes: list[Shape | None] = field(default_factory=list)
    makers: list[tuple[str, Span | None]] = field(default_factory=list)
    sampling: dict[Ref, Sampling | Conflict] = field(default_factory=dict)
    # Per dimension, how far the elements of a tensor lie apart that were neighbours with the
    # strides that are not taken (elaborate/output_strides.py). Not there: all of them are.
    apart: dict[Ref, tuple[int, ...]] = field(default_factory=dict)
    pinned: set[str] = field(default_factory=set)
    placed: set[str] = field(default_factory=set)
    shaping: set[str] = field(default_factory=set)
    depths: dict[str, int] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)
    left_out: dict[int, Any] = field(default_factory=dict)
    reads_extents: bool = False
    # That of the call; extents of both are functions of the network's input.
    outer: Frame | None = None
    # Its tensor parameters by name, those of a list one by one: what they are inside.
    tensors: dict[str, Ref] = field(default_factory=dict)
    # What its `output`s ask for (elaborate/outputs.py).
    asked: list[Any] = field(default_factory=list)
    is_unsure: bool = False
    _looked_at: int = 0
    _least: dict[int, int] = field(default_factory=dict)

    def least_input(self, axis: int) -> int:
        """The smallest input extent at which all values so far have an element along `axis`."""
        for shape in self.shapes[self._looked_at :]:
            for extent in shape.extents if shape is not None else ():
                if extent.axis is not None:
                    least = max(extent.least(1), self._least.get(extent.axis, 1))
                    self._least[extent.axis] = least
        self._looked_at = len(self.shapes)
        around = self.outer.least_input(axis) if self.outer is not None else 1
        return max(self._least.get(axis, 1), around)

    def new(self, shape: Shape | None, maker: str, span: Span | None) -> Ref:
        self.shapes.append(shape)
        self.makers.append((maker, span))
        return len(self.shapes) - 1

    def enter(self, ref: Ref, outer: Frame, of: Ref) -> None:
        """What is known of a tensor `of` an outer definition holds for it inside."""
        if of in outer.apart:
            self.apart[ref] = outer.apart[of]

    def is_alike(self, one: Ref, other: Ref) -> bool:
        """Whether what is fed the one makes what it makes of the other."""
        is_one = self.apart.get(one) == self.apart.get(other)
        return is_one and self.shapes[one] == self.shapes[other]

    def copy(self, ref: Ref, of: Ref) -> None:
        """A value that is another one, `of` this definition."""
        self.sampling[ref] = self.sampling.get(of)
        self.enter(ref, self, of)

    @property
    def is_broken(self) -> bool:
        """A step has no value, and steps may be missing: the mistake may be one of syntax, which
        was told elsewhere."""
        return None in self.shapes

    def pin(self, value: Any) -> None:
        source = origin(value)
        if source is not None:
            self.pinned.update(leaves(source))

    def pin_extents(self) -> None:
        """Extents have decided something: whether maps agree, how many features there are."""
        self.pinned |= self.shaping

    def compare(self, comparison: Comparison) -> None:
        """Something was decided by whether two numbers are equal."""
        if comparison.left != comparison.right and comparison.leaves:
            self.comparisons.append(comparison)

    def compare_numbers(self, left: Any, right: Any, *, is_order: bool = False) -> None:
        """Whether they are equal, or `left > right`."""
        if origin(left) is None and origin(right) is None:
            return
        channels = self._is_of_tensor(left), self._is_of_tensor(right)
        self.compare(Comparison(source_of(left), source_of(right), channels, is_order=is_order))

    def _is_of_tensor(self, value: Any) -> bool:
        """Whether it is `in.channels` or `out.channels`, unless a parameter has the name."""
        match origin(value):
            case Leaf("in_channels" | "out_channels" as name):
                item = self.symbol.node
                return isinstance(item, tree.Let) or all(
                    parameter.name.id != name for parameter in item.parameters
                )
            case _:
                return False

    def deepen(self, source: Origin | None, inner: int = 0) -> int:
        """How deep it is where a formula is mentioned that a definition which is called has `inner`
        operations deep."""
        if source is None:
            return 0
        deep, depths = inner + depth(source), self.depths
        for leaf in leaves(source):
            if deep > depths.get(leaf, -1):
                depths[leaf] = deep
        return deep

    def pin_all(self, value: Any) -> None:
        """Pins every number in a value, bound arguments and lists included."""
        if isinstance(value, Callee):
            for _, item in value.bound:
                self.pin_all(item)
        elif isinstance(value, tuple):
            for item in value:
                self.pin_all(item)
        else:
            self.pin(value)


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """Where an expression or step stands. Immutable: a step that changes it makes a new one.

    `facts` are the names that only an `expect` of a network reads (`params`, `shape(…)`).
    """

    frame: Frame
    module: Module
    scope: Scope
    environment: Environment
    current: Ref | None = None
    residual: ResidualContext | None = None
    facts: Any = None
    # In the body of the network itself, where stages and progress are.
    network: bool = False
    # Within a part of a body that has no results of its own: a main, a branch, a repetition.
    part: str | None = None
    # What the body is built with, where a step can stand in front of this one.
    builder: Any = None
    # The current tensor is what a copy of a repetition is fed.
    is_copy: bool = False

    def note_read(self, value: TensorValue) -> None:
        """A shortcut that names `main` reads it, by whatever name it goes on."""
        residual = self.residual
        if residual is not None and value.name == "main" and value.ref == residual.main:
            residual.reads_main = True

    def inner(self, **changes: Any) -> Context:
        """The same surroundings inside new braces."""
        holds = changes.pop("holds_keeps", False)
        return replace(self, scope=Scope(self.scope, holds_keeps=holds), **changes)

    def at(self, current: Ref | None, builder: Any = None) -> Context:
        # Not `replace`: there is one for every step.
        return Context(
            self.frame,
            self.module,
            self.scope,
            self.environment,
            current,
            self.residual,
            self.facts,
            self.network,
            self.part,
            builder,
        )
