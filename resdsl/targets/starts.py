"""How the tensors of a network start: a rule for each kind, and what departs from it.

A kind of tensor (`nn.Conv2d.weight`) starts as most of its tensors do. What starts otherwise, as
a gate's bias or the scale of a block's last norm, departs from the rule in its place. This is asked
of bodies, before there are classes: one class serves only what starts alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from resdsl.design.model import Apply, Body, Group, Instance, Run
from resdsl.design.network import Network
from resdsl.design.walk import occurrences
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.ops.base import InitCall, Module, Tensor
from resdsl.records import dataclass
from resdsl.targets import held
from resdsl.targets.lowering import Programs
from resdsl.targets.program import Modules

# (torch class, tensor): `("nn.Conv2d", "weight")`.
Kind = tuple[str, str]

# Of a tensor that a class holds itself: no rule is for it, it departs in its place.
HELD: Kind = ("nn.Parameter", "")


@dataclass(frozen=True, slots=True)
class Start:
    """A tensor of an operator: its kind, and the torch call that starts it, or None."""

    kind: Kind
    call: InitCall | None


@dataclass(frozen=True, slots=True)
class Several:
    """A step of a path: some copies of a repetition, from `first` to before `end`, or the last."""

    first: int
    end: int | None


Path: TypeAlias = tuple[str | Several, ...]


Departure: TypeAlias = tuple[Path, tuple[Start, ...]]
"""A place below a body, and what there is to do to the operator there."""


def starts(op: Op, shape: Shape, module: Module) -> tuple[Start, ...]:
    if module.is_our_own and not op.is_norm:
        # A class of our own starts its tensors itself; a norm's scale is a matter of the network.
        return ()
    own = () if module.helper is None else module.helper.own
    return tuple(
        Start((module.kind, tensor.name), _call(op, tensor))
        for tensor in op.tensors(shape)
        if tensor.name not in own
    )


def _call(op: Op, tensor: Tensor) -> InitCall | None:
    """The call, None where torch does the same by itself: norms start at 1."""
    is_default = op.is_norm and tensor.name == "weight" and tensor.init.value == 1
    return None if is_default else tensor.init.call


@dataclass(frozen=True, slots=True)
class Rules:
    """How the tensors of each kind start in most places.

    `calls`: the torch call, None where torch does the same by itself. `by_themselves`: the torch
    classes with tensors that only their own `reset_parameters` starts. `optional`: the kinds that
    an operator of the class may lack.
    """

    calls: Mapping[Kind, InitCall | None]
    by_themselves: Sequence[str] = ()
    optional: Collection[Kind] = ()


def rules(network: Network, programs: Programs) -> Rules:
    """The rules of a network with these programs."""
    times = occurrences(network, programs.definitions)
    counts: dict[Kind, Counter[InitCall | None]] = {}
    # By torch class: the tensors that each operator of it has.
    tensors: dict[str, set[frozenset[str]]] = {}
    by_themselves: set[str] = set()
    for definition in programs.definitions:
        for callee, own, are_all in _operators(definition.body, programs.modules):
            tensors.setdefault(callee, set()).add(frozenset(start.kind[1] for start in own))
            if not are_all:
                by_themselves.add(callee)
            for start in own:
                counter = counts.setdefault(start.kind, Counter())
                counter[start.call] += times[id(definition)]
    calls = {kind: _most(counter) for kind, counter in counts.items()}
    by_themselves |= {callee for (callee, _), call in calls.items() if call is None}
    optional = {
        (callee, tensor)
        for callee, tensor in calls
        if any(tensor not in own for own in tensors[callee])
    }
    return Rules(calls, [callee for callee in tensors if callee in by_themselves], optional)


class Starts:
    """The rules of a network, and the departures from them in its bodies."""

    def __init__(self, rules: Rules, programs: Programs) -> None:
        self.rules = rules
        self.programs = programs
        self._departures: dict[int, dict[str, tuple[Departure, ...]]] = {}

    def departures(self, body: Body) -> dict[str, tuple[Departure, ...]]:
        """By the key of each module of a body: the places in it that start otherwise."""
        if id(body) not in self._departures:
            found: dict[str, list[Departure]] = {apply.key: [] for apply in body.modules()}
            for path, odd in self._below(body):
                found[str(path[0])].append((path, odd))
            self._departures[id(body)] = {key: tuple(places) for key, places in found.items()}
        return self._departures[id(body)]

    def _below(self, body: Body) -> Iterator[tuple[Path, tuple[Start, ...]]]:
        """The paths to the operators that start otherwise, with what there is to do for each."""
        for apply in body.modules():
            if apply.held:
                yield (apply.key,), (_held(apply),)
            elif not apply.repeated:
                for run in apply.runs:
                    for path, odd in self._in_unit(run):
                        yield (apply.key, *path), odd
            else:
                yield from self._in_copies(apply)

    def _in_copies(self, apply: Apply) -> Iterator[Departure]:
        # By what happens where in a copy: the copies to which it happens.
        places: dict[tuple[Path, tuple[Start, ...]], list[tuple[int, int]]] = {}
        first = 0
        for run in apply.runs:
            for place in self._in_unit(run):
                spans = places.setdefault(place, [])
                if spans and spans[-1][1] == first:
                    spans[-1] = (spans[-1][0], first + run.count)
                else:
                    spans.append((first, first + run.count))
            first += run.count
        is_open = any(run.source is not None for run in apply.runs)
        for (path, odd), spans in places.items():
            for span in spans:
                yield (apply.key, _copies(*span, first, is_open=is_open), *path), odd

    def _in_unit(self, run: Run) -> Iterator[tuple[Path, tuple[Start, ...]]]:
        match run.unit:
            case Op() as op:
                if odd := self._odd(self._starts(op, run.shape)):
                    yield (), odd
            case Group(inner) if self.programs.of_group(inner).is_chain:
                yield from self._below(inner)
            case _:
                pass

    def _starts(self, op: Op, shape: Shape) -> tuple[Start, ...]:
        return starts(op, shape, self.programs.modules.of(op, shape))

    def _odd(self, own: Sequence[Start]) -> tuple[Start, ...]:
        """What is to be done to one operator after the loop over all."""
        odd = [start for start in own if start.call != self.rules.calls[start.kind]]
        again = [start for start in odd if start.call is None][:1]
        if again:
            # Torch's own start is that of the whole module; the others come after it.
            odd = [*again, *(start for start in own if start.call is not None)]
        return tuple(odd)


def _held(apply: Apply) -> Start:
    (run,) = apply.runs
    assert isinstance(run.unit, Op)
    (tensor,) = run.unit.tensors(run.shape)
    return Start(HELD, held.start(tensor))


def _most(counter: Counter[InitCall | None]) -> InitCall | None:
    """The most frequent start; of equals, one that has a call, so that the loop does most."""

    def rank(call: InitCall | None) -> tuple[int, bool, tuple[str, ...]]:
        words = () if call is None else (call.function, *call.arguments)
        return counter[call], call is not None, words

    return max(counter, key=rank)


def _copies(first: int, end: int, count: int, *, is_open: bool) -> str | Several:
    """Some of `count` copies, one by its key; or of as many as a caller wants: `is_open`."""
    if is_open and end == count:
        return Several(first, None)
    if end - first == 1 and count > 1:
        return str(first)
    return Several(first, None if (first, end) == (0, count) else end)


def _operators(body: Body, modules: Modules) -> Iterator[tuple[str, tuple[Start, ...], bool]]:
    """The torch class of each operator with tensors, how they start, and whether these are all."""
    for apply in body.modules():
        if apply.held:
            continue
        for run in apply.runs:
            match run.unit:
                case Op() as op:
                    module = modules.of(op, run.shape)
                    own = starts(op, run.shape, module)
                    tensors = (*op.tensors(run.shape), *op.buffers(run.shape))
                    yield module.kind, own, len(own) == len(tensors)
                case Group(inner):
                    yield from _operators(inner, modules)
                case Instance():
                    pass
