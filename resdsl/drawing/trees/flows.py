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
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Residual,
    Run,
)
from resdsl.drawing.refusal import FigureError, TangledError
from resdsl.drawing.trees.flow import ENTRY, At, Flow, Node, Nodes, Origin, look_of, words_of
from resdsl.drawing.trees.join_signs import Signs
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
        self.names: dict[str, int] = {}

    def reserve(self, name: str) -> None:
        """No node gets a name that something else has."""
        self.names.setdefault(name, 0)

    def run(self, apply: Apply, run: Run, shapes: list[Shape], path: str) -> Flow:
        """That of one copy of a unit, which is fed `shapes` (by Ref)."""
        made = Nodes()
        entering = (run.input, *apply.fed(run))
        at: At = defaultdict(tuple, dict.fromkeys(entering, (ENTRY,)))
        ends = self._copy(made, apply, run, shapes, at, path)
        return self._flow(made, ends, shapes[run.input], shapes[run.output])

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
        outputs: dict[int, tuple[str, ...]] = {}
        names: dict[int, str] = {}
        told: dict[int, str] = {}
        for name, ref in zip(network.outputs, network.root.outputs, strict=False):
            if len(at[ref]) != 1:
                raise TangledError
            (number,) = at[ref]
            outputs[number] = (*outputs.get(number, ()), name)
        for step in all_steps(body):
            if isinstance(step, Keep) and len(at[step.ref]) == 1:
                names[at[step.ref][0]] = step.name
        for ref, ends in at.items():
            if len(ends) == 1:
                told[ends[0]] = self.known.view.text(shapes[ref])
        flow = self._flow(made, at[body.output], shapes[body.input], shapes[body.output])
        return flow, Given(outputs, names, told)

    def _flow(self, made: Nodes, ends: tuple[int, ...], entering: Shape, leaving: Shape) -> Flow:
        if len(ends) != 1:
            raise TangledError
        (output,) = ends
        return Flow(tuple(made.nodes), output, entering, leaving)

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
        name = paths[0]
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
                return inner[definition.output]
            case Op() if unit.is_identity:
                return current
        tip = f"{path}: {self.known.view.text(shapes[run.output])}"
        name = self.free(path)
        if isinstance(unit, Instance):
            text = unit.definition.name.replace("_", " ")
            return (made.add(Node(name, "closed", current, text, "neutral", tip, row=text)),)
        shape = fed(run, shapes[run.input])
        words, look = words_of(unit, shape), look_of(unit)
        row = (unit.abbreviation or words) if unit.is_listed else ""
        return (made.add(Node(name, "operator", current, words, look, tip, row=row)),)

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
        name = self.free(f"{path}sum")
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
        owner = self.free(f"{path}join")
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

    def free(self, word: str) -> str:
        """As the graph names it: later ones of a word get a number."""
        number = self.names.get(word)
        self.names[word] = 0 if number is None else number + 1
        return word if number is None else f"{word}_{number + 1}"


def _reads_more(run: Run) -> bool:
    """A group that reads kept tensors around it."""
    return isinstance(run.unit, Group) and bool(outer(run.unit.body))
