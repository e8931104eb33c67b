"""For which input sizes a network is valid.

Every operator's condition is a lower bound on an extent, and extents are monotone functions of the
input's, so per dimension the conditions come down to one minimum. A linear layer behind
`flatten` fixes the number of features besides, and an instance norm asks for a second element in
whichever dimension.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from math import lcm, prod

from resdsl.analysis.shapes import View, root_shapes
from resdsl.design.inference import Inference
from resdsl.design.liveness import Liveness
from resdsl.design.model import Apply, Fork, Instance, Join, Residual
from resdsl.design.network import Network
from resdsl.extents import Shape
from resdsl.extents.agreement import Agreement
from resdsl.extents.conditions import Condition, cure, meant
from resdsl.ops import Op
from resdsl.ops.needs import Bound, Need, Needs
from resdsl.records import dataclass

# Sizes in a row that are tried for one that every join takes.
_SEARCH = 4_096


@dataclass(frozen=True, slots=True)
class Requirement:
    """A lower bound, the step that asks for it, and the instances it stands in, outermost first."""

    bound: Bound
    op: Op
    apply: Apply
    chain: tuple[str, ...]

    @property
    def least(self) -> int:
        """The smallest input extent that meets it; 1 where the input does not matter."""
        return self.bound.smallest


@dataclass(frozen=True, slots=True)
class Further:
    """A need that is no minimum of each dimension, for the step that asks for it."""

    need: Need
    op: Op
    apply: Apply
    chain: tuple[str, ...]

    def holds(self, extents: Sequence[int]) -> bool:
        return self.need.holds(lambda extent: extent.at(_along(extents, extent)))

    def last(self) -> dict[int, int]:
        """By axis, the largest extent at which no bound holds, where all others are as small."""
        bounds = self.need.bounds
        return {b.extent.axis: b.smallest - 1 for b in bounds if b.extent.axis is not None}


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two values that meet in a sum or join and are different functions of the input."""

    step: Residual | Fork | Join
    one: Shape
    two: Shape
    chain: tuple[str, ...]

    def holds(self, extents: Sequence[int]) -> bool:
        pairs = zip(self.one.extents, self.two.extents, strict=False)
        stretched = [(a, b) for a, b in pairs if not (is_one(a) or is_one(b))]
        return all(a.at(_along(extents, a)) == b.at(_along(extents, b)) for a, b in stretched)


def _along(extents: Sequence[int], extent: object) -> int:
    axis = getattr(extent, "axis", None)
    return 0 if axis is None else extents[axis]


def is_one(extent: object) -> bool:
    """1 for every input size: such an extent broadcasts."""
    return getattr(extent, "axis", 0) is None and getattr(extent, "offset", 0) == 1


@dataclass(frozen=True, slots=True)
class Features:
    """A linear layer that was sized for `expected` features."""

    op: Op
    apply: Apply
    shape: Shape
    expected: int
    chain: tuple[str, ...]

    def holds(self, extents: Sequence[int]) -> bool:
        return prod(self.shape.at(extents)) == self.expected

    def interval(self, axis: int, extents: Sequence[int]) -> tuple[int, int] | None:
        """Along one axis, the extents that give the features; the others stay as in `extents`."""
        mine = [extent for extent in self.shape.extents if extent.axis == axis]
        others = prod(e.at(_along(extents, e)) for e in self.shape.extents if e.axis != axis)
        wanted, rest = divmod(self.expected, int(self.shape.channels) * others)
        if rest or len(mine) != 1:
            return None
        return mine[0].least(wanted), mine[0].least(wanted + 1) - 1


@dataclass(slots=True)
class Conditions:
    """An observer that collects what must hold."""

    requirements: list[Requirement] = field(default_factory=list)
    further: list[Further] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)
    fixed: list[Features] = field(default_factory=list)
    _chain: list[str] = field(default_factory=list)

    def needs(self, apply: Apply, op: Op, shape: Shape, needs: Needs) -> None:  # noqa: ARG002
        chain = tuple(self._chain)
        for need in needs:
            if need.is_minimum:
                self.requirements += (Requirement(b, op, apply, chain) for b in need.bounds)
            else:
                self.further.append(Further(need, op, apply, chain))

    def meet(
        self, step: Residual | Fork | Join, _agreement: Agreement, one: Shape, two: Shape
    ) -> None:
        self.meetings.append(Meeting(step, one, two, tuple(self._chain)))

    def features(self, apply: Apply, op: Op, shape: Shape, expected: int) -> None:
        if shape.features != expected:
            self.fixed.append(Features(op, apply, shape, int(expected), tuple(self._chain)))

    @contextmanager
    def inside(self, apply: Apply, instance: Instance) -> Iterator[None]:
        self._chain.append(apply.label or instance.definition.name)
        try:
            yield
        finally:
            self._chain.pop()


@dataclass(frozen=True, slots=True)
class ValidSizes:
    """The input sizes at which a network runs.

    `least` per dimension, and in `limiting` the requirement behind it (None: there is none).
    `further` are needs that are more than that, `meetings` agree at some sizes only, and
    `fixed` are linear layers that the extents size.
    """

    names: tuple[str, ...]
    declared: tuple[int | None, ...]
    least: tuple[int, ...]
    limiting: tuple[Requirement | None, ...]
    requirements: tuple[Requirement, ...]
    further: tuple[Further, ...]
    meetings: tuple[Meeting, ...]
    fixed: tuple[Features, ...]
    # What the network's `expect`s declare: with these all meetings agree where the input is free.
    conditions: tuple[Condition, ...] = ()

    @property
    def min_input(self) -> int:
        """The smallest extent that serves in every dimension, and is meant in each.

        Where that is none (joins that agree nowhere, conditions that exclude each other): the
        largest of what each dimension needs.
        """
        low = max((low for low, _ in self.intervals()), default=1)
        # A map has a second element from the first dimension on that gives one.
        low = max(low, *(min(one.last().values(), default=0) + 1 for one in self.further), 1)
        for size in meant(self.conditions, low, self._period)[:_SEARCH]:
            if self.allows((size,) * len(self.names)):
                return size
        by_axis = ([c for c in self.conditions if c.axis == i] for i in range(len(self.names)))
        return max((meant(mine, low)[0] for mine in by_axis), default=low)

    @property
    def _period(self) -> int:
        """All joins agree at a size if they do at one that is so much larger."""
        met = (extent for m in self.meetings for extent in (*m.one.extents, *m.two.extents))
        return lcm(*(extent.stride for extent in met))

    def allows(self, extents: Sequence[int]) -> bool:
        """Whether a network runs at this size, and is meant for it."""
        return self.runs_at(extents) and all(c.holds(extents[c.axis]) for c in self.conditions)

    def runs_at(self, extents: Sequence[int]) -> bool:
        """Whether every operator and join takes this size, whatever the network declares."""
        return (
            all(size >= low for size, low in zip(extents, self.least, strict=True))
            and all(one.holds(extents) for one in self.further)
            and all(features.holds(extents) for features in self.fixed)
            and all(meeting.holds(extents) for meeting in self.meetings)
        )

    def apart_at(self, extents: Sequence[int]) -> list[str]:
        """At a size, the two sides of a join that do not agree, and where they would."""
        met = next((one for one in self.meetings if not one.holds(extents)), None)
        if met is None:
            return []
        sides = ["x".join(map(str, shape.at(extents))) for shape in (met.one, met.two)]
        span = met.step.span
        place = f" at {span.source.name}:{span.line}:{span.column}" if span is not None else ""
        inside = f" in `{'.'.join(met.chain)}`" if met.chain else ""
        told = f"a join{place}{inside} gets {sides[0]} and {sides[1]}"
        cures = {cure(*pair) for pair in zip(met.one.extents, met.two.extents, strict=False)}
        conditions = [one for one in cures if one is not None and one.modulus > 1]
        texts = sorted(one.text(self.names[one.axis]) for one in conditions)
        return [told + (f"; these agree where {' and '.join(texts)}" if texts else "")]

    def intervals(self) -> list[tuple[int, int | None]]:
        """Per dimension, from where to where (None: without end), the others as declared."""
        found: list[tuple[int, int | None]] = []
        declared = [extent or low for extent, low in zip(self.declared, self.least, strict=True)]
        for axis, low in enumerate(self.least):
            lows, highs = [low], []
            for features in self.fixed:
                interval = features.interval(axis, declared)
                if interval:
                    lows.append(interval[0])
                    highs.append(interval[1])
            found.append((max(lows), min(highs, default=None)))
        return found

    def __str__(self) -> str:
        return self.text()

    def text(self) -> str:
        """For people: `valid for every H, W ≥ 1`; a network of vectors has nothing to say."""
        if not self.names:
            return "valid"
        intervals = [
            (max(low, *(c.least for c in self.conditions if c.axis == axis), 1), high)
            for axis, (low, high) in enumerate(self.intervals())
        ]
        if len(set(intervals)) == 1:
            parts = [_range(", ".join(self.names), *intervals[0])]
        else:
            parts = [
                _range(name, *found) for name, found in zip(self.names, intervals, strict=True)
            ]
        every = "every " if not self.fixed and not self.meetings else ""
        text = f"valid for {every}{', '.join(parts)}"
        if self.fixed and len(self.names) > 1:
            view = View(self.names, (None,) * len(self.names), self.conditions)
            text += f" (wherever {view.text(self.fixed[0].shape)} = {self.fixed[0].expected})"
        text += self._alone()
        residues = [c.text(self.names[c.axis]) for c in self.conditions if c.modulus > 1]
        if residues:
            text += f" where {' and '.join(residues)}"
        elif self.meetings:
            n = len(self.meetings)
            text += f" where {n} join{'s' if n > 1 else ''} agree{'' if n > 1 else 's'}"
        return text

    def _alone(self) -> str:
        """` unless H ≤ 32 and W ≤ 32`: where a map would be left with one element."""
        boxes = {tuple(sorted(one.last().items())) for one in self.further if one.last()}
        boxes = {box for box in boxes if all(last >= self.least[axis] for axis, last in box)}
        widest = [box for box in boxes if not any(_within(box, other) for other in boxes - {box})]
        texts = [
            " and ".join(f"{self.names[axis]} ≤ {last}" for axis, last in box)
            for box in sorted(widest)
        ]
        return f" unless {', or '.join(texts)}" if texts else ""


def _within(box: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]) -> bool:
    mine = dict(box)
    return all(axis in mine and mine[axis] <= last for axis, last in other)


def _range(names: str, low: int, high: int | None) -> str:
    if high is None:
        return f"{names} ≥ {low}"
    return f"{names} = {low}" if low == high else f"{names} {low}…{high}"


def valid_sizes(network: Network) -> ValidSizes:
    """Collects the conditions of every operator and join of a network."""
    found = Conditions()
    # What nothing reads is not called, so any size will do for it.
    Inference(found, liveness=Liveness(network.root)).shapes(network.root, root_shapes(network))
    least, limiting = [], []
    for axis in range(len(network.input.names)):
        mine = [r for r in found.requirements if r.bound.extent.axis == axis]
        worst = max(mine, key=lambda r: r.least, default=None)
        least.append(1 if worst is None else worst.least)
        limiting.append(worst if worst is not None and worst.least > 1 else None)
    return ValidSizes(
        network.input.names,
        network.input.extents,
        tuple(least),
        tuple(limiting),
        tuple(found.requirements),
        tuple(found.further),
        tuple(found.meetings),
        tuple(found.fixed),
        network.conditions,
    )
