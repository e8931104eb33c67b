"""Where the values of a network are made, by the numbers of the elements that an overview shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain

from resdsl.design.dataflow import Counted, all_made, all_steps, operands
from resdsl.design.model import Apply, Body, Group, Keep, Ref
from resdsl.design.network import Network
from resdsl.design.walk import modules
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value of the network's own is made: behind an element (-1: it enters), or inside."""

    number: int
    is_inside: bool = False


class Places:
    """Filled while a network's elements are lined up; `number` is that of the last.

    `at` says by Ref where the network's own values are made, `led` by the number of an element what
    it reads, where that is not what the element before makes.
    """

    def __init__(self, network: Network) -> None:
        self.body = network.root.body
        self.number = -1
        self.at: dict[Ref, Place] = {network.root.input: Place(-1)}
        self.led: dict[int, Ref] = {}
        self._opened: set[Ref] = set()
        # By Ref, the names of the outputs that it is.
        self.given: dict[Ref, list[str]] = {}
        for name, ref in zip(network.outputs, network.root.outputs, strict=False):
            self.given.setdefault(ref, []).append(name)

    @cached_property
    def joined(self) -> frozenset[Ref]:
        """The network's own values that some step combines with others, or is given beside one."""
        inside = list(all_steps(self.body))
        given = (run.around for step in inside for apply in modules(step) for run in apply.runs)
        return frozenset(chain(*map(operands, inside), *given))

    @cached_property
    def _fed(self) -> frozenset[Ref]:
        """Those that some step takes as it goes on."""
        inside = all_steps(self.body)
        return frozenset(step.input for step in inside if not isinstance(step, Keep))

    def is_end(self, ref: Ref) -> bool:
        """Whether no step reads it."""
        return ref not in self._fed and ref not in self.joined

    def holds_output(self, step: Counted) -> bool:
        """Whether something that is made inside of it is an output of the network."""
        inside = _all_made(step) if self.given else ()
        return not self.given.keys().isdisjoint(set(inside) - set(results(step)))

    def lead(self, reads: Ref | None, beside: Iterable[Ref] = ()) -> None:
        """Notes that the next element goes on from a value that is not made before it.

        One that reads what is made there `beside` that value goes on from there.
        """
        last = Place(self.number)
        place = None if reads is None else self.at.get(reads)
        if reads is None or place in (None, last) or any(self.at.get(r) == last for r in beside):
            return
        self.led[self.number + 1] = reads

    def open(self, outputs: dict[Ref, Place]) -> None:
        """Enters the results of a call whose steps have been lined up, by where they are made."""
        self.at.update(outputs)
        self._opened.update(outputs)

    def note(self, step: Counted, before: int) -> None:
        """Where what a step makes is; one without an element makes it where it is fed. `before`:
        the last element when it began."""
        at = Place(self.number)
        if self.number == before:
            at = self.at.get(step.input, at)
        else:
            for ref in _all_made(step):
                self.at.setdefault(ref, Place(self.number, is_inside=True))
        for ref in results(step):
            is_new = self.at.get(ref, at).is_inside or ref == step.output
            if is_new and ref not in self._opened:
                self.at[ref] = at


def _all_made(step: Counted) -> Iterator[Ref]:
    return all_made(Body(step.input, step.output, [step]))


def results(step: Counted) -> Iterator[Ref]:
    """What a step ends with, by all its names. Further results of a call are made in it."""
    yield step.output
    if isinstance(step, Apply) and step.runs:
        run = step.runs[-1]
        yield run.output
        if isinstance(run.unit, Group) and not step.repeated:
            yield run.unit.body.output
