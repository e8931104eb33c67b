"""Flows of the bodies of a network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from resdsl import limits
from resdsl.analysis.facts import Facts
from resdsl.analysis.shapes import fed, instance_inputs
from resdsl.design.dataflow import all_steps, outer
from resdsl.design.join_expressions import Use
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Ref,
    Residual,
    Run,
)
from resdsl.drawing.refusal import FigureError, TangledError
from resdsl.drawing.trees.flow import ENTRY, At, Flow, Node, Nodes, Origin, look_of, words_of
from resdsl.drawing.trees.join_signs import Signs
from resdsl.drawing.trees.names import Names
from resdsl.drawing.trees.ways import Given
from resdsl.extents import Shape
from resdsl.ops import Op

# Copies of a unit in a row up to which each is drawn.
_WRITTEN = 2


class Flows:
    """Flows of the bodies of a network.

    `is_open` says which units are drawn inside; up to `written` copies in a row are each drawn.
    """

    def __init__(
        self,
        known: Facts,
        is_open: Callable[[Instance], bool] = lambda _: True,
        written: int = _WRITTEN,
    ) -> None:
        self.known = known
        self.written = written
        self.is_open = is_open
        self.liveness = known.liveness
        # Whether what is walked is a shortcut, which joins main itself.
        self._in_shortcut = False
        # Whether what is walked has been called before.
        self.is_again = False
        self.names = Names()

    def run(self, apply: Apply, run: Run, shapes: list[Shape], path: str) -> Flow:
        """That of one copy of a unit, which is fed `shapes` (by Ref)."""
        made = Nodes()
        entering = (run.input, *apply.fed(run))
        at: At = defaultdict(tuple, dict.fromkeys(entering, (ENTRY,)))
        ends = self._copy(made, apply, run, shapes, at, path)
        return self._flow(made, ends, shapes[run.input], shapes[run.output])

    def block(
        self,
        apply: Apply,
        run: Run,
        shapes: list[Shape],
        path: str,
        *,
        is_called: bool = False,
    ) -> tuple[Flow, Given]:
        """That of one copy of a block to its first result, and what is known of all results.

        `is_called`: of those alone that the call has. One that is repeated has the first, unnamed.
        Where it reads tensor parameters, each of its inputs is an entry.
        """
        unit = run.unit
        if not isinstance(unit, Instance):
            return self.run(apply, run, shapes, path), Given({}, {}, {})
        definition, made = unit.definition, Nodes()
        known = self.known.table.shapes(definition, instance_inputs(apply, run, shapes))
        at: At = self.entries(made, definition, known)
        self._steps(made, definition.body, known, at, f"{path}.")
        results = () if is_called and not apply.others else definition.results
        named = list(zip(results, definition.outputs, strict=False))
        first = definition.output
        return self._given(made, at, known, named, definition.input, first, {})

    def entries(self, made: Nodes, definition: Definition, shapes: list[Shape]) -> At:
        """What enters a definition: one value, or where it reads tensor parameters, by their names
        each that it reads."""
        at: At = defaultdict(tuple, {definition.input: (ENTRY,)})
        reads = dict(zip(definition.inputs, self.liveness.reads(definition), strict=True))
        names = dict(zip(definition.inputs, ("in", *definition.tensors), strict=False))
        if not any(reads[ref] for ref in names if ref != definition.input):
            return at
        for ref, name in names.items():
            if reads[ref]:
                tip = self.known.view.text(shapes[ref])
                node = Node(f"{name}..entry", "entry", (ENTRY,), name, tip=tip)
                at[ref] = (made.add(node),)
        return at

    def body(self, body: Body, shapes: list[Shape], path: str = "") -> Flow:
        """That of a whole body."""
        made = Nodes()
        at: At = defaultdict(tuple, {body.input: (ENTRY,)})
        self._steps(made, body, shapes, at, path)
        return self._flow(made, at[body.output], shapes[body.input], shapes[body.output])

    def network(self) -> tuple[Flow, Given]:
        """That of the network's own body, to its first output, and what is known of its values."""
        network, shapes = self.known.network, self.known.shapes
        body, made = network.root.body, Nodes()
        at: At = defaultdict(tuple, {body.input: (ENTRY,)})
        self._steps(made, body, shapes, at, "")
        names = {step.ref: step.name for step in all_steps(body) if isinstance(step, Keep)}
        named = list(zip(network.outputs, network.root.outputs, strict=False))
        return self._given(made, at, shapes, named, body.input, body.output, names)

    def _given(
        self,
        made: Nodes,
        at: At,
        shapes: list[Shape],
        outputs: Sequence[tuple[str, Ref]],
        entry: Ref,
        first: Ref,
        names: dict[Ref, str],
    ) -> tuple[Flow, Given]:
        """With what is known of values: which outputs they are, and what they are called."""
        ends = [*(ref for _, ref in outputs), first]
        if any(len(at[ref]) != 1 for ref in ends):
            raise TangledError
        nodes, place = made.leading_to(at[ref][0] for ref in ends)
        by_number: dict[int, tuple[str, ...]] = {}
        for name, ref in outputs:
            number = place[at[ref][0]]
            by_number[number] = (*by_number.get(number, ()), name)
        alone = {
            ref: place[ends[0]] for ref, ends in at.items() if len(ends) == 1 and ends[0] in place
        }
        called = {alone[ref]: name for ref, name in names.items() if ref in alone}
        told = {number: self.known.view.text(shapes[ref]) for ref, number in alone.items()}
        flow = Flow(nodes, place[at[first][0]], shapes[entry], shapes[first])
        return flow, Given(by_number, called, told)

    def _flow(self, made: Nodes, ends: tuple[int, ...], entering: Shape, leaving: Shape) -> Flow:
        if len(ends) != 1:
            raise TangledError
        nodes, place = made.leading_to(ends)
        return Flow(nodes, place[ends[0]], entering, leaving)

    # --- steps ------------------------------------------------------------------------------------

    def _steps(self, made: Nodes, body: Body, shapes: list[Shape], at: At, path: str) -> None:
        for step in body.steps:
            match step:
                case Apply():
                    self._apply(made, step, shapes, at, path)
                case Residual():
                    self._residual(made, step, shapes, at, path)
                case Fork():
                    for branch in step.branches:
                        self._apply(made, branch.apply, shapes, at, path, branch.replicated)
                    self._join(made, step, at, path)
                case Join():
                    self._join(made, step, at, path)
                case _:
                    pass

    def _apply(
        self,
        made: Nodes,
        apply: Apply,
        shapes: list[Shape],
        at: At,
        path: str,
        parallel: bool = False,
    ) -> None:
        if not self.liveness.is_read(apply):
            return
        at[apply.output] = at[apply.input]
        around, self.is_again = self.is_again, self.is_again or self.liveness.is_again(apply)
        index = 0
        for run in apply.runs:
            entering = at[run.input]
            current, beside = entering, list[int]()
            left = self.liveness.skipped(apply, run)
            for count, seen in self.known.table.copies(apply, run, shapes, parallel):
                skipped = min(left, count)
                left, index, count = left - skipped, index + skipped, count - skipped
                together = self._written(run, count, apart=parallel)
                for first, times in together:
                    paths = [
                        f"{path}{apply.key}.{index + i}" if apply.repeated else path + apply.key
                        for i in (first, first + times - 1)
                    ]
                    at[run.input] = current
                    ends = self._copies(made, apply, run, seen, at, paths, times, parallel)
                    current = entering if parallel else ends
                    beside += ends
                index += count
            at[run.input] = entering
            at[run.output] = tuple(beside) if parallel else current
        self.is_again = around

    def _copies(
        self,
        made: Nodes,
        apply: Apply,
        run: Run,
        shapes: list[Shape],
        at: At,
        paths: Sequence[str],
        times: int,
        parallel: bool,
    ) -> tuple[int, ...]:
        if times == 1 and (not parallel or _reads_more(run)):
            return self._copy(made, apply, run, shapes, at, paths[0])
        current = at[run.input]
        inner = self.run(apply, run, shapes, paths[0])
        at[run.input] = current
        kind: Literal["copies", "repeat"] = "copies" if parallel else "repeat"
        name = paths[0] if parallel else self.names.free(f"{paths[0]}..frame")
        node = Node(name, kind, current, inner=inner, count=times, last=paths[1])
        return (made.add(node),)

    def _copy(
        self, made: Nodes, apply: Apply, run: Run, shapes: list[Shape], at: At, path: str
    ) -> tuple[int, ...]:
        current, unit = at[run.input], run.unit
        match unit:
            case Group(body):
                self._steps(made, body, shapes, at, f"{path}.")
                return at[body.output]
            case Instance(definition) if self.is_open(unit):
                feeding = (current, *(at[ref] for ref in apply.fed(run)[1:]))
                inner: At = defaultdict(tuple, zip(definition.inputs, feeding, strict=True))
                entering = instance_inputs(apply, run, shapes)
                known = self.known.table.shapes(definition, entering)
                self._steps(made, definition.body, known, inner, f"{path}.")
                for ref, other in zip(apply.others, definition.others, strict=False):
                    at[ref] = inner[other]
                return inner[definition.output]
            case Op() if unit.is_identity:
                return current
        tip = f"{path}: {self.known.view.text(shapes[run.output])}"
        name = self.names.free(path)
        if isinstance(unit, Instance):
            text = self._called(unit.definition.name.replace("_", " "))
            given = tuple(dict.fromkeys(n for ref in apply.fed(run) for n in at[ref]))
            number = made.add(Node(name, "closed", given, text, "neutral", tip, row=text))
            at.update(dict.fromkeys(apply.others, (number,)))
            return (number,)
        shape = fed(run, shapes[run.input])
        words, look = words_of(unit, shape), look_of(unit)
        row = (unit.abbreviation or words) if unit.is_listed else ""
        if any(True for _ in unit.tensors(shape)):
            # What it has learned is what it had when it was called first.
            words, row = self._called(words), row and self._called(row)
        return (made.add(Node(name, "operator", current, words, look, tip, row=row)),)

    def _called(self, words: str) -> str:
        return f"{words} again" if self.is_again else words

    # --- where tensors meet -----------------------------------------------------------------------

    def _residual(
        self, made: Nodes, step: Residual, shapes: list[Shape], at: At, path: str
    ) -> None:
        entering = at[step.input]
        self._steps(made, step.main, shapes, at, path)
        at[step.input] = entering
        if step.shortcut is not None:
            around, self._in_shortcut = self._in_shortcut, not step.adds
            self._apply(made, step.shortcut, shapes, at, path)
            self._in_shortcut = around
        if not self.liveness.is_read(step):
            return
        if not step.adds:
            at[step.output] = at[step.skip.ref]
            return
        name = self.names.free(f"{path}sum")
        inputs = (*at[step.main.output], *at[step.skip.ref])
        node = Node(name, "sign", inputs, "+", origin="residual", owner=name)
        at[step.output] = (made.add(node),)

    def _join(self, made: Nodes, step: Fork | Join, at: At, path: str) -> None:
        if not self.liveness.is_read(step):
            return
        if isinstance(step.join, Use):
            at[step.output] = at[step.join.ref]
            return
        origin: Origin = "fork" if isinstance(step, Fork) else "join"
        if self._in_shortcut:
            origin = "residual"
        owner = self.names.free(f"{path}join")
        at[step.output] = (Signs(made, at, owner, origin).value(step.join),)

    def _written(self, run: Run, count: int, *, apart: bool) -> Iterator[tuple[int, int]]:
        """(first, how many): copies that are drawn together. A few in a row are each drawn.

        So are those that read more than what the copy before makes. Raises FigureError where these
        are too many.
        """
        if count and (apart or count > self.written) and not _reads_more(run):
            yield 0, count
            return
        if count > limits.BOXES:
            raise FigureError(f"{count:,} copies of a group, each of which reads a kept tensor")
        yield from ((i, 1) for i in range(count))


def _reads_more(run: Run) -> bool:
    """A unit that reads kept tensors around it."""
    return bool(run.around) or (isinstance(run.unit, Group) and bool(outer(run.unit.body)))
