"""Where a network can be cut into parts of a pipeline, and how to cut it evenly.

Huang et al. 2019, "GPipe" (1811.06965), section 2.1: consecutive layers are a cell, and the cells'
costs are to be as even as they can. A cut lies where one tensor alone goes on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from resdsl import records
from resdsl.analysis.cost import Cost
from resdsl.analysis.facts import Facts
from resdsl.design.dataflow import alias, all_made, read_by
from resdsl.design.join_expressions import Use
from resdsl.design.model import Apply, Body, Group, Join, Keep, Ref, Step
from resdsl.design.state import is_stateless
from resdsl.extents import Shape


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive modules of a network, the first of which is called `begins` in the state dict.

    `macs` at the input size of the design, for one sample; `params` are learnable elements.
    """

    begins: str
    macs: int
    params: int


@records.dataclass(frozen=True, slots=True)
class _Atom:
    """What is not cut: a step, or one copy of a row. `path` is that of its module, if it is one
    with a state, as shared activations are not. What it reads and makes are values by Ref, those
    between copies of a row, and modules by their paths."""

    path: str | None
    cost: Cost
    reads: frozenset[object]
    makes: frozenset[object]


class NotDivisibleError(ValueError):
    """A network that cannot be cut into so many parts."""


def parts(known: Facts, number: int) -> tuple[Part, ...]:
    """`number` of them, of which the most costly has as few MACs as with any other cuts.

    Raises NotDivisibleError where there are fewer places for cuts, or a free extent decides what
    a part costs.
    """
    found = _Atoms(known)
    atoms = list(found.of(known.network.root.body, ""))
    if known.cost.macs is None:
        raise NotDivisibleError("its input has free extents: `design.at(…)` is of one size")
    starts = _starts(atoms, found.outputs)
    if number > len(starts):
        raise NotDivisibleError(f"there are {len(starts)} parts at most, not {number}")
    work = [0, *accumulate(atom.cost.macs or 0 for atom in atoms)]
    params = [0, *accumulate(atom.cost.params for atom in atoms)]
    bounds = [*starts, len(atoms)]
    marks = [work[place] for place in bounds]
    chosen = [bounds[place] for place in _evenly(marks, number)]
    made = []
    for start, end in pairwise(chosen):
        path = atoms[max(start, starts[0])].path
        assert path is not None
        made.append(Part(path, work[end] - work[start], params[end] - params[start]))
    return tuple(made)


def _starts(atoms: Sequence[_Atom], outputs: frozenset[object]) -> list[int]:
    """The places of the atoms with which a part can begin; the first is that of all."""
    live = set(outputs)
    found = []
    for place in reversed(range(len(atoms))):
        atom = atoms[place]
        live -= atom.makes
        live |= atom.reads
        # What is an output has to go on to the end, too.
        goes_on = len(live) == 1 and live.isdisjoint(outputs)
        if goes_on and atom.path is not None and atom.reads:
            found.append(place)
    found.reverse()
    return [0, *found[1:]] if found else []


def _evenly(marks: Sequence[int], number: int) -> list[int]:
    """Places among rising `marks`, the first and last included, of which neighbours are at most as
    far apart as they must be for so many intervals."""
    low, high = 0, marks[-1] - marks[0]
    while low < high:
        most = (low + high) // 2
        if len(_greedy(marks, most)) - 1 <= number:
            high = most
        else:
            low = most + 1
    places = _greedy(marks, low)
    # What greed did not need, the longest intervals that can be cut are given.
    while len(places) - 1 < number:
        pairs = [
            (marks[end] - marks[start], start, end)
            for start, end in pairwise(places)
            if end - start > 1
        ]
        _, start, end = max(pairs)
        middle = (marks[start] + marks[end]) / 2
        cut = min(range(start + 1, end), key=lambda place: abs(marks[place] - middle))
        places = sorted([*places, cut])
    return places


def _greedy(marks: Sequence[int], most: int) -> list[int]:
    """As few intervals of at most that length as there can be; one more where none is so short."""
    places = [0]
    while places[-1] < len(marks) - 1:
        start = places[-1]
        end = bisect_left(marks, marks[start] + most + 1) - 1
        if end <= start:
            return [*range(len(marks))] + [len(marks)] * len(marks)
        places.append(end)
    return places


class _Atoms:
    def __init__(self, known: Facts) -> None:
        self.liveness = known.liveness
        self.costs = known.costs
        self.root = known.network.root
        self.shapes: list[Shape] = known.shapes
        # Values that are another one, by other names.
        self.same: dict[Ref, Ref] = {}

    def of(self, body: Body, prefix: str) -> Iterator[_Atom]:
        for step in body.steps:
            match step:
                case Keep():
                    pass
                case Join(join=Use(named)):
                    self._call(step.output, named)
                case Apply() if (ref := alias(step)) is not None:
                    self._call(step.output, ref)
                case Apply() if not step.held:
                    yield from self._module(step, prefix + step.key)
                case _:
                    yield self._step(step, None)

    @property
    def outputs(self) -> frozenset[object]:
        """Once all others are known."""
        return self._named(self.root.outputs)

    def _call(self, ref: Ref, other: Ref) -> None:
        if ref != other:
            self.same[ref] = self.same.get(other, other)

    def _named(self, refs: Iterable[Ref]) -> frozenset[object]:
        return frozenset(self.same.get(ref, ref) for ref in refs)

    def _step(self, step: Step, path: str | None) -> _Atom:
        assert not isinstance(step, Keep)
        is_read = self.liveness.is_read(step)
        reads = self._named(read_by(step, self.liveness)) if is_read else frozenset[object]()
        makes = self._named(all_made(Body(step.input, step.output, [step])))
        if path is not None:
            makes |= {path}
        return _Atom(path, self.costs.step(step, self.shapes), reads, makes)

    def _module(self, apply: Apply, path: str) -> Iterator[_Atom]:
        if apply.is_again:
            # Not in another part than the first call, whose module it is.
            made = self._step(apply, None)
            yield replace(made, reads=made.reads | {path})
        elif is_stateless(apply) or not self.liveness.is_read(apply):
            yield self._step(apply, None)
        elif not apply.repeated and isinstance(apply.unit, Group):
            inner = apply.unit.body
            self._call(inner.input, apply.input)
            yield from self.of(inner, f"{path}.")
            self._call(apply.output, inner.output)
        elif apply.repeated and not any(run.tensors for run in apply.runs):
            yield from self._row(apply, path)
        else:
            yield self._step(apply, path)

    def _row(self, apply: Apply, path: str) -> Iterator[_Atom]:
        costs = [
            self.costs.copy(apply, run, seen)
            for run in apply.runs
            for n, seen in self.costs.table.copies(apply, run, self.shapes)
            for _ in range(n)
        ]
        whole = self._step(apply, None)
        reads, last = whole.reads, len(costs) - 1
        for number, cost in enumerate(costs):
            passed = frozenset({(id(apply), number)})
            yield _Atom(f"{path}.{number}", cost, reads, whole.makes if number == last else passed)
            reads = passed
