"""What a writer of steps knows: the place it writes at, and the definitions it may call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, TypeAlias, TypeVar

from tests.random_networks.names import Names
from tests.random_networks.shapes import Channels, Extents, Shape, numbers, then, with_stride
from tests.random_networks.texts import Text

T = TypeVar("T")

Made: TypeAlias = tuple[list[Text], Shape]
# A call and the shape it gives.
Called: TypeAlias = tuple[str, Shape]
IN, OUT = "in.channels", "out.channels"
# How deep braces go.
DEEPEST = 5


@dataclass(slots=True)
class Parameter:
    """A parameter of an own definition. `values` are the texts of possible arguments."""

    name: str
    declared: str
    values: tuple[str, ...] = ()
    required: bool = False
    # Of a tensor: `same` as what comes in, `beside` it with channels of its own, of other `sizes`
    # too, or a `list` of such as come in.
    tensor: str = ""


@dataclass(slots=True)
class Module:
    """What `reuse` can call again: what it was fed and gave, and what was given as tensors."""

    before: Shape
    after: Shape
    definition: Definition | None = None
    # By parameter: the channels of a tensor, the length of a list.
    given: dict[str, Channels | int] = field(default_factory=dict)
    # Of a call of a block that has several.
    results: list[Shape] = field(default_factory=list)


@dataclass(slots=True)
class Definition:
    """An own block or shortcut. `shape` is its result, from `in` and its `width` and `stride`."""

    name: str
    kind: str
    parameters: list[Parameter] = field(default_factory=list)
    # The names of its parameters for these, if it has them.
    width: str = ""
    stride: str = ""
    # The channels that it adds to those that come in.
    grows: int = 0
    # It takes flat tensors too.
    any_rank: bool = False
    # Divides the channels it is fed.
    divides: int = 1
    shape: Shape = field(default_factory=lambda: Shape(Channels(())))
    # Its results beside the first, from the same.
    results: list[tuple[str, Shape]] = field(default_factory=list)
    # Extents on the way that must not come out empty.
    milestones: list[Extents] = field(default_factory=list)

    @property
    def preserving(self) -> bool:
        return self.kind == "block" and not self.width and not self.grows

    @property
    def tensors(self) -> list[Parameter]:
        return [parameter for parameter in self.parameters if parameter.tensor]

    @property
    def needs_tensors(self) -> bool:
        return any(parameter.required for parameter in self.tensors)


@dataclass(slots=True)
class Place:
    """Where steps are written."""

    definition: Definition | None
    entry: Shape
    # Divisors of what the texts of channels stand for.
    divisors: dict[str, int]
    # What parameters, `let`s, kept tensors and loops have bound in the definition.
    bound: set[str] = field(default_factory=set)
    # Ints in scope.
    names: dict[str, Channels] = field(default_factory=dict)
    # Kept tensors and others with a name.
    kept: dict[str, Shape] = field(default_factory=dict)
    # Tensors and lists of them that a `let` has named, until its braces end. Of a list: what each
    # element is, and how many there are, -1 where that is up to the call.
    lets: dict[str, Shape] = field(default_factory=dict)
    lists: dict[str, tuple[Shape, int]] = field(default_factory=dict)
    # The modules of the body, by their labels as they are written.
    modules: dict[str, Module] = field(default_factory=dict)
    # Values in scope that are blocks and keep the shape.
    tails: list[str] = field(default_factory=list)
    # Values in scope that are shortcuts.
    modes: list[str] = field(default_factory=list)
    # Values in scope that are blocks and take a number of channels, which becomes the result's:
    # as `channels=`, or as the first argument.
    makers: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    # Of parameters: odd ints or sizes, numbers of groups, what can stand as a factor, rates of
    # what is dropped.
    kernels: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    factors: list[str] = field(default_factory=list)
    rates: list[str] = field(default_factory=list)
    # Conditions that can be asked here, and those that are truth values' own names.
    conditions: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    # Counts that can stand after `x`.
    counts: list[str] = field(default_factory=list)
    # Numbers that can stand in arguments: `index`, `progress`.
    varying: list[str] = field(default_factory=list)
    # Of the body whose modules are named here.
    labels: set[str] = field(default_factory=set)
    # What the labels in a `for` end with.
    suffix: str = ""
    # Labels would name the modules of a `numbered` body by words.
    labelled: bool = True
    depth: int = 0
    # All steps keep the extents.
    strict: bool = False
    # Only what works on maps and vectors alike.
    any_rank: bool = False
    # A shortcut, or a body in the place of one.
    serving: bool = False
    # A network, outside of all repetitions.
    top: bool = False
    # One module after the other, which becomes a function.
    chain: bool = False
    # `output` may stand here.
    gives: bool = False
    # A call here stands by itself, so that its tensors may be computed in front of it.
    computes: bool = False

    @property
    def network(self) -> bool:
        return self.definition is None

    @property
    def tensors(self) -> dict[str, Shape]:
        """What has a name here."""
        return {"in": self.entry, **self.kept, **self.lets}

    def flag(self, name: str) -> None:
        """A truth value has this name."""
        self.conditions += [name, f"not {name}"]
        self.flags.append(name)

    def known(self) -> tuple[Any, ...]:
        dicts = (self.names, self.kept, self.lets, self.lists, self.modules)
        return tuple(map(dict, dicts)), list(self.tails), set(self.labels)

    def forget(self, known: tuple[Any, ...]) -> None:
        """Only what was bound then."""
        dicts, tails, labels = known
        names = (self.names, self.kept, self.lets, self.lists, self.modules, self.labels)
        for now, before in zip(names, (*dicts, labels), strict=True):
            now.clear()  # type: ignore[attr-defined]
            now.update(before)  # type: ignore[attr-defined]
        self.tails[:] = tails

    def inner(self, **changes: Any) -> Place:
        """In braces: what is bound ends there, but for kept tensors."""
        if changes.get("labels", self.labels) is not self.labels or "suffix" in changes:
            # What is labelled there need not be there.
            changes.setdefault("modules", dict(self.modules))
        return replace(
            self,
            names=dict(self.names),
            tails=list(self.tails),
            lets=dict(self.lets),
            lists=dict(self.lists),
            depth=self.depth + 1,
            computes=False,
            **changes,
        )

    def group(self, **changes: Any) -> Place:
        """In braces that are a module of their own."""
        return self.inner(labels=set(), modules={}, suffix="", chain=False, **changes)

    def strictly(self) -> Place:
        """A place where all steps keep the extents."""
        return self if self.strict else self.inner(strict=True)

    def repeated(self) -> Place:
        """In a repeated group."""
        return self.group(
            kept=dict(self.kept),
            varying=[*self.varying, "index"],
            top=False,
            modes=self.modes,
            gives=False,
        )


class Writer:
    """The random choices of one text, and what it has defined so far."""

    def __init__(self, random: Random, kinds: Kinds, often: Collection[str] = ()) -> None:
        self.random = random
        # The kinds of steps that a place may have, each with how often it is written.
        self.kinds = kinds
        # Kinds of steps that are written several times as often.
        self.often = often
        self.names = Names(random)
        self.rank = random.choices([1, 2, 3], [3, 6, 2])[0]
        high = {1: 24, 2: 12, 3: 7}[self.rank]
        self.start = tuple(random.randint(max(high // 2, 4), high) for _ in range(self.rank))
        # The network's input is a vector; its blocks may be for maps all the same.
        self.vector = random.random() < 0.04
        # Modules that may still be written.
        self.left = 0
        self.own: list[Definition] = []
        # Of the network that is written: its outputs, and what could be one by its name, each as
        # it is written; an output that need not be there has no text.
        self.outputs: dict[str, str] = {}
        self.taps: dict[str, str] = {}
        self.count = 0
        # What the last call of an own definition was given as tensors.
        self.given: dict[str, Channels | int] = {}
        # What the last call of an own definition gives.
        self.results: list[Shape] = []
        # Texts that have much of tensors as values, and those that have less.
        self.valued = random.random() < 0.7
        # For what was added late: texts without it are those that their seeds had before.
        self.aside = Random(repr(random.getstate()))

    def rarely(self, p: float) -> bool:
        return self.aside.random() < p

    def chance(self, p: float) -> bool:
        return self.random.random() < p

    def known(self, place: Place, kind: str = "", *, tensors: bool = False) -> list[Definition]:
        """The own definitions that nothing hides at a place; with `tensors`, those too that must be
        given some."""
        hidden = place.bound | ({"stride"} if place.serving else set())
        return [
            d
            for d in self.own
            if d.name not in hidden and kind in ("", d.kind) and (tensors or not d.needs_tensors)
        ]

    def pick(self, values: Sequence[T]) -> T:
        return self.random.choice(values)

    def weighted(self, choices: Sequence[tuple[float, T]]) -> T:
        return self.random.choices([c for _, c in choices], [w for w, _ in choices])[0]

    # --- shapes ---

    def fits(self, place: Place, extents: Extents) -> bool:
        """Whether a map of these extents can be had here; a block takes note."""
        if place.definition is None:
            return numbers(extents, self.start) is not None
        small = then((), tuple(s for s in extents))
        try:
            if numbers(_with_small_strides(small), (6,) * self.rank) is None:
                return False
        except (IndexError, AssertionError):
            return False
        place.definition.milestones.append(extents)
        return True

    def extents(self, place: Place, shape: Shape) -> tuple[int, ...] | None:
        """The extents as numbers where they are known."""
        return numbers(shape.extents, self.start) if place.network else None

    # --- numbers ---

    def channels(self, place: Place, value: Channels) -> str:
        """An expression for a number of channels."""
        number = value.number
        if number is None:
            return str(value)
        forms = [str(number)]
        if self.chance(0.3):
            for name, known in place.names.items():
                if known.number and number % known.number == 0:
                    forms.append(f"{number // known.number} * {name}")
                if known.number and number > known.number:
                    forms.append(f"{name} + {number - known.number}")
                if known.number == number:
                    forms += [name] * 3
            if number % 2 == 0:
                forms += [f"{number * 2} // 2", f"where(true, {number}, 1 // 0)"]
            if number % 8 == 0:
                forms.append(f"divisible({number - 1})")
        return self.pick(forms)

    def width(self, place: Place, *, most: int = 16) -> Channels:
        """A number of channels to go on with, a multiple of 4 more often than not."""
        known = [channels for channels in place.names.values() if channels.number is None]
        if known and self.chance(0.5):
            return self.pick(known).times(self.pick([1, 1, 2]))
        if not place.network and self.chance(0.3):
            return place.entry.channels
        return Channels.of(self.pick([n for n in (1, 2, 3, 4, 4, 8, 8, 8, 12, 16) if n <= most]))

    def divisors(self, place: Place, channels: Channels) -> list[int]:
        """Numbers of groups that divide."""
        whole = channels.divisor(place.divisors)
        return [n for n in range(1, 9) if whole % n == 0]

    def spend(self, count: int = 1) -> None:
        self.left -= count


Writing: TypeAlias = Callable[[Writer, Place, Shape], "Made | None"]
Kinds: TypeAlias = Callable[[Place, Shape], "list[tuple[float, Writing]]"]


def _with_small_strides(extents: Extents) -> Extents:
    return with_stride(
        extents, {s.stride: 2 for s in extents if isinstance(getattr(s, "stride", 0), str)}
    )
